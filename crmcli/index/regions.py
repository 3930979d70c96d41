"""Regions by any level, with or without the word for the kind of division: 北京市 = 北京.

A rule about text; knows no table of divisions.
"""

import re

_PEOPLES = (
    "维吾尔|蒙古族?|哈萨克族?|柯尔克孜|塔吉克|锡伯|壮族|回族|藏族|羌族|彝族|苗族|侗族|布依族|土家族|朝鲜族|傣族|景颇族|傈僳族|白族|哈尼族|满族|"
    "瑶族|畲族|黎族|仡佬族|水族|土族|撒拉族|保安族|东乡族|裕固族|纳西族|佤族|拉祜族|布朗族|独龙族|怒族|普米族|毛南族|仫佬族|达斡尔族|鄂温克族|各族"
)
_KIND = re.compile(rf"(?<=..)(?:(?:{_PEOPLES})*(?:自治[区州县旗])|特别行政区|新区|林区|地区|[省市区县盟旗])$")


def short(level: str) -> str:
    """One level without the word for its kind: 朝阳区 → 朝阳; two characters always stay."""
    return _KIND.sub("", level)


def levels(path: str) -> list[str]:
    """The levels of a region as written."""
    return [part.strip() for part in path.split("/") if part.strip()]


def region_key(path: str) -> str:
    """The short levels between slashes: 北京市/朝阳区 → /北京/朝阳/."""
    return f"/{'/'.join(short(part) for part in levels(path))}/"
