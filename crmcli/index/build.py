"""Builds the index from plain trees: tables, records, the ways between them. Reads no files."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from crmcli.index.connection import open_index
from crmcli.index.layout import Layout, layout
from crmcli.index.records import Recorder
from crmcli.index.rows import Codes, Row

if TYPE_CHECKING:
    from crmcli.model.catalog import CatalogField

BATCH = 1000
FULL_TEXT = "content='', columnsize=0, tokenize='ascii'"  # words come cut already; their text is not kept again


@dataclass(slots=True)
class Index:
    """An open index with the layout it was built by. Close it, or use it as a context manager."""

    connection: sqlite3.Connection
    layout: Layout
    codes: Codes

    def close(self) -> None:
        """Give the database back; twice is once."""
        self.connection.close()

    def __enter__(self) -> "Index":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def build(fields: Sequence["CatalogField"], rows: Iterable[Row], codes: Codes) -> Index:
    """An index of all rows, holding what the catalogue declares and nothing else."""
    index = Index(open_index(), layout(fields), codes)
    recorder = Recorder(index.layout, codes)
    _create(index.connection, recorder)
    numbered = enumerate(rows, 1)
    while batch := list(islice(numbered, BATCH)):
        for doc, row in batch:
            recorder.add(doc, row)
        _insert(index.connection, recorder.spoken, recorder.take())
    for table in ("many", *recorder.table_of.values()):
        index.connection.execute(f"CREATE INDEX {table}_doc ON {table} (doc)")
    return index


def _create(connection: sqlite3.Connection, recorder: Recorder) -> None:
    for table, columns in recorder.tables.items():
        connection.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
    connection.execute(f"CREATE VIRTUAL TABLE words USING fts5({', '.join(recorder.spoken)}, {FULL_TEXT})")


def _insert(connection: sqlite3.Connection, spoken: Sequence[str], records: Mapping[str, Sequence[list[Any]]]) -> None:
    connection.execute("BEGIN")
    for table, lines in records.items():
        names = f"words (rowid, {', '.join(spoken)})" if table == "words" else table
        marks = ", ".join("?" * len(lines[0]))
        connection.executemany(f"INSERT INTO {names} VALUES ({marks})", lines)  # noqa: S608
    connection.execute("COMMIT")
