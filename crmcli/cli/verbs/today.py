"""`crm today`: what to do, the longest overdue first. Says nothing at all when there is nothing, for cron's mails."""

from typing import Annotated

import typer

from crmcli.cli.listing import PEOPLE
from crmcli.cli.opening import workplace
from crmcli.cli.output import emit, note
from crmcli.cli.session import session
from crmcli.cli.today_words import table
from crmcli.errors import Invalid
from crmcli.reports.values import Notice
from crmcli.text import _, n_
from crmcli.usecases.today import today

OWNER = Annotated[
    str | None, typer.Option("--owner", metavar="NAME", help=_("Only what is this person's; me for your own."))
]
DAYS = Annotated[
    int | None,
    typer.Option("--days", min=0, max=36_500, metavar="N", help=_("Also this many days ahead; 0 if left out.")),
]
ALL = Annotated[bool, typer.Option("--all", help=_("However far ahead."))]


def command(owner: OWNER = None, days: DAYS = None, all_: ALL = False) -> None:
    """Show what to do today."""
    if all_ and days is not None:
        raise Invalid(_("Give --days or --all, not both."), kind="usage")
    found = today(workplace(), owner=owner, days=None if all_ else days or 0)
    people = session().format in PEOPLE
    quiet = people and not found.reminders
    emit(Notice("") if quiet else table(found.reminders, people=people), found.findings)
    if found.sealed and not quiet:
        said = n_(
            "{count} birthday is sealed and not shown.", "{count} birthdays are sealed and not shown.", found.sealed
        )
        note(said.format(count=found.sealed))
