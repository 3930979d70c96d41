"""Values as text: every format, widths of Chinese, and data that must not act on terminals, tables or spreadsheets."""

import csv
import io
import json

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from crmcli.errors import Finding, Where
from crmcli.reports import (
    render_csv,
    render_ids,
    render_json,
    render_markdown,
    render_plain,
    render_rich,
    render_tsv,
    render_yaml,
)
from crmcli.reports.fitting import fitted
from crmcli.reports.safe_text import ACTING, visible, visible_lines, width_of, wrapped
from crmcli.reports.values import Card, Column, Look, Notice, Section, Table

LOOK = Look(width=80)
ANY_TEXT = st.text(st.characters(), max_size=12)
HOSTILE = "[red]a\x1b[31m\x07\x9b\u202eb\u200f|<b>\r\n\tc[/red]"


def table(*names, key="id"):
    columns = (Column("id", "Number"), Column("name", "姓名"), Column("spend", "Spend", numeric=True))
    return Table(columns, tuple({"id": f"C{i}", "name": name, "spend": "12.00"} for i, name in enumerate(names)), key)


def card(**data):
    lines = tuple(data.items())
    return Card("王芳", (Section("Profile", lines), Section("Empty", ()), Section("Sales", table("x"))), data, "C1")


def test_columns_align_whatever_the_script():
    text = render_plain.render(table("王芳", "Tom Li", "欧阳e\u0301"), LOOK)
    assert text.split("\n") == [
        "Number  姓名    Spend",
        "------  ------  -----",
        "C0      王芳    12.00",
        "C1      Tom Li  12.00",
        "C2      欧阳e\u0301   12.00",
    ]


def test_numbers_stand_at_the_right_and_nothing_trails():
    rows = ({"n": "1", "t": ""}, {"n": "100", "t": ""})
    text = render_plain.render(Table((Column("n", "N", numeric=True), Column("t", "T")), rows, "n"), LOOK)
    assert text.split("\n")[2:] == ["  1", "100"]


def test_an_empty_table_is_no_text():
    assert render_plain.render(table(), LOOK) == ""
    assert render_rich.render(table(), LOOK) == ""


def test_a_card_aligns_labels_and_indents_further_lines():
    text = render_plain.render(card(Name="王芳", 备注="a\nb"), LOOK)
    assert text.startswith("王芳\n\nProfile\n  Name  王芳\n  备注  a\n        b\n\nSales\n  Number")
    assert "Empty" not in text


def test_in_a_narrow_terminal_text_is_broken_but_no_number_and_no_day():
    heads = ("number", "name", "company", "region", "owner", "spend", "contact")
    row = ("C20261123001", "王示例" * 4, "", "北京市/朝阳区" * 2, "li.na " * 5, "1234567.00", "2026-11-05")
    wide = Table(tuple(Column(name, f"Last {name}") for name in heads), (dict(zip(heads, row, strict=True)),), "number")
    narrow = render_rich.render(fitted(wide, 60)[0], Look(width=60))
    assert all(text in narrow for text in ("C20261123001", "1234567.00", "2026-11-05"))
    assert max(map(width_of, narrow.split("\n"))) <= 60
    assert "company" not in narrow
    assert "company" in render_rich.render(wide, Look(width=200))


@pytest.mark.parametrize("renderer", [render_plain, render_rich, render_markdown, render_ids, render_json])
@pytest.mark.parametrize("value", [table(HOSTILE, key="name"), card(note=HOSTILE), Notice(HOSTILE, {}, (HOSTILE,))])
def test_nothing_acts_on_the_terminal(renderer, value):
    shown = renderer.render(value, LOOK)
    assert not ACTING.search(shown.replace("\n", "").replace("\r", ""))


@pytest.mark.parametrize("renderer", [render_csv, render_tsv, render_yaml])
def test_nothing_turns_or_escapes_in_files_either(renderer):
    shown = renderer.render(table("a\x1b[31m\u202eb"), LOOK)
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_markup_and_emoji_codes_are_data_to_rich():
    shown = render_rich.render(table("[bold]x[/bold] :smile:"), LOOK)
    assert "[bold]x[/bold] :smile:" in shown


def test_rich_colours_only_when_allowed():
    assert "\x1b[" in render_rich.render(table("x"), Look(color=True))
    assert "\x1b" not in render_rich.render(table("x"), Look(color=False))
    assert "\x1b" not in render_rich.render(card(Name="x"), Look(color=False))


def test_rich_keeps_within_the_width_and_loses_nothing():
    shown = render_rich.render(table("王" * 60), Look(width=40))
    assert max(map(width_of, shown.split("\n"))) <= 40
    assert shown.count("王") == 60


def test_rich_leaves_a_word_to_be_copied_in_one_piece():
    key = "crm1." + "x" * 120
    assert render_rich.render(Card(key, (), {}, "k"), LOOK).split("\n") == [key]
    assert len(render_rich.render(Card("two words " * 12, (), {}, "k"), LOOK).split("\n")) == 2


def test_json_is_an_envelope_of_every_column():
    rows = ({"id": "C1"},)
    assert json.loads(render_json.render(Table((Column("id", "N"), Column("x", "X")), rows, "id"), LOOK)) == {
        "version": 1,
        "ok": True,
        "data": [{"id": "C1", "x": None}],
    }


def test_json_carries_findings_as_warnings():
    finding = Finding("odd", Where("a.yaml", 3, "tier"), "gold", "Look.", "warning")
    shown = json.loads(render_json.render(Notice("", {"id": "C1"}), Look(findings=(finding,))))
    assert shown["warnings"] == [
        {
            "severity": "warning",
            "message": "odd",
            "where": {"path": "a.yaml", "line": 3, "field": "tier"},
            "expected": "gold",
            "hint": "Look.",
        }
    ]


