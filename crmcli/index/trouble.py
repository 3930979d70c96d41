"""Errors of a query that point at the character: the 1-based place in the message, a caret below the query in the hint.

Never shows control characters.
"""

import unicodedata
from dataclasses import dataclass

from crmcli.errors import Invalid
from crmcli.index.layout import printable
from crmcli.text import _

AROUND = 36  # characters shown on each side of the place


@dataclass(frozen=True, slots=True)
class Source:
    """The query as the person wrote it."""

    text: str

    def trouble(self, message: str, at: int, hint: str | None = None) -> Invalid:
        """`Invalid` with `message` about the character at `at` (0-based)."""
        place = min(max(at, 0), len(self.text))
        said = _("{message} (character {at})").format(message=message, at=place + 1)
        return Invalid(said, hint="\n".join(part for part in (hint, self._caret(place)) if part))

    def _caret(self, at: int) -> str:
        start = max(0, at - AROUND)
        line = printable(self.text[start : at + AROUND])
        return f"{line}\n{''.join(_blank(sign) for sign in line[: at - start])}^"


def _blank(sign: str) -> str:
    """A blank as wide as the character on a terminal."""
    return "\u3000" if unicodedata.east_asian_width(sign) in "WF" else " "
