"""The fast way to read what `yamlwrite` wrote: line by line, without a YAML parser.

Promises that whatever it reads is what a YAML parser reads. It knows little more than the canonical form and says None
at the first line that is anything else, however valid. Never refuses, never guesses.
"""

import re

from crmcli.store.yamlscalar import FIRST, is_block, unquoted
from crmcli.store.yamltree import MAX_DEPTH, MAX_KEY, Node, Path, Source, Tree

_LETTER, _SIGN = r"[^\x00-@\[-^`{-\x7f]", r"[^\x00-,./:-@\[-^`{-\x7f]"  # A-Z a-z _ and beyond; 0-9 - too
_VALUE = rf'({FIRST}(?:.*[^ :])?)|"([^"\\]*)"|(["|].*)'
_NAME = rf'({_LETTER}{_SIGN}*)|"([^"\\]+)"'
_match_name = re.compile(rf"(?:{_NAME}):(?: (?:{_VALUE}))?").fullmatch
_match_value = re.compile(_VALUE).fullmatch
_match_escaped = re.compile(r'"((?:[^"\\]|\\.)*)"').fullmatch


class _NotCanonical(Exception):
    """Another way of writing; the parser shall see to it."""


def canonical_source(text: str) -> Source | None:
    """The one document in `text`, or None when it is not in canonical form."""
    # What is printable holds no tab, no line break of another kind and no odd space.
    if not text.endswith("\n") or not text.replace("\n", "").isprintable():
        return None
    try:
        return _Lines(text).source()
    except _NotCanonical:
        return None


class _Lines:
    """One pass over one text. `_at` is the index of the line under the eye."""

    def __init__(self, text: str) -> None:
        self._rows = text.split("\n")
        self._rows[-1] = "\0"  # stands for the end: it continues nothing and matches nothing
        self._at = 0
        self._lines: dict[Path, int] = {}

    def source(self) -> Source:
        tree: Tree = self._mapping(0, (), "")
        if self._at != len(self._rows) - 1:
            raise _NotCanonical
        return Source(tree, self._lines)

    def _mapping(self, indent: int, path: Path, lead: str) -> dict[str, Node]:
        """The table whose names stand at `indent`; `lead` is what precedes the first of them."""
        tree: dict[str, Node] = {}
        rows, lines, margin = self._rows, self._lines, " " * indent
        row = rows[self._at]
        while row.startswith(lead) and (match := _match_name(row, indent)):
            plain_name, quoted_name, plain, quoted, hard = match.groups()
            key = plain_name or quoted_name
            if key in tree or len(key) > MAX_KEY:
                raise _NotCanonical
            here = (*path, key)
            self._at += 1
            lines[here] = self._at
            if plain is not None:
                tree[key] = _sure(plain)
            elif quoted is not None:
                tree[key] = quoted
            else:
                tree[key] = self._hard(hard, indent) if hard else self._collection(indent + 2, here)
            row, lead = rows[self._at], margin
        if not tree:
            raise _NotCanonical
        return tree

    def _collection(self, indent: int, path: Path) -> Node:
        if len(path) >= MAX_DEPTH:
            raise _NotCanonical
        margin = " " * indent
        if self._rows[self._at].startswith(margin + "- "):
            return self._sequence(indent, path, margin + "- ")
        return self._mapping(indent, path, margin)

    def _sequence(self, indent: int, path: Path, dash: str) -> list[Node]:
        items: list[Node] = []
        while (row := self._rows[self._at]).startswith(dash):
            here = (*path, len(items))
            self._lines[here] = self._at + 1
            if _match_name(row, indent + 2):
                if len(here) >= MAX_DEPTH:
                    raise _NotCanonical
                items.append(self._mapping(indent + 2, here, dash))
            else:
                self._at += 1
                items.append(self._item(row, indent))
        return items

    def _item(self, row: str, indent: int) -> str:
        match = _match_value(row, indent + 2)
        if match is None:
            raise _NotCanonical
        plain, quoted, hard = match.groups()
        if plain is not None:
            return _sure(plain)
        return quoted if quoted is not None else self._hard(hard, indent)

    def _hard(self, value: str, indent: int) -> str:
        """A value with escapes, or a block."""
        if value[0] == "|":
            return self._block(value, " " * (indent + 2))
        match = _match_escaped(value)
        meant = unquoted(match[1]) if match else None
        if meant is None:
            raise _NotCanonical
        return meant

    def _block(self, header: str, margin: str) -> str:
        start = self._at
        while (row := self._rows[self._at]).startswith(margin) or not row:
            self._at += 1
        body = "\n".join(row[len(margin) :] for row in self._rows[start : self._at])
        text = body + "\n" if header == "|" else body
        if header not in ("|", "|-") or body.endswith("\n") or not is_block(text):
            raise _NotCanonical
        return text


def _sure(plain: str) -> str:
    if ": " in plain or " #" in plain:
        raise _NotCanonical
    return plain
