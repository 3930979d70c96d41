"""Text as the index sees it: folded, cut into words, and written as FTS5 expressions.

Han, kana and Hangul characters are words of their own, so that a phrase of them finds any substring. Everything else is
cut where letters and digits end. An expression holds nothing but words cut here, so no input can change its meaning.
Pinyin (full and initials) belongs beside `searchable`: further words for the same value.
"""

import re
from collections.abc import Iterable
from functools import cache

from crmcli.model.spelling import fold

START = "\ue000"  # stands before each value; no word contains it, so phrases never run from one value into the next
_SINGLE = "々〇ぁ-ゖゝ-ゟァ-ヺー-ヿㄅ-ㄯ㐀-䶿一-鿿가-힣豈-\ufaff\U00020000-\U0003ffff"
DIGITS_INSIDE = 4  # so many digits find a phone number from its middle


def words(text: str) -> list[str]:
    """The words of `text`, folded, in order."""
    return _word().findall(fold(text))


def joined(text: str) -> str:
    """The words of `text` with a space before each and after the last: " 上 门 visit "."""
    found = words(text)
    return f" {' '.join(found)} " if found else ""


def searchable(values: Iterable[str]) -> str:
    """Values as text for the full-text table; such texts may be strung together."""
    return "".join(f"{START}{joined(value) or ' '}" for value in values)


def inner_digits(digits: str) -> str:
    """Every ending of a phone number of at least four digits: with prefix search that is every substring."""
    return " ".join(digits[start:] for start in range(len(digits) - DIGITS_INSIDE + 1))


def grows(found: list[str]) -> bool:
    """Whether the last word may be the beginning of a longer one: single characters may not."""
    return not _one().fullmatch(found[-1])


def phrase(found: list[str], *, prefix: bool, first: bool = False) -> str:
    """An FTS5 expression for these words in a row.

    prefix  the last word may be the beginning of a longer one
    first   the words stand at the beginning of a value
    """
    text = " ".join([START, *found] if first else found)
    return f'"{text}" *' if prefix and grows(found) else f'"{text}"'


@cache
def _word() -> re.Pattern[str]:
    """Compiled when first needed: so large a set takes milliseconds."""
    return re.compile(f"[{_SINGLE}]|[^\\W_{_SINGLE}]+")


@cache
def _one() -> re.Pattern[str]:
    return re.compile(f"[{_SINGLE}]")
