"""In a sealed vault: masks, what is shown of values that can't be read, and the event that a reveal leaves."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crmcli.model.fields import Level
from crmcli.usecases.keyring import Keyring

if TYPE_CHECKING:
    from conventions import Crm, Ended

pytest_plugins = ["conventions"]
ONE, TWO, FIRM = "C20240510001", "C20240510002", "C20240510003"
HIDDEN = (
    "+8613600136000",
    "11010519491231002X",
    "he.jing@example.com",
    "wx_hejing",
    "+8613900139000",
    "6222000000001234",
)
CUSTOMERS = """\
kind: individual
name: 何静
phone: "+8613600136000"
email: he.jing@example.com
messenger: wx_hejing
id_number: 11010519491231002X
birthday: "1949-05-12"
region: 北京市/朝阳区
source: store
owner: li.na
status: active
remarks: 周末联系
interactions:
  - id: I7K2M9QXA
    at: "2024-05-01T09:30+08:00"
    channel: call
    summary: 询问新品
---
kind: individual
name: 张伟
region: 上海市/浦东新区
source: referral
owner: li.na
status: lead
---
kind: enterprise
company: 示例商贸
region: 北京市/海淀区
source: exhibition
owner: li.na
status: lead
bank:
  account: "6222000000001234"
contacts:
  - id: P7K2M9QXA
    name: 李示例
    phone: "+8613900139000"
    birthday: "1980-05-13"
  - id: P7K2M9QXB
    name: 赵示例
"""
REASON = ("--reveal", "--reason", "customer-call")
SHOWING = {
    "show": ("show", ONE),
    "list": ("list", "--columns", "number,phone,email,id_number,contact.phone"),
    "search": ("search", "--columns", "number,phone", "何静"),
    "history": ("history", ONE, "-p"),
    "report": ("report", "card", ONE),
    "export": ("export", "*"),
    "contact list": ("contact", "list", FIRM),
    "contact show": ("contact", "show", FIRM, "P7K2M9QXA"),
    "today": ("today", "--days", "7"),
    "diff": ("diff", "--from", "2024-05-10"),
    "blame": ("blame", ONE),
}
FORMATS = {"table": "table", "json": "json", "csv": "csv", "yaml": "yaml"}


@pytest.fixture
def sealed(crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Crm:
    """A sealed vault with three customers."""
    folder = tmp_path / "sealed"
    assert crm("init", str(folder), "--quiet").exit == 0
    monkeypatch.chdir(folder)
    added = crm("add", "--file", "-", "--incomplete", "--quiet", stdin=CUSTOMERS.encode())
    assert added.exit == 0, added
    return type(crm)(folder, crm._run)


@pytest.fixture
def member(sealed: Crm, monkeypatch: pytest.MonkeyPatch) -> Crm:
    """The same, for somebody who reads up to internal."""
    monkeypatch.setattr(Keyring, "reads", Level.INTERNAL)
    return sealed


@pytest.fixture
def stranger(sealed: Crm, home: Path) -> Crm:
    """The same, on a machine that was not handed the customers' keys."""
    (salts,) = (home / "data").rglob("salts")
    salts.unlink()
    return sealed


def data(ended: Ended) -> Any:
    assert ended.exit == 0, ended
    return json.loads(ended.out)["data"]


def events(crm: Crm) -> list[dict[str, str]]:
    """The trailers of the commits that changed nothing, newest first."""
    told = crm.git("log", "--format=%x1e%(trailers:only)")
    found = [dict(line.split(": ", 1) for line in text.splitlines() if line) for text in told.split("\x1e")[1:]]
    return [one for one in found if one.get("Crm-Op") in ("reveal", "export")]


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("verb", SHOWING)
def test_no_command_shows_a_masked_value_by_itself(sealed: Crm, verb: str, format_: str) -> None:
    if verb == "export" and format_ == "table":
        format_ = "jsonl"
    told = sealed(*SHOWING[verb], "--format", format_)
    assert told.exit == 0, told
    assert not [value for value in HIDDEN if value in told.out + told.err]
    assert [one for one in events(sealed) if one["Crm-Op"] == "reveal"] == []


