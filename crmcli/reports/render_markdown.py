"""Markdown (GitHub's tables). Whatever data holds shows as itself: no markup, no HTML, no broken row."""

import re

from tabulate import tabulate

from crmcli.reports.layout import has_prose, notes_title, nothing, stacked
from crmcli.reports.safe_text import visible_lines
from crmcli.reports.values import Card, Look, Report, Section, Table, Value

MARKUP = re.compile(r"[\\`*_\[\]|~$]")
HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
AT_START = re.compile(r"(?m)^(\s*)(#|[+-](?=\s)|\d+(?=[.)]\s)|={3,}|-{3,})")


def render(value: Value, look: Look) -> str:
    """The value as Markdown."""
    if isinstance(value, Table):
        return _titled(value.title, table(value), "##")
    if isinstance(value, Report):
        return report(value)
    if isinstance(value, Card):
        return "\n\n".join([f"# {cell(value.title)}", *(part for part in map(_section, value.sections) if part)])
    return _guarded(value.message)


def _titled(title: str, body: str, marks: str) -> str:
    return f"{marks} {cell(title)}\n\n{body}" if title else body


def report(value: Report) -> str:
    """Title, tables and notes; a table of running text as a list a row."""
    parts = [_titled(part.title, _lists(part) or cell(nothing()), "##") for part in value.tables]
    notes = "\n".join(f"- {cell(note)}" for note in value.notes)
    return "\n\n".join(
        filter(None, [f"# {cell(value.heading)}", *parts, notes and _titled(notes_title(), notes, "##")])
    )


def _lists(value: Table) -> str:
    if not has_prose(value):
        return table(value) if value.rows else ""
    return "\n\n".join("\n".join(f"- **{cell(head)}**: {cell(text)}" for head, text in row) for row in stacked(value))


def table(value: Table) -> str:
    """A pipe table; numbers at the right."""
    heads = [cell(column.label) for column in value.columns]
    rows = [[cell(row.get(column.name, "")) for column in value.columns] for row in value.rows]
    sides = ["right" if column.numeric else "left" for column in value.columns]
    return tabulate(rows, heads, tablefmt="pipe", disable_numparse=True, colalign=sides if rows else None)


def cell(text: str) -> str:
    """Text for one cell or one line: markup and HTML escaped, line breaks as `<br>`."""
    return _escaped(text).replace("\n", "<br>")


def _escaped(text: str) -> str:
    plain = re.sub("[&<>]", lambda match: HTML[match[0]], visible_lines(text.replace("\r\n", "\n")))
    return MARKUP.sub(lambda match: "\\" + match[0], plain)


def _guarded(text: str) -> str:
    return AT_START.sub(r"\1\\\2", _escaped(text))


def _section(section: Section) -> str:
    if isinstance(section.lines, Table):
        body = table(section.lines) if section.lines.rows else ""
    else:
        body = "\n".join(f"- **{cell(label)}**: {cell(text)}" for label, text in section.lines)
    return _titled(section.title, body, "##") if body else ""
