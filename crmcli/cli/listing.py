"""Hits of a query as a table: columns by field name, codes shown with their labels to people only."""

from collections.abc import Sequence

from crmcli.cli.output import emit, note
from crmcli.cli.session import session
from crmcli.model.catalog import CatalogField
from crmcli.reports.values import Column, Table
from crmcli.text import _, label, language
from crmcli.usecases.lookup import Found
from crmcli.usecases.workplace import Workplace

PEOPLE = (None, "table", "markdown")
USUAL = ("number", "name", "company", "kind", "status", "tier", "region", "owner", "spend", "last_contact")


def tell(work: Workplace, found: Found, columns: Sequence[str]) -> None:
    """Emit what a query found; files that could not be read are named and end the call with 6."""
    fields = {field.name: field for field in work.queryable}
    shown = [fields[name] for name in columns]
    rows = tuple({field.name: _value(work, field, hit.values[field.name]) for field in shown} for hit in found.hits)
    emit(Table(tuple(_column(field) for field in shown), rows, "number"), found.findings)
    if found.total > len(rows):
        note(_("{shown} of {total} shown; --limit 0 shows all.").format(shown=len(rows), total=found.total))


def _column(field: CatalogField) -> Column:
    return Column(field.name, label(en=field.en, zh=field.zh), field.type in ("amount", "integer"))


def _value(work: Workplace, field: CatalogField, value: str) -> str:
    if not (field.codes and value and session().format in PEOPLE):
        return value
    return ", ".join(work.house.label(field.codes, code, language()) for code in value.split(", "))
