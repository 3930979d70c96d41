"""The nearest known word to one that is unknown: the hint of every "no such …"."""

from collections.abc import Iterable

from crmcli.model import spelling


def nearest(word: str, known: Iterable[str]) -> str | None:
    """`Did you mean …?` for the nearest known word, or None."""
    return spelling.did_you_mean(spelling.nearest(word.casefold(), known, count=1))
