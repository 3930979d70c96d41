"""What changed between two plain trees, field by field; entries are compared by their id, tables by their key. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that changed: its dotted name (`interactions.I7K2M9QXA.summary`), the old and the new value or None."""

    field: str
    old: str | None
    new: str | None


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Every changed value, in the order of `after`, removed ones last at their level."""
    return tuple(_walk("", _keyed(before), _keyed(after)))


def _walk(field: str, old: Any, new: Any) -> Iterator[Difference]:
    if old == new:
        return
    if isinstance(old, str | None) and isinstance(new, str | None):
        yield Difference(field, old, new)
        return
    olds, news = (_keyed(side) if side is not None else {} for side in (old, new))
    for key in dict.fromkeys((*news, *olds)):
        yield from _walk(f"{field}.{key}" if field else key, olds.get(key), news.get(key))


def _keyed(node: Any) -> Mapping[str, Any]:
    if isinstance(node, list):
        return {_key(item, place): item for place, item in enumerate(node, 1)}
    return node if isinstance(node, Mapping) else {"": node}


def _key(item: Any, place: int) -> str:
    """What tells an item of a list from the others: its id, its place where it has none, a text itself."""
    return str(item.get("id", place)) if isinstance(item, dict) else str(item)
