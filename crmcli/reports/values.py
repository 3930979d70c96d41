"""What commands have to say, as frozen values: a table, a card, a notice, a report. Renderers turn them into text.

Values carry data and labels, never layout, colours or escapes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crmcli.errors import Finding


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `name` for machines (CSV, JSON), `label` for people; numbers are aligned to the right.

    `prose` marks running text: a report shows the rows of such a table one below the other. `spare` columns of a listing
    may be left out, the highest first, where a terminal has no room for them; what is left out is said.
    """

    name: str
    label: str
    numeric: bool = False
    prose: bool = False
    spare: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of display strings by column name. `key` names the value that `--format ids` prints, in a column or not.

    `name` is what a report's machine forms call the table; `title` is for people, `none` what they are told of a table
    without rows, where that is more than that nothing was found.
    """

    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, str], ...]
    key: str
    title: str = ""
    name: str = ""
    none: str = ""


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


@dataclass(frozen=True, slots=True)
class Report:
    """Several tables under one title, with notes that say in words how each figure comes about.

    name    what machines call it
    period  first and last day (ISO), None where the report has none
    """

    name: str
    title: str
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()
    period: tuple[str, str] | None = None

    @property
    def heading(self) -> str:
        """The title with its period."""
        return f"{self.title} {self.period[0]} – {self.period[1]}" if self.period else self.title


Value = Table | Card | Notice | Report


@dataclass(frozen=True, slots=True)
class Look:
    """How a renderer may write: columns of the terminal, colours or not, and the findings that go along (JSON)."""

    width: int = 100
    color: bool = False
    findings: tuple[Finding, ...] = ()
