"""CSV (RFC 4180: CRLF, quotes doubled) and TSV (a line a record; tab, line break, backslash as `\\t`, `\\n`, `\\\\`).

Headings are the names of fields. A cell that a spreadsheet would take for a formula gets a leading `'`: one that starts
with `=`, `@`, a tab, a line break or a full-width form of the signs; with `+` or `-` unless the whole cell is a number
(`-5.00`, `+8613800138000`) or the mask of one (`+86138****8000`). A cell that looks guarded already gets one more, so
that `unguarded` finds every cell as it was. Source of the list: OWASP, CSV injection.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Any

from crmcli.reports.safe_text import ACTING_IN_LINES, visible_lines
from crmcli.reports.values import Card, Look, Report, Table, Value

FORMULA = re.compile(r"'*(?:[=@\t\r\n＝＠＋－]|[+-](?!\d+(\.\d+|\*{4}\d*)?\Z))")
TAB_FORMS = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def render(value: Value, look: Look) -> str:
    """The value as CSV."""
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([safe(cell) for cell in record] for record in records(value))
    return text.getvalue()


def render_tsv(value: Value, look: Look) -> str:
    """The value as TSV."""
    return "".join("\t".join(_tab_cell(cell) for cell in record) + "\n" for record in records(value))


def _tab_cell(cell: str) -> str:
    guard = "'" if FORMULA.match(cell) else ""
    return guard + ACTING_IN_LINES.sub(lambda match: visible_lines(match[0]), cell.translate(TAB_FORMS))


def safe(cell: str) -> str:
    """The cell without power: no formula, no terminal escape. Tabs and line breaks inside it stay."""
    guard = "'" if FORMULA.match(cell) else ""
    kept = "\r\t"
    return guard + ACTING_IN_LINES.sub(lambda match: match[0] if match[0] in kept else visible_lines(match[0]), cell)


def unguarded(cell: str) -> str:
    """A cell as it was before it was guarded; a cell without a guard as it is."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell[1:]) else cell


def records(value: Value) -> Iterable[Sequence[str]]:
    """Heading and rows. A card is two columns, dotted field and value; a notice is one row of its data.

    A report of one table is that table; of several, each table follows the other, its name in a first column `table`.
    """
    if isinstance(value, Report):
        return records(value.tables[0]) if len(value.tables) == 1 else _tables(value)
    if isinstance(value, Table):
        names = [column.name for column in value.columns]
        return [names, *([row.get(name, "") for name in names] for row in value.rows)]
    leaves = list(_leaves(value.data, ""))
    if isinstance(value, Card):
        return [["field", "value"], *leaves]
    return [[name for name, _ in leaves], [text for _, text in leaves]]


def _tables(value: Report) -> Iterator[Sequence[str]]:
    for table in value.tables:
        heading, *rows = records(table)
        yield ["table", *heading]
        yield from ([table.name, *row] for row in rows)


def _leaves(tree: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(tree, dict):
        for key, below in tree.items():
            yield from _leaves(below, f"{name}.{key}" if name else str(key))
    elif isinstance(tree, list | tuple):
        for place, below in enumerate(tree, start=1):
            yield from _leaves(below, f"{name}.{place}")
    else:
        yield name, "" if tree is None else str(tree)
