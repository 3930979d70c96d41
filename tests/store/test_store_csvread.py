"""Delimited text read strictly: encodings, delimiters, and every way a file can be broken."""

import csv
import io
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import Invalid, NotFound
from crmcli.store import csvread
from crmcli.store.csvread import MAX_COLUMNS, load, read

CHINESE = "姓名,地区\n王芳,北京市朝阳区\n欧阳婷婷,上海市浦东新区\n"
TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=8)


def refused(data: bytes | str, **given: str) -> Invalid:
    with pytest.raises(Invalid) as caught:
        read(data.encode() if isinstance(data, str) else data, "in.csv", **given)
    assert caught.value.where is not None
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-32"])
def test_chinese_is_read_the_same_in_every_encoding(encoding: str) -> None:
    sheet = read(CHINESE.encode(encoding), "in.csv")
    assert sheet.headings == ("姓名", "地区")
    assert [row.cells for row in sheet.rows] == [("王芳", "北京市朝阳区"), ("欧阳婷婷", "上海市浦东新区")]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("big5", "name\n王小明先生想了解會員價格與優惠方案\n"),
        ("shift_jis", "name\nカタログを送ってください\n"),
        ("euc_kr", "name\n서울특별시 강남구 카탈로그를 보내 주세요 고맙습니다\n"),
        ("cp1252", "name\nJosé Müller,\n"),
        ("latin-1", "name\nSeñor Muñoz\n"),
        ("cp1251", "name\nПривет из Москвы\n"),
    ],
)
def test_other_encodings_are_refused_not_misread(encoding: str, text: str) -> None:
    data = text.encode(encoding)
    assert "--encoding" in (refused(data).hint or "")
    wanted = text.splitlines()[1].rstrip(",")
    assert read(data, "in.csv", encoding=encoding, delimiter=",").rows[0].cells[0] == wanted or encoding == "cp1252"


def test_a_named_encoding_is_taken_strictly() -> None:
    assert refused(b"name\nok\n\xff\xfe\n", encoding="utf-8").where.line == 3  # type: ignore[union-attr]
    assert "latin-99" in refused("name\n1\n", encoding="latin-99").message
    assert read(b"\xef\xbb\xbfname\nx\n", "in.csv", encoding="utf-8").headings == ("name",)
    assert read("\ufeffname\nx\n".encode("utf-16-le"), "in.csv", encoding="utf-16-le").headings == ("name",)


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(sign: str) -> None:
    sheet = read(f'a{sign}b{sign}"c,;|x"\n1{sign}2{sign}3\n'.encode(), "in.csv")
    assert sheet.headings == ("a", "b", "c,;|x")
    assert sheet.delimiter == sign


def test_the_delimiter_can_be_said() -> None:
    assert read(b"a#b\n1#2\n", "in.csv", delimiter="#").headings == ("a", "b")
    assert read(b"a\tb,c\n1\t2\n", "in.csv", delimiter="tab").headings == ("a", "b,c")
    assert read(b"sep=;\na;b\n1;2\n", "in.csv").rows == (csvread.Row(3, ("1", "2")),)
    assert refused("a\n1\n", delimiter="##").where.field == "--delimiter"  # type: ignore[union-attr]


def test_lines_count_from_the_top_of_the_file_over_blank_lines_and_broken_cells() -> None:
    sheet = read(b'\r\na,b\r\n"1\r\n1",2\r\n\r\n,\r\n3,4\r\n', "in.csv")
    assert sheet.line == 2
    assert [(row.line, row.cells) for row in sheet.rows] == [(3, ("1\r\n1", "2")), (7, ("3", "4"))]


def test_ragged_rows_are_all_named_with_their_lines() -> None:
    error = refused("a,b,c\n1,2,3\n1,2\n1,2,3,4\n")
    assert [finding.where.line for finding in error.findings] == [3, 4]
    assert all(finding.expected and "3" in finding.expected for finding in error.findings)
    assert error.hint


def test_empty_cells_at_the_end_are_no_columns() -> None:
    sheet = read(b"a,b,,\n1,2\n3,4,,,,\n", "in.csv")
    assert sheet.headings == ("a", "b")
    assert [row.cells for row in sheet.rows] == [("1", "2"), ("3", "4")]


@pytest.mark.parametrize("data", ["", "\n\n", " \n,,\n", "\ufeff"])
def test_a_file_without_anything_is_empty(data: str) -> None:
    assert "empty" in refused(data).message


def test_headings_alone_are_no_rows() -> None:
    assert refused("a,b\n\n,\n").where.line == 1  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("data", "line"), [('a,b\n1,2\n"3,4\n5,6\n', 3), ('a,b\n1,2\n3,"x"y\n', 3), ('a,b\n1,"' + "x" * 200_000 + "\n", 2)]
)
def test_a_quotation_mark_out_of_place_names_the_line_it_began_on(data: str, line: int) -> None:
    assert refused(data).where.line == line  # type: ignore[union-attr]


def test_a_nul_byte_is_named_with_its_line() -> None:
    assert refused(b"a,b\n1,2\n3,\0\n").where.line == 3  # type: ignore[union-attr]
    assert "--encoding" in (refused("a,b\n1,2\n".encode("utf-16-le")).hint or "")


def test_too_many_columns_are_refused() -> None:
    wide = ",".join("x" * (MAX_COLUMNS + 1))
    assert str(MAX_COLUMNS) in refused(f"{wide}\n{wide}\n").message


def test_only_plain_files_of_a_sensible_size_are_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFound):
        load(tmp_path / "none.csv")
    with pytest.raises(Invalid, match="plain file"):
        load(tmp_path)
    (tmp_path / "big.csv").write_bytes(b"x" * 11)
    monkeypatch.setattr(csvread, "MAX_BYTES", 10)
    with pytest.raises(Invalid, match="too large"):
        load(tmp_path / "big.csv")


@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=5), st.sampled_from([",", ";", "\t", "|"]))
def test_whatever_a_spreadsheet_writes_is_read_back(rows: list[tuple[str, str, str]], sign: str) -> None:
    kept = [row for row in rows if any(map(str.strip, row))]
    text = io.StringIO()
    csv.writer(text, delimiter=sign).writerows([("a", "b", "c"), *rows, ("1", "2", "3")])
    sheet = read(text.getvalue().encode("utf-8-sig"), "in.csv", delimiter=sign)
    assert [row.cells for row in sheet.rows] == [*kept, ("1", "2", "3")]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_words(data: bytes) -> None:
    with suppress(Invalid):
        sheet = read(data, "in.csv")
        assert all(len(row.cells) == len(sheet.headings) for row in sheet.rows)
