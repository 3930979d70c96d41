"""Codes: short English words that stand in the file, with a label in each language, from the house rules' lists.

People may write the code or either label. The lists come with the context; without one only the shape is checked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from crmcli.errors import ValueProblem
from crmcli.model.lines import parse_key
from crmcli.model.spelling import compact, did_you_mean, fold, nearest, quoted
from crmcli.text import _, label

_LISTED = 12


class CodeLabel(Protocol):
    """What a code is called in each language."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of a code that no house rule lists."""

    en: str
    zh: str


def code_parser(list_name: str) -> Callable[[str, Any], str]:
    """A parser for the codes of one list, looked up in `context.codes[list_name]`."""

    def parse(text: str, context: Any) -> str:
        if context is None:
            return parse_key(text, None)
        return listed(text, _list(context, list_name))

    return parse


def _list(context: Any, list_name: str) -> Mapping[str, CodeLabel]:
    lists: Mapping[str, Mapping[str, CodeLabel]] = context.codes
    if list_name not in lists:
        raise ValueProblem(
            _("The house rules have no code list {list}.").format(list=quoted(list_name)),
            hint=_("Add the list to schemas/codes.yaml."),
        )
    return lists[list_name]


def listed(text: str, codes: Mapping[str, CodeLabel]) -> str:
    """The code that a code or either of its labels names; ValueProblem listing the codes for none."""
    if text in codes:
        return text
    word = _folded(compact(text))
    for code, labels in codes.items():
        if word in (_folded(code), _folded(labels.zh), _folded(labels.en)):
            return code
    raise _unlisted(text, word, codes)


def _unlisted(text: str, word: str, codes: Mapping[str, CodeLabel]) -> ValueProblem:
    spelled = {_folded(name): code for code, each in codes.items() for name in (each.en, each.zh, code)}
    close = dict.fromkeys(spelled[name] for name in nearest(word, spelled))
    known = [shown(code, codes) for code in codes]
    return ValueProblem(
        _("{value} is not one of the codes.").format(value=quoted(text)),
        expected=_("one of {codes}").format(codes=", ".join(known)) if len(known) <= _LISTED else None,
        hint=did_you_mean(shown(code, codes) for code in close),
    )


def shown(code: str, codes: Mapping[str, CodeLabel]) -> str:
    """A code that may be typed, with its label; the code alone where the list does not know it."""
    return f"{code} ({label(en=codes[code].en, zh=codes[code].zh)})" if code in codes else code


def quoted_label(code: str, codes: Mapping[str, CodeLabel]) -> str:
    """What a sentence calls a code; the code itself where the list does not know it."""
    return quoted(label(en=codes[code].en, zh=codes[code].zh) if code in codes else code)


def _folded(word: str) -> str:
    return fold(word).strip()
