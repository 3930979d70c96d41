"""Text as the index sees it: folded, cut into words, and written as FTS5 expressions.

Han, kana and Hangul characters are words of their own, so that a phrase of them finds any substring. Everything else is
cut where letters and digits end. An expression holds nothing but words cut here, so no input can change its meaning.
Pinyin (full and initials) belongs beside `searchable`: further words for the same value.
"""

import re
import unicodedata
from collections.abc import Iterable

START = "\ue000"  # stands before each value; no word contains it, so phrases never run from one value into the next
_SINGLE = "々〇ぁ-ゖゝ-ゟァ-ヺー-ヿㄅ-ㄯ㐀-䶿一-鿿가-힣豈-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(f"[{_SINGLE}]|[^\\W_{_SINGLE}]+")
_ONE = re.compile(f"[{_SINGLE}]")
_MARKS = re.compile("[\u0300-\u036f]")
DIGITS_INSIDE = 4  # so many digits find a phone number from its middle


def fold(text: str) -> str:
    """`text` without differences of width, case and Latin accents (NFKC, casefold, no combining diacritics)."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", _MARKS.sub("", unicodedata.normalize("NFKD", plain)))


def words(text: str) -> list[str]:
    """The words of `text`, folded, in order."""
    return _WORD.findall(fold(text))


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
    return not _ONE.fullmatch(found[-1])


def phrase(found: list[str], *, prefix: bool, first: bool = False) -> str:
    """An FTS5 expression for these words in a row.

    prefix  the last word may be the beginning of a longer one
    first   the words stand at the beginning of a value
    """
    text = " ".join([START, *found] if first else found)
    return f'"{text}" *' if prefix and grows(found) else f'"{text}"'
