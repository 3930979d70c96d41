"""A report in every format: titles, tables and notes for people; every table by name for programs."""

import csv
import io
import json

import pytest
import yaml

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
from crmcli.reports.safe_text import ACTING, width_of
from crmcli.reports.values import Column, Look, Report, Table

LOOK = Look(width=40)
HOSTILE = "[red]a\x1b[31m\u202eb|<b>\n# c[/red]"
SALES = Table(
    (Column("region", "地区"), Column("sales", "Sales", numeric=True)),
    ({"region": "北京", "sales": "1.00"},),
    "region",
    "By region",
    "regions",
)
EMPTY = Table((Column("number", "Number"),), (), "number", "At risk", "at_risk")
NOTICES = Table(
    (Column("number", "Number"), Column("text", "Notice", prose=True), Column("more", "More")),
    ({"number": "C1", "text": "自今日起 " * 12}, {"number": "C2", "text": "Short.", "more": "x"}),
    "number",
    "Notices",
    "notices",
)
REPORT = Report("test", "Test 报告", (SALES, EMPTY, NOTICES), ("A note " * 12, "=1+1"), ("2024-05-01", "2024-05-31"))


def test_plain_text_has_title_tables_and_notes():
    shown = render_plain.render(REPORT, LOOK)
    assert shown.startswith(
        "Test 报告 2024-05-01 – 2024-05-31\n\nBy region\n  地区  Sales\n  ----  -----\n  北京   1.00\n"
    )
    assert "\n\nAt risk\n  None.\n\n" in shown
    assert "\n\nHow the figures come about\n  - A note A note" in shown
    assert shown.endswith("  - =1+1")
    assert max(map(width_of, shown.split("\n"))) <= 40


def test_running_text_stands_row_by_row_without_empty_cells():
    shown = render_plain.render(REPORT, LOOK)
    assert "  Number  C1\n  Notice  自今日起" in shown
    assert "\n\n  Number  C2\n  Notice  Short.\n  More    x\n" in shown
    assert shown.count("More") == 1


def test_rich_shows_the_same_within_its_width():
    shown = render_rich.render(REPORT, LOOK)
    for text in ("Test 报告", "By region", "北京", "None.", "Short.", "=1+1"):
        assert text in shown
    assert max(map(width_of, shown.split("\n"))) <= 40
    assert "\x1b" not in shown
    assert "\x1b[" in render_rich.render(REPORT, Look(color=True))


def test_markdown_has_headings_tables_and_lists():
    shown = render_markdown.render(REPORT, LOOK)
    assert shown.startswith("# Test 报告 2024-05-01 – 2024-05-31\n\n## By region\n\n| 地区")
    assert "\n\n## At risk\n\nNone.\n\n## Notices\n\n- **Number**: C1\n- **Notice**: 自" in shown
    assert shown.endswith("\n- =1+1")


def test_json_and_yaml_hold_every_table_by_name():
    data = json.loads(render_json.render(REPORT, LOOK))["data"]
    assert data["report"] == "test"
    assert data["period"] == {"from": "2024-05-01", "to": "2024-05-31"}
    assert data["tables"]["regions"] == [{"region": "北京", "sales": "1.00"}]
    assert data["tables"]["at_risk"] == []
    assert data["tables"]["notices"][0]["more"] is None
    assert data["notes"][-1] == "=1+1"
    assert yaml.safe_load(render_yaml.render(REPORT, LOOK)) == data


def test_csv_names_the_table_in_each_row_and_tsv_agrees():
    rows = list(csv.reader(io.StringIO(render_csv.render(REPORT, LOOK), newline="")))
    assert rows[:3] == [["table", "region", "sales"], ["regions", "北京", "1.00"], ["table", "number"]]
    assert rows[-1] == ["notices", "C2", "Short.", "x"]
    assert render_tsv.render(REPORT, LOOK).split("\n")[1] == "regions\t北京\t1.00"


def test_a_report_of_one_table_is_that_table_in_csv():
    alone = Report("test", "Test", (SALES,))
    assert render_csv.render(alone, LOOK) == "region,sales\r\n北京,1.00\r\n"


def test_ids_are_the_customers_each_once():
    twice = Report("test", "Test", (SALES, NOTICES, NOTICES))
    assert render_ids.render(twice, LOOK) == "C1\nC2\n"
    assert render_ids.render(Report("test", "Test", (SALES,)), LOOK) == ""


@pytest.mark.parametrize("renderer", [render_plain, render_rich, render_markdown, render_json, render_ids])
def test_data_in_a_report_cannot_act(renderer):
    cells = ({"number": HOSTILE, "text": HOSTILE, "more": HOSTILE},)
    flat = Table((Column("number", HOSTILE),), cells, "number", HOSTILE, "flat")
    stacked = Table(NOTICES.columns, cells, "number", HOSTILE, "stacked")
    shown = renderer.render(Report("test", HOSTILE, (flat, stacked), (HOSTILE,)), LOOK)
    assert not ACTING.search(shown.replace("\n", ""))
    if renderer is render_markdown:
        assert "<b>" not in shown
        assert "\n# c" not in shown
