"""What commands have to say, as frozen values: a table, a card, a notice. Renderers turn them into text.

Values carry data and labels, never layout, colours or escapes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crmcli.errors import Finding


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `name` for machines (CSV, JSON), `label` for people; numbers are aligned to the right."""

    name: str
    label: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of display strings by column name. `key` names the value that `--format ids` prints, in a column or not."""

    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, str], ...]
    key: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a card: labelled lines, or a table."""

    title: str
    lines: tuple[tuple[str, str], ...] | Table


@dataclass(frozen=True, slots=True)
class Card:
    """One thing on one page: sections for people, `data` (plain tree) for machines, `key` for `--format ids`."""

    title: str
    sections: tuple[Section, ...]
    data: dict[str, Any]
    key: str


@dataclass(frozen=True, slots=True)
class Notice:
    """The outcome of a command: a sentence (or lines) for people, `data` for machines, `ids` for `--format ids`."""

    message: str
    data: dict[str, Any] = field(default_factory=dict)
    ids: tuple[str, ...] = ()


Value = Table | Card | Notice


@dataclass(frozen=True, slots=True)
class Look:
    """How a renderer may write: columns of the terminal, colours or not, and the findings that go along (JSON)."""

    width: int = 100
    color: bool = False
    findings: tuple[Finding, ...] = ()
