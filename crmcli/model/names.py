"""What people may call a field: its dotted name, or a label or heading that is its alone, in either language. Pure.

Width, case and the sign between words don't matter. Queries, `--set` and decisions on clashes all ask here.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from crmcli.model.spelling import fold

if TYPE_CHECKING:  # the catalogue's module brings pydantic along; searching does without
    from crmcli.model.catalog import CatalogField


def spoken(name: str) -> str:
    """A field's name without differences of width and case; spaces and hyphens are underscores."""
    return fold(name).strip().replace(" ", "_").replace("-", "_")


def labelled(fields: Iterable["CatalogField"]) -> dict[str, "CatalogField"]:
    """Labels and headings of one field alone, as `spoken`; those of the profile come before those of entries."""
    listed = list(fields)
    labels: dict[str, CatalogField] = {}
    for inner in (False, True):
        found: dict[str, dict[str, CatalogField]] = {}
        for field in listed:
            if (field.noun is not None) is inner:
                for text in (field.zh, field.en, *field.headings):
                    found.setdefault(spoken(text), {})[field.name] = field
        for text, owners in found.items():
            if len(owners) == 1:
                labels.setdefault(text, next(iter(owners.values())))
    return labels


def meant(name: str, fields: Mapping[str, "CatalogField"]) -> str:
    """The catalogue's name for what a person calls `name`, with the row of a table (`外部编号.shop` is `external.shop`);
    a name that nothing is known by as it stands."""
    first, dot, row = name.partition(".")
    if name in fields or (dot and first in fields and fields[first].table):
        return name
    labels = {text: field.name for text, field in labelled(fields.values()).items()}
    known = {**labels, **{spoken(field): field for field in fields}}
    table = fields.get(known.get(spoken(first), ""))
    if dot and table is not None and table.table:
        return f"{table.name}.{row}"
    return known.get(spoken(name), name)
