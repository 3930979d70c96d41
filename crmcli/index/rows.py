"""What the index is built from. Plain values alone: no files, no keys, no models."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class CodeLabel(Protocol):
    """The two labels of a code."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


Codes = Mapping[str, Mapping[str, CodeLabel]]


@dataclass(frozen=True, slots=True)
class Row:
    """One customer.

    number   the customer's number
    path     the file, relative to the vault
    tree     the plain tree: nested dict, list and str, as this person may read it
    metrics  computed values as canonical strings, by the name of the metric: {"spend": "398.00"}
    """

    number: str
    path: str
    tree: dict[str, Any]
    metrics: Mapping[str, str]
