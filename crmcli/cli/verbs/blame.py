"""`crm blame REF`: who last changed each value of a customer, when and by what."""

from collections.abc import Callable
from typing import Annotated

import typer

from crmcli.cli.changes import Value, commit_heads, commit_row, namer, names_entry, unread, valuer
from crmcli.cli.opening import day, workplace
from crmcli.cli.output import emit
from crmcli.cli.verbs.show import REF
from crmcli.cli.why import REVEAL, REVEAL_REASON, revealing
from crmcli.model.compare import Difference
from crmcli.reports.values import Column, Table
from crmcli.text import _
from crmcli.usecases.blame import Blamed, blame
from crmcli.usecases.workplace import Workplace

AT = Annotated[str | None, typer.Option("--at", metavar="DATE", help=_("As the file was at the end of that day."))]


def command(ref: REF, at: AT = None, reveal: REVEAL = False, reason: REVEAL_REASON = None) -> None:
    """Show who last changed each value."""
    work = workplace()
    found = blame(work, ref, day(at), reveal=revealing(work, reveal, reason))
    heads = {"field": _("Field"), "value": _("Value"), **commit_heads(), "change": _("Change")}
    name, value = namer(work), valuer(work)
    rows = tuple(_row(work, name, value, one) for one in found if not names_entry(one.field))
    columns = tuple(Column(name, text) for name, text in heads.items())
    emit(Table(columns, rows, "field"), unread(("", Difference(one.field, None, one.value)) for one in found))


def _row(work: Workplace, name: Callable[[str], str], value: Value, one: Blamed) -> dict[str, str]:
    told = {"field": name(one.field), "value": value(one.field, one.value)}
    if one.commit is None:
        return {**told, "commit": "", "at": "", "by": "", "change": _("(not committed)")}
    return {**told, **commit_row(work, one.commit), "change": one.commit.trailer("Crm-Op") or one.commit.subject}
