"""One id a line, for other commands to read; of a report the customers its tables name, each once."""

from crmcli.reports.safe_text import visible
from crmcli.reports.values import Card, Look, Report, Table, Value


def render(value: Value, look: Look) -> str:
    """The key of each row, of the card, or the notice's ids."""
    if isinstance(value, Table):
        ids: tuple[str, ...] = tuple(row[value.key] for row in value.rows)
    elif isinstance(value, Report):
        ids = tuple(dict.fromkeys(row["number"] for table in value.tables for row in table.rows if "number" in row))
    else:
        ids = (value.key,) if isinstance(value, Card) else value.ids
    return "".join(f"{visible(one)}\n" for one in ids)
