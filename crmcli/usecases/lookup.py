"""Finding customers: the index opened over what the person may read, and queries on it.

What can't be read never enters the index, so a query that names it is refused rather than answered wrongly.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from crmcli.errors import Finding, Refused, Where
from crmcli.index.build import Index, build
from crmcli.index.layout import Target, layout
from crmcli.index.query import Compiled, both, compile_query
from crmcli.index.rows import Row
from crmcli.index.search import Hit, count, search
from crmcli.model.catalog import CatalogField
from crmcli.model.fields import Level
from crmcli.model.metrics import shares_above
from crmcli.model.readable import readable_tree
from crmcli.model.sealed import Sealed
from crmcli.rules.completeness import values
from crmcli.text import _
from crmcli.usecases.change import Why
from crmcli.usecases.past import all_at
from crmcli.usecases.records import Record, Tree, each, metrics_of
from crmcli.usecases.reveal import entered, view_of
from crmcli.usecases.rule_queries import named_fields
from crmcli.usecases.view import View
from crmcli.usecases.workplace import Workplace

Archived = Literal["in", "out", "only"]
Unread = Mapping[str, Mapping[str, Level]]  # number → column → level of a value there that could not be opened
EVERYDAY: dict[Archived, str] = {"in": "", "out": "-status:archived", "only": "status:archived"}


@dataclass(frozen=True)
class Opened:
    """An index ready for queries, the files that could not be read into it, and the cells that could not."""

    index: Index
    findings: tuple[Finding, ...]
    unread: Unread = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """The customers a query found, in order, with the columns asked for; `total` counts all, whatever the limit.

    archived  how many archived ones match where nobody else does and they were left out
    """

    hits: tuple[Hit, ...]
    total: int
    findings: tuple[Finding, ...]
    unread: Unread = field(default_factory=dict)
    archived: int = 0


def find(
    work: Workplace,
    query: str,
    *,
    columns: Sequence[str],
    sort: Sequence[str] = (),
    limit: int = 0,
    at: date | None = None,
    archived: Archived = "in",
    reveal: Why | None = None,
) -> Found:
    """The customers that match `query`, as of the end of the day `at` when given; every one for an empty query.

    archived  whether archived ones are among them, left out, or alone; a query that names `status` says so itself
    reveal    why masked columns are shown in full, which is entered in the history

    Bad files are named, never fatal. Refused, kind "level", for a field above the reader's level.
    """
    view = view_of(work, reveal)
    found = answer(work, query, view, columns=columns, sort=sort, limit=limit, at=at, archived=archived)
    entered(work, view, reveal)
    return found


def answer(
    work: Workplace,
    query: str,
    view: View,
    *,
    columns: Sequence[str],
    sort: Sequence[str] = (),
    limit: int = 0,
    at: date | None = None,
    archived: Archived = "in",
) -> Found:
    """As `find`, shown through a view that the caller answers for."""
    compiled = _compiled(work, query, archived)
    named = _targets(work, [*columns, *(name.removeprefix("-") for name in sort)]) if work.sealed else {}
    refuse_above(work, (*named_fields(work, compiled).values(), *(target.field.field for target in named.values())))
    shown = {name: named[name] for name in columns if name in named}
    with opened_index(work, at, shown) as opened:
        hits = search(opened.index, compiled, columns=columns, sort=sort, limit=limit)
        total = len(hits) if not limit or len(hits) < limit else count(opened.index, compiled)
        away = 0 if total or archived != "out" else count(opened.index, _compiled(work, query, "only"))
    return Found(tuple(_seen(view, hit, shown) for hit in hits), total, opened.findings, opened.unread, away)


def refuse_above(work: Workplace, fields: Iterable[CatalogField]) -> None:
    """Refused, kind "level", naming the first field that whoever works may not read."""
    for found in fields:
        if found.level.rank > work.reads.rank:
            said = _("The field {field} is {level}; you may read {reads} at most.")
            raise Refused(
                said.format(field=found.name, level=found.level.label, reads=work.reads.label),
                hint=_("`crm search --fields` shows the level of each field."),
                where=Where(field=found.name),
                kind="level",
            )


def _targets(work: Workplace, names: Iterable[str]) -> dict[str, Target]:
    """What each name leads to; Invalid for one that is no field."""
    known = layout(work.queryable)
    return {name: known.column(name) for name in names}


def _seen(view: View, hit: Hit, shown: Mapping[str, Target]) -> Hit:
    """The hit with what may be shown of its values."""
    told = {name: view.value(hit.number, target.field.name, hit.values[name]) for name, target in shown.items()}
    return replace(hit, values={**hit.values, **told}) if shown else hit


def _compiled(work: Workplace, query: str, archived: Archived) -> Compiled:
    found, only = (
        compile_query(text, work.queryable, work.house.codes, now=work.now) for text in (query, EVERYDAY[archived])
    )
    return found if archived == "in" or "status" in found.fields else both(found, only)


@contextmanager
def opened_index(
    work: Workplace, at: date | None = None, shown: Mapping[str, Target] | None = None
) -> Iterator[Opened]:
    """The index of the vault as it stands now, or stood at the end of a day; `shown` are columns to be shown."""
    wrong: list[Finding] = []
    unread: dict[str, dict[str, Level]] = {}
    records = _noted(_records(work, at, wrong), shown or {}, unread)
    with build(work.queryable, rows(work, records), work.house.codes) as index:
        yield Opened(index, tuple(wrong), unread)


def _noted(
    records: Iterable[Record], shown: Mapping[str, Target], unread: dict[str, dict[str, Level]]
) -> Iterator[Record]:
    """The records; the columns in which they hold what can't be read are added to `unread`."""
    ways = {name: (*target.field.field.key, *filter(None, [target.row])) for name, target in shown.items()}
    for record in records:
        if record.readable is not record.dossier:
            found = {name: _level(record, way) for name, way in ways.items() if way}
            levels = {name: level for name, level in found.items() if level}
            if levels:
                unread[record.number] = levels
        yield record


def _level(record: Record, way: tuple[str, ...]) -> Level | None:
    return next((one.level for one in values(record.tree, way) if isinstance(one, Sealed)), None)


def rows(work: Workplace, records: Iterable[Record]) -> Iterator[Row]:
    """What the index takes in of all customers, what compares them with each other included."""
    # A record is taken apart as it comes: its dossier needs more memory than all the rest.
    found = [Row(record.number, record.path, _indexed(record), metrics_of(work, record)) for record in records]
    spends = [Decimal(row.metrics["spend"]) for row in found if "spend" in row.metrics]
    if len(spends) < len(found):  # among some alone nobody has a share
        yield from found
        return
    shares = shares_above(spends)
    for row, spend in zip(found, spends, strict=True):
        yield Row(row.number, row.path, row.tree, {**row.metrics, "share_above": shares[spend]})


def _indexed(record: Record) -> Tree:
    """The tree without what can't be read."""
    return record.tree if record.readable is record.dossier else readable_tree(record.tree)


def _records(work: Workplace, at: date | None, wrong: list[Finding]) -> Iterable[Record]:
    """The customers as they stand now, or stood at the end of a day; what is wrong is added to `wrong`."""
    if at is None:
        return each(work, wrong)
    reading = all_at(work, at)
    wrong += reading.findings
    return reading.records
