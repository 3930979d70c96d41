"""One id a line, for other commands to read."""

from crmcli.reports.safe_text import visible
from crmcli.reports.values import Card, Look, Table, Value


def render(value: Value, look: Look) -> str:
    """The key of each row, of the card, or the notice's ids."""
    if isinstance(value, Table):
        ids: tuple[str, ...] = tuple(row[value.key] for row in value.rows)
    else:
        ids = (value.key,) if isinstance(value, Card) else value.ids
    return "".join(f"{visible(one)}\n" for one in ids)
