"""What the renderers of a report share: its standing words, and rows of running text one below the other."""

from collections.abc import Iterator

from crmcli.reports.values import Table
from crmcli.text import label


def notes_title() -> str:
    """The heading of the notes."""
    return label(en="How the figures come about", zh="计算说明")


def nothing() -> str:
    """What stands in place of a table without rows."""
    return label(en="None.", zh="无。")


def has_prose(table: Table) -> bool:
    """Whether a column of the table holds running text."""
    return any(column.prose for column in table.columns)


def stacked(table: Table) -> Iterator[list[tuple[str, str]]]:
    """Each row as its labelled values, empty ones left out."""
    for row in table.rows:
        yield [(column.label, row[column.name]) for column in table.columns if row.get(column.name)]
