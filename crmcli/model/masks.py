"""Masks: how little of a value shows until somebody reveals it, and says why (R32). Pure.

phone  the middle is hidden: `+86138****8000`; an extension is left out
email  the first letter and the domain: `w***@example.com`
tail   the last four signs: `****002X`
head   the first sign: `王***`

Of a short value never more than half shows. How much is hidden does not show at all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from crmcli.model.catalog import CatalogField
from crmcli.model.fields import Mask
from crmcli.model.sealed import Sealed

Place = tuple[str | int, ...]
HIDDEN, REST = "****", "***"
TAIL = 4
LONG = 11  # signs of a phone number, from which on its middle alone is hidden


def mask(kind: Mask, value: str) -> str:
    """What shows of a value."""
    return _WAYS[kind](value)


def masked(tree: Mapping[str, Any], fields: Iterable[CatalogField]) -> dict[Place, str]:
    """What shows of every value that has a mask, by its place in the plain tree. A sealed value has none."""
    return {
        place: mask(field.mask, text)
        for field in fields
        if field.mask
        for place, text in _values(tree, field.key, ())
        if not isinstance(text, Sealed)
    }


def _values(node: Any, key: tuple[str, ...], place: Place) -> Iterator[tuple[Place, str]]:
    """Every text at a catalogue key and below, with the way to it."""
    if isinstance(node, str) and not key:
        yield place, node
    elif isinstance(node, list):
        for at, item in enumerate(node):
            yield from _values(item, key, (*place, at))
    elif isinstance(node, Mapping):
        for name in key[:1] or node:
            yield from _values(node.get(name), key[1:], (*place, name))


def _tail(value: str) -> str:
    return HIDDEN + value[len(value) - min(TAIL, len(value) // 2) :]


def _head(value: str) -> str:
    return value[: min(1, len(value) // 2)] + REST


def _phone(value: str) -> str:
    number = value.partition(";")[0]
    return number[: -2 * TAIL] + HIDDEN + number[-TAIL:] if len(number) >= LONG else _tail(number)


def _email(value: str) -> str:
    local, at, domain = value.rpartition("@")
    return _head(local) + at + domain if at else _head(value)


_WAYS: Mapping[Mask, Callable[[str], str]] = {"phone": _phone, "email": _email, "tail": _tail, "head": _head}
