"""One customer's plain tree → the records of each table. Pure: no database here.

A value that does not fit its type is kept as written and compares with nothing; what the catalogue does not declare
stays out. What is absent is "" everywhere: conditions are never NULL, and binding "" is several times faster than None.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crmcli.index.layout import Column, Layout
from crmcli.index.numbers import date_key, digits, flag_key, moment_key, number_key
from crmcli.index.regions import region_key
from crmcli.index.rows import Codes, Row
from crmcli.index.words import START, inner_digits, joined, searchable
from crmcli.model.spelling import fold

KEYS: Mapping[str, Callable[[str], str | None]] = {
    "text": fold,
    "code": fold,
    "id": fold,
    "email": fold,
    "region": region_key,
    "phone": digits,
    "amount": number_key,
    "integer": number_key,
    "date": date_key,
    "moment": moment_key,
    "flag": flag_key,
}
DOCS = ("doc INTEGER PRIMARY KEY", "number TEXT", "number_key TEXT", "path TEXT")
ENTRY = ("doc INTEGER NOT NULL",)
MANY = ("doc INTEGER NOT NULL", "field INTEGER", "row TEXT", "t TEXT", "k TEXT", "w TEXT")
Plan = dict[str, Any]  # key of the tree → _Slot, or a Plan for what lies below
Record = list[Any]


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where a column's value goes: its place in the record, its key, and how it is said in the full-text table."""

    column: Column
    at: int
    key: Callable[[str], str | None]
    many: bool
    say: Callable[["_Slot", str], None] | None
    words: int


class Recorder:
    """Collects the records of many customers; `take` hands them over."""

    def __init__(self, layout: Layout, codes: Codes) -> None:
        self.codes = codes
        spoken = [column.words for column in layout.columns if column.words is not None]
        self.spoken = (*spoken, "rest", "inside")
        self.tables: dict[str, tuple[str, ...]] = {"docs": DOCS, "many": MANY}
        self.profile = self._plan("docs", DOCS, [column for column in layout.columns if column.field.noun is None])
        self.metrics = {step.column.name: step for step in self.profile.pop("", {}).values()}
        self.inner = {key: self._plan(entry.table, ENTRY, entry.columns) for key, entry in layout.entries.items()}
        self.table_of = {key: entry.table for key, entry in layout.entries.items()}
        self.labels: dict[tuple[str | None, str], str] = {}
        self.cut: dict[str, str] = {}
        self.said: list[str] = []
        self.records: dict[str, list[Record]] = defaultdict(list)

    def take(self) -> dict[str, list[Record]]:
        """The records collected since the last time, by table."""
        taken, self.records = self.records, defaultdict(list)
        self.cut.clear()
        return taken

    def add(self, doc: int, row: Row) -> None:
        """Collect one customer's records."""
        self.said = [""] * len(self.spoken)
        record = [doc, row.number, fold(row.number), row.path, *[""] * (len(self.tables["docs"]) - len(DOCS))]
        for slot, value in _values(row.tree, self.profile):
            self._put(doc, record, slot, value)
        for name, value in row.metrics.items():
            if name in self.metrics:
                self._put(doc, record, self.metrics[name], value)
        for key, plan in self.inner.items():
            self._add_entries(doc, key, row.tree.get(key), plan)
        self.records["docs"].append(record)
        self.records["words"].append([doc, *self.said])

    def _add_entries(self, doc: int, key: str, found: Any, plan: Plan) -> None:
        table = self.table_of[key]
        empty = [""] * (len(self.tables[table]) - 1)
        for entry in found if isinstance(found, list) else ():
            record = [doc, *empty]
            for slot, value in _values(entry, plan):
                self._put(doc, record, slot, value)
            self.records[table].append(record)

    def _put(self, doc: int, record: Record, slot: _Slot, value: Any) -> None:
        if slot.many:
            self._put_many(doc, slot, value)
        elif isinstance(value, str):
            text = value if value.isascii() else _sound(value)
            record[slot.at], record[slot.at + 1] = text, slot.key(text) or ""
            if slot.say is not None:
                slot.say(slot, text)

    def _put_many(self, doc: int, slot: _Slot, value: Any) -> None:
        for row, item in _pieces(value):
            if isinstance(item, str):
                text, name = _sound(item), fold(_sound(row))
                words = joined(text) if slot.column.type == "text" else ""
                self.records["many"].append([doc, slot.column.position, name, text, slot.key(text) or "", words])
                if slot.say is not None:
                    slot.say(slot, text)

    def _plan(self, table: str, first: tuple[str, ...], columns: Iterable[Column]) -> Plan:
        """The way from the tree's keys to slots; metrics, which are not in the tree, lie below ""."""
        plan: Plan = {}
        places = list(first)
        for column in columns:
            slot = _Slot(column, len(places), KEYS[column.type], column.table == "many", *self._way_to_say(column))
            if not slot.many:
                places += [f"{column.text} TEXT", f"{column.sort} TEXT"]
            below = plan
            for step in column.key[:-1]:
                below = below.setdefault(step, {})
            if column.field.metric:
                plan.setdefault("", {})[column.name] = slot
            else:
                below[column.key[-1]] = slot
        self.tables[table] = tuple(places)
        return plan

    def _way_to_say(self, column: Column) -> tuple[Callable[[_Slot, str], None] | None, int]:
        """How bare words find the column: not in metrics and flags, and in entries only what people wrote there."""
        inner = column.field.noun is not None
        words = self.spoken.index(column.words or "rest")
        if column.field.metric or column.type == "flag" or (inner and (column.words is None or column.field.assigned)):
            return None, words
        return {"phone": self._say_phone, "code": self._say_code}.get(column.type, self._say), words

    def _say(self, slot: _Slot, text: str) -> None:
        found = self.cut.get(text)
        if found is None:
            found = self.cut[text] = searchable((text,))
        self.said[slot.words] += found

    def _say_phone(self, slot: _Slot, text: str) -> None:
        number = digits(text)
        self.said[slot.words] += f" {START} {number} {number.removeprefix('86')} "
        self.said[-1] += f" {inner_digits(number)}"

    def _say_code(self, slot: _Slot, text: str) -> None:
        name = slot.column.field.codes
        found = self.labels.get((name, text))
        if found is None:
            label = self.codes.get(name or "", {}).get(text)
            found = self.labels[name, text] = searchable((text,) if label is None else (text, label.zh, label.en))
        self.said[slot.words] += found


def _values(tree: Any, plan: Plan) -> Iterator[tuple[_Slot, Any]]:
    """The declared values of a tree with their slots."""
    if not isinstance(tree, dict):
        return
    for key, value in tree.items():
        step = plan.get(key)
        if type(step) is _Slot:
            yield step, value
        elif step is not None:
            yield from _values(value, step)


def _pieces(value: Any) -> Iterable[tuple[str, Any]]:
    """The scalars of a list, or of a table with the names of its rows."""
    if isinstance(value, dict):
        return value.items()
    return [("", item) for item in value] if isinstance(value, list) else ()


def _sound(text: str) -> str:
    """Lone surrogates cannot be stored: a file that holds one is still found by the rest of it."""
    return text.encode("utf-8", "replace").decode("utf-8")
