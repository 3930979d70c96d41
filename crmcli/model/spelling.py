"""What every parser does first with a text from people, and how a refused text is shown back to them.

`compact` makes typing habits disappear (full-width forms, dashes, outer spaces); `quoted` never shows more than
sixty characters and never a raw control character. Pure text in, text out.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable

from crmcli.errors import ValueProblem
from crmcli.text import _

SPACE = " \t\r\n\u00a0\u3000\ufeff\u200b"
_QUOTED = 60
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_FULL_WIDTH = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_DASHES = dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0xFE63), ord("-"))
_MARKS = re.compile("[\u0300-\u036f]")
_NARROW = {**_FULL_WIDTH, **_DASHES, 0x3000: ord(" "), 0x00A0: ord(" ")}


def narrow(text: str) -> str:
    """`text` with full-width letters, digits and marks as ASCII, every dash as a hyphen, wide spaces as spaces."""
    return text.translate(_NARROW)


def fold(text: str) -> str:
    """`text` without differences of width, case and Latin accents (NFKC, casefold, no combining diacritics)."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", _MARKS.sub("", unicodedata.normalize("NFKD", plain)))


def compact(text: str, limit: int = 200) -> str:
    """`text` narrow and without outer space; ValueProblem when nothing is left or more than `limit` characters are."""
    typed = narrow(text.strip(SPACE)).strip(SPACE)
    if not typed:
        raise ValueProblem(_("The value is empty."), hint=_("Leave the field out if there is nothing to say."))
    if len(typed) > limit:
        raise too_long(typed, limit)
    return typed


def too_long(text: str, limit: int) -> ValueProblem:
    """The problem of a text longer than `limit` characters."""
    return ValueProblem(
        _("{value} is too long: {count} characters.").format(value=quoted(text), count=len(text)),
        expected=_("at most {limit} characters").format(limit=limit),
    )


def quoted(text: str) -> str:
    """`text` in quotation marks, at most sixty characters, unseen characters escaped (`\\u202e`)."""
    shown = ""
    for character in text:
        seen = character if unicodedata.category(character) not in _UNSEEN else ascii(character)[1:-1]
        if len(shown) + len(seen) > _QUOTED:
            # The ellipsis counts as one of the sixty.
            shown = shown[: _QUOTED - 1] + "…"
            break
        shown += seen
    return f"“{shown}”"


def nearest(word: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The known words that look most like `word`, best first; none when nothing is close."""
    return difflib.get_close_matches(word, list(known), n=count, cutoff=0.5)


def did_you_mean(words: Iterable[str]) -> str | None:
    """The hint that offers `words`, or None without any."""
    offered = list(words)
    return _("Did you mean {words}?").format(words=", ".join(offered)) if offered else None
