"""`crm today` as a person and cron's mail see it: what is due, silence when nothing is, whose list it is."""

import json
from datetime import date
from typing import Any

import pytest
from conventions import WANG, ZHANG, Crm

pytest_plugins = ["conventions"]

RULES = "schemas/reminders.yaml"
STEP = '    summary: 询问新品\n    next_step: 寄送样品\n    next_on: "2024-05-17"\n'


@pytest.fixture
def busy(crm: Crm) -> Crm:
    """王芳, who is li.na's, gets a sample on 17 May; 张伟, who is nobody's, has his birthday on 20 May."""
    crm.change(WANG, "    summary: 询问新品\n", STEP)
    crm.change(ZHANG, "source: referral\n", 'birthday: "1980-05-20"\nsource: referral\n')
    crm.keep()
    return crm


def on(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    monkeypatch.setenv("CRM_NOW", moment)


def rows(crm: Crm, *words: str) -> list[dict[str, Any]]:
    ended = crm("today", *words, "--format", "json")
    assert (ended.exit, ended.err) == (0, "")
    return list(json.loads(ended.out)["data"])


def test_a_day_without_anything_to_do_is_silent(busy: Crm) -> None:
    ended = busy("today")
    assert (ended.exit, ended.out, ended.err) == (0, "", "")
    assert rows(busy) == []
    assert busy("today", "--format", "ids").out == ""


def test_it_says_what_to_do_for_whom_and_changes_nothing(busy: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "2024-05-19T08:30+08:00")
    before = busy.state()
    ended = busy("today")
    assert (ended.exit, ended.err) == (0, "")
    head, _rule, first, second = ended.out.splitlines()
    assert head.split("  ")[0] == "Due"
    assert first.split() == [
        "2024-05-17",
        "2",
        "Next",
        "step",
        "C20240510001",
        "王芳",
        "+8613800138000",
        "li.na",
        "寄送样品",
    ]
    assert second.split() == ["2024-05-20", "Birthday", "C20240510002", "张伟", "+8613900139000"]
    assert busy.state() == before


def test_machines_get_codes_and_reasons(busy: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "2024-05-19T08:30+08:00")
    step, birthday = rows(busy)
    assert (step["what"], step["overdue"], step["why"]) == ("next-step", "2", "agreed on 2024-05-10, no contact since")
    assert (birthday["what"], birthday["overdue"], birthday["owner"]) == ("birthday", "0", "")
    assert busy("today", "--format", "ids").out.split() == ["C20240510001", "C20240510002"]
    lines = busy("today", "--format", "jsonl").out.splitlines()
    assert [json.loads(line)["number"] for line in lines] == ["C20240510001", "C20240510002"]


def test_the_list_speaks_chinese(busy: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "2024-05-20T08:30+08:00")
    told = busy("today", "--lang", "zh").out
    assert "下一步" in told
    assert "生日" in told


def test_the_day_is_the_vaults_wherever_the_clock_stands(busy: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "2024-05-16T15:59+00:00")
    assert rows(busy) == []
    on(monkeypatch, "2024-05-16T16:00+00:00")
    assert [(row["what"], row["overdue"]) for row in rows(busy)] == [("next-step", "0"), ("birthday", "0")]


def test_days_and_all_look_ahead(busy: Crm) -> None:
    assert [row["what"] for row in rows(busy, "--days", "7")] == ["next-step"]
    assert [row["what"] for row in rows(busy, "--days", "10")] == ["next-step", "birthday"]
    assert [row["due"] for row in rows(busy, "--all")] == ["2024-05-17", "2024-05-20", "2024-08-08"]
    assert "not both" in busy.refused("today", "--all", "--days", "1").words
    busy.stopped_by("today", "--days", "-1")


def test_what_was_done_is_off_the_list(busy: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "2024-05-19T08:30+08:00")
    done = ("--at", "2024-05-19T08:00+08:00", "--channel", "call", "--summary", "样品已寄出")
    assert busy("interaction", "add", "王芳", *done).exit == 0
    assert [row["what"] for row in rows(busy)] == ["birthday"]


def test_visits_follow_the_tier(busy: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    assert busy("update", "张伟", "--set", "tier=gold").exit == 0
    on(monkeypatch, "2024-07-09T08:30+08:00")
    visit = next(row for row in rows(busy) if row["what"] == "visit")
    assert (visit["number"], visit["due"], visit["detail"]) == (
        "C20240510002",
        "2024-07-09",
        "every 60 days; no contact since 2024-05-10",
    )


@pytest.mark.parametrize(("owner", "expected"), [("li.na", 1), ("LI.NA", 1), ("chen", 0), ("li", 0)])
def test_a_list_can_be_one_persons(busy: Crm, monkeypatch: pytest.MonkeyPatch, owner: str, expected: int) -> None:
    on(monkeypatch, "2024-05-19T08:30+08:00")
    assert len(rows(busy, "--owner", owner)) == expected


def test_me_is_the_person_whom_the_team_knows_by_the_git_address(busy: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "2024-05-19T08:30+08:00")
    assert rows(busy, "--owner", "me") == []
    busy.git("config", "user.email", "Li.Na@example.com")
    busy.change(
        "schemas/access.yaml", "people: {}\n", "people:\n  li.na:\n    email: li.na@example.com\n    roles: [sales]\n"
    )
    assert [row["owner"] for row in rows(busy, "--owner", "me")] == ["li.na"]


def test_without_a_team_me_is_the_name_that_git_knows(busy: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "2024-05-19T08:30+08:00")
    busy.git("config", "user.name", "li.na")
    assert [row["owner"] for row in rows(busy, "--owner", "me")] == ["li.na"]


def test_a_file_that_cannot_be_read_is_named_and_hides_nothing_else(busy: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "2024-05-19T08:30+08:00")
    busy.change(ZHANG, "\nstatus: lead", "\nstatus: lost")
    ended = busy("today")
    assert ended.exit == 6
    assert ZHANG in ended.err
    assert "寄送样品" in ended.out


@pytest.mark.parametrize(
    ("old", "new", "said", "line"),
    [
        ("  gold: 60d", "  platinum: 60d", "platinum is not a tier of the house", "platinum"),
        ("  gold: 60d", "  gold: 60", "is not a term", "gold: 60"),
        ("  gold: 60d", "  gold: 0d", "is not a term", "gold: 0d"),
        ("otherwise: 90d", "othrwise: 90d", "Unknown field othrwise", "othrwise"),
        ("birthdays_ahead: 3d", "birthdays_ahead: 3d 5d", "is not a term", "birthdays_ahead: 3d 5d"),
    ],
)
def test_a_rule_that_does_not_hold_is_refused_with_its_line(crm: Crm, old: str, new: str, said: str, line: str) -> None:
    crm.change(RULES, old, new)
    crm.keep()
    refusal = crm.refused("today")
    text = (crm.folder / RULES).read_text("utf-8").splitlines()
    (place,) = [number for number, row in enumerate(text, 1) if line in row and not row.startswith("#")]
    assert said in refusal.words
    assert (refusal.error["where"]["path"], refusal.error["where"]["line"]) == (RULES, place)
    assert said in crm("check").out


def test_rules_that_say_nothing_are_refused(crm: Crm) -> None:
    crm.put(RULES, "cadence: {}\n")
    assert "reminder rules are empty" in crm.refused("today").words


def test_an_archived_file_reminds_of_nothing(busy: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    assert busy("archive", "王芳", "--reason", "ended").exit == 0
    on(monkeypatch, "2024-05-19T08:30+08:00")
    assert [row["number"] for row in rows(busy)] == ["C20240510002"]
    assert date.fromisoformat(rows(busy, "--all")[0]["due"]) > date(2024, 5, 19)
