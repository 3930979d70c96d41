"""From the text of a query to luqum's tree, with every place in the tree a place in the text.

luqum knows Lucene's grammar, not what people type: full-width punctuation, times and addresses with colons, numbers
with a sign. `Scanner` replaces what luqum would misread by fillers of the same length; `word` then reads the value from
the original text. What the language does not have (`~`, `^`, regular expressions, wildcards inside) is refused by name.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from luqum.exceptions import ParseError
from luqum.thread import parse

from crmcli.errors import Invalid
from crmcli.index.layout import printable
from crmcli.index.trouble import Source
from crmcli.text import _

LONGEST, MOST_WORDS, DEEPEST = 20_000, 500, 30
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[Tt][0-9:.]+(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})?")
_NAME = re.compile(r"([^\s:：()（）\[\]{}\"“”<>~^\\+\-][^\s:：()（）\[\]{}\"“”<>~^\\]*)([:：])")
_COMPARE = re.compile(r"(\s*)([<>＜＞][=＝]?)?(\s*)")
_WIDE = str.maketrans("（）＜＞＝", "()<>=")
_ENDS = "()（）[]{}"
_MISSED = re.compile(r"([^\s<>=＜＞＝()\[\]{}\"]+)([<>＜＞][=＝]?|[=＝])")
_SIGNED = re.compile(r"[+-][0-9]")
_REGEX = re.compile(r"/(?:[^\\/]|\\.)*/(?=[\s)]|$)")
_PLACE = re.compile(r"position (\d+)!?\Z")
FILLER = "x"


@dataclass(frozen=True, slots=True)
class Word:
    """A value as typed: unescaped text, its place, whether it was quoted, whether an open `*` ends it."""

    text: str
    at: int
    quoted: bool = False
    prefix: bool = False

    @property
    def anything(self) -> bool:
        """Whether it is `*` alone."""
        return self.prefix and not self.text


def tree(source: Source, known: Callable[[str], bool], unknown: Callable[[str, int], Invalid]) -> Any:
    """luqum's tree of a query.

    known    whether a name before a colon is a field
    unknown  the error for one that is not
    """
    prepared = Scanner(source, known, unknown).scan()
    try:
        return parse(prepared)
    except ParseError as error:
        raise _unreadable(source, str(error)) from None
    except RecursionError:
        raise source.trouble(_("The query is nested too deeply."), 0) from None


def _unreadable(source: Source, error: str) -> Invalid:
    found = _PLACE.search(error)
    at = int(found[1]) if found else len(source.text)
    if at >= len(source.text):
        return source.trouble(_("The query ends too early."), at, _("A value, a word or a closing bracket is missing."))
    sign = printable(source.text[at])
    hint = _("To search for it, put the text in quotes.")
    return source.trouble(_("{sign} is not expected here.").format(sign=sign), at, hint)


class Scanner:
    """One pass over a query."""

    def __init__(self, source: Source, known: Callable[[str], bool], unknown: Callable[[str, int], Invalid]) -> None:
        self.source, self.text, self.known, self.unknown = source, source.text, known, unknown
        self.out: list[str] = []
        self.at = self.count = self.depth = 0
        self.group = 0  # how deep the brackets of a field stand, 0 outside
        self.in_range = self.in_word = self.in_value = False

    def scan(self) -> str:
        """The query as luqum shall read it, of the same length."""
        if len(self.text) > LONGEST:
            raise self.source.trouble(_("The query is too long."), LONGEST)
        while self.at < len(self.text):
            self._step(self.text[self.at])
        return "".join(self.out)

    def _take(self, replacement: str, length: int | None = None) -> None:
        self.out.append(replacement)
        self.at += len(replacement) if length is None else length

    def _step(self, sign: str) -> None:
        if sign in "~^":
            self._refuse(sign)
        elif sign == "\\":
            self._escape()
        elif sign.isspace() or sign in _ENDS:
            self._boundary(sign)
        elif self.in_word:
            self._take(FILLER if sign == ":" else sign)
        else:
            self._start(sign)

    def _refuse(self, sign: str) -> None:
        hint = _("To search for the sign itself, put the text in quotes or a \\ before it.")
        words = {
            "~": _("Fuzzy search with ~ is not available."),
            "^": _("Boosting with ^ is not available."),
        }
        raise self.source.trouble(words[sign], self.at, hint)

    def _escape(self) -> None:
        if self.at + 1 == len(self.text):
            raise self.source.trouble(_("Nothing follows the \\."), self.at, _("Write \\\\ for the sign itself."))
        self._count()
        self._take(FILLER * 2)

    def _boundary(self, sign: str) -> None:
        self.in_word = self.in_value = False
        plain = sign.translate(_WIDE)
        self.in_range = plain in "[{" or (self.in_range and plain not in "]}")
        self.depth += (plain == "(") - (plain == ")")
        self.group = self.group if self.depth >= self.group else 0
        if self.depth > DEEPEST:
            raise self.source.trouble(_("The query is nested too deeply."), self.at)
        self._take(" " if sign.isspace() else plain)

    def _start(self, sign: str) -> None:
        """At the beginning of a word: a quotation, an operator, a moment, a field, or the word itself."""
        if sign in '"“”':
            self._quotation(sign)
        elif sign in "<>" or (sign in "+-" and not self._signed()):
            self._take(sign)
        elif found := _MOMENT.match(self.text, self.at):
            self._count()
            self._take(FILLER * len(found[0]))
        elif not (self.in_range or self.in_value) and (named := _NAME.match(self.text, self.at)):
            self._field(named[1], named[2])
        else:
            self._word(sign)

    def _quotation(self, sign: str) -> None:
        closing = '"' if sign == '"' else '“”"'
        end = self.at + 1
        while end < len(self.text) and self.text[end] not in closing:
            end += 2 if self.text[end] == "\\" else 1
        if end >= len(self.text):
            raise self.source.trouble(_("The quotation mark is never closed."), self.at)
        self._count()
        self.in_word = self.in_value = False
        self._take(f'"{FILLER * (end - self.at - 1)}"')

    def _field(self, name: str, colon: str) -> None:
        if self.known(name):
            self._take(f"{name}:")
            self._value()
        elif colon == ":":
            raise self.unknown(name, self.at)
        else:
            self._word(name[0])

    def _value(self) -> None:
        """What stands between a field's colon and its value, and a sign that belongs to a number."""
        found = _COMPARE.match(self.text, self.at)
        self._take(found[0].translate(_WIDE) if found else "")
        self.in_value = True
        if self.text[self.at : self.at + 1] in ("(", "（"):
            self.group = self.depth + 1

    def _signed(self) -> bool:
        """Whether the sign here belongs to a number: in ranges, and before a digit in the value of a field."""
        return self.in_range or ((self.in_value or self.group > 0) and _SIGNED.match(self.text, self.at) is not None)

    def _word(self, sign: str) -> None:
        if _REGEX.match(self.text, self.at):
            hint = _("To search for the text itself, put it in quotes.")
            raise self.source.trouble(_("Regular expressions are not available."), self.at, hint)
        if not self.in_value:
            self._missed_colon()
        self._count()
        held = sign in "/'+-" or (sign == ":" and (self.in_range or self.in_value))
        self._take(FILLER if held else sign)

    def _missed_colon(self) -> None:
        found = _MISSED.match(self.text, self.at)
        if found and self.known(found[1]):
            sign = found[2].translate(_WIDE)
            message = _("A colon is missing after {name}.").format(name=printable(found[1]))
            better = f"{printable(found[1])}:{'' if sign == '=' else sign}"
            raise self.source.trouble(message, self.at + len(found[1]), _("Write {better}").format(better=better))

    def _count(self) -> None:
        self.in_word = True
        self.count += 1
        if self.count > MOST_WORDS:
            raise self.source.trouble(_("The query has too many words."), self.at)


def word(source: Source, item: Any) -> Word:
    """The value at a term of the tree, read from the original text; Invalid for wildcards other than a final `*`."""
    raw = source.text[item.pos : item.pos + item.size].rstrip()
    if item.value.startswith('"'):
        return Word(re.sub(r"\\(.)", r"\1", raw[1:-1], flags=re.DOTALL), item.pos, quoted=True)
    open_star = re.search(r"(?<!\\)(?:\\\\)*(\*)\Z", raw) is not None
    body = raw[:-1] if open_star else raw
    wild = re.search(r"(?:^|[^\\])(?:\\\\)*([*?])", body)
    if wild:
        hint = _("A * may end a word: 138*. To search for the sign itself, put a \\ before it.")
        raise source.trouble(_("A wildcard may only end a word."), item.pos + wild.start(1), hint)
    return Word(re.sub(r"\\(.)", r"\1", body, flags=re.DOTALL), item.pos, prefix=open_star)
