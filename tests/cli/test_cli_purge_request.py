"""A customer's own request: whatever the terms of retention, but neither a hold nor the law; and who is mentioned where."""

import json

import pytest
from conventions import WANG, ZHANG
from life_vault import ACCESS, CERTIFICATE, FIRST, POLICY, SECOND, TEAM, Life

pytest_plugins = ["conventions", "life_vault"]

DAY = "2024-05-20"
PLAN = f"records/plans/{DAY}.yaml"
ASK = ("purge", FIRST, "--request")


@pytest.fixture
def asked(life: Life) -> Life:
    return life.on(DAY)


def test_a_request_destroys_a_customer_of_any_status_in_one_go(asked: Life) -> None:
    told = json.loads(asked.done("--yes", "--format", "json", *ASK))["data"]
    assert (told["destroyed"], told["plan"], told["alone"]) == ([FIRST], PLAN, True)
    found = asked.tree(CERTIFICATE)
    assert (found["rule"], found["clause"]) == ("request", "PIPL art. 47")
    assert "left_on" not in found
    assert not (asked.folder / WANG).exists()
    subjects = asked.git("log", "-3", "--format=%s").splitlines()
    assert [line.split(" records")[0] for line in subjects] == [
        "purge run",
        "purge approve",
        f"purge request {FIRST}",
    ]
    assert asked.done("check") == ""
    assert asked.on("2030-01-01")("purge", "verify").exit == 6


@pytest.mark.parametrize("words", [("王芳", "--request"), ("--request", FIRST), ("--yes", FIRST, "--request")])
def test_the_customer_may_be_named_in_any_way_and_place(words: tuple[str, ...], asked: Life) -> None:
    assert f"Destroyed: {FIRST}." in asked.done("--yes", "purge", *words)


def test_a_hold_stands_in_the_way(asked: Life) -> None:
    asked.done("hold", FIRST, "--reason", "audit")
    assert asked.refused("--yes", *ASK, exit=5).error["kind"] == "hold"
    asked.done("release", FIRST)
    asked.done("--yes", *ASK)


def test_keys_that_another_customers_file_shares_are_not_destroyed(asked: Life) -> None:
    """A hold would be got round by a second file with the uid of the one that is held."""
    asked.done("hold", FIRST, "--reason", "audit")
    twin = "C20240510009"
    path = f"records/2024/05/{twin}.yaml"
    asked.put(path, f"id: {twin}\nuid: {asked.tree(WANG)['uid']}\nkind: individual\nname: 甲\nstatus: lead\n")
    asked.keep()
    refusal = asked.refused("--yes", "purge", twin, "--request", exit=5)
    assert refusal.error["kind"] == "twice"
    assert FIRST in refusal.words
    asked.git("rm", "-q", path)
    asked.keep()
    asked.done("release", FIRST)
    asked.done("--yes", *ASK)


def test_so_does_a_term_of_the_law_until_its_last_day(asked: Life) -> None:
    asked.done("update", FIRST, "--set", "retain_until=2025-06-30")
    refusal = asked.refused("--yes", *ASK, exit=5)
    assert refusal.error["kind"] == "kept-by-law"
    assert "kept by law until 2025-06-30" in refusal.words
    asked.on("2025-06-30").stopped_by("--yes", *ASK, exit=5)
    asked.on("2025-07-01").done("--yes", *ASK)


def test_nothing_happens_without_a_yes_in_a_dry_run_or_to_a_file_changed_by_hand(asked: Life) -> None:
    assert "--yes" in asked.stopped_by(*ASK, exit=5)
    before = asked.state()
    assert f"would destroy: {FIRST}" in asked.done("--dry-run", *ASK)
    assert asked.state() == before
    asked.put(WANG, (asked.folder / WANG).read_text() + "# by hand\n")
    assert asked.refused("--yes", *ASK, exit=4).error["kind"] == "uncommitted"


def test_in_a_team_another_person_approves(asked: Life) -> None:
    asked.put(ACCESS, TEAM)
    asked.done("commit")
    said = asked.by("li.na").done(*ASK)
    assert f"with the role legal must approve it: `crm purge approve {DAY}`" in said
    assert f"Planned in {PLAN}: {FIRST}.\n" in said
    assert asked.done(*ASK) == said
    assert asked.git("log", "--format=%s", "--grep=purge request").count("\n") == 1
    assert (asked.folder / WANG).exists()
    asked.by("zhao.min").done("purge", "approve", DAY)
    assert f"Destroyed: {FIRST}." in asked.done("--yes", "purge", "run")


