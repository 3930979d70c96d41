"""Regions from what people write: codes, paths, short names, run together, unique parts."""

from types import SimpleNamespace

import pytest

from crmcli.errors import ValueProblem
from crmcli.model.divisions import codes, names
from crmcli.model.regions import parse_region, region_code, region_parts


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("北京市/朝阳区", "北京市/朝阳区"),
        ("北京/朝阳", "北京市/朝阳区"),
        ("北京朝阳", "北京市/朝阳区"),
        ("北京-朝阳区", "北京市/朝阳区"),
        ("北京市/市辖区/朝阳区", "北京市/朝阳区"),
        ("北京市市辖区朝阳区", "北京市/朝阳区"),
        ("北京市北京市朝阳区", "北京市/朝阳区"),
        ("中国北京市朝阳区", "北京市/朝阳区"),
        ("重庆市/县/城口县", "重庆市/城口县"),
        ("广东 深圳 南山", "广东省/深圳市/南山区"),
        ("广东，深圳，南山", "广东省/深圳市/南山区"),
        ("广东省深圳市南山区", "广东省/深圳市/南山区"),
        ("深圳南山", "广东省/深圳市/南山区"),
        ("广东南山区", "广东省/深圳市/南山区"),
        ("福田区", "广东省/深圳市/福田区"),
        ("浦东", "上海市/浦东新区"),
        ("深圳", "广东省/深圳市"),
        ("长沙", "湖南省/长沙市"),
        ("长沙县", "湖南省/长沙市/长沙县"),
        ("吉林", "吉林省"),
        ("吉林市", "吉林省/吉林市"),
        ("海南", "海南省"),
        ("朝阳市", "辽宁省/朝阳市"),
        ("内蒙古", "内蒙古自治区"),
        ("广西南宁", "广西壮族自治区/南宁市"),
        ("延边州", "吉林省/延边朝鲜族自治州"),
        ("西双版纳", "云南省/西双版纳傣族自治州"),
        ("广东省东莞市", "广东省/东莞市"),
        ("中山市", "广东省/中山市"),
        ("儋州", "海南省/儋州市"),
        ("嘉峪关市", "甘肃省/嘉峪关市"),
        ("湖北仙桃", "湖北省/仙桃市"),
        ("湖北省/省直辖县级行政区划/仙桃市", "湖北省/仙桃市"),
        ("新疆/石河子", "新疆维吾尔自治区/石河子市"),
        ("神农架", "湖北省/神农架林区"),
        ("香港", "香港特别行政区"),
        ("澳门特别行政区", "澳门特别行政区"),
        ("台湾", "台湾省"),
        ("110105", "北京市/朝阳区"),
        ("１１０１０５", "北京市/朝阳区"),
        ("110000", "北京市"),
        ("110100", "北京市"),
        ("500200", "重庆市"),
        ("440000", "广东省"),
        ("440300", "广东省/深圳市"),
        ("441900", "广东省/东莞市"),
        ("429004", "湖北省/仙桃市"),
        ("429000", "湖北省"),
        ("330113", "浙江省/杭州市/临平区"),
        ("710000", "台湾省"),
        ("810000", "香港特别行政区"),
    ],
)
def test_regions_become_their_path(text: str, path: str) -> None:
    assert parse_region(text, None) == path
    assert parse_region(path, None) == path


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("朝阳区", {"北京市/朝阳区", "吉林省/长春市/朝阳区"}),
        ("朝阳", {"北京市/朝阳区", "吉林省/长春市/朝阳区", "辽宁省/朝阳市"}),
        ("南山区", {"黑龙江省/鹤岗市/南山区", "广东省/深圳市/南山区"}),
        ("中山", {"广东省/中山市", "辽宁省/大连市/中山区"}),
        ("甘肃临夏临夏", {"甘肃省/临夏回族自治州/临夏市", "甘肃省/临夏回族自治州/临夏县"}),
    ],
)
def test_what_may_be_several_places_is_refused_with_all_of_them(text: str, places: set[str]) -> None:
    with pytest.raises(ValueProblem, match=f"may mean {len(places)} places") as refused:
        parse_region(text, None)
    assert set(str(refused.value.expected).removeprefix("one of ").split(", ")) == places


def test_many_candidates_are_cut_short() -> None:
    with pytest.raises(ValueProblem) as refused:
        parse_region("鼓楼区", None)
    assert len(str(refused.value.expected)) < 300


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("北京市/朝杨区", "北京市/朝阳区"),
        ("广东省/深圳市/南山县", "广东省/深圳市/南山区"),
        ("深训", "广东省/深圳市"),
        ("浙江杭洲", "浙江省/杭州市"),
    ],
)
def test_an_unknown_region_names_the_nearest(text: str, suggestion: str) -> None:
    with pytest.raises(ValueProblem, match="not a known region") as refused:
        parse_region(text, None)
    assert suggestion in str(refused.value.hint)


@pytest.mark.parametrize(
    "text",
    [
        "月球",
        "广东省/北京市",
        "深圳/广东/南山区",
        "朝阳区/北京市",
        "999999",
        "120300",
        "1101",
        "市辖区",
        "县",
        "/",
        "Beijing",
    ],
)
def test_other_regions_are_refused(text: str) -> None:
    with pytest.raises(ValueProblem, match="not a known region") as refused:
        parse_region(text, None)
    assert "house rules" in str(refused.value.hint)


def test_regions_of_the_house_rules_are_taken_as_they_stand() -> None:
    rules = SimpleNamespace(regions=("重庆市/江北区",))
    assert parse_region(" 重庆市/江北区 ", rules) == "重庆市/江北区"
    assert parse_region("北京朝阳", rules) == "北京市/朝阳区"
    with pytest.raises(ValueProblem):
        parse_region("重庆市/江北区", SimpleNamespace(regions=()))


def test_the_table_is_whole() -> None:
    table = codes()
    assert len({path[0] for path in table}) == 34
    assert len(table) > 3100
    assert len(set(table.values())) == len(table)
    assert all(len(code) == 6 and code.isdigit() for code in table.values())


def test_every_division_is_found_by_path_by_code_and_by_its_names_run_together() -> None:
    for path, code in codes().items():
        canonical = "/".join(path)
        assert parse_region(canonical, None) == canonical
        assert parse_region(code, None) == canonical
        assert parse_region("".join(path), None) == canonical
        assert region_code(canonical) == code
        assert region_parts(canonical) == path


def test_no_short_name_is_a_single_character() -> None:
    assert all(len(name) >= 2 for path in codes() for name in names(path[-1]))


@pytest.mark.parametrize(
    ("full", "short"),
    [
        ("广西壮族自治区", "广西"),
        ("克孜勒苏柯尔克孜自治州", "克孜勒苏"),
        ("积石山保安族东乡族撒拉族自治县", "积石山"),
        ("东乡族自治县", "东乡族"),
        ("鄂伦春自治旗", "鄂伦春"),
        ("龙胜各族自治县", "龙胜"),
        ("浦东新区", "浦东"),
        ("赵县", "赵县"),
    ],
)
def test_short_names(full: str, short: str) -> None:
    assert short in names(full)


def test_the_code_of_an_unknown_path_is_none() -> None:
    assert region_code("示例省/示例市") is None
