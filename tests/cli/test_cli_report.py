"""`crm report` as a person and a program use it: which there are, options, formats, bad files, days gone by."""

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from crmcli.text import set_language

if TYPE_CHECKING:
    from conventions import Crm

pytest_plugins = ["conventions"]

NAMES = ["card", "increase", "regions", "analysis", "destruction", "tiers"]
PERIOD = ("--from", "2024-05-01", "--to", "2024-05-31")
CERTIFICATE = 'number: C20200101001\ndestroyed_at: "{at}"\nmethod: file-deleted\n'
PURGED = "records/purged/2020/01/C20200101001.yaml"


def data(crm: "Crm", *words: str) -> dict:
    ended = crm("report", *words, "--format", "json")
    assert ended.exit == 0, ended
    return json.loads(ended.out)["data"]


def figure(crm: "Crm", name: str, *words: str) -> str:
    rows = data(crm, "analysis", *words)["tables"]["figures"]
    return next(row["value"] for row in rows if row["figure"] == name)


def test_the_list_names_every_report_with_its_requirement(crm: "Crm"):
    rows = json.loads(crm("report", "--list", "--format", "json").out)["data"]
    assert [row["name"] for row in rows] == NAMES
    assert {row["requirement"] for row in rows} == {"R52", "R54", "R55", "R56", "R61", "R63"}
    assert all(row["title"] and row["takes"] for row in rows)
    told = crm("report", "--list", "--lang", "zh").out
    assert ("客户增减分析表" in told, "R52" in told) == (True, False)
    set_language("en")


@pytest.mark.parametrize("name", NAMES)
def test_every_report_in_every_format(crm: "Crm", name: str):
    words = ["report", name, *(["王芳"] if name == "card" else []), "--format"]
    for form in ("table", "markdown", "csv", "json", "yaml"):
        ended = crm(*words, form)
        assert (ended.exit, ended.err, bool(ended.out)) == (0, "", True), form
    ids = crm(*words, "ids")
    assert (ids.exit, ids.out) == (0, "C20240510001\n" if name == "card" else "")


@pytest.mark.parametrize("name", [name for name in NAMES if name != "card"])
def test_every_report_says_how_its_figures_come_about(crm: "Crm", name: str):
    assert "How the figures come about" in crm("report", name).out
    assert "计算说明" in crm("report", name, "--lang", "zh").out
    set_language("en")
    assert len(data(crm, name)["notes"]) >= 2


def test_a_chinese_report_has_no_english_heading(crm: "Crm"):
    shown = crm("report", "analysis", *PERIOD, "--lang", "zh").out
    set_language("en")
    assert "客户信息分析报告 2024-05-01 – 2024-05-31" in shown
    assert not {"Customers", "Sales", "Total", "Share", "stated"} & set(shown.split())


def test_programs_get_codes_whatever_the_language(crm: "Crm"):
    english, chinese = (data(crm, "analysis", *PERIOD, "--lang", lang)["tables"] for lang in ("en", "zh"))
    assert english == chinese
    assert {row["value"] for row in english["by_status"]} == {"lead", "active", "total"}


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("increase", "2024-04-01", "2024-04-30"),
        ("analysis", "2024-04-01", "2024-04-30"),
        ("regions", "2024-01-01", "2024-05-10"),
        ("tiers", "2024-04-01", "2024-05-10"),
    ],
)
def test_usual_periods(crm: "Crm", name: str, first: str, last: str):
    assert data(crm, name)["period"] == {"from": first, "to": last}


@pytest.mark.parametrize(
    ("given", "period"),
    [
        (("--from", "2024-02-03"), ("2024-02-03", "2024-05-10")),
        (("--to", "2024-02-03"), ("2024-01-01", "2024-02-03")),
        (("--from", "2025-01-01"), ("2025-01-01", "2025-01-01")),
    ],
)
def test_an_open_end_is_today_and_an_open_start_that_of_the_year(crm: "Crm", given: tuple[str, ...], period: tuple):
    assert tuple(data(crm, "regions", *given)["period"].values()) == period


def test_the_register_has_no_period_unless_asked(crm: "Crm"):
    crm.put(PURGED, CERTIFICATE.format(at="2024-05-02T09:30+08:00"))
    assert data(crm, "destruction")["period"] is None
    assert data(crm, "destruction")["tables"]["certificates"][0]["number"] == "C20200101001"
    assert data(crm, "destruction", "--to", "2024-05-01")["tables"]["certificates"] == []