def test_a_hold_after_the_approval_keeps_the_file(asked: Life) -> None:
    asked.put(ACCESS, TEAM)
    asked.done("commit")
    asked.by("li.na").done(*ASK)
    asked.by("zhao.min").done("purge", "approve", DAY)
    asked.done("hold", FIRST, "--reason", "audit")
    ended = asked("--yes", "purge", "run")
    assert (ended.exit, (asked.folder / WANG).exists()) == (5, True)
    assert "held since" in ended.err
    said = f"{PLAN}: The request of {FIRST} is still open; stopped: held since"
    assert said in asked("purge", "list").err
    asked.done("release", FIRST)
    assert "is still open; stopped: its file has changed since the plan" in asked("purge", "list").err
    again = asked.by("li.na").done(*ASK)
    assert f"`crm purge approve {DAY}-2`" in again
    assert "is still open; it waits for approval." in asked("purge", "list").err
    asked.by("zhao.min").done("purge", "approve", f"{DAY}-2")
    assert "is still open; it is approved." in asked("purge", "list").err
    assert f"Destroyed: {FIRST}." in asked.done("--yes", "purge", "run")
    assert "still open" not in asked("purge", "list").err


def test_who_changes_a_file_that_is_to_be_destroyed_is_told(asked: Life) -> None:
    asked.put(ACCESS, TEAM)
    asked.done("commit")
    assert "destroyed" not in asked("update", FIRST, "--set", "tier=gold").err
    asked.by("li.na").done(*ASK)
    said = f"warning: {WANG}: {FIRST} asked for their file to be destroyed; the request means the file as it was."
    for words in (
        ["update", FIRST, "--set", "tier=silver"],
        ["interaction", "add", FIRST, "--channel", "call", "--summary", "改天"],
    ):
        for more in (["--dry-run"], []):
            ended = asked(*words, *more)
            assert (ended.exit, ended.err.count(said)) == (0, 1), ended
    assert FIRST not in asked("update", SECOND, "--set", "tier=silver").err


def test_a_word_that_is_no_command_is_answered_with_both_ways(asked: Life) -> None:
    said = asked.stopped_by("purge", "plna")
    assert "crm purge “plna” is not a command." in said
    assert "plan, approve, run, list or verify; or `crm purge REF --request`" in said
    assert asked("purge", "--help").exit == 0


def test_the_name_of_the_rule_is_taken(asked: Life) -> None:
    asked.change(POLICY, "  ended:\n", "  request:\n")
    asked.keep()
    assert f"{POLICY}:" in asked.stopped_by("purge", "plan")
    assert "is kept for customers' own requests" in asked.stopped_by("purge", "plan")


@pytest.mark.parametrize("ask", [ASK, ("purge", "plan")])
def test_mentions_in_other_files_are_listed_by_place_alone(ask: tuple[str, ...], asked: Life) -> None:
    asked.done("update", SECOND, "--set", "remarks=王芳的朋友，138 0013-8000")
    asked.done("update", SECOND, "--set", "need=像芳那样的卡 13800138")
    asked.done("interaction", "add", SECOND, "--channel", "call", "--summary", "证件 11010519491231002x")
    if ask != ASK:
        asked.done("archive", FIRST, "--reason", "ended")
        asked.on("2027-01-01")
    ended = asked("--dry-run", "--format", "json", *ask)
    told = [(one["where"]["path"], one["where"]["field"]) for one in json.loads(ended.out)["warnings"]]
    assert told == [(ZHANG, "interactions[1].summary"), (ZHANG, "remarks")]
    assert all(FIRST in one["message"] for one in json.loads(ended.out)["warnings"])
    assert ended.exit == 0
    asked("--yes", *ask)
    assert "remarks" not in asked.git("log", "-3", "--format=%B")


def test_a_customer_whom_only_the_history_has(asked: Life) -> None:
    person = "--kind individual --name 何静 --phone 13600136000 --region 北京/朝阳 --source store --format ids"
    number = asked.done("add", *person.split()).strip()
    asked.done("undo")
    assert f"Destroyed: {number}." in asked.done("--yes", "purge", number, "--request")
    assert asked.done("check") == ""
    assert asked.stopped_by("--yes", "purge", "C20240520009", "--request", exit=3)


def test_a_customer_of_another_branch_is_left_there(asked: Life) -> None:
    asked.git("checkout", "-q", "-b", "other")
    person = "--kind individual --name 何静 --phone 13600136000 --region 北京/朝阳 --source store --format ids"
    number = asked.done("add", *person.split()).strip()
    asked.git("checkout", "-q", "main")
    refusal = asked.refused("--yes", "purge", number, "--request", exit=4)
    assert refusal.error["kind"] == "elsewhere"
    assert "refs/heads/other" in refusal.words
