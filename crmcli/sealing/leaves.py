"""The values of a plain tree one by one, with the field path each is sealed under. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crmcli.model.fields import Level

Tree = dict[str, Any]
Way = tuple[str, ...]
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value.

    way    the keys to it, entries left out: ("interactions", "summary")
    path   the field path it is sealed under: `interactions.I7K2M9QXA.summary`
    place  the keys and indices to it: ("interactions", 0, "summary")
    text   what stands there
    """

    way: Way
    path: str
    place: Place
    text: str


class Levels:
    """The level of every field by its way; a field nobody declared is confidential (default deny).

    standing  the levels that values may have that stand there unchanged; the declared ones unless told
    """

    def __init__(
        self,
        declared: Mapping[Way, Level],
        default: Level = Level.CONFIDENTIAL,
        *,
        standing: Mapping[Way, Level] | None = None,
    ) -> None:
        self._declared, self._default = declared, default
        self._standing = declared if standing is None else standing

    def of(self, way: Way) -> Level:
        """The level at this way, or of the table around it."""
        found = self._declared.get(way)
        return found or self._declared.get(way[:-1], self._default)

    def standing(self, way: Way) -> Level:
        """The lowest level that an unchanged value at this way may have."""
        found = self._standing.get(way)
        return found or self._standing.get(way[:-1], self._default)


ANY = Levels({}, Level.OPEN)  # for reading what was sealed under other levels than today's


def mapped(tree: Mapping[str, Any], change: Callable[[Leaf], str]) -> Tree:
    """The tree with every value replaced by what `change` makes of it."""
    return {key: _mapped(value, Leaf((key,), key, (key,), ""), change) for key, value in tree.items()}


def leaves(tree: Mapping[str, Any]) -> Iterator[Leaf]:
    """Every value, in order."""
    found: list[Leaf] = []

    def keep(leaf: Leaf) -> str:
        found.append(leaf)
        return leaf.text

    mapped(tree, keep)
    return iter(found)


def _mapped(node: Any, here: Leaf, change: Callable[[Leaf], str]) -> Any:
    if isinstance(node, str):
        return change(Leaf(here.way, here.path, here.place, node))
    if isinstance(node, Mapping):
        return {key: _mapped(value, _below(here, key, key, (key,)), change) for key, value in node.items()}
    if isinstance(node, list):
        return [_mapped(item, _below(here, _name(item, nth), nth), change) for nth, item in enumerate(node)]
    return node


def _below(here: Leaf, name: str, key: str | int, way: Way = ()) -> Leaf:
    return Leaf((*here.way, *way), f"{here.path}.{name}", (*here.place, key), "")


def _name(item: Any, nth: int) -> str:
    """An item of a list counts by its id; one without (a word, a broken entry) by its place, from one."""
    found = item.get("id") if isinstance(item, Mapping) else None
    return found if isinstance(found, str) else str(nth + 1)
