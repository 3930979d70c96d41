"""Attacks by people who were removed, or lost a role: old parents, late branches. Each test says what is detected.

Zhao founded the vault; Chen, Wang and Li came later.
"""

import shutil
from pathlib import Path

import pytest
from attack_world import CUSTOMERS
from audited_world import CERTIFICATE, NOTE, RULE, TEAM, errors, head, signed_merge, united
from conftest import git
from people import Person, founded, let_in
from trust_world import ACCESS, KEYS, World, access

from crmcli.usecases import trust
from crmcli.usecases.rule_trust import unentitled
from crmcli.usecases.trust import judge
from crmcli.usecases.trust_judged import Judged

pytest_plugins = ["audited_world"]
HIGH = "level: 9\n"


def judged(world: World, *commits: str) -> list[Judged]:
    """Each commit judged, the same with what a clone remembers and without it."""
    now = world.trusted()
    found = judge(world.vault, now, commits)
    world.forget()
    assert judge(world.vault, now, commits) == found
    return found


# Merges with an old first parent


@pytest.mark.parametrize("order", [1, -1])
def test_a_merge_is_judged_by_all_its_parents(world: World, alone: str, order: int) -> None:
    world.commit("chen.jie", {ACCESS: access(3, TEAM[1:])})
    now = world.commit("li.na", {NOTE: "a: 2\n"})
    texts = {path: git(world.root, "show", f"HEAD:{path}") for path in (ACCESS, KEYS, NOTE)}
    made = world.commit("zhao.min", {**texts, CERTIFICATE: "a: 1\n"}, parents=[alone, now][::order])
    (found,) = judged(world, made)
    assert (found.person, found.roles, found.flaw and found.flaw.kind) == (None, (), "foreign")
    assert errors(world) == [(made, "foreign"), (made, "certificate")]


# Branches from old commits


def removed(world: World, name: str) -> str:
    """Somebody leaves the team."""
    by = "chen.jie" if name == "zhao.min" else "zhao.min"
    return world.commit(by, {ACCESS: access(3, [one for one in TEAM if one != name])})


def test_what_somebody_removed_made_on_an_old_commit_does_not_count(world: World, alone: str) -> None:
    now = removed(world, "zhao.min")
    evil = [
        world.commit("zhao.min", {CERTIFICATE: "a: 1\n"}, parents=[alone]),
        world.commit("zhao.min", {RULE: HIGH}),
        world.commit("zhao.min", {NOTE: "a: 2\n"}),
        world.commit("zhao.min", {}, message="approve\n\nCrm-Approval: records/plans/2026-11-22.yaml 0\n"),
    ]
    united(world, "li.na", now, evil[-1])
    for one in judged(world, *evil):
        assert (one.person, one.roles, one.alone, one.flaw and one.flaw.kind) == (None, (), False, "removed")
        assert "zhao.min" in str(one.why)
    assert evil[1][:12] in str(unentitled(world.vault, world.trusted(), RULE))
    kinds = [(evil[0], "certificate"), (evil[1], "rules")]
    assert sorted(errors(world)) == sorted([*((one, "removed") for one in evil), *kinds])


def test_what_was_merged_before_somebody_left_still_counts(world: World, alone: str) -> None:
    now = head(world)
    side = world.commit("wang.fang", {RULE: HIGH}, parents=[now])
    mine = world.commit("li.na", {NOTE: "a: 2\n"}, parents=[now])
    united(world, "li.na", mine, side)
    removed(world, "wang.fang")
    world.commit("li.na", {NOTE: "a: 3\n"})
    (found,) = judged(world, side)
    assert (found.person, found.roles) == ("wang.fang", ("manager",))
    assert unentitled(world.vault, world.trusted(), RULE) is None
    assert errors(world) == []


def test_a_late_branch_of_somebody_who_is_still_there_counts(world: World, alone: str) -> None:
    old = head(world)
    now = removed(world, "zhao.min")
    late = world.commit("wang.fang", {RULE: HIGH}, parents=[old])
    united(world, "li.na", now, late)
    assert judged(world, late)[0].roles == ("manager",)
    assert unentitled(world.vault, world.trusted(), RULE) is None
    assert errors(world) == []


def test_who_comes_back_after_a_branch_came_in_does_not_vouch_for_it(world: World, alone: str) -> None:
    old = head(world)
    now = removed(world, "wang.fang")
    late = world.commit("wang.fang", {RULE: HIGH}, parents=[old])
    united(world, "li.na", now, late)
    world.commit("zhao.min", {ACCESS: access(4, TEAM)})
    assert judged(world, late)[0].person is None
    assert late[:12] in str(unentitled(world.vault, world.trusted(), RULE))
    assert (late, "removed") in errors(world)


