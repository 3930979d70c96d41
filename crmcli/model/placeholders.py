"""Placeholders: what stands in an edited text in place of a value that is not shown, and means "unchanged".

`placeheld` puts them in, `restored` takes them back. A placeholder counts at its own place alone: entries are known by
their id, so they may be moved and removed. Its signs occur nowhere else in what is shown, so that nobody can mean it
as a value. Pure.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from crmcli.errors import Finding, Where, dotted, invalid
from crmcli.model.findings import Lines, line_of
from crmcli.model.sealed import Sealed
from crmcli.text import _

Place = tuple[str | int, ...]
Tree = dict[str, Any]
OPEN, CLOSE = "⟨", "⟩"


@dataclass(frozen=True, slots=True)
class Kept:
    """What placeholders stand for.

    originals   (place with ids for entries, placeholder) → the value
    signs       what a placeholder begins and ends with
    """

    originals: Mapping[tuple[Place, str], str] = field(default_factory=dict)
    signs: tuple[str, str] = (OPEN, CLOSE)

    def __bool__(self) -> bool:
        return bool(self.originals)


def placeheld(tree: Mapping[str, Any], masked: Mapping[Place, str]) -> tuple[Tree, Kept]:
    """The tree with placeholders for the values at masked places (place → mask) and for all that are `Sealed`."""
    signs = _signs(tree, masked)
    originals: dict[tuple[Place, str], str] = {}

    def hide(place: Place, named: Place, text: str) -> str:
        if place not in masked and not isinstance(text, Sealed):
            return text
        # Items without an id are told apart by their number.
        numbers = [f"{part + 1}." for part in named if isinstance(part, int)]
        words = (
            _("sealed {level}").format(level=text.level.label)
            if isinstance(text, Sealed)
            else _unchanged(masked[place])
        )
        placeholder = signs[0] + " ".join([*numbers, words]) + signs[1]
        originals[_key(named, placeholder)] = text
        return placeholder

    return _mapped(tree, hide), Kept(originals, signs)


def restored(tree: Mapping[str, Any], kept: Kept, lines: Lines | None = None, path: str | None = None) -> Tree:
    """The tree with the values back. Invalid, naming each, for placeholders that were altered, copied or moved."""
    if not kept:
        return dict(tree)
    wrong: list[Finding] = []
    used: set[tuple[Place, str]] = set()

    def show(place: Place, named: Place, text: str) -> str:
        key = _key(named, text)
        if key in kept.originals and key not in used:
            used.add(key)
            return kept.originals[key]
        if any(sign in text for sign in kept.signs) or _is_rest(key, kept):
            wrong.append(_finding(place, text, kept, Where(path, line_of(place, lines or {}), dotted(place))))
        return text

    whole = _mapped(tree, show)
    if wrong:
        raise invalid(wrong)
    return whole


def _is_rest(key: tuple[Place, str], kept: Kept) -> bool:
    """Whether a text is what is left of its placeholder without the signs, or the mask in it."""
    named, text = key
    if "" in named:  # beside it may stand another item that is that very text
        return False
    begin, end = kept.signs
    for (place, placeholder), original in kept.originals.items():
        if place == named and text != original:
            words = placeholder.removeprefix(begin).removesuffix(end)
            if words == text or words.endswith(f" {text}"):
                return True
    return False


def _unchanged(mask: str) -> str:
    return _("unchanged {mask}").format(mask=mask)


def _finding(place: Place, text: str, kept: Kept, where: Where) -> Finding:
    known = any(text == placeholder for _place, placeholder in kept.originals)
    said = _("This placeholder belongs to another field.") if known else _("This placeholder was altered.")
    hint = _("{begin}…{end} stands for a value that is not shown: leave it as it was, or write the whole new value.")
    begin, end = kept.signs
    return Finding(said, where, hint=hint.format(begin=begin, end=end))


def _signs(tree: Mapping[str, Any], masked: Mapping[Place, str]) -> tuple[str, str]:
    """The shortest runs of the signs that no text shown holds."""
    shown = [text for place, text in _texts(tree) if place not in masked and not isinstance(text, Sealed)]
    shown += masked.values()
    count = 1
    while any(sign * count in text for sign in (OPEN, CLOSE) for text in shown):
        count += 1
    return OPEN * count, CLOSE * count


def _key(named: Place, text: str) -> tuple[Place, str]:
    """Items without an id may have moved: their placeholder says which one it is."""
    return tuple("" if isinstance(part, int) else part for part in named), text


def _mapped(tree: Mapping[str, Any], change: Callable[[Place, Place, str], str]) -> Tree:
    """The tree with `change(place, place with ids for entries, text)` for every text."""

    def walk(node: Any, place: Place, named: Place) -> Any:
        if isinstance(node, str):
            return change(place, named, node)
        if isinstance(node, list):
            return [walk(item, (*place, at), (*named, _name(item, at))) for at, item in enumerate(node)]
        return {key: walk(value, (*place, key), (*named, key)) for key, value in node.items()}

    return {key: walk(value, (key,), (key,)) for key, value in tree.items()}


def _name(item: Any, at: int) -> str | int:
    name = item.get("id") if isinstance(item, Mapping) else None
    return name if isinstance(name, str) else at


def _texts(node: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    if isinstance(node, str):
        yield place, node
        return
    for key, value in node.items() if isinstance(node, Mapping) else enumerate(node):
        yield from _texts(value, (*place, key))
