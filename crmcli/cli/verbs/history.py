"""`crm history [REF] [-p]`: who changed what, when and why."""

from collections.abc import Callable
from typing import Annotated

import typer

from crmcli.cli.changes import Value, change_heads, change_rows, commit_heads, commit_row, namer, shown, unread, valuer
from crmcli.cli.listing import MOST, PEOPLE
from crmcli.cli.opening import workplace
from crmcli.cli.output import emit
from crmcli.cli.session import session
from crmcli.cli.why import REVEAL, REVEAL_REASON, revealing
from crmcli.reports.values import Column, Table
from crmcli.text import _
from crmcli.usecases.history import Event, history
from crmcli.usecases.workplace import Workplace

CODES = ("reason", "hold_reason", "reveal_reason")  # the lists that reasons come from
REF = Annotated[str | None, typer.Argument(metavar="REF", help=_("One customer; the whole vault if left out."))]
PATCH = Annotated[bool, typer.Option("--patch", "-p", help=_("Show what each commit changed, field by field."))]
LIMIT = Annotated[
    int, typer.Option("--limit", min=0, max=MOST, metavar="N", help=_("At most this many commits; 0 for all."))
]


def command(
    ref: REF = None, patch: PATCH = False, limit: LIMIT = 0, reveal: REVEAL = False, reason: REVEAL_REASON = None
) -> None:
    """Show who changed what, and when."""
    work = workplace()
    events = history(work, ref, patch=patch, limit=limit, reveal=revealing(work, reveal, reason))
    more = change_heads() if patch else {"change": _("Change"), "reason": _("Reason")}
    name, value = namer(work), valuer(work)
    rows = [row for one in events for row in (_patched(work, name, value, one) if patch else [_plain(work, one)])]
    columns = tuple(Column(name, text) for name, text in {**commit_heads(), **more}.items())
    emit(Table(columns, tuple(rows), "commit"), unread(change for event in events for change in event.changes))


def _plain(work: Workplace, event: Event) -> dict[str, str]:
    commit = event.commit
    why = (_reason(work, commit.trailer("Crm-Reason")), event.note and shown(event.note))
    return {
        **commit_row(work, commit),
        "change": commit.subject,
        "reason": ": ".join(part for part in why if part),
    }


def _reason(work: Workplace, code: str | None) -> str | None:
    """The code that was given, for people as they say it."""
    if code is None or session().format not in PEOPLE:
        return code
    return next((word for name in CODES if (word := work.house.spoken(name, code)) != code), code)


def _patched(work: Workplace, name: Callable[[str], str], value: Value, event: Event) -> list[dict[str, str]]:
    told = _plain(work, event)
    return [{**told, **row} for row in change_rows(name, value, event.changes)]