def test_destroyed_customers_count_as_removed(crm: "Crm"):
    crm.put(PURGED, CERTIFICATE.format(at="2024-05-02T09:30+08:00"))
    total = data(crm, "increase", *PERIOD)["tables"]["customers"][-1]
    assert (total["opening"], total["added"], total["removed"], total["current"]) == ("1", "2", "1", "2")
    crm.put(PURGED, CERTIFICATE.format(at="2024-05-02T09:30+08:00") + 'left_on: "2022-01-01"\n')
    total = data(crm, "increase", *PERIOD)["tables"]["customers"][-1]
    assert (total["opening"], total["removed"]) == ("0", "0")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["report"], "Which report?"),
        (["report", "increse"], "Did you mean increase?"),
        (["report", "card"], "about one customer"),
        (["report", "tiers", "C20240510001"], "takes no REF"),
        (["report", "card", "王芳", "--from", "2024-01-01"], "takes no --from, --to"),
        (["report", "tiers", "--depth", "city"], "takes no --depth"),
        (["report", "increase", "--days", "3"], "takes no --days"),
        (["report", "regions", "--top", "3"], "takes no --top"),
        (["report", "regions", "--depth", "street"], "province, city, district"),
        (["report", "regions", "--from", "May"], "--from"),
        (["report", "regions", "--to", "2024-02-30"], "--to"),
        (["report", "regions", "--from", "0001-01-01"], "out of range"),
        (["report", "regions", "--to", "9999-12-31"], "out of range"),
        (["report", "regions", "--from", "2024-02-02", "--to", "2024-02-01"], "ends before it begins"),
        (["report", "regions", "--table", "region"], "Did you mean regions?"),
        (["report", "card", "王芳", "--table", "x"], "no table x"),
        (["report", "analysis", "--days", "0"], "--days"),
    ],
)
def test_wrong_use_is_refused_with_what_helps(crm: "Crm", words: list[str], said: str):
    assert said in crm.stopped_by(*words)


def test_an_unknown_customer_has_no_card(crm: "Crm"):
    assert "C20240510009" in crm.stopped_by("report", "card", "C20240510009", exit=3)


def test_one_table_alone(crm: "Crm"):
    shown = crm("report", "regions", *PERIOD, "--table", "regions", "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(shown, newline="")))
    assert [(row["region"], row["customers"]) for row in rows] == [("上海市", "1"), ("北京市", "1"), ("total", "2")]
    assert "tier_gold" in rows[0]


def test_a_bad_file_is_named_and_the_rest_counts(crm: "Crm"):
    crm.change("records/2024/05/C20240510002.yaml", "source: referral", "source: refferal")
    ended = crm("report", "analysis", *PERIOD, "--format", "json")
    assert ended.exit == 6
    envelope = json.loads(ended.out)
    assert envelope["data"]["tables"]["figures"][0]["value"] == "1"
    assert envelope["warnings"][0]["where"]["path"] == "records/2024/05/C20240510002.yaml"


@pytest.mark.parametrize("content", ["x", "number: 3\n", CERTIFICATE.format(at="soon"), "a: &x 1\n"])
def test_a_bad_certificate_is_named_and_the_rest_counts(crm: "Crm", content: str):
    crm.put(PURGED, content)
    for name in ("destruction", "increase"):
        ended = crm("report", name)
        assert (ended.exit, bool(ended.out)) == (6, True)
        assert PURGED in ended.err


def test_as_of_a_day_gone_by(crm: "Crm", monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CRM_NOW", "2024-05-20T09:30+08:00")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2024-05-20T09:30+08:00")
    crm.put(PURGED, CERTIFICATE.format(at="2024-05-20T08:30+08:00"))
    crm.change("records/2024/05/C20240510001.yaml", "398.00", "500.00")
    (crm.folder / "records/2024/05/C20240510002.yaml").unlink()
    crm.keep()
    assert figure(crm, "sales", *PERIOD) == "500.00"
    assert figure(crm, "sales", *PERIOD, "--at", "2024-05-15") == "398.00"
    assert figure(crm, "on_file", *PERIOD, "--at", "2024-05-15") == "2"
    assert data(crm, "destruction")["tables"]["certificates"]
    assert data(crm, "destruction", "--at", "2024-05-15")["tables"]["certificates"] == []
    assert data(crm, "card", "C20240510001", "--at", "2024-05-15")["transactions"][0]["amount"] == "398.00"
    assert data(crm, "tiers", "--at", "2024-05-15")["period"] == {"from": "2024-04-01", "to": "2024-05-15"}
    assert "2024-05-15" in crm("report", "increase", "--at", "2024-05-15").out
    crm.stopped_by("report", "regions", "--at", "2020-01-01", exit=3)


def test_ids_are_those_of_the_customers_named(crm: "Crm"):
    assert crm("report", "analysis", *PERIOD, "--format", "ids").out == "C20240510001\n"


def test_a_report_changes_nothing(crm: "Crm"):
    before = crm.state()
    for name in NAMES[1:]:
        crm("report", name, *PERIOD)
    assert crm.state() == before
