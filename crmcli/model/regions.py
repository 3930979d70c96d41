"""Regions as canonical paths (`北京市/朝阳区`, `广东省/深圳市/南山区`), from what people write for them.

A code, a full path, short names, names run together, or a part that only one place has. What may mean several places
is refused with all of them; nothing is ever guessed.
"""

import re
from functools import lru_cache
from typing import Any

from crmcli.errors import ValueProblem
from crmcli.model.divisions import Division, coded, codes, is_municipality, named, names
from crmcli.model.spelling import compact, did_you_mean, nearest, quoted
from crmcli.text import _

REGION = r"^[^/\s]+(/[^/\s]+){0,3}$"

_BETWEEN = re.compile(r"[\s/\\,、·>|-]+")
_COUNTRY = re.compile(r"^(?:中华人民共和国|中国)/?")
# Levels of the statistical tables that are no places.
_ON_PAPER = re.compile(r"(?:/|市辖区|省直辖县级行政区划|自治区直辖县级行政区划|(?<=/)县)+$")
_SHOWN = 8


def parse_region(text: str, context: Any) -> str:
    """The canonical path; paths of the house rules (`context.regions`) are taken as they stand."""
    typed = compact(text)
    if typed in (getattr(context, "regions", None) or ()):
        return typed
    found = _find(typed)
    if len(found) == 1:
        return "/".join(found[0])
    raise _ambiguous(text, found) if found else _unknown(text, typed)


def region_code(path: str) -> str | None:
    """The six digits of GB/T 2260 for a canonical path, or None for one that is not in the table."""
    return codes().get(region_parts(path))


def region_parts(path: str) -> tuple[str, ...]:
    """A canonical path's levels, the province first."""
    return tuple(path.split("/"))


@lru_cache(maxsize=4096)
def _find(typed: str) -> tuple[Division, ...]:
    """Every division that `typed` may mean."""
    path = region_parts(typed)
    if path in codes():
        return (path,)
    if re.fullmatch(r"[0-9]{6}", typed):
        return _coded(typed)
    words = _ON_PAPER.sub("", _COUNTRY.sub("", _BETWEEN.sub("/", typed).strip("/")))
    found = [
        division
        for size in range(1, len(words) + 1)
        for division in named().get(words[-size:], ())
        if _explained(words[:-size], division[:1] * is_municipality(division) + division[:-1])
    ]
    return _likeliest(found)


def _coded(code: str) -> tuple[Division, ...]:
    # 110100 and 469000 are levels on paper: they stand for their province.
    on_paper = code[2:] in ("0100", "0200", "9000")
    path = coded().get(code) or (coded().get(f"{code[:2]}0000") if on_paper else None)
    return (path,) if path else ()


def _explained(rest: str, above: Division) -> bool:
    """Whether `rest` is made of names of the levels above, in their order; any may be missing."""
    rest = _ON_PAPER.sub("", rest)
    return not rest or any(
        rest.endswith(name) and _explained(rest[: -len(name)], above[:level])
        for level in range(len(above))
        for name in names(above[level])
    )


def _likeliest(found: list[Division]) -> tuple[Division, ...]:
    """海南 alone is the province; 长沙 is the city, not the county of that name inside it."""
    provinces = [division for division in found if len(division) == 1]
    inside = {one for one in found for other in found if one != other and one[: len(other)] == other}
    return tuple(dict.fromkeys(provinces or (division for division in found if division not in inside)))


def _ambiguous(text: str, found: tuple[Division, ...]) -> ValueProblem:
    places = ["/".join(division) for division in found[:_SHOWN]]
    return ValueProblem(
        _("{value} may mean {count} places.").format(value=quoted(text), count=len(found)),
        expected=_("one of {places}").format(places=", ".join(places) + (" …" if len(found) > _SHOWN else "")),
        hint=_("Write the province or the city as well, for example {place}.").format(place=places[0]),
    )


def _unknown(text: str, typed: str) -> ValueProblem:
    declare = _("A region that is missing from the table can be declared in the house rules.")
    return ValueProblem(
        _("{value} is not a known region.").format(value=quoted(text)),
        expected=_("province/city/district, for example 广东省/深圳市/南山区, or a code of GB/T 2260"),
        hint=" ".join(filter(None, (did_you_mean(_suggestions(typed)), declare))),
    )


@lru_cache(maxsize=1024)
def _suggestions(typed: str) -> tuple[str, ...]:
    words = _BETWEEN.sub("/", typed).strip("/")
    paths = nearest(words, ["/".join(path) for path in codes() if set(path[-1]) & set(words)])
    last = words.rpartition("/")[2]
    alike = [named()[name] for name in nearest(last, [name for name in named() if set(name) & set(last)])]
    return tuple(dict.fromkeys([*paths, *("/".join(path) for found in alike for path in found)]))[:3]
