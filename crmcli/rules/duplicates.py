"""Customers that are likely the same one (R26): same phone, e-mail, ID number or credit code. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

KEYS = ("phone", "email", "id_number", "credit_code")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """`number` on file holds the same value of `field`. The value itself stays out of the message."""

    number: str
    field: str


class Registry:
    """Which customer holds which key value; grows as customers are added in one run."""

    def __init__(self, trees: Iterable[Mapping[str, Any]] = ()) -> None:
        self._holders: dict[tuple[str, str], str] = {}
        for tree in trees:
            self.add(tree)

    @property
    def keys(self) -> int:
        """How many key values are held."""
        return len(self._holders)

    def add(self, tree: Mapping[str, Any]) -> None:
        """Take a customer in; the first holder of a value stays its holder."""
        for pair in _pairs(tree):
            self._holders.setdefault(pair, tree["id"])

    def of(self, tree: Mapping[str, Any]) -> list[Duplicate]:
        """Other customers that hold one of this customer's key values."""
        found = ((self._holders.get(pair), pair[0]) for pair in _pairs(tree))
        return [Duplicate(number, field) for number, field in found if number and number != tree.get("id")]


def _pairs(tree: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(key, tree[key].casefold()) for key in KEYS if key in tree]
