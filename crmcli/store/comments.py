"""Comments people leave in the files of an open vault: found, tied to what they speak of, and put back.

Promises that a comment stays beside or above its key or entry when others come and go, and that putting comments back
twice changes nothing. Entries are known by their `id`, other list items by their text. A comment goes with its place.
Blank lines are not kept. Never changes a value.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crmcli.late import late
from crmcli.store.yamlbytes import text_of
from crmcli.store.yamlproblem import explained
from crmcli.store.yamltree import MAX_BYTES, Node, Path, Tree

if TYPE_CHECKING:
    import yaml
else:
    yaml = late("yaml")


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments of one file by place; a place is a way into the tree with entries by id: `("tags", "vip")`.

    above   place → full lines before it; `()` holds the head of the file
    beside  place → the gap and comment at the end of its line
    below   list or table → full lines after its last part; `()` holds the end of the file
    line    1-based line of the first comment
    """

    above: Mapping[Path, Sequence[str]] = field(default_factory=dict)
    beside: Mapping[Path, str] = field(default_factory=dict)
    below: Mapping[Path, Sequence[str]] = field(default_factory=dict)
    line: int | None = None

    def __bool__(self) -> bool:
        return self.line is not None


def comments_of(data: bytes, path: str) -> Comments:
    """The comments in a file that `yamlread.parse` accepts; empty when there are none."""
    text = text_of(data, path, MAX_BYTES)
    if "#" not in text:
        return Comments()
    try:
        root = yaml.compose(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except yaml.YAMLError as error:
        raise explained(error, path, text) from error
    return Comments() if root is None else _Finder(text, root).comments()


def woven(tree: Tree, pieces: Sequence[str], comments: Comments) -> list[str]:
    """`pieces` (one for each key and scalar item of `tree`, in order) with the comments between and beside them."""
    return _Weaver(pieces, comments).woven(tree)


@dataclass(frozen=True, slots=True)
class _Found:
    line: int
    column: int
    alone: bool
    gap: str
    words: str


class _Finder:
    """Where everything stands in one text; lines and columns count from 0."""

    def __init__(self, text: str, root: "yaml.Node") -> None:
        self._text = text
        self._rows = text.split("\n")
        self._spans: list[tuple[int, int]] = []
        self._opened: dict[int, list[Path]] = {}
        self._leaf: dict[int, Path] = {}
        self._covered: dict[int, Path] = {}
        self._columns: dict[Path, int] = {}
        self._collection(root, ())
        self._starts = [start for start, _end in self._spans]
        self._open_lines = sorted(self._opened)

    def comments(self) -> Comments:
        above: dict[Path, list[str]] = {}
        beside: dict[Path, str] = {}
        below: dict[Path, list[str]] = {}
        first: int | None = None
        for found in self._found():
            first = found.line + 1 if first is None else first
            place = self._beside(found)
            if place is not None and place not in beside:
                beside[place] = found.gap + found.words
                continue
            over, there = (True, place) if place is not None else self._alone(found)
            (above if over else below).setdefault(there, []).append(found.words)
        return Comments(above, beside, below, first)

    def _collection(self, node: "yaml.Node", path: Path) -> None:
        if isinstance(node, yaml.MappingNode):
            if node.value and not node.flow_style:
                self._columns[path] = node.value[0][0].start_mark.column
            for key, value in node.value:
                self._span(key)
                self._part(key, value, (*path, key.value), leaf=True)
        elif isinstance(node, yaml.SequenceNode):
            if node.value and not node.flow_style:
                self._columns[path] = node.start_mark.column
            for step, item in zip(_steps(_name_of(item) for item in node.value), node.value, strict=True):
                self._part(item, item, (*path, step), leaf=isinstance(item, yaml.ScalarNode))

    def _part(self, start: "yaml.Node", node: "yaml.Node", here: Path, *, leaf: bool) -> None:
        line = start.start_mark.line
        self._opened.setdefault(line, []).append(here)
        if leaf:
            self._leaf.setdefault(line, here)
        if not isinstance(node, yaml.ScalarNode):
            self._collection(node, here)
            return
        self._span(node)
        last = node.end_mark.line - (node.end_mark.column == 0)
        self._covered.update(dict.fromkeys(range(line + 1, last + 1), here))

    def _span(self, node: "yaml.Node") -> None:
        start, end = node.start_mark.index, node.end_mark.index
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
            # The header of a block may carry a comment; only its body is out of bounds.
            start = self._text.find("\n", start) if "\n" in self._text[start:] else end
        self._spans.append((start, end))

    def _found(self) -> Iterator[_Found]:
        """Every # that no scalar holds, to the end of its line."""
        line, offset = 0, 0
        for line, row in enumerate(self._rows):
            column = row.find("#")
            while column >= 0 and not self._is_comment(row, column, offset):
                column = row.find("#", column + 1)
            if column >= 0:
                before = row[:column]
                filled = before.rstrip()
                yield _Found(line, column, not filled, before[len(filled) :], row[column:].rstrip())
            offset += len(row) + 1

    def _is_comment(self, row: str, column: int, offset: int) -> bool:
        if column and row[column - 1] not in " \t":
            return False
        nearest = bisect_right(self._starts, offset + column) - 1
        return nearest < 0 or offset + column >= self._spans[nearest][1]

    def _beside(self, found: _Found) -> Path | None:
        """The key or item whose line, or whose value, the comment stands beside or within."""
        if found.alone:
            return None
        return self._leaf.get(found.line) or self._covered.get(found.line)

    def _alone(self, found: _Found) -> tuple[bool, Path]:
        """Above (True) the next part, or below (False) what ends here, as the comment's own column tells."""
        if found.line in self._covered:
            return True, self._covered[found.line]
        at = bisect_right(self._open_lines, found.line)
        if at == 0:
            return True, ()
        following = self._open_lines[at] if at < len(self._open_lines) else None
        next_column = _margin(self._rows[following]) if following is not None else -1
        column = found.column if found.alone else _margin(self._rows[found.line])
        before = self._opened[self._open_lines[at - 1]][-1]
        for length in range(len(before) - 1, -1, -1):
            if next_column < self._columns.get(before[:length], -1) <= column:
                return False, before[:length]
        return (False, ()) if following is None else (True, self._opened[following][0])


class _Weaver:
    """One pass over the pieces of one tree."""

    def __init__(self, pieces: Sequence[str], comments: Comments) -> None:
        self._pieces = iter(pieces)
        self._comments = comments
        self._rows: list[str] = []

    def woven(self, tree: Tree) -> list[str]:
        self._mapping(tree, (), 0, self._comments.above.get((), ()))
        return self._rows

    def _mapping(self, tree: dict[str, Node], path: Path, indent: int, due: Sequence[str]) -> None:
        for key, node in tree.items():
            here = (*path, key)
            self._piece(here, due)
            if not isinstance(node, str):
                self._collection(node, here, indent + 2, ())
            due = ()
        self._add(self._comments.below.get(path, ()), " " * indent)

    def _sequence(self, items: list[Node], path: Path, indent: int, due: Sequence[str]) -> None:
        for step, item in zip(_steps(map(_name_in, items)), items, strict=True):
            here = (*path, step)
            if isinstance(item, str):
                self._piece(here, due)
            else:
                self._collection(item, here, indent + 2, (*due, *self._comments.above.get(here, ())))
            due = ()
        self._add(self._comments.below.get(path, ()), " " * indent)

    def _collection(self, node: list[Node] | dict[str, Node], path: Path, indent: int, due: Sequence[str]) -> None:
        if isinstance(node, dict):
            self._mapping(node, path, indent, due)
        else:
            self._sequence(node, path, indent, due)

    def _piece(self, here: Path, due: Sequence[str]) -> None:
        """The next piece with what is due above it, its own comments above, and the one beside it."""
        piece = next(self._pieces)
        margin = " " * _margin(piece)
        self._add(due, margin)
        self._add(self._comments.above.get(here, ()), margin)
        first, newline, body = piece.partition("\n")
        self._rows.append(first + self._comments.beside.get(here, "") + newline + body)

    def _add(self, words: Sequence[str], margin: str) -> None:
        self._rows.extend(margin + line for line in words)


def _margin(row: str) -> int:
    return len(row) - len(row.lstrip(" "))


def _steps(names: Iterable[str | None]) -> Iterator[str | int]:
    """How the items of a list are told apart: by name, or by index where there is none or it is taken."""
    seen: set[str] = set()
    for index, name in enumerate(names):
        yield index if name is None or name in seen else name
        if name is not None:
            seen.add(name)


def _name_in(item: Node) -> str | None:
    name = item.get("id") if isinstance(item, dict) else item
    return name if isinstance(name, str) else None


def _name_of(item: "yaml.Node") -> str | None:
    if isinstance(item, yaml.MappingNode):
        ids = (value for key, value in item.value if key.value == "id")
        item = next(ids, item)
    return str(item.value) if isinstance(item, yaml.ScalarNode) else None
