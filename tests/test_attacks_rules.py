"""Older house rules put back: each test says what is detected, and that an entitled person may."""

import shutil
from pathlib import Path

import pytest
from attack_world import CUSTOM, CUSTOMERS
from audited_world import NOTE, RULE, errors, head, united
from people import Person, founded, let_in
from trust_world import World

from crmcli.usecases.rule_trust import unentitled

pytest_plugins = ["audited_world"]
LOW, HIGH = "level: 1\n", "level: 9\n"


def rule_error(world: World, commit: str) -> None:
    """The version that stands is not relied on, with what the clone remembers and without; the commit is named."""
    for _turn in range(2):
        assert commit[:12] in str(unentitled(world.vault, world.trusted(), RULE))
        world.forget()
        shutil.rmtree(world.vault.shared)
    assert (commit, "rules") in errors(world)


@pytest.mark.parametrize("by", ["li.na", None])
def test_an_older_rule_put_back_does_not_count(world: World, alone: str, by: str | None) -> None:
    world.trusted()
    assert unentitled(world.vault, world.trusted(), RULE) is None
    world.commit("wang.fang", {RULE: HIGH})
    assert unentitled(world.vault, world.trusted(), RULE) is None
    made = world.commit(by, {RULE: LOW})
    rule_error(world, made)
    world.commit("li.na", {NOTE: "a: 2\n"})
    rule_error(world, made)
    world.commit("li.na", {RULE: HIGH})
    assert unentitled(world.vault, world.trusted(), RULE) is None
    world.commit("wang.fang", {RULE: LOW})
    assert unentitled(world.vault, world.trusted(), RULE) is None


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("by", ["li.na", None])
def test_an_older_rule_put_back_by_a_merge_does_not_count(world: World, alone: str, by: str | None, order: int) -> None:
    old = head(world)
    new = world.commit("wang.fang", {RULE: HIGH})
    side = world.commit("li.na", {NOTE: "a: 2\n"}, parents=[old])
    honest = united(world, by, new, side)
    assert unentitled(world.vault, world.trusted(), RULE) is None
    assert [kind for _commit, kind in errors(world)] == []
    evil = united(world, by, *[new, side][::order], **{RULE: LOW})
    assert honest != evil
    rule_error(world, evil)
    world.commit("wang.fang", {RULE: LOW, NOTE: "a: 2\n"}, parents=[new, side])
    assert unentitled(world.vault, world.trusted(), RULE) is None


def test_rules_changed_apart_need_somebody_entitled(world: World, alone: str) -> None:
    old = head(world)
    one = world.commit("wang.fang", {RULE: HIGH}, parents=[old])
    two = world.commit("wang.fang", {RULE: "level: 5\n"}, parents=[old])
    made = world.commit("li.na", {RULE: HIGH}, parents=[one, two])
    rule_error(world, made)
    world.commit("wang.fang", {RULE: HIGH}, parents=[one, two])
    assert unentitled(world.vault, world.trusted(), RULE) is None
    assert errors(world) == []


def test_a_slipped_in_rule_is_named_where_it_was_slipped_in_and_where_it_is_picked_again(
    world: World, alone: str
) -> None:
    old = head(world)
    evil = world.commit("li.na", {RULE: HIGH}, parents=[old])
    mine = world.commit("li.na", {NOTE: "a: 2\n"}, parents=[old])
    united(world, "li.na", mine, evil)
    assert errors(world) == [(evil, "rules")]
    good = world.commit("wang.fang", {RULE: LOW})
    again = world.commit("li.na", {RULE: HIGH}, parents=[good, evil])
    assert errors(world) == [(evil, "rules"), (again, "rules")]


def test_what_a_clone_has_accepted_is_judged_again_when_it_was_changed_in_between(world: World, alone: str) -> None:
    """One pull brings a newer version, and the older one that this clone knew as good."""
    world.trusted()
    before = world.trusted().since
    assert world.trusted().since == before
    world.commit("li.na", {NOTE: "a: 2\n"})
    assert world.trusted().since == before
    custom = "schemas/custom-fields.yaml"
    text = (world.root / custom).read_text()
    world.commit("wang.fang", {custom: f"{text}# newer\n"})
    world.commit("li.na", {custom: text})
    assert world.trusted().since != before


def test_one_pull_that_brings_a_higher_level_and_the_lower_one_again_lowers_nothing(tmp_path: Path) -> None:
    """The lower one is what this clone has looked at last, and found good."""
    zhao = founded(tmp_path / "w", "zhao.min", CUSTOMERS[1])
    chen = let_in(zhao, Person(zhao.world, "chen.bo"), "manager")
    assert "do not count" not in zhao("list").err
    low = (chen.folder / CUSTOM).read_text()
    (chen.folder / CUSTOM).write_text(low.replace("level: internal", "level: restricted", 1))
    chen.keep_signed()
    (chen.folder / CUSTOM).write_text(low)
    made = chen.keep()
    chen.push()
    told = zhao.pull()("list")
    assert "levels of custom fields do not count" in told.err
    assert made[:12] in told.err
    chen.git("reset", "-q", "--hard", "HEAD~1")
    chen.git("push", "-q", "-f", "origin", "HEAD")
    zhao.git("reset", "-q", "--hard", "HEAD~1")
    assert "do not count" not in zhao("list").err
