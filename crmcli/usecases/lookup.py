"""Finding customers: the index opened over what the person may read, and queries on it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from crmcli.errors import Finding
from crmcli.index.build import Index, build
from crmcli.index.query import compile_query
from crmcli.index.rows import Row
from crmcli.index.search import Hit, count, search
from crmcli.usecases.past import all_at
from crmcli.usecases.records import Record, metrics_of, read_all
from crmcli.usecases.workplace import Workplace


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
) -> Found:
    """The customers that match `query`, as of the end of the day `at` when given; every one for an empty query.

    Bad files are named, never fatal.
    """
    compiled = compile_query(query, work.queryable, work.house.codes, now=work.now)
    with opened_index(work, at) as opened:
        hits = search(opened.index, compiled, columns=columns, sort=sort, limit=limit)
        total = len(hits) if not limit or len(hits) < limit else count(opened.index, compiled)
    return Found(tuple(hits), total, opened.findings)


@contextmanager
def opened_index(work: Workplace, at: date | None = None) -> Iterator[Opened]:
    """The index of the vault as it stands now, or stood at the end of a day."""
    reading = read_all(work) if at is None else all_at(work, at)
    with build(work.queryable, (row(work, record) for record in reading.records), work.house.codes) as index:
        yield Opened(index, reading.findings)


def row(work: Workplace, record: Record) -> Row:
    """What the index takes in of one customer."""
    return Row(record.number, record.path, record.tree, metrics_of(work, record))
