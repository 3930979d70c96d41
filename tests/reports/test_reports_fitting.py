"""Tables in terminals of 60, 80 and 200 cells: nothing lost, nothing cut, nothing in slivers."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.reports import render_rich
from crmcli.reports.fitting import fitted, folded
from crmcli.reports.safe_text import visible, width_of
from crmcli.reports.values import Card, Column, Look, Report, Section, Table

WIDTHS = (60, 80, 200)
TEXT = st.text(st.sampled_from("ab7 -/.,王芳浙江省，。（）【】𠮷e\u0301…" + "\u200b한\u3000"), max_size=50)
CHINESE = "询问古典音乐新品，希望下周三之前送样到公司前台并电话通知；客户说：「上次的包装破损」，请检查。" * 4
REGION = "浙江省/杭州市/西湖区"


@st.composite
def tables(draw: st.DrawFn) -> Table:
    count = draw(st.integers(1, 12))
    names = [f"c{at}" for at in range(count)]
    figures = draw(st.booleans())
    columns = tuple(Column(name, draw(TEXT), numeric=figures and bool(at)) for at, name in enumerate(names))
    rows = draw(st.lists(st.fixed_dictionaries(dict.fromkeys(names, TEXT)), min_size=1, max_size=4))
    return Table(columns, tuple(rows), names[0], draw(TEXT))


def letters(text: str) -> Counter[str]:
    return Counter("".join(visible(text).split()))


def texts(table: Table) -> str:
    return "".join([column.label for column in table.columns] + [cell for row in table.rows for cell in row.values()])


def shape(heads: dict[str, str], *rows: tuple[str, ...], numeric: str = "") -> Table:
    columns = tuple(Column(name, head, numeric=name in numeric) for name, head in heads.items())
    return Table(columns, tuple(dict(zip(heads, row, strict=True)) for row in rows), next(iter(heads)))


@given(tables(), st.sampled_from(WIDTHS))
def test_every_character_of_every_value_and_label_is_there(table: Table, width: int) -> None:
    look, lines = Look(width=width), tuple((column.label, column.label * 3) for column in table.columns)
    card = Card(table.title, (Section(table.title, table), Section(table.title, lines)), {}, "x")
    for value in (table, Report("r", table.title, (table,), (table.title,)), card):
        assert not letters(texts(table)) - letters(render_rich.render(value, look))


@given(tables(), st.sampled_from(WIDTHS))
def test_lines_keep_within_the_width_but_for_words_wider_than_it(table: Table, width: int) -> None:
    shown = render_rich.render(Report("r", "", (table,)), Look(width=width)).split("\n")
    assert all(width_of(line) <= width or max(map(width_of, line.split())) > width - 60 for line in shown)


@given(TEXT, st.integers(12, 40))
def test_folded_text_loses_only_white_space(text: str, width: int) -> None:
    lines = folded(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert lines == [text] or all(lines)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (REGION, ["浙江省/", "杭州市/", "西湖区"]),
        ("王芳 Diamond 2024-05-10 09:30", ["王芳 Diamond", "2024-05-10 09:30"]),
        ("+86 138 0013 8000", ["+86 138 0013 8000"]),
        ("杭州示例科技有限公司，请检查。", ["杭州示例科技", "有限公司，", "请检查。"]),
        ("a-word-that-is-wide", ["a-word-that-is-wide"]),
    ],
)
def test_numbers_names_and_words_stay_whole(text: str, lines: list[str]) -> None:
    assert folded(text, 12) == lines


@pytest.mark.parametrize("width", WIDTHS)
def test_a_long_chinese_note_is_shown_to_its_end(width: int) -> None:
    shown = render_rich.render(Report("r", "报告", (), (CHINESE,)), Look(width=width))
    assert CHINESE in "".join(shown.split())
    assert "…" not in shown
    assert not any(line.strip().startswith(("，", "。", "；", "」")) for line in shown.split("\n"))


def test_rows_that_do_not_fit_are_blocks_with_a_blank_line_between() -> None:
    heads = {"number": "客户编号", **{f"text{at}": f"字段{at}" for at in range(8)}}
    wide = shape(heads, ("C20261123001", *["杭州示例公司"] * 8), ("C20261123002", *["上海"] * 8))
    narrow = render_rich.render(wide, Look(width=80)).split("\n")
    assert narrow[:2] == ["客户编号  C20261123001", "字段0     杭州示例公司"]
    assert narrow[9:11] == ["", "客户编号  C20261123002"]
    assert render_rich.render(wide, Look(width=200)).split("\n")[2].startswith("C20261123001   杭州示例公司   杭州")


def test_rows_much_taller_than_blocks_are_blocks() -> None:
    wide = shape({"number": "Number", "note": "Note", "more": "More"}, ("C1", "x" * 40, CHINESE))
    assert render_rich.render(wide, Look(width=80)).startswith("Number  C1\nNote    xxx")


def test_columns_of_figures_go_on_below_each_with_the_names() -> None:
    heads = {"region": "地区", **{name: f"指标的名称{name}" for name in "abcdefgh"}}
    rows = (("浙江省", *["1234567.00"] * 8), ("内蒙古自治区", *["0.00"] * 8))
    for width in (60, 80):
        lines = render_rich.render(shape(heads, *rows, numeric="abcdefgh"), Look(width=width)).split("\n")
        assert sum(line.startswith("地区") for line in lines) == sum("浙江省" in line for line in lines) > 1
        assert sum(line.count("1234567.00") for line in lines) == 8
        assert max(map(width_of, lines)) <= width


def test_empty_columns_of_a_listing_make_room_and_those_of_a_report_stay() -> None:
    heads = {"number": "Number", "company": "Company", "phone": "Phone", "region": "Region"}
    found = shape(heads, ("C20261123001", "", "+8613800138000", REGION))
    small, left_out = fitted(found, 50)
    assert (len(small.columns), left_out) == (3, ())
    assert fitted(found, 80) == (found, ())
    nothing = shape({"a": "A" * 30, "b": "B" * 30}, ("", ""))
    assert fitted(nothing, 20) == (nothing, ())
    assert "Company" in render_rich.render(Report("r", "R", (found,)), Look(width=50))


def test_spare_columns_go_one_by_one_and_only_where_that_helps() -> None:
    columns = (Column("a", "A"), Column("b", "B", spare=1), Column("c", "C", spare=2), Column("d", "D"))
    found = Table(columns, ({name: name * 20 for name in "abcd"},), "a")
    assert fitted(found, 86) == (found, ())
    assert [fitted(found, width)[1] for width in (70, 50, 30)] == [("C",), ("B", "C"), ()]
