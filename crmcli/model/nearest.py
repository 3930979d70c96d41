"""The nearest known word to one that is unknown: the hint of every "no such …"."""

from collections.abc import Iterable
from difflib import get_close_matches

from crmcli.text import _


def nearest(word: str, known: Iterable[str]) -> str | None:
    """`Did you mean …?` for the nearest known word, or None."""
    found = get_close_matches(word.casefold(), list(known), n=1, cutoff=0.6)
    return _("Did you mean {word}?").format(word=found[0]) if found else None
