"""Names of regions with and without the word for their kind."""

import pytest

from crmcli.index.regions import region_key, short


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("北京市", "北京"),
        ("朝阳区", "朝阳"),
        ("和县", "和县"),
        ("市区", "市区"),
        ("浦东新区", "浦东"),
        ("内蒙古自治区", "内蒙古"),
        ("广西壮族自治区", "广西"),
        ("新疆维吾尔自治区", "新疆"),
        ("香港特别行政区", "香港"),
        ("延边朝鲜族自治州", "延边"),
        ("黔东南苗族侗族自治州", "黔东南"),
        ("德宏傣族景颇族自治州", "德宏"),
        ("巴音郭楞蒙古自治州", "巴音郭楞"),
        ("大兴安岭地区", "大兴安岭"),
        ("北京", "北京"),
        ("", ""),
    ],
)
def test_the_word_for_the_kind_goes_and_two_characters_stay(level, expected):
    assert short(level) == expected


def test_the_key_keeps_the_levels_apart():
    assert region_key("北京市/朝阳区") == "/北京/朝阳/"
    assert region_key(" 北京市 / 朝阳区 ") == "/北京/朝阳/"