def test_a_role_that_was_lost_meanwhile_is_lost(world: World, alone: str) -> None:
    old = head(world)
    now = world.commit("zhao.min", {ACCESS: access(3, TEAM, {**dict.fromkeys(TEAM, "sales"), "zhao.min": "admin"})})
    late = world.commit("wang.fang", {RULE: HIGH}, parents=[old])
    united(world, "li.na", now, late)
    (found,) = judged(world, late)
    assert (found.person, found.roles, found.flaw) == ("wang.fang", (), None)
    assert late[:12] in str(unentitled(world.vault, world.trusted(), RULE))
    assert errors(world) == [(late, "rules")]


def test_who_was_alone_once_is_not_alone_on_a_late_branch(world: World, alone: str) -> None:
    now = head(world)
    early = git(world.root, "rev-parse", f"{alone}").strip()
    late = world.commit("zhao.min", {CERTIFICATE: "a: 1\n"}, parents=[alone])
    united(world, "li.na", now, late)
    first, second = judged(world, early, late)
    assert (first.alone, second.alone, second.roles) == (True, False, ("admin",))


def test_a_team_of_ones_own_making_in_parallel_does_not_bring_back(world: World, alone: str) -> None:
    """Chen, who resolves the two teams, does not see what hangs on the other one."""
    old = head(world)
    now = removed(world, "zhao.min")
    own = world.commit("zhao.min", {ACCESS: access(3, ["zhao.min", "chen.jie"])}, parents=[old])
    evil = world.commit("zhao.min", {CERTIFICATE: "a: 1\n"})
    world.commit("chen.jie", {ACCESS: access(4, TEAM[1:]), CERTIFICATE: "a: 1\n"}, parents=[now, evil])
    assert [one.flaw and one.flaw.kind for one in judged(world, own, evil)] == ["removed", "removed"]


def test_two_admins_who_let_people_in_at_once_harm_nobody(world: World, alone: str) -> None:
    now = head(world)
    one = world.commit("zhao.min", {ACCESS: access(3, [*TEAM, "sun.yu"])}, parents=[now])
    work = world.commit("sun.yu", {NOTE: "a: 2\n"})
    two = world.commit("chen.jie", {ACCESS: access(3, TEAM, masters=True).replace("sales", "staff")}, parents=[now])
    world.commit("zhao.min", {ACCESS: access(4, [*TEAM, "sun.yu"]), NOTE: "a: 2\n"}, parents=[two, work])
    assert [found.flaw for found in judged(world, one, work, two)] == [None, None, None]
    assert errors(world) == []


def test_the_history_is_not_walked_for_what_came_after_the_last_change(
    world: World, alone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where an old branch is merged with its old commit first."""
    old, now = alone, head(world)
    side = world.commit("zhao.min", {NOTE: "a: 2\n"}, parents=[old])
    made = united(world, "li.na", now, side)
    (expected,) = judged(world, made)
    trusted_now = world.trusted()
    monkeypatch.setattr(trust, "judged_history", None)
    assert judge(world.vault, trusted_now, [made]) == [expected]
    with pytest.raises(TypeError):
        judge(world.vault, trusted_now, [side])


# What people see


def test_a_removed_founder_destroys_nothing_with_one_merge(tmp_path: Path) -> None:
    """Its first parent is a commit at which he was alone, its second is today's: a fast-forward for everybody."""
    zhao = founded(tmp_path / "w", "zhao.min", CUSTOMERS[1])
    alone = zhao.head()
    chen = let_in(zhao, Person(zhao.world, "chen.bo"), "admin")
    chen.done("team", "remove", "zhao.min", "--yes")
    chen.done("hold", "C20240510001", "--reason", "litigation")
    chen.push()
    zhao.git("fetch", "-q")
    zhao.git("reset", "-q", "--hard", alone)
    shutil.rmtree(zhao.folder / ".git" / "crm")
    zhao.done("purge", "C20240510001", "--request", "--yes")
    side = zhao.head()
    zhao.git("reset", "-q", "--hard", "origin/main")
    zhao.git("checkout", side, "--", "records")
    zhao.git("rm", "-q", NOTE)
    made = signed_merge(zhao, alone, zhao.head())
    zhao.push()
    chen.git("pull", "-q", "--ff-only")
    told, found = chen("list"), chen("audit")
    assert "not authorised destroys nothing" in told.err
    assert (found.exit, made[:12] in found.out, "certificate" in found.out) == (6, True, True)
    assert "=" * 43 not in next(chen.data.rglob("salts")).read_text()
