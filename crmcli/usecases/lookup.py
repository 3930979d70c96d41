"""Finding customers: the index opened over what the person may read, and queries on it."""

from collections.abc import Iterator, Sequence
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
from crmcli.usecases.records import Record, metrics_of, read_all
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
    reading = read_all(work) if at is None else all_at(work, at)
    with build(work.queryable, rows(work, reading.records), work.house.codes) as index:
        yield Opened(index, reading.findings)


def rows(work: Workplace, records: Sequence[Record]) -> Iterator[Row]:
    """What the index takes in of all customers, what compares them with each other included."""
    measured = [metrics_of(work, record) for record in records]
    spends = [Decimal(metrics["spend"]) for metrics in measured]
    shares = shares_above(spends)
    for record, metrics, spend in zip(records, measured, spends, strict=True):
        yield Row(record.number, record.path, record.tree, {**metrics, "share_above": shares[spend]})
