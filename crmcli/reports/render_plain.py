"""Plain text for pipes and terminals without colours: aligned columns, no escapes, no trailing spaces."""

from collections.abc import Sequence

from crmcli.reports.layout import has_prose, notes_title, nothing, stacked
from crmcli.reports.safe_text import pad, visible, visible_lines, width_of, wrapped
from crmcli.reports.values import Card, Look, Notice, Report, Section, Table, Value


def render(value: Value, look: Look) -> str:
    """The value as plain text; an empty table is no text at all."""
    if isinstance(value, Table):
        return table(value)
    if isinstance(value, Report):
        return report(value, look)
    return card(value) if isinstance(value, Card) else notice(value)


def notice(value: Notice) -> str:
    """The sentence for people."""
    return visible_lines(value.message)


def table(value: Table) -> str:
    """Labels, a rule and a line a row, in columns two spaces apart."""
    if not value.rows:
        return ""
    names = [column.name for column in value.columns]
    heads = [visible(column.label) for column in value.columns]
    body = [[visible(row.get(name, "")) for name in names] for row in value.rows]
    return columns(body, heads=heads, numeric=[column.numeric for column in value.columns])


def columns(rows: Sequence[Sequence[str]], *, heads: Sequence[str] = (), numeric: Sequence[bool] = ()) -> str:
    """Cells in aligned columns; `heads` adds a heading and a rule, `numeric` columns stand at the right."""
    widths = [max(map(width_of, cells)) for cells in zip(*rows, *([heads] if heads else []), strict=True)]
    sides = list(numeric) or [False] * len(widths)
    top = [heads, ["-" * width for width in widths]] if heads else []
    return "\n".join(_line(cells, widths, sides) for cells in (*top, *rows))


def _line(cells: Sequence[str], widths: Sequence[int], sides: Sequence[bool]) -> str:
    return "  ".join(map(_cell, cells, widths, sides)).rstrip()


def _cell(text: str, width: int, right: bool) -> str:
    return pad(text, width, right=right)


def card(value: Card) -> str:
    """Title, then each section with its lines indented; sections without content are left out."""
    parts = [visible(value.title), *(part for part in map(_section, value.sections) if part)]
    return "\n\n".join(parts)


def report(value: Report, look: Look) -> str:
    """Title, each table indented below its own, then the notes, wrapped to the width."""
    parts = [_titled(part.title, _body(part, look) or nothing()) for part in value.tables]
    notes = [_hanging(note, look.width - 4) for note in value.notes]
    ending = [_titled(notes_title(), "\n".join(notes))] if notes else []
    return "\n\n".join([visible(value.heading), *parts, *ending])


def _body(value: Table, look: Look) -> str:
    if not has_prose(value):
        return table(value)
    return "\n\n".join(_lines(_narrow(row, look.width)) for row in stacked(value))


def _narrow(row: Sequence[tuple[str, str]], width: int) -> list[tuple[str, str]]:
    left = width - 4 - max(width_of(visible(label)) for label, _ in row)
    return [(label, "\n".join(wrapped(text, max(left, 20)))) for label, text in row]


def _hanging(text: str, width: int) -> str:
    return "- " + "\n  ".join(wrapped(visible(text), max(width, 20)))


def _section(section: Section) -> str:
    body = table(section.lines) if isinstance(section.lines, Table) else _lines(section.lines)
    return _titled(section.title, body) if body else ""


def _titled(title: str, body: str) -> str:
    indented = "\n".join(f"  {line}" if line else "" for line in body.split("\n"))
    return f"{visible(title)}\n{indented}" if title else indented


def _lines(lines: Sequence[tuple[str, str]]) -> str:
    labels = [visible(label) for label, _ in lines]
    width = max(map(width_of, labels), default=0)
    gap = "\n" + " " * (width + 2)
    return "\n".join(
        f"{pad(label, width)}  {gap.join(visible_lines(text).split(chr(10)))}".rstrip()
        for label, (_, text) in zip(labels, lines, strict=True)
    )