@given(ANY_TEXT)
def test_json_reads_back_as_it_was(text):
    assert json.loads(render_json.render(Notice("", {"x": text}), LOOK))["data"] == {"x": text}


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
@example("\x85")
@example("\u2028x")
def test_yaml_reads_back_as_it_was(text):
    tree = {"x": text, "list": [text, {"y": text}]}
    assert yaml.safe_load(render_yaml.render(Notice("", tree), LOOK)) == tree


@pytest.mark.parametrize("text", ["NO", "0123", "1e3", "1:30", "2024-05-10", "null", "~", "=", ""])
def test_yaml_keeps_strings_strings_and_order(text):
    shown = render_yaml.render(Notice("", {"z": text, "a": "王芳"}), LOOK)
    assert list(yaml.safe_load(shown).items()) == [("z", text), ("a", "王芳")]
    assert "王芳" in shown


def test_a_masked_phone_needs_no_guard_and_a_formula_does():
    assert (render_csv.safe("+86138****8000"), render_csv.safe("+1*2")) == ("+86138****8000", "'+1*2")


@given(st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp"]), max_size=8), max_size=4))
def test_csv_reads_back_but_for_guards(names):
    shown = render_csv.render(table(*names), LOOK)
    rows = list(csv.reader(io.StringIO(shown, newline="")))
    assert [row[1].removeprefix("'") for row in rows[1:]] == [name.removeprefix("'") for name in names]
    assert shown.count("\r\n") == len(names) + 1


def test_csv_quotes_and_ends_lines_as_rfc_4180_says():
    assert render_csv.render(table('a"b,c\nd'), LOOK) == 'id,name,spend\r\nC0,"a""b,c\nd",12.00\r\n'


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "@SUM(A1)",
        "+1+1",
        "-2+3",
        "+cmd|x",
        "-",
        "\tx",
        "\r=1",
        "\n=1",
        "=cmd",
        "＝1",
        "－1+1",
        "-5.00x",
        "+1\n",
    ],
)
def test_formulas_are_neutralised(cell):
    assert render_csv.safe(cell).startswith("'")
    assert render_tsv.render(table(cell), LOOK).split("\t")[3].startswith("'")


@pytest.mark.parametrize("cell", ["-5.00", "+8613800138000", "12", "a=b", "王芳", "", "+0.5", "-7"])
def test_numbers_and_phones_stay_as_they_are(cell):
    assert render_csv.safe(cell) == cell


def test_tsv_is_a_line_a_record():
    shown = render_tsv.render(table("a\tb\nc\\d"), LOOK)
    assert shown == "id\tname\tspend\nC0\ta\\tb\\nc\\\\d\t12.00\n"


def test_cards_and_notices_as_csv():
    tree = {"name": "王芳", "tags": ["a", "b"], "external": {"shop": "4"}}
    assert list(render_csv.records(Card("", (), tree, "C1"))) == [
        ["field", "value"],
        ("name", "王芳"),
        ("tags.1", "a"),
        ("tags.2", "b"),
        ("external.shop", "4"),
    ]
    assert render_csv.render(Notice("Added.", {"id": "C1", "n": 2}), LOOK) == "id,n\r\nC1,2\r\n"


def test_markdown_cells_cannot_break_out():
    shown = render_markdown.render(table("a|b\n<script>&*x*`_[l](u)"), LOOK)
    assert "a\\|b<br>&lt;script&gt;&amp;\\*x\\*\\`\\_\\[l\\](u)" in shown
    assert len(shown.split("\n")) == 3
    assert shown.split("\n")[1].endswith(":|")


def test_markdown_lines_cannot_become_headings_or_lists():
    for text in ("# x", "- x", "1. x", "--- x", "+ x"):
        assert not render_markdown.render(Notice(text), LOOK).startswith(text[0:2])


def test_markdown_of_a_card_has_headings_and_lists():
    shown = render_markdown.render(card(Name="王芳"), LOOK)
    assert shown.startswith("# 王芳\n\n## Profile\n\n- **Name**: 王芳\n\n## Sales\n\n|")


def test_ids_come_one_a_line():
    assert render_ids.render(table("a", "b"), LOOK) == "C0\nC1\n"
    assert render_ids.render(card(), LOOK) == "C1\n"
    assert render_ids.render(Notice("", {}, ("C1", "C2")), LOOK) == "C1\nC2\n"
    assert render_ids.render(Notice(""), LOOK) == ""


@given(ANY_TEXT)
def test_visible_text_is_one_line_that_cannot_act(text):
    assert not ACTING.search(visible(text))
    assert not ACTING.search(visible_lines(text).replace("\n", ""))


@pytest.mark.parametrize(
    ("text", "shown"), [("\x1b[0m", "\\x1b[0m"), ("a\nb\tc", "a\\nb\\tc"), ("\u202e", "\\u202e"), ("王 芳é", "王 芳é")]
)
def test_what_acts_is_shown(text, shown):
    assert visible(text) == shown


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("王芳", 4), ("e\u0301", 1), ("ａ", 2), ("ｱ", 1), ("", 0)])
def test_widths_are_those_of_a_terminal(text, width):
    assert width_of(text) == width


@given(st.text("ab 王芳。", max_size=60), st.integers(4, 20))
def test_wrapped_lines_fit_and_keep_every_character(text, width):
    lines = wrapped(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width_of(line) <= width or (line.isascii() and " " not in line) for line in lines)
