"""Text people write: one line, many lines, tags, keys, flags. Kept as written but for NFC and outer space.

Refuses what would hide, reorder or break text elsewhere: control characters, line separators, lone surrogates,
bidirectional overrides (Unicode TR 36, "Trojan Source"), noncharacters. Never shortens.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from crmcli.errors import ValueProblem
from crmcli.model.spelling import SPACE, compact, did_you_mean, nearest, quoted, too_long
from crmcli.text import _

UNFIT_IN_SCHEMA = r"\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069"
LINE = rf"^[^{UNFIT_IN_SCHEMA}\t\n]+$"
TEXT = rf"^[^{UNFIT_IN_SCHEMA}]+$"
TAG = rf"""^[^{UNFIT_IN_SCHEMA}\s,"'“”‘’「」]+$"""
KEY = r"^[a-z][a-z0-9_-]{0,39}$"

_UNFIT_TEXT = re.compile(rf"[{UNFIT_IN_SCHEMA}\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_UNFIT_LINE = re.compile(rf"[{UNFIT_IN_SCHEMA}\t\n\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_UNFIT_TAG = re.compile(r"""[\s,，"'“”‘’＂＇「」]""")
_YES = frozenset({"yes", "y", "true", "是"})
_NO = frozenset({"no", "n", "false", "否"})

Parse = Callable[[str, Any], str]


def line(limit: int) -> Parse:
    """A parser for one line of at most `limit` characters."""

    def parse(text: str, context: Any) -> str:
        return _fit(text, limit, _UNFIT_LINE)

    return parse


def parse_text(text: str, context: Any) -> str:
    """Up to 10,000 characters in any number of lines; line ends become `\\n`."""
    return _fit(text.replace("\r\n", "\n"), 10_000, _UNFIT_TEXT)


def parse_tag(text: str, context: Any) -> str:
    """A word of at most 40 characters, so that tags can be listed with commas and spaces."""
    tag = _fit(text, 40, _UNFIT_LINE)
    if unfit := _UNFIT_TAG.search(tag):
        raise ValueProblem(
            _("The tag {value} contains {character}.").format(value=quoted(tag), character=quoted(unfit[0])),
            expected=_("a word without spaces, commas and quotation marks"),
            hint=_("Join words with a hyphen, or give two tags."),
        )
    return tag


def parse_key(text: str, context: Any) -> str:
    """A short name for rows of a table and for codes: `shop`, `wechat-2`."""
    key = compact(text).lower()
    if not re.fullmatch(KEY, key):
        raise ValueProblem(
            _("{value} is not a usable key.").format(value=quoted(text)),
            expected=_("a letter, then up to 39 letters, digits, hyphens or underscores"),
        )
    return key


def parse_flag(text: str, context: Any) -> bool:
    """Yes or no."""
    word = compact(text).lower()
    if word not in _YES | _NO:
        raise ValueProblem(
            _("{value} is neither yes nor no.").format(value=quoted(text)),
            expected="yes, no",
            hint=did_you_mean(nearest(word, ("yes", "no"), 1)),
        )
    return word in _YES


def print_flag(flag: bool) -> str:
    """`yes` or `no`."""
    return "yes" if flag else "no"


def _fit(text: str, limit: int, unfit: re.Pattern[str]) -> str:
    kept = unicodedata.normalize("NFC", text.strip(SPACE))
    if found := unfit.search(kept):
        raise ValueProblem(
            _("The text contains {character}, which may not stand in it.").format(character=_named(found[0])),
            expected=_("text without control characters") if unfit is _UNFIT_TEXT else _("one line of text"),
            hint=_("It is character {position} of {value}.").format(position=found.start() + 1, value=quoted(kept)),
        )
    if not any(unicodedata.category(character)[0] not in "ZC" for character in kept):
        raise ValueProblem(_("The value is empty."), hint=_("Leave the field out if there is nothing to say."))
    if len(kept) > limit:
        raise too_long(kept, limit)
    return kept


def _named(character: str) -> str:
    return _("a line break") if character == "\n" else f"U+{ord(character):04X}"
