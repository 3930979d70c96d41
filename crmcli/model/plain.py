"""Dossier ↔ plain tree: the strings that stand in the file, in canonical order, empty parts left out."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from crmcli.model.dossier import Dossier
from crmcli.model.house import House


def read(tree: Mapping[str, Any], house: House) -> Dossier:
    """The dossier in a plain tree; pydantic's ValidationError where it does not hold."""
    return Dossier.model_validate(dict(tree), context=house)


def write(part: BaseModel) -> dict[str, Any]:
    """The plain tree of a dossier or of a part of one: canonical keys, canonical strings, nothing empty."""
    # Mode "json" would make a plain text of a `Sealed`; every scalar prints itself as text anyway.
    return without_empty(part.model_dump(exclude_none=True))


def without_empty(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The tree without None, empty lists and empty mappings, at any depth."""
    pruned = {key: without_empty(value) if isinstance(value, Mapping) else value for key, value in tree.items()}
    return {key: value for key, value in pruned.items() if value is not None and value != {} and value != []}
