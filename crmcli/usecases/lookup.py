"""Finding customers: the index opened over what the person may read, and queries on it."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from crmcli.errors import Finding
from crmcli.index.build import Index, build
from crmcli.index.query import Compiled, both, compile_query
from crmcli.index.rows import Row
from crmcli.index.search import Hit, count, search
from crmcli.model.metrics import shares_above
from crmcli.usecases.past import all_at
from crmcli.usecases.records import Record, each, metrics_of
from crmcli.usecases.workplace import Workplace

Archived = Literal["in", "out", "only"]
EVERYDAY: dict[Archived, str] = {"in": "", "out": "-status:archived", "only": "status:archived"}


@dataclass(frozen=True)
class Opened:
    """An index ready for queries, and the files that could not be read into it."""

    index: Index
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Found:
    """The customers a query found, in order, with the columns asked for; `total` counts all, whatever the limit."""

    hits: tuple[Hit, ...]
    total: int
    findings: tuple[Finding, ...]


def find(
    work: Workplace,
    query: str,
    *,
    columns: Sequence[str],
    sort: Sequence[str] = (),
    limit: int = 0,
    at: date | None = None,
    archived: Archived = "in",
) -> Found:
    """The customers that match `query`, as of the end of the day `at` when given; every one for an empty query.

    archived  whether archived ones are among them, left out, or alone; a query that names `status` says so itself

    Bad files are named, never fatal.
    """
    compiled = _compiled(work, query, archived)
    with opened_index(work, at) as opened:
        hits = search(opened.index, compiled, columns=columns, sort=sort, limit=limit)
        total = len(hits) if not limit or len(hits) < limit else count(opened.index, compiled)
    return Found(tuple(hits), total, opened.findings)


def _compiled(work: Workplace, query: str, archived: Archived) -> Compiled:
    found, only = (
        compile_query(text, work.queryable, work.house.codes, now=work.now) for text in (query, EVERYDAY[archived])
    )
    return found if archived == "in" or "status" in found.fields else both(found, only)


@contextmanager
def opened_index(work: Workplace, at: date | None = None) -> Iterator[Opened]:
    """The index of the vault as it stands now, or stood at the end of a day."""
    wrong: list[Finding] = []
    with build(work.queryable, rows(work, _records(work, at, wrong)), work.house.codes) as index:
        yield Opened(index, tuple(wrong))


def rows(work: Workplace, records: Iterable[Record]) -> Iterator[Row]:
    """What the index takes in of all customers, what compares them with each other included."""
    # A record is taken apart as it comes: its dossier needs more memory than all the rest.
    found = [Row(record.number, record.path, record.tree, metrics_of(work, record)) for record in records]
    spends = [Decimal(row.metrics["spend"]) for row in found]
    shares = shares_above(spends)
    for row, spend in zip(found, spends, strict=True):
        yield Row(row.number, row.path, row.tree, {**row.metrics, "share_above": shares[spend]})


def _records(work: Workplace, at: date | None, wrong: list[Finding]) -> Iterable[Record]:
    """The customers as they stand now, or stood at the end of a day; what is wrong is added to `wrong`."""
    if at is None:
        return each(work, wrong)
    reading = all_at(work, at)
    wrong += reading.findings
    return reading.records
