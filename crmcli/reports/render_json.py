"""The JSON envelope, version 1: `{"version": 1, "ok": true, "data": …}`, with `warnings` when there are any.

UTF-8 text; characters that could act on a terminal stand as `\\u` escapes, so that printing it is safe.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from crmcli.errors import Finding, Where
from crmcli.reports.safe_text import TURNING
from crmcli.reports.values import Look, Report, Table, Value

VERSION = 1
ACTING = re.compile(f"[\x7f-\x9f{TURNING}\ud800-\udfff]")


def render(value: Value, look: Look) -> str:
    """The envelope of a success. A table's data is a list of objects with every column's name, null where empty."""
    return envelope(data_of(value), look.findings)


def envelope(data: Any, findings: Sequence[Finding] = ()) -> str:
    """The envelope of a success around a plain tree."""
    tree: dict[str, Any] = {"version": VERSION, "ok": True, "data": data}
    if findings:
        tree["warnings"] = [finding_data(finding) for finding in findings]
    return encode(tree)


def data_of(value: Value) -> Any:
    """The value as a plain tree."""
    if isinstance(value, Report):
        return _report(value)
    if not isinstance(value, Table):
        return value.data
    names = [column.name for column in value.columns]
    return [{name: row.get(name) for name in names} for row in value.rows]


def _report(value: Report) -> dict[str, Any]:
    period = {"from": value.period[0], "to": value.period[1]} if value.period else None
    tables = {table.name: data_of(table) for table in value.tables}
    return {"report": value.name, "title": value.title, "period": period, "tables": tables, "notes": [*value.notes]}


def finding_data(finding: Finding) -> dict[str, Any]:
    """A finding as an object: severity, message, where, expected, hint."""
    return {
        "severity": finding.severity,
        "message": finding.message,
        "where": where_data(finding.where),
        "expected": finding.expected,
        "hint": finding.hint,
    }


def where_data(where: Where | None) -> dict[str, Any] | None:
    """A place as an object, null when it says nothing."""
    if where is None or where == Where():
        return None
    return {"path": where.path, "line": where.line, "field": where.field}


def encode(tree: Any) -> str:
    """A plain tree as indented JSON; fails on what JSON cannot hold (NaN)."""
    text = json.dumps(tree, ensure_ascii=False, indent=2, allow_nan=False)
    return ACTING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
