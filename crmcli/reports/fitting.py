"""How tables and texts fit a terminal: columns beside each other while each keeps its words whole, lines that end there.

No character but white space at the end of a line is ever lost. Widths are terminal cells. Pure.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from crmcli.reports.safe_text import visible, width_of
from crmcli.reports.values import Column, Table

GAP, TIGHT = 3, 2  # cells between two columns
KEPT = 12  # cells of Chinese that stay together: a name, a district; longer text may end a line at any character
WIDE = "\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60"
WIDE += "\uffe0-\uffe6\U00020000-\U0003fffd"
OPENING = "（「『《〈【〔"
CLOSING = "、。，．：；！？）」』》〉】〕％"
# No line ends between the digits of a number or moment with blanks in it, nor begins with a closing sign (JIS X 4051).
ENDS = re.compile(rf"((?<![\d\s])\s+|\s+(?![\d\s]))|(?<=[{WIDE}]/)|(?<=/)(?=[{WIDE}])|(?<=[{CLOSING}])(?![{CLOSING}])")
BESIDE_WIDE = re.compile(rf"[{OPENING}]{{0,2}}(?:[{WIDE}]|[^{WIDE}]+)[{CLOSING}]{{0,2}}")


def folded(text: str, width: int) -> list[str]:
    """One line of text as lines of at most `width` cells; only a word that is wider by itself stands out."""
    if width_of(text) <= width:
        return [text]
    lines, line, used = [], "", 0
    for atom in (atom for chunk in _chunks(text.rstrip()) for atom in _atoms(chunk)):
        cells = width_of(atom)
        if used + cells > width:
            lines += [line.rstrip()] if line.strip() else []
            line, used = "", 0
        if line or not lines or not atom.isspace():
            line, used = line + atom, used + cells
    return [*lines, line.rstrip()]


def folded_lines(text: str, width: int) -> list[str]:
    """The same of text that has lines already."""
    return [line for whole in text.split("\n") for line in folded(whole, width)]


def _chunks(text: str) -> Iterator[str]:
    return (chunk for chunk in ENDS.split(text) if chunk)


def _atoms(chunk: str) -> list[str]:
    return [chunk] if width_of(chunk) <= KEPT else BESIDE_WIDE.findall(chunk)


def least(text: str) -> int:
    """The fewest cells in which the text is not broken into slivers."""
    return max((_least(chunk) for chunk in _chunks(text) if not chunk.isspace()), default=0)


def _least(chunk: str) -> int:
    whole = width_of(chunk)
    return whole if whole <= KEPT else max(KEPT, *map(width_of, _atoms(chunk)))


@dataclass(frozen=True)
class Measured:
    """A column's label and cells as a terminal may show them, and how wide they are on one line."""

    column: Column
    label: str
    cells: tuple[str, ...]
    widest: int

    @cached_property
    def narrowest(self) -> int:
        """How narrow the column may be: words stay whole, values that are short enough as well."""
        return max(least(self.label), *(max(least(cell), min(width_of(cell), KEPT)) for cell in self.cells))


def measured(table: Table) -> list[Measured]:
    """The table column by column."""
    return [_measured(column, table) for column in table.columns]


def _measured(column: Column, table: Table) -> Measured:
    label, cells = visible(column.label), tuple(visible(row.get(column.name, "")) for row in table.rows)
    return Measured(column, label, cells, max(map(width_of, (label, *cells))))


def widths(columns: Sequence[Measured], width: int) -> tuple[list[int], int] | None:
    """The columns' widths and the gap between them; None where some would have to be too narrow."""
    found = [column.widest for column in columns]
    if _taken(found, GAP) <= width:
        return found, GAP
    found = [column.narrowest for column in columns]
    left = width - _taken(found, TIGHT)
    if left < 0:
        return None
    wishes = sorted(range(len(columns)), key=lambda at: columns[at].widest - found[at])
    for done, at in enumerate(wishes):
        more = min(columns[at].widest - found[at], left // (len(wishes) - done))
        found[at] += more
        left -= more
    return found, TIGHT


def in_parts(columns: Sequence[Measured], width: int) -> list[list[Measured]]:
    """Columns of figures as several tables that all begin with the first column; none where others are among them."""
    first, *figures = columns
    if not figures or not all(column.column.numeric for column in figures):
        return []
    parts = [[first]]
    for column in figures:
        if len(parts[-1]) > 1 and not widths([*parts[-1], column], width):
            parts.append([first])
        parts[-1].append(column)
    return parts if all(widths(part, width) for part in parts) else []


def _taken(found: Sequence[int], gap: int) -> int:
    return sum(found) + gap * (len(found) - 1)


def fitted(table: Table, width: int) -> tuple[Table, tuple[str, ...]]:
    """A listing for a terminal, and the labels of spare columns it has no room for.

    Where it would be too wide, empty columns go first. Spare ones go only if the rest then stands beside each other.
    """
    columns = measured(table)
    if not table.rows or _taken([column.widest for column in columns], GAP) <= width:
        return table, ()
    filled = [column for column in columns if any(column.cells)] or columns
    kept = list(filled)
    spare = sorted((one for one in filled if one.column.spare), key=lambda one: one.column.spare)
    while spare and not widths(kept, width):
        kept.remove(spare.pop())
    kept = kept if widths(kept, width) else filled
    left_out = tuple(one.label for one in filled if one not in kept)
    return replace(table, columns=tuple(one.column for one in kept)), left_out
