"""What `crm today` has to say, as a table to emit: labels for people, codes and the reasons for machines."""

from crmcli.reports.values import Column, Table
from crmcli.rules.reminders import Reminder
from crmcli.text import _, label


def table(reminders: tuple[Reminder, ...], *, people: bool) -> Table:
    """One reminder a row, in their order."""
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
