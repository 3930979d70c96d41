"""Text for a terminal: rich's tables within its width, coloured when allowed. Data is never read as markup or emoji.

Reads nothing of the environment: width and colours come with the look.
"""

from io import StringIO
from typing import Any

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from crmcli.reports import render_plain
from crmcli.reports.layout import has_prose, notes_title, nothing, stacked
from crmcli.reports.safe_text import visible, visible_lines
from crmcli.reports.values import Look, Notice, Report, Section, Table, Value


def render(value: Value, look: Look) -> str:
    """The value for a terminal `look.width` cells wide; an empty table is no text at all."""
    if isinstance(value, Notice):
        return render_plain.notice(value)
    if isinstance(value, Table):
        return written([grid(value)], look) if value.rows else ""
    if isinstance(value, Report):
        return report(value, look)
    heading = Text(visible(value.title), style="bold")
    return written([heading, *(part for section in value.sections for part in _section(section))], look)


def report(value: Report, look: Look) -> str:
    """Title, tables and notes."""
    parts: list[RenderableType] = [Text(visible(value.heading), style="bold")]
    for table in value.tables:
        parts += [Text(""), Text(visible(table.title), style="cyan"), *_rows(table)]
    if value.notes:
        parts += [Text(""), Text(notes_title(), style="cyan")]
    return written([*parts, *(_hanging(note) for note in value.notes)], look)


def _rows(value: Table) -> list[RenderableType]:
    if not value.rows:
        return [Padding(Text(nothing()), (0, 0, 0, 2))]
    if not has_prose(value):
        return [Padding(grid(value), (0, 0, 0, 2))]
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


def grid(value: Table) -> RichTable:
    """The table with its heading and a rule below it."""
    made = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for column in value.columns:
        side: Any = "right" if column.numeric else "left"
        made.add_column(Text(visible(column.label)), justify=side, overflow="fold")
    for row in value.rows:
        made.add_row(*(Text(visible(row.get(column.name, ""))) for column in value.columns))
    return made


def _section(section: Section) -> list[RenderableType]:
    if isinstance(section.lines, Table):
        body: RenderableType | None = grid(section.lines) if section.lines.rows else None
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
