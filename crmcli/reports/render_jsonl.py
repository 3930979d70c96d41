"""JSON lines: one object a line and nothing around it, for programs that read line by line.

Of a table each row, of a report each row of each table with the table's name, of anything else its data in one line.
Characters that could act on a terminal stand as `\\u` escapes.
"""

import json
from collections.abc import Iterator
from typing import Any

from crmcli.reports.render_json import ACTING, data_of
from crmcli.reports.values import Look, Report, Table, Value


def render(value: Value, look: Look) -> str:
    """The value as lines; nothing for a table without rows."""
    return "".join(line(tree) for tree in _trees(value))


def line(tree: Any) -> str:
    """A plain tree as one line; fails on what JSON cannot hold (NaN)."""
    text = json.dumps(tree, ensure_ascii=False, allow_nan=False)
    return ACTING.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"


def _trees(value: Value) -> Iterator[Any]:
    if isinstance(value, Report):
        for table in value.tables:
            yield from ({"table": table.name, **row} for row in data_of(table))
    elif isinstance(value, Table):
        yield from data_of(value)
    else:
        yield data_of(value)
