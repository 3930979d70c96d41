"""What a complete file still lacks (R02, R25). Pure: dossier and house rule in, gaps out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from crmcli.model.catalog import CatalogField
from crmcli.model.fields import CustomerKind
from crmcli.model.house import Completeness

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """A field that a complete file holds and this one doesn't; `required` ones are refused at entry."""

    field: CatalogField
    required: bool


def gaps(tree: dict[str, Any], rule: Completeness, fields: dict[str, CatalogField]) -> tuple[Gap, ...]:
    """The gaps of a plain tree, required ones first, in the order of the rule."""
    kind = cast(CustomerKind, tree.get("kind", ""))
    required = [Gap(fields[name], True) for name in rule.required.get(kind, ())]
    later = [Gap(fields[name], False) for name in rule.later.get(kind, ())]
    return tuple(gap for gap in (*required, *later) if not any(values(tree, gap.field.key)))


def unknown_fields(rule: Completeness, fields: dict[str, CatalogField]) -> Iterator[tuple[Place, str]]:
    """Names in the rule that are no field, and the way to each: `("required", "individual", 0)`."""
    for part, kinds in (("required", rule.required), ("later", rule.later)):
        for kind, names in kinds.items():
            yield from (((part, kind, index), name) for index, name in enumerate(names) if name not in fields)


def values(tree: Any, key: tuple[str, ...]) -> Iterator[str]:
    """Every value that stands at a catalogue key, through lists and tables."""
    if isinstance(tree, list):
        for item in tree:
            yield from values(item, key)
    elif isinstance(tree, dict) and key:
        yield from values(tree.get(key[0]), key[1:])
    elif isinstance(tree, dict):
        yield from (value for value in tree.values() if isinstance(value, str))
    elif isinstance(tree, str) and not key:
        yield tree
