"""`crm search QUERY`: find customers by the query language; `--fields` lists what a query may name."""

from typing import Annotated

import typer

from crmcli.cli.listing import MOST, PEOPLE, chosen, shown, tell
from crmcli.cli.opening import day, workplace
from crmcli.cli.output import emit
from crmcli.cli.session import session
from crmcli.cli.why import REVEAL, REVEAL_REASON, revealing
from crmcli.model.catalog import CatalogField
from crmcli.reports.values import Column, Notice, Table
from crmcli.text import _, label
from crmcli.usecases.lookup import find
from crmcli.usecases.workplace import Workplace

QUERY = Annotated[
    list[str] | None, typer.Argument(metavar="QUERY", help=_("For example: tier:gold region:北京 spend:>1000."))
]
LIMIT = Annotated[int, typer.Option("--limit", min=0, max=MOST, metavar="N", help=_("At most this many; 0 for all."))]
SORT = Annotated[
    list[str] | None, typer.Option("--sort", metavar="FIELD", help=_("Sort by a field; -FIELD for descending."))
]
COLUMNS = Annotated[str | None, typer.Option("--columns", metavar="A,B", help=_("The fields to show."))]
COUNT = Annotated[bool, typer.Option("--count", help=_("Print only the count."))]
FIELDS = Annotated[bool, typer.Option("--fields", help=_("List the fields that a query may name."))]
ARCHIVED = Annotated[bool, typer.Option("--archived", help=_("Only archived customers."))]
ALL = Annotated[bool, typer.Option("--all", help=_("Archived customers, too."))]
AT = Annotated[str | None, typer.Option("--at", metavar="DATE", help=_("Show it as it was at the end of that day."))]


def command(
    query: QUERY = None,
    limit: LIMIT = 50,
    sort: SORT = None,
    columns: COLUMNS = None,
    count: COUNT = False,
    fields: FIELDS = False,
    at: AT = None,
    archived: ARCHIVED = False,
    all_: ALL = False,
    reveal: REVEAL = False,
    reason: REVEAL_REASON = None,
) -> None:
    """Find customers by a query."""
    work = workplace()
    if fields:
        emit(_catalog(work))
        return
    why, names = revealing(work, reveal, reason), () if count else chosen(work, columns)
    found = find(
        work,
        " ".join(query or ()),
        columns=names,
        sort=sort or (),
        limit=1 if count else limit,
        at=day(at),
        archived=shown(archived, all_),
        reveal=why,
    )
    if count:
        emit(Notice(str(found.total), {"count": found.total}), found.findings)
    else:
        tell(work, found, names, reveal=reveal)


def _catalog(work: Workplace) -> Table:
    heads = {"name": _("Field"), "type": _("Type"), "level": _("Level"), "label": _("Meaning"), "example": _("Example")}
    columns = tuple(Column(name, text, spare=int(name == "example")) for name, text in heads.items())
    return Table(columns, tuple(_row(field) for field in work.queryable), "name")


def _row(field: CatalogField) -> dict[str, str]:
    return {
        "name": field.name,
        "type": field.type,
        "level": field.level.label if session().format in PEOPLE else field.level.value,
        "label": label(en=field.en, zh=field.zh),
        "example": f"{field.name}:{field.example}" if field.example else "",
    }
