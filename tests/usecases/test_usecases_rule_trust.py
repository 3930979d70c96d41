"""House rules count as made by a manager or admin, or as the founder committed them."""

from pathlib import Path

import pytest
from conftest import git
from trust_world import ACCESS, KEYS, World, access, keys, new_world

from crmcli.usecases.rule_trust import unentitled

RULE = "schemas/rule.yaml"
BASE, LOWER, OTHER = "level: internal\n", "level: open\n", "level: restricted\n"


@pytest.fixture(params=["", "sub/folder/"])
def world(tmp_path: Path, request: pytest.FixtureRequest) -> World:
    """A sealed vault whose root holds a rule."""
    made = new_world(tmp_path, prefix=request.param)
    made.commit("zhao.min", {ACCESS: access(1), KEYS: keys(), RULE: BASE})
    return made


def why(world: World, commit: str = "HEAD") -> str | None:
    return unentitled(world.vault, world.trusted(), RULE, commit)


def test_the_founders_version_counts_whoever_touched_it_since(world: World) -> None:
    assert why(world) is None
    world.commit(None, {RULE: LOWER})
    world.commit(None, {RULE: BASE})
    assert why(world) is None


@pytest.mark.parametrize("by", ["wang.fang", "zhao.min"])
def test_a_manager_or_admin_may(world: World, by: str) -> None:
    world.commit(by, {RULE: LOWER})
    assert why(world) is None
    world.commit(by, {RULE: None})
    assert why(world) is None


@pytest.mark.parametrize("by", ["li.na", "chen.jie", None])
def test_nobody_else_may_and_the_commit_is_named(world: World, by: str | None) -> None:
    first = world.trusted().root
    made = world.commit(by, {RULE: LOWER})
    world.commit("zhao.min", {"records/a.yaml": "a: 1\n"})
    assert made[:12] in str(why(world))
    assert why(world, first) is None
    world.commit("li.na", {RULE: None})
    assert why(world)


def test_an_altered_commit_does_not_count(world: World) -> None:
    world.commit("zhao.min", {RULE: LOWER}, spoil=True)
    assert "signature" in str(why(world))


def test_a_version_brought_by_a_manager_stays_good_when_it_is_put_back(world: World) -> None:
    world.commit("wang.fang", {RULE: OTHER})
    world.commit(None, {RULE: LOWER})
    assert why(world)
    world.commit("li.na", {RULE: OTHER})
    assert why(world) is None


def test_a_manager_who_only_merges_does_not_vouch(world: World) -> None:
    root = world.trusted().root
    evil = world.commit("li.na", {RULE: LOWER}, parents=[root])
    mine = world.commit("wang.fang", {RULE: BASE, "records/a.yaml": "a: 1\n"}, parents=[root])
    world.commit("wang.fang", {RULE: LOWER, "records/a.yaml": "a: 1\n"}, parents=[mine, evil])
    assert evil[:12] in str(why(world))
    world.commit("wang.fang", {RULE: OTHER, "records/a.yaml": "a: 1\n"}, parents=[mine, evil])
    assert why(world) is None


def test_a_merge_takes_a_managers_version_over_whoever_merges(world: World) -> None:
    root = world.trusted().root
    good = world.commit("wang.fang", {RULE: LOWER}, parents=[root])
    mine = world.commit("li.na", {RULE: BASE, "records/a.yaml": "a: 1\n"}, parents=[root])
    world.commit("li.na", {RULE: LOWER, "records/a.yaml": "a: 1\n"}, parents=[mine, good])
    assert git(world.root, "show", f"HEAD:./{RULE}") == LOWER
    assert why(world) is None


def test_a_line_without_the_root_vouches_for_nothing(world: World) -> None:
    root = world.trusted().root
    alien = world.commit("zhao.min", {ACCESS: None, KEYS: None, RULE: LOWER}, parents=[])
    world.commit("zhao.min", {ACCESS: access(1), KEYS: keys(), RULE: LOWER}, parents=[root, alien])
    assert alien[:12] in str(why(world))