def test_people_and_programs_see_masks(sealed: Crm) -> None:
    assert "+86136****6000" in sealed("show", ONE).out
    told = data(sealed("show", ONE, "--format", "json"))
    assert (told["phone"], told["email"], told["messenger"], told["id_number"], told["birthday"]) == (
        "+86136****6000",
        "h***@example.com",
        "w***",
        "****002X",
        "1949-05-12",
    )
    assert "sealed" not in told
    firm = data(sealed("show", FIRM, "--format", "json"))
    assert (firm["bank"]["account"], firm["contacts"][0]["phone"]) == ("****1234", "+86139****9000")


def test_a_search_works_on_the_whole_value_and_shows_the_mask(sealed: Crm) -> None:
    (found,) = data(sealed("search", "phone:13600136000", "--columns", "number,phone", "--format", "json"))
    assert found == {"number": ONE, "phone": "+86136****6000"}
    assert sealed("show", "13600136000", "--format", "ids").out.strip() == ONE


def test_each_of_several_values_in_a_cell_is_masked(sealed: Crm) -> None:
    (found,) = data(sealed("search", f"number:{FIRM}", "--columns", "contact.name,contact.phone", "--format", "json"))
    assert found == {"contact.name": "李示例, 赵示例", "contact.phone": "+86139****9000"}


@pytest.mark.parametrize(
    ("words", "record", "fields"),
    [
        (("show", ONE), ONE, "phone, email, messenger, id_number"),
        (("report", "card", ONE), ONE, "phone, email, messenger, id_number"),
        (("list", "--columns", "number,phone,name"), ONE, "phone"),
        (("search", "何静", "--columns", "id_number"), ONE, "id_number"),
        (("history", ONE, "-p"), ONE, "phone, email, messenger, id_number"),
        (("contact", "list", FIRM), FIRM, "contact.phone"),
        (("contact", "show", FIRM, "P7K2M9QXA"), FIRM, "contact.phone"),
    ],
)
def test_a_reveal_shows_the_value_and_leaves_one_event_of_names_alone(
    sealed: Crm, words: tuple[str, ...], record: str, fields: str
) -> None:
    before = int(sealed.git("rev-list", "--count", "HEAD"))
    told = sealed(*words, *REASON)
    assert told.exit == 0, told
    assert any(value in told.out for value in HIDDEN)
    assert int(sealed.git("rev-list", "--count", "HEAD")) == before + 1
    assert events(sealed)[0] == {
        "Crm-Clock": "turned",
        "Crm-Op": "reveal",
        "Crm-Record": record,
        "Crm-Reason": "customer-call",
        "Crm-Fields": fields,
    }
    message = sealed.git("log", "-1", "--format=%B")
    assert not [value for value in HIDDEN if value in message]
    assert sealed.git("status", "--porcelain") == ""


@pytest.mark.parametrize("words", [("show", TWO), ("list",), ("contact", "show", FIRM, "P7K2M9QXB"), ("history", ONE)])
def test_where_nothing_was_masked_nothing_is_entered(sealed: Crm, words: tuple[str, ...]) -> None:
    head = sealed.git("rev-parse", "HEAD")
    assert sealed(*words, *REASON).exit == 0
    assert sealed.git("rev-parse", "HEAD") == head


def test_in_an_open_vault_nothing_is_masked_and_nothing_entered(crm: Crm) -> None:
    head = crm.git("rev-parse", "HEAD")
    assert "+8613800138000" in crm("show", ONE).out
    assert crm("show", ONE, *REASON).out == crm("show", ONE).out
    assert crm.git("rev-parse", "HEAD") == head


