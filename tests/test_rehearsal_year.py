"""A rehearsed year and what came after it: the register, the history and the files tell the same story.

In an open vault a year is lived (every day of it with CRM_REHEARSE_ALL=1), in a sealed one the days that matter. On each
the lines that `crm cron` prints for it run at their times, each of them twice.
"""

import json
import sys
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import git
from rehearsal import CLERK, GONE, LAWYER, TIERS, Rehearsal, Sealed, days_that_matter, live, some_days

from crmcli.model.identity import record_path
from crmcli.store.yamlread import parse


@pytest.fixture(params=[Rehearsal, Sealed], ids=["open", "sealed"])
def lived(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rehearsal:
    """The whole rehearsal."""
    called = tmp_path / "bin" / "crm"
    called.parent.mkdir()
    called.touch()
    monkeypatch.setattr(sys, "argv", [str(called)])
    life: Rehearsal = request.param(tmp_path / "world")
    life.begin()
    lines = life.cron_lines()
    for day in some_days() if request.param is Rehearsal else days_that_matter():
        live(life, lines, day)
    return life


def test_register_history_and_files_agree_after_a_rehearsed_year(lived: Rehearsal) -> None:
    """One test, so that the year is lived once."""
    every_line_ran_and_only_the_run_that_skipped_said_so(lived)
    the_register_names_who_is_gone_and_who_answered_for_it(lived)
    the_files_agree_with_the_register(lived)
    the_history_agrees_with_the_register(lived)
    nobody_went_before_the_term_the_law_and_the_hold_were_over(lived)
    who_came_back_is_on_file_and_active(lived)
    tiers_rose_on_the_first_day_of_a_quarter_and_never_else(lived)
    mails_came_when_there_was_something_to_do(lived)
    if isinstance(lived, Sealed):
        no_machine_has_a_key_of_who_is_gone(lived)


def every_line_ran_and_only_the_run_that_skipped_said_so(lived: Rehearsal) -> None:
    assert set(lived.diary.runs) == {"classify", "purge plan", "purge run", "today", "check"}
    assert lived.diary.runs["classify"] == 10
    assert lived.diary.runs["purge plan"] == lived.firsts
    assert lived.diary.ended == [("2025-07-02", "purge run", 5)]


def the_register_names_who_is_gone_and_who_answered_for_it(lived: Rehearsal) -> None:
    register = {row["number"]: row for row in lived.data("purge", "list")}
    assert {number: row["destroyed_at"][:10] for number, row in register.items()} == {
        lived.numbers[name]: day for name, day in GONE.items()
    }
    for row in register.values():
        assert (row["approved_by"], row["requested_by"]) == (f"law <{LAWYER}>", f"clerk <{CLERK}>")
        assert date.fromisoformat(row["plan"]) == date.fromisoformat(row["destroyed_at"][:10]) - timedelta(days=1)
    rules = {name: register[lived.numbers[name]]["rule"] for name in GONE}
    assert {name for name, rule in rules.items() if rule == "ended"} == {"li", "qian"}
    assert {name for name, rule in rules.items() if rule == "churned"} == {"zhao", "zheng", "sun", "firm"}
    (table,) = lived.data("report", "destruction")["tables"].values()
    assert {row["number"] for row in table} == register.keys()


def the_files_agree_with_the_register(lived: Rehearsal) -> None:
    records = lived.root / "records"
    gone = {lived.numbers[name] for name in GONE}
    assert {path.stem for path in (records / "purged").rglob("*.yaml")} == gone
    kept = {path.stem for path in records.rglob("C*.yaml") if "purged" not in path.parts}
    assert kept == set(lived.numbers.values()) - gone == {row["number"] for row in lived.data("list", "--all")}
    planned = [tree_of(path) for path in (records / "plans").glob("*.yaml")]
    listed = Counter(item["number"] for plan in planned for item in plan["items"])
    assert listed == Counter([*gone, lived.numbers["wu"]])
    assert git(lived.root, "status", "--porcelain") == ""
    assert {row["severity"] for row in lived.data("check")} <= {"warning"}


def the_history_agrees_with_the_register(lived: Rehearsal) -> None:
    told = commits(lived.root)
    assert {one["clock"] for one in told if one["op"]} == {"turned"}
    destroyed = {number: one["day"] for one in told if one["op"] == "purge run" for number in one["records"]}
    assert destroyed == {lived.numbers[name]: day for name, day in GONE.items()}
    deleted = git(lived.root, "log", "--diff-filter=D", "--format=", "--name-only", "--", "records/2*").split()
    assert sorted(Path(path).stem for path in deleted) == sorted(destroyed)
    approvals = {one["approval"]: one["author"] for one in told if one["op"] == "purge approve"}
    blobs = git(lived.root, "ls-tree", "-r", "--format=%(path) %(objectname)", "HEAD", "records/plans").splitlines()
    assert approvals == dict.fromkeys(blobs, LAWYER)
    assert {one["plan"] for one in told if one["op"] == "purge run"} == set(blobs)
    moments = [one["at"] for one in told if one["clock"]]
    assert moments == sorted(moments, reverse=True), "written in the order of the turned clock"


def nobody_went_before_the_term_the_law_and_the_hold_were_over(lived: Rehearsal) -> None:
    certificates = {path.stem: tree_of(path) for path in (lived.root / "records/purged").rglob("*.yaml")}
    left = {name: certificates[lived.numbers[name]]["left_on"] for name in GONE}
    assert left == {
        "zhao": "2024-05-31",
        "zheng": "2024-06-30",
        "sun": "2024-06-30",
        "firm": "2024-07-31",
        "qian": "2024-02-29",
        "li": "2024-03-01",
    }
    plans = {path.stem: tree_of(path) for path in (lived.root / "records/plans").glob("*.yaml")}
    due = {item["number"]: item["due"] for plan in plans.values() for item in plan["items"]}
    assert (due[lived.numbers["qian"]], due[lived.numbers["firm"]]) == ("2026-03-01", "2026-02-01")
    assert all(item["due"] <= name for name, plan in plans.items() for item in plan["items"])


def who_came_back_is_on_file_and_active(lived: Rehearsal) -> None:
    for name in ("zhou", "wu"):
        tree = tree_of(lived.root / record_path(lived.numbers[name]))
        assert [move["status"] for move in tree["status_history"]][-3:] == [
            "ended" if name == "zhou" else "churned",
            "archived",
            "active",
        ]
    (kept,) = [one["kept"] for one in commits(lived.root) if one["kept"]]
    assert kept == f"{lived.numbers['wu']} status"


def tiers_rose_on_the_first_day_of_a_quarter_and_never_else(lived: Rehearsal) -> None:
    wang = tree_of(lived.root / record_path(lived.numbers["wang"]))
    assert {move["date"]: move["tier"] for move in wang["tier_history"]} == TIERS
    moves = [one["day"] for one in commits(lived.root) if one["op"] == "classify"]
    assert moves
    assert {(day[5:7], day[8:]) for day in moves} <= {("01", "01"), ("04", "01"), ("07", "01"), ("10", "01")}


def mails_came_when_there_was_something_to_do(lived: Rehearsal) -> None:
    mails = lived.diary.mails
    assert "寄样品" in mails["2024-01-22"]
    assert not any("寄样品" in mail for day, mail in mails.items() if day > "2024-01-23")
    assert min(mails) == "2024-01-22"
    gone = {day: name for name, day in GONE.items()}
    assert not any(lived.numbers[gone[day]] in mail for day in gone for late, mail in mails.items() if late >= day)


def no_machine_has_a_key_of_who_is_gone(lived: Sealed) -> None:
    lived.clerk.push()
    lived.law.pull().done("list")
    for person in (lived.clerk, lived.law):
        held = json.loads(person.done("keys", "--format", "json"))["data"]
        assert (held["name"], held["salts"]) == (person.name, len(lived.numbers) - len(GONE))
    assert {row["history"] for row in lived.data("purge", "list")} == {"unreadable"}


def tree_of(path: Path) -> dict[str, Any]:
    return dict(parse(path.read_bytes(), path.name).tree)


def commits(root: Path) -> list[dict[str, Any]]:
    """What git itself tells of each commit, newest first."""
    trailers = ("Op", "Record", "Approval", "Plan", "Kept", "Clock")
    shape = "%x1f".join(["%aI", "%ae", *(f"%(trailers:key=Crm-{name},valueonly,unfold)" for name in trailers)])
    told = []
    for text in git(root, "log", "-z", f"--format={shape}").rstrip("\0").split("\0"):
        at, author, *values = (part.strip() for part in text.split("\x1f"))
        op, records, approval, plan, kept, clock = values
        day = datetime.fromisoformat(at).date().isoformat()
        known = {"at": at, "day": day, "author": author, "op": op, "records": records.split(), "clock": clock}
        told.append({**known, "approval": approval, "plan": plan, "kept": kept})
    return told
