"""The papers of destruction: the register, certificates and plans that don't hold, house rules that don't."""

import json

import pytest
from conventions import WANG
from life_vault import ACCESS, CERTIFICATE, FIRST, PLAN, POLICY, RUN, SECOND, TEAM, Life

pytest_plugins = ["conventions", "life_vault"]


def test_the_register_is_a_table_with_the_newest_last(due: Life) -> None:
    assert due("purge", "list").err == "Nothing found.\n"
    for day, moment in (("2025-06-01", "2025-06-01T23:30+00:00"), ("2026-11-22", "2026-11-22T09:00+08:00")):
        due.on(day).done("purge", "plan")
        due.done("purge", "approve", day)
        due.on(moment).done(*RUN)
    listed = json.loads(due.done("purge", "list", "--format", "json"))["data"]
    rows = listed["rows"] if isinstance(listed, dict) else listed
    assert [(row["number"], row["destroyed_at"], row["rule"]) for row in rows] == [
        (SECOND, "2025-06-02 07:30", "churned"),
        (FIRST, "2026-11-22 09:00", "ended"),
    ]
    assert rows[0]["history"] == "not reached"


def test_a_certificate_that_does_not_hold_is_named_and_the_others_are_listed(approved: Life) -> None:
    approved.done(*RUN)
    approved.change(CERTIFICATE, "history: not reached", "history: reached")
    ended = approved("purge", "list", "--format", "ids")
    assert (ended.exit, ended.out) == (7, f"{SECOND}\n")
    assert f"{CERTIFICATE}:15: history" in ended.err
    assert approved.refused("show", FIRST, exit=7).error["kind"] == "certificate"
    assert "never changed by hand" in approved("commit").err
    assert approved("check").exit == 6


def test_a_certificate_in_another_place_does_not_hold(approved: Life) -> None:
    approved.done(*RUN)
    (approved.folder / CERTIFICATE).rename(approved.folder / CERTIFICATE.replace("001", "009"))
    ended = approved("purge", "list")
    assert ended.exit == 7
    assert "The certificate's place does not match its number." in ended.err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('format: "1"', 'format: "2"', f"{PLAN}:1: format"),
        (f"number: {SECOND}", f"number: {FIRST}", f"{PLAN}:12: items[2].number: {FIRST} is listed twice."),
        ("rule: churned\n", "rule: churned\n    why: none\n", "Unknown field why."),
    ],
)
def test_a_broken_plan_is_named_with_its_line_and_never_carried_out(
    old: str, new: str, said: str, approved: Life
) -> None:
    approved.change(PLAN, old, new)
    ended = approved(*RUN)
    assert (ended.exit, ended.out) == (6, "There is nothing to carry out: no approved plan is waiting.\n")
    assert said in ended.err
    assert approved("purge", "run", "2026-11-22", "--yes").exit == 2
    assert (approved.folder / WANG).exists()


@pytest.mark.parametrize(
    ("name", "code"), [("2026-11-23", 3), ("yesterday", 2), ("../2026-11-22", 2), ("2026-13-01", 2)]
)
def test_a_plan_that_is_not_there_is_not_approved(name: str, code: int, approved: Life) -> None:
    assert "There are: 2026-11-22" in approved.stopped_by("purge", "approve", name, exit=code)


def test_without_any_plan_it_is_said_what_makes_one(due: Life) -> None:
    assert "`crm purge plan` makes one" in due.stopped_by("purge", "approve", "nosuch", exit=2)


def test_that_nobody_could_approve_a_plan_is_said(due: Life) -> None:
    due.put(ACCESS, TEAM)
    due.keep()
    assert "Nobody in the team could approve" not in due.by("li.na")("purge", "plan", "--dry-run").err
    due.by("zhao.min")
    for words in (("purge", "plan"), ("purge", "plan"), ("purge", "list")):
        told = due(*words)
        assert (told.exit, "another person with the role legal" in told.err, ACCESS in told.err) == (0, True, True)


# file, old, new, the line named, field
FLAWS = [
    (POLICY, "term: 2y", "term: 2w", 15, "rules.ended.term"),
    (POLICY, "term: 2y", "term: 0y", 15, "rules.ended.term"),
    (POLICY, "term: 2y", "term: 999y", 15, "rules.ended.term"),
    (POLICY, "after: churned", "after: bored", 20, "rules.churned.after"),
    (POLICY, "after: churned", "after: archived", 20, "rules.churned.after"),
    (POLICY, "after: churned", "after: ended", 20, "rules.churned.after"),
    (POLICY, "role: legal", "role: judge", 24, "approval.role"),
    (POLICY, "    term: 1y\n", "", 16, "rules.churned.term"),
    (POLICY, "approval:", "aproval:", 23, "aproval"),
    (ACCESS, "people: {}", "people: []", 15, "people"),
    (ACCESS, "people: {}", "peple: {}", 15, "peple"),
    (ACCESS, "people: {}", "people:\n  a:\n    email: a@b.cn\n    roles: [king]", 18, "people.a.roles[1]"),
    (ACCESS, "people: {}", "people:\n  a:\n    email: none\n    roles: [legal]", 17, "people.a.email"),
    (ACCESS, "people: {}", "people:\n  a:\n    email: a@b.cn\n    roles: []", 18, "people.a.roles"),
    (ACCESS, "people: {}", "people:\n  a: {email: a@b.cn, roles: [legal]}\n  b: {email: A@b.cn, roles: [legal]}",
     17, "people.b.email"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "old", "new", "line", "field"), FLAWS)
def test_a_house_rule_that_does_not_hold_stops_destruction(
    path: str, old: str, new: str, line: int, field: str, approved: Life
) -> None:
    approved.change(path, old, new)
    place = f"{path}:{line}: {field}"
    words = ("purge", "approve", "2026-11-22") if path == ACCESS else ("purge", "plan")
    assert place in approved.stopped_by(*words)
    if path == POLICY:
        assert place in approved.stopped_by(*RUN)
    ended = approved("commit")
    assert ended.exit == 6
    assert place in ended.err
    assert place.split(":")[0] in approved("check", "--format", "csv").out


def test_a_policy_without_rules_is_refused_with_its_line(due: Life) -> None:
    text = (due.folder / POLICY).read_text()
    due.put(POLICY, text[: text.index("rules:")] + "rules: {}\n")
    assert f"{POLICY}:9: rules" in due.stopped_by("purge", "plan")
