"""A customer's file of a sealed vault, looked at without keys: clear text, impossible tokens, comments."""

from collections.abc import Iterable

from crmcli.errors import Finding
from crmcli.model.catalog import CatalogField
from crmcli.rules.clear_text import clear_text, comment
from crmcli.store.comments import comments_of
from crmcli.store.yamlread import Source


def in_clear(
    path: str, data: bytes, source: Source, fields: Iterable[CatalogField], *, lower: bool = False
) -> list[Finding]:
    """What stands in the file for everybody to read and must not. `source`: what `data` says; `lower`: whether values
    may be sealed for a lower level than the field's."""
    return [*spoken(path, data), *clear_text(source.tree, source.lines, fields, path, lower=lower)]


def spoken(path: str, data: bytes) -> list[Finding]:
    """The first comment in the file, which people must move into a sealed field; empty where there is none."""
    line = comments_of(data, path).line if b"#" in data else None
    return [] if line is None else [comment(path, line)]
