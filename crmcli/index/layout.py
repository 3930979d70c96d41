"""Where each field of the catalogue lives in the database, and what people may call it.

The same catalogue always gives the same layout, so a query compiled with it fits an index built with it. Names of
tables and columns are made here from positions alone; nothing a person writes ever becomes one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crmcli.errors import Invalid
from crmcli.model.names import labelled, spoken
from crmcli.model.nearest import nearest
from crmcli.model.spelling import fold
from crmcli.text import _

if TYPE_CHECKING:  # the catalogue's module brings pydantic along; searching does without
    from crmcli.model.catalog import CatalogField

SPOKEN = frozenset({"text", "id", "phone", "email"})
ORDERED = frozenset({"amount", "integer", "date", "moment"})
NAMED_BY = ("number", "former", "name", "company", "phone", "email", "id_number", "credit_code", "external")
ALIASES = {"tag": "tags", "tags": "tag", "id": "number", "number": "id"}


@dataclass(frozen=True, slots=True)
class Column:
    """One field and its places: `text` as written, `key` to compare and sort by, `words` in the full-text table."""

    position: int
    field: "CatalogField"
    table: str
    key: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def type(self) -> str:
        return self.field.type

    @property
    def text(self) -> str:
        return "t" if self.table == "many" else f"t{self.position}"

    @property
    def sort(self) -> str:
        return "k" if self.table == "many" else f"k{self.position}"

    @property
    def words(self) -> str | None:
        """Its own column of the full-text table; None for what shares "rest" or, in an entry, is not text at all."""
        return f"w{self.position}" if self.type in SPOKEN else None

    @property
    def whole(self) -> bool:
        """Whether a text matches as a whole (tags, external ids) and not by what it contains."""
        return self.type == "text" and self.field.many and (not self.field.table or self.name in NAMED_BY)

    @property
    def names_customer(self) -> bool:
        """Whether it is a number, a name or another thing people call a customer by (ranks before other text)."""
        own = self.field.noun is None and self.name in NAMED_BY
        return self.words is not None and (own or self.name == "contact.name")


@dataclass(frozen=True, slots=True)
class Target:
    """What stands before a colon: a field, one row of a table of scalars, or any entry of a noun (`table` alone)."""

    table: str
    column: Column | None = None
    row: str | None = None

    @property
    def field(self) -> Column:
        """The field; TypeError for a noun, which callers have asked about before."""
        if self.column is None:
            raise TypeError("a noun is no field")
        return self.column


@dataclass(frozen=True, slots=True)
class Entries:
    """The table of one noun's entries."""

    table: str
    columns: list[Column] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Layout:
    """All columns, the tables of entries by the list's key in the tree, and the names that lead to them."""

    columns: tuple[Column, ...]
    entries: Mapping[str, Entries]
    names: Mapping[str, Target]
    labels: Mapping[str, Target]

    @property
    def number(self) -> Column | None:
        """The field of the customer's number, where the catalogue has it."""
        return next((column for column in self.columns if column.table == "docs" and column.key == ("id",)), None)

    def find(self, name: str) -> Target | None:
        """What people call `name`: a field by name, alias, or a label that is its alone; a row of a table; a noun."""
        said = spoken(name)
        found = self.names.get(said) or self.labels.get(said)
        return found or self._row(name, said)

    def _row(self, name: str, said: str) -> Target | None:
        table = self.names.get(said.partition(".")[0])
        row = fold(name.partition(".")[2])
        if table and table.column and table.column.field.table and row:
            return Target(table.table, table.column, row)
        return None

    def column(self, name: str) -> Target:
        """The field called `name`; Invalid naming the nearest."""
        found = self.find(name)
        if found is None or found.column is None:
            raise Invalid(_("Unknown field {name}.").format(name=printable(name)), hint=self.nearest(name))
        return found

    def nearest(self, name: str) -> str | None:
        """`Did you mean …?`: the field whose last part is this name, else the one spelled most like it."""
        said = spoken(name)
        inner = [known for known in self.names if known.endswith(f".{said}")]
        known = [*self.names, *self.labels]
        return nearest(inner[0], inner) if said and inner else nearest(said, known)


def layout(fields: Sequence["CatalogField"]) -> Layout:
    """The layout of a catalogue."""
    entries: dict[str, Entries] = {}
    columns = [
        _column(position, item, entries) for position, item in enumerate(fields, 1) if not _in_table(item, fields)
    ]
    names = {spoken(column.name): Target(column.table, column) for column in columns}
    for alias, name in ALIASES.items():
        if name in names:
            names.setdefault(alias, names[name])
    for column in columns:
        if column.field.noun is not None:
            names.setdefault(spoken(column.field.noun), Target(entries[column.field.key[0]].table))
    return Layout(tuple(columns), entries, names, _labels(columns))


def _in_table(item: "CatalogField", fields: Sequence["CatalogField"]) -> bool:
    """Whether the field is one row of a table of scalars that the catalogue also lists: the table holds it already."""
    return len(item.key) > 1 and any(other.table and other.key == item.key[:-1] for other in fields)


def _column(position: int, item: "CatalogField", entries: dict[str, Entries]) -> Column:
    if item.noun is None:
        key = () if item.metric else item.key
        return Column(position, item, "many" if item.many else "docs", key)
    kept = entries.setdefault(item.key[0], Entries(f"e{len(entries) + 1}"))
    column = Column(position, item, "many" if item.many else kept.table, item.key[1:])
    kept.columns.append(column)
    return column


def _labels(columns: Iterable[Column]) -> dict[str, Target]:
    by_name = {column.name: column for column in columns}
    found = labelled(column.field for column in by_name.values())
    return {text: Target(by_name[one.name].table, by_name[one.name]) for text, one in found.items()}


def printable(text: str) -> str:
    """Text for a message: on one line, without control characters."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)