def test_a_reveal_shows_in_the_history_as_exports_do(sealed: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_NOW", "2024-05-11T09:30+08:00")
    assert sealed("show", ONE, *REASON).exit == 0
    for ref in ((), (ONE,)):
        newest = data(sealed("history", *ref, "--format", "json"))[0]
        assert (newest["change"], newest["reason"]) == (
            f"reveal {ONE}: phone, email, messenger, id_number",
            "customer-call",
        )
    assert "reveal" not in sealed("history", TWO).out


@pytest.mark.parametrize("verb", ["show", "list", "search", "history", "report", "export", "contact list"])
def test_a_reveal_needs_a_reason_of_its_own_list(sealed: Crm, verb: str) -> None:
    words = SHOWING[verb]
    told = sealed.refused(*words, "--reveal")
    assert "customer-call" in told.words
    assert "data-subject-request" in told.words
    assert "Unknown reason" in sealed.refused(*words, "--reveal", "--reason", "competitor").words


def test_a_reason_without_a_reveal_is_refused_and_a_dry_run_reveals_nothing(sealed: Crm) -> None:
    assert "--reveal" in sealed.refused("show", ONE, "--reason", "customer-call").words
    assert "dry run" in sealed.refused("show", ONE, *REASON, "--dry-run").words


def test_what_cannot_be_entered_is_not_shown(sealed: Crm) -> None:
    (sealed.folder / ".git" / "MERGE_HEAD").write_text(sealed.git("rev-parse", "HEAD"))
    told = sealed("show", ONE, *REASON)
    assert (told.exit, told.out) == (4, "")
    assert not [value for value in HIDDEN if value in told.err]


def test_an_export_is_masked_and_says_in_its_own_event_when_it_is_not(sealed: Crm) -> None:
    masked = sealed("export", "*", "--reason", "review").out
    (one, *_rest) = csv.DictReader(io.StringIO(masked))
    assert one["phone"] == "+86136****6000"
    assert "Crm-Reveal" not in events(sealed)[0]
    told = sealed("export", "*", "--reveal", "--reason", "delivery")
    assert next(csv.DictReader(io.StringIO(told.out)))["phone"] == "+8613600136000"
    newest = events(sealed)[0]
    assert (newest["Crm-Op"], newest["Crm-Reveal"], newest["Crm-Reason"]) == ("export", "yes", "delivery")
    assert [one["Crm-Op"] for one in events(sealed)] == ["export", "export"]
    assert sealed("export", f"number:{TWO}", "--reveal", "--reason", "delivery").exit == 0
    assert "Crm-Reveal" not in events(sealed)[0]


def test_a_dry_run_shows_masks_before_and_after(sealed: Crm) -> None:
    told = sealed("update", ONE, "--set", "phone=13700137000", "--dry-run")
    assert "+86136****6000 → +86137****7000" in told.out
    told = sealed("update", ONE, "--set", "phone=13700137000", "--dry-run", "--format", "json")
    assert "+8613700137000" not in told.out


def test_a_duplicate_is_named_without_its_value(sealed: Crm) -> None:
    told = sealed.refused("update", TWO, "--set", "phone=13600136000", exit=4)
    assert told.error["candidates"] == [{"number": ONE, "field": "phone"}]
    assert "13600136000" not in told.words


def test_people_read_words_in_place_of_what_is_above_their_level(member: Crm) -> None:
    shown = member("show", ONE).out
    assert "何静" in shown
    assert "(sealed: confidential)" in shown
    assert "(sealed: restricted)" in shown
    assert "ENC[" not in shown
    assert "（" not in shown
    assert "(sealed: restricted)" in member("report", "card", ONE).out
    assert "(sealed: confidential)" in member("contact", "list", FIRM).out


@pytest.mark.parametrize("format_", ["json", "yaml", "jsonl"])
def test_programs_get_no_token_but_the_names_of_what_was_left_out(member: Crm, format_: str) -> None:
    told = member("show", ONE, "--format", format_)
    assert (told.exit, "ENC[" in told.out) == (0, False)
    one = data(member("show", ONE, "--format", "json"))
    assert one["sealed"] == ["phone", "email", "messenger", "id_number", "birthday"]
    assert "phone" not in one
    assert data(member("contact", "show", FIRM, "P7K2M9QXA", "--format", "json"))["sealed"] == ["phone", "birthday"]


def test_an_export_leaves_out_what_is_above_and_says_how_much(member: Crm) -> None:
    told = member("export", "*", "--format", "json")
    assert [one.get("sealed", []) for one in data(told)] == [
        ["phone", "email", "messenger", "id_number", "birthday"],
        [],
        ["bank.account", "contacts.P7K2M9QXA.phone", "contacts.P7K2M9QXA.birthday"],
    ]
    told = member("export", "*")
    assert "ENC[" not in told.out
    assert "phone" not in told.out.splitlines()[0].split(",")
    assert "8 sealed values are left out: phone, email, messenger, id_number, birthday, bank.account" in told.err


@pytest.mark.parametrize(
    "words",
    [
        ("search", "phone:13600136000"),
        ("search", "id_number:*"),
        ("search", "tier:gold OR NOT contact.phone:*"),
        ("list", "--columns", "number,phone"),
        ("list", "--columns", "number,联系电话"),
        ("search", "--sort", "-birthday"),
        ("export", "email:*"),
        ("export", "*", "--columns", "number,bank.account"),
    ],
)
def test_a_query_that_names_what_is_above_is_refused_not_answered_wrongly(member: Crm, words: tuple[str, ...]) -> None:
    told = member.refused(*words, exit=5)
    assert told.error["kind"] == "level"
    assert "internal" in told.words
    assert any(level in told.words for level in ("confidential", "restricted"))


def test_other_queries_answer_without_what_is_above(member: Crm) -> None:
    assert member("search", "13600136000", "--count").out.strip() == "0"
    assert member("search", "何静", "--format", "ids").out.strip() == ONE
    assert member("search", "ENC", "--count").out.strip() == "0"
    assert member("show", "13600136000").exit == 3
    assert member("list").exit == 0


def test_history_and_previews_hold_nothing_above_the_level(member: Crm) -> None:
    told = member("history", ONE, "-p")
    assert "(sealed: restricted)" in told.out
    assert "ENC[" not in told.out
    listed = member("history", ONE, "-p", "--format", "json")
    assert "ENC[" not in listed.out
    assert [row["new"] for row in data(listed) if row["field"] == "phone"] == [""]
    assert "sealed values are left out" in listed.err
    assert "ENC[" not in member("undo", "--dry-run").out
    assert "ENC[" not in member("undo", "--dry-run", "--format", "json").out


def test_birthdays_that_cannot_be_read_are_skipped_and_counted(sealed: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    born = [
        row["number"] for row in data(sealed("today", "--days", "7", "--format", "json")) if row["what"] == "birthday"
    ]
    assert born == [ONE, FIRM]
    monkeypatch.setattr(Keyring, "reads", Level.INTERNAL)
    told = sealed("today", "--all", "--format", "json")
    assert [row for row in data(told) if row["what"] == "birthday"] == []
    assert "2 birthdays are sealed and not shown." in told.err
    assert "ENC[" not in told.out


def test_reports_and_checks_work_for_who_reads_less(member: Crm) -> None:
    for words in (("report", "analysis"), ("report", "regions"), ("report", "increase"), ("classify", "--dry-run")):
        told = member(*words)
        assert (told.exit, "ENC[" in told.out + told.err) == (0, False), told


def test_without_the_customers_keys_the_open_fields_are_shown(stranger: Crm) -> None:
    shown = stranger("show", ONE)
    assert shown.exit == 0
    assert "北京市/朝阳区" in shown.out
    assert "(sealed: internal)" in shown.out
    assert "(sealed: internal)" in stranger("list").out
    listed = stranger("list", "--format", "json")
    assert [row["name"] for row in data(listed)] == ["", "", ""]
    assert "2 sealed values are left out: name" in listed.err
    assert stranger("today").exit == 0
    assert stranger("report", "analysis").exit == 0


def test_a_list_for_somebody_of_no_level_shows_the_open_columns(sealed: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Keyring, "reads", Level.OPEN)
    told = sealed("list")
    assert told.exit == 0
    assert "Name" not in told.out
    assert sealed.refused("list", "--columns", "name", exit=5).error["kind"] == "level"


def test_a_damaged_value_is_named_and_the_others_are_shown(sealed: Crm) -> None:
    path = f"records/2024/05/{ONE}.yaml"
    text = (sealed.folder / path).read_text()
    token = next(line.split(": ", 1)[1] for line in text.splitlines() if line.startswith("email:"))
    sealed.put(path, text.replace(token, token[:-8] + "AAAAAA" + token[-2:]))
    told = sealed("show", ONE)
    assert told.exit == 7
    assert "(damaged)" in told.out
    assert "何静" in told.out
    assert "email" in told.err


def test_chinese_words(sealed: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Keyring, "reads", Level.INTERNAL)
    assert "机密" in sealed("show", ONE, "--lang", "zh").out
