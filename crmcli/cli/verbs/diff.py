"""`crm diff [REF…]`: what changed, field by field: since a commit, the last without one, or between two days."""

from typing import Annotated

import typer

from crmcli.cli.changes import change_heads, change_rows, namer, unread, valuer
from crmcli.cli.opening import day, day_or_commit, workplace
from crmcli.cli.output import emit
from crmcli.cli.why import REVEAL, REVEAL_REASON, revealing
from crmcli.reports.values import Column, Table
from crmcli.text import _
from crmcli.usecases.diff import diff

REFS = Annotated[
    list[str] | None, typer.Argument(metavar="REF", help=_("Only these customers; all that changed if left out."))
]
FROM = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="REV|DATE",
        help=_("Since a commit, or since the end of that day; since the last commit if left out."),
    ),
]
TO = Annotated[
    str | None, typer.Option("--to", metavar="DATE", help=_("Up to the end of that day; up to now if left out."))
]


def command(
    refs: REFS = None, first: FROM = None, last: TO = None, reveal: REVEAL = False, reason: REVEAL_REASON = None
) -> None:
    """Show what changed, field by field."""
    work = workplace()
    shown = revealing(work, reveal, reason)
    found = diff(work, refs or (), first=day_or_commit(first, "--from"), last=day(last, "--to"), reveal=shown)
    columns = tuple(Column(name, text) for name, text in change_heads().items())
    rows = tuple(change_rows(namer(work), valuer(work), found.changes))
    emit(Table(columns, rows, "number"), (*found.findings, *unread(found.changes)))
