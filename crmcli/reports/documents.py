"""Customers as text for other programs: CSV, the JSON envelope, JSON lines, YAML. Never prints or writes.

In CSV formulas are defused (`render_csv`); the other forms hold every value as it is.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from crmcli.errors import Finding
from crmcli.reports.render_csv import render as render_csv
from crmcli.reports.render_json import envelope
from crmcli.reports.render_jsonl import line
from crmcli.reports.render_yaml import text_of
from crmcli.reports.values import Column, Look, Table

Form = Literal["csv", "json", "jsonl", "yaml"]
FORMS: tuple[Form, ...] = ("csv", "json", "jsonl", "yaml")


def render(
    form: Form, rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = (), findings: Sequence[Finding] = ()
) -> str:
    """The rows, whole plain trees or values by column, as text.

    columns   the headings of CSV, whose rows are values by column
    findings  what goes along as `warnings` of the JSON envelope
    """
    if form == "csv":
        return render_csv(Table(tuple(Column(name, name) for name in columns), tuple(rows), "number"), Look())
    if form == "json":
        return envelope(list(rows), findings)
    return "".join(map(line, rows)) if form == "jsonl" else text_of([dict(row) for row in rows])
