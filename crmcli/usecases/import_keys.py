"""Which customer a row means: the value of its key column, in canonical form, among the customers on file. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from crmcli.model.catalog import CatalogField
from crmcli.model.custom import CustomField
from crmcli.model.derive import shape_of
from crmcli.model.dossier import Dossier
from crmcli.model.house import House
from crmcli.model.scalars import Scalar
from crmcli.rules.completeness import values
from crmcli.usecases.entries import NOUNS
from crmcli.usecases.records import Record

NUMBER = ("id",)


@dataclass(frozen=True)
class Keys:
    """The key's field and its full name (`external.shop`), and which customers hold which of its values."""

    field: CatalogField
    name: str
    house: House
    holders: dict[str, list[Record]]

    @property
    def assigned(self) -> bool:
        """Whether the key is the customer number, which people can't give to a new customer."""
        return self.field.key == NUMBER

    def canonical(self, value: str) -> str:
        """The value as it is compared; ValueProblem for one that doesn't hold."""
        return canonical(self.field, value, self.house).casefold()


def keys(field: CatalogField, name: str, house: House, records: Iterable[Record]) -> Keys:
    """The keys on file."""
    holders: dict[str, list[Record]] = defaultdict(list)
    row = name.removeprefix(field.name).removeprefix(".") if field.table else ""
    way = (*field.key, row) if row else field.key
    for record in records:
        for value in values(record.tree, way):
            holders[value.casefold()].append(record)
    return Keys(field, name, house, dict(holders))


def canonical(field: CatalogField, value: str, house: House) -> str:
    """A value of a field as it stands in a file; ValueProblem for one that doesn't hold."""
    custom = house.custom.get(field.key[-1]) if field.key[0] == "custom" else None
    scalar = custom.scalar(field.key[-1]) if isinstance(custom, CustomField) else scalar_at(field.key)
    return scalar.print(scalar.parse(value, house))


@lru_cache(maxsize=512)
def scalar_at(key: tuple[str, ...]) -> Scalar:
    """The type of the values at a catalogue key of the dossier."""
    shape: Any = ("part", Dossier)
    for part in key:
        shape = shape_of(shape[1].model_fields[part])
    found = shape if isinstance(shape, Scalar) else shape[1]
    assert isinstance(found, Scalar)
    return found


@lru_cache(maxsize=16)
def required(list_key: str) -> tuple[str, ...]:
    """The fields that every entry of a list must have, its id left out."""
    entry: Any = shape_of(Dossier.model_fields[list_key])[1]
    return tuple(name for name, info in entry.model_fields.items() if info.is_required() and name != "id")


@lru_cache(maxsize=16)
def days(list_key: str) -> tuple[str, ...]:
    """The fields that say when an entry of a list happened; none for what has no day (a contact, an address)."""
    return tuple(name for name in required(list_key) if scalar_at((list_key, name)).type in ("date", "moment"))


def dated(word: str | None) -> bool:
    """Whether a noun's entries happen on a day: they are never told apart by what they hold."""
    return word not in NOUNS or bool(days(NOUNS[word].key))
