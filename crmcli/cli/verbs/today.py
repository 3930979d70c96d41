"""`crm today`: what to do, the longest overdue first. Says nothing at all when there is nothing, for cron's mails."""

from typing import Annotated

import typer

from crmcli.cli.listing import PEOPLE
from crmcli.cli.opening import workplace
from crmcli.cli.output import emit
from crmcli.cli.session import session
from crmcli.errors import Invalid
from crmcli.reports.values import Column, Notice, Table
from crmcli.rules.reminders import Reminder
from crmcli.text import _, label
from crmcli.usecases.today import today

OWNER = Annotated[
    str | None, typer.Option("--owner", metavar="NAME", help=_("Only what is this person's; me for your own."))
]
DAYS = Annotated[
    int | None, typer.Option("--days", min=0, max=36_500, metavar="N", help=_("So many days ahead, too; 0 without."))
]
ALL = Annotated[bool, typer.Option("--all", help=_("However far ahead."))]


def command(owner: OWNER = None, days: DAYS = None, all_: ALL = False) -> None:
    """Show what to do today."""
    if all_ and days is not None:
        raise Invalid(_("Give --days or --all, not both."), kind="usage")
    found = today(workplace(), owner=owner, days=None if all_ else days or 0)
    people = session().format in PEOPLE
    quiet = people and not found.reminders
    emit(Notice("") if quiet else _table(found.reminders, people=people), found.findings)


def _table(reminders: tuple[Reminder, ...], *, people: bool) -> Table:
    """Labels for people; codes and the reason besides for machines."""
    columns = (
        Column("due", _("Due")),
        Column("overdue", _("Days over"), numeric=True),
        Column("what", _("What")),
        Column("number", _("Number")),
        Column("name", _("Name")),
        Column("phone", _("Phone")),
        Column("owner", _("Owner")),
        Column("detail", _("Detail")),
        *(() if people else (Column("why", _("Why")),)),
    )
    return Table(columns, tuple(_row(one, people=people) for one in reminders), "number")


def _row(one: Reminder, *, people: bool) -> dict[str, str]:
    words = {
        "next-step": label(en="Next step", zh="下一步"),
        "visit": label(en="Return visit", zh="回访"),
        "birthday": label(en="Birthday", zh="生日"),
    }
    return {
        "due": one.on.isoformat(),
        "overdue": str(one.overdue or "") if people else str(one.overdue),
        "what": words[one.what] if people else one.what,
        "number": one.number,
        "name": one.name,
        "phone": one.phone,
        "owner": one.owner,
        "detail": one.detail,
        "why": one.reason,
    }
