"""Text for a terminal: tables within its width, or their rows as blocks of lines; coloured when allowed.

Nothing is cut, and data is never read as markup or emoji. Reads nothing of the environment: width and colours come with
the look.
"""

from collections.abc import Sequence
from io import StringIO
from itertools import zip_longest
from typing import Any

from rich.console import Console
from rich.text import Text

from crmcli.reports import render_plain
from crmcli.reports.fitting import Measured, folded, folded_lines, in_parts, measured, widths
from crmcli.reports.layout import has_prose, notes_title, nothing, stacked
from crmcli.reports.safe_text import pad, visible, visible_lines, width_of
from crmcli.reports.values import Look, Notice, Report, Section, Table, Value

INDENT = "  "
NARROW = 20  # cells below which a value stands under its label instead of beside it


def render(value: Value, look: Look) -> str:
    """The value for a terminal `look.width` cells wide; an empty table is no text at all."""
    if isinstance(value, Notice):
        return render_plain.notice(value)
    if isinstance(value, Table):
        return written(grid(value, look.width), look) if value.rows else ""
    if isinstance(value, Report):
        return report(value, look)
    parts = [part for section in value.sections for part in _section(section, look.width)]
    return written([*_titled(value.title, "bold", look.width), *parts], look)


def report(value: Report, look: Look) -> str:
    """Title, tables and notes."""
    parts = _titled(value.heading, "bold", look.width)
    for table in value.tables:
        parts += [Text(), *_titled(table.title, "cyan", look.width), *_indented(_rows(table, look.width - 2))]
    if value.notes:
        parts += [Text(), Text(notes_title(), style="cyan")]
    return written([*parts, *(line for note in value.notes for line in _hanging(note, look.width - 4))], look)


def written(lines: Sequence[Text], look: Look) -> str:
    """The lines one below the other, without trailing spaces."""
    text = StringIO()
    colors: dict[str, Any] = {"force_terminal": look.color, "color_system": "standard" if look.color else None}
    console = Console(
        file=text, width=look.width, height=100, highlight=False, legacy_windows=False, _environ={}, **colors
    )
    # A word that is wider than the terminal is to be copied: only the terminal itself may break it.
    console.print(Text("\n").join(lines), soft_wrap=True)
    return "\n".join(line.rstrip() for line in text.getvalue().rstrip("\n").split("\n"))


def grid(value: Table, width: int) -> list[Text]:
    """The table with its heading and a rule below it; where columns don't fit or rows get too tall, what is shortest of:

    its rows broken within columns, its columns of figures in several tables, a block of lines for each row.
    """
    columns = measured(value)
    found = widths(columns, width)
    beside = [_beside(columns, *found)] if found else []
    if found and all(column.widest <= wide for column, wide in zip(columns, found[0], strict=True)):
        return beside[0]
    parts = in_parts(columns, width)
    return min([*beside, *([_below(parts, width)] if parts else []), _blocks(columns, width)], key=len)


def _below(parts: Sequence[Sequence[Measured]], width: int) -> list[Text]:
    made: list[Text] = []
    for part in parts:
        found = widths(part, width)
        made += [Text(), *_beside(part, *found)] if found else []
    return made[1:]


def _beside(columns: Sequence[Measured], found: Sequence[int], gap: int) -> list[Text]:
    sides = [column.column.numeric for column in columns]
    heads, *rows = (
        _lines_of(cells, found, sides, " " * gap)
        for cells in zip(*((column.label, *column.cells) for column in columns), strict=True)
    )
    rule = "─" * (sum(found) + gap * (len(found) - 1))
    return [*(Text(line, style="bold") for line in heads), Text(rule), *(Text(line) for row in rows for line in row)]


def _lines_of(cells: Sequence[str], found: Sequence[int], sides: Sequence[bool], gap: str) -> list[str]:
    lines = zip_longest(*map(folded, cells, found), fillvalue="")
    return [
        gap.join(pad(text, wide, right=side) for text, wide, side in zip(line, found, sides, strict=True))
        for line in lines
    ]


def _blocks(columns: Sequence[Measured], width: int) -> list[Text]:
    """Each row as its labelled values, the first of them as its heading; blank lines between."""
    made: list[Text] = []
    for at in range(len(columns[0].cells)):
        head, *lines = _lines([(column.label, column.cells[at]) for column in columns], width)
        head.stylize("bold")
        made += [Text(), head, *lines]
    return made[1:]


def _rows(value: Table, width: int) -> list[Text]:
    if not value.rows:
        return [Text(nothing())]
    if not has_prose(value):
        return grid(value, width)
    return [line for row in stacked(value) for line in (*_lines(row, width), Text())]


def _hanging(text: str, width: int) -> list[Text]:
    marks = ("  - ", *[" " * 4] * len(text))
    return [Text.assemble(mark, (line, "dim")) for mark, line in zip(marks, folded(visible(text), width), strict=False)]


def _section(section: Section, width: int) -> list[Text]:
    inside = width - len(INDENT)
    if isinstance(section.lines, Table):
        body = grid(section.lines, inside) if section.lines.rows else []
    else:
        body = _lines(section.lines, inside)
    return [Text(), *_titled(section.title, "cyan", width), *_indented(body)] if body else []


def _titled(title: str, style: str, width: int) -> list[Text]:
    return [Text(line, style=style) for line in folded(visible(title), width)] if title else []


def _indented(lines: Sequence[Text]) -> list[Text]:
    return [Text.assemble(INDENT, line) for line in lines]


def _lines(lines: Sequence[tuple[str, str]], width: int) -> list[Text]:
    """Labels with their values beside them, or below them where no room is left there."""
    labels = [visible(label) for label, _ in lines]
    wide = max(map(width_of, labels), default=0) + 2
    below = width - wide < NARROW
    start = len(INDENT) if below else wide
    made: list[Text] = []
    for label, (_, text) in zip(labels, lines, strict=True):
        first, *more = folded_lines(visible_lines(text), max(width - start, 1))
        if below:
            made += [Text(label, style="dim"), *([Text(INDENT + first)] if first else [])]
        else:
            made.append(Text.assemble((pad(label, wide), "dim"), first))
        made += [Text(" " * start + line) for line in more]
    return made
