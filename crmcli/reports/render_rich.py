"""Text for a terminal: rich's tables within its width, coloured when allowed. Data is never read as markup or emoji.

Reads nothing of the environment: width and colours come with the look.
"""

import re
from io import StringIO
from typing import Any

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from crmcli.reports import render_plain
from crmcli.reports.layout import has_prose, notes_title, nothing, stacked
from crmcli.reports.safe_text import visible, visible_lines, width_of
from crmcli.reports.values import Look, Notice, Report, Section, Table, Value

GAP = 3  # cells between two columns
WHOLE = re.compile(r"(?=.*[0-9])[!-~]{1,20}")


def render(value: Value, look: Look) -> str:
    """The value for a terminal `look.width` cells wide; an empty table is no text at all."""
    if isinstance(value, Notice):
        return render_plain.notice(value)
    if isinstance(value, Table):
        return written([grid(value, look.width)], look) if value.rows else ""
    if isinstance(value, Report):
        return report(value, look)
    heading = Text(visible(value.title), style="bold")
    return written([heading, *(part for section in value.sections for part in _section(section, look))], look)


def report(value: Report, look: Look) -> str:
    """Title, tables and notes."""
    parts: list[RenderableType] = [Text(visible(value.heading), style="bold")]
    for table in value.tables:
        parts += [Text(""), Text(visible(table.title), style="cyan"), *_rows(table, look)]
    if value.notes:
        parts += [Text(""), Text(notes_title(), style="cyan")]
    return written([*parts, *(_hanging(note) for note in value.notes)], look)


def _rows(value: Table, look: Look) -> list[RenderableType]:
    if not value.rows:
        return [Padding(Text(nothing()), (0, 0, 0, 2))]
    if not has_prose(value):
        return [Padding(grid(value, look.width - 2), (0, 0, 0, 2))]
    return [Padding(_lines(tuple(row)), (0, 0, 1, 2)) for row in stacked(value)]


def _hanging(text: str) -> RichTable:
    made = RichTable.grid(padding=(0, 1, 0, 0))
    made.add_row(Text("  -"), Text(visible(text), style="dim"))
    return made


def written(parts: list[RenderableType], look: Look) -> str:
    """The parts one below the other, without trailing spaces."""
    text = StringIO()
    colors: dict[str, Any] = {"force_terminal": look.color, "color_system": "standard" if look.color else None}
    console = Console(
        file=text, width=look.width, height=100, highlight=False, legacy_windows=False, _environ={}, **colors
    )
    for part in parts:
        console.print(part)
    return "\n".join(line.rstrip() for line in text.getvalue().rstrip("\n").split("\n"))


def grid(value: Table, width: int) -> RichTable:
    """The table with its heading and a rule below it.

    Where it would be too wide, text is broken but never a number or a day, and columns that are empty are left out.
    """
    cells = {column: [visible(row.get(column.name, "")) for row in value.rows] for column in value.columns}
    widest = [max(map(width_of, (column.label, *texts))) for column, texts in cells.items()]
    tight = sum(widest) + GAP * len(widest) > width
    shown = {column: texts for column, texts in cells.items() if any(texts) or not tight}
    made = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold", collapse_padding=tight)
    for column, texts in shown.items():
        side: Any = "right" if column.numeric else "left"
        whole = tight and _identifies(texts)
        label = visible(column.label).replace(" ", "\n") if whole else visible(column.label)
        made.add_column(Text(label), justify=side, overflow="fold", no_wrap=whole)
    for row in zip(*shown.values(), strict=True):
        made.add_row(*map(Text, row))
    return made


def _identifies(texts: list[str]) -> bool:
    """Whether a column holds numbers, ids or days, which nobody could copy in two pieces."""
    filled = [text for text in texts if text]
    return bool(filled) and all(WHOLE.fullmatch(text) for text in filled)


def _section(section: Section, look: Look) -> list[RenderableType]:
    if isinstance(section.lines, Table):
        body: RenderableType | None = grid(section.lines, look.width - 2) if section.lines.rows else None
    else:
        body = _lines(section.lines) if section.lines else None
    if body is None:
        return []
    title = [Text(visible(section.title), style="cyan")] if section.title else []
    return [Text(""), *title, Padding(body, (0, 0, 0, 2))]


def _lines(lines: tuple[tuple[str, str], ...]) -> RichTable:
    made = RichTable.grid(padding=(0, 2, 0, 0))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for label, text in lines:
        made.add_row(Text(visible(label)), Text(visible_lines(text)))
    return made
