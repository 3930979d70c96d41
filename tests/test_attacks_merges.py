"""Attacks by merges that pick a version file by file: each test says what is detected, and that honest ones pass."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from attack_world import CUSTOMERS
from audited_world import NOTE, OTHER, errors, head, named, signed_merge, united
from conftest import git
from people import founded
from trust_world import World

pytest_plugins = ["audited_world"]


def picked(world: World, parents: Sequence[str], tree: str, **files: str | None) -> str:
    """An unsigned merge that has the files of one commit."""
    names = git(world.root, "ls-tree", "-r", "--name-only", tree).splitlines()
    texts = {path: git(world.root, "show", f"{tree}:{path}") for path in names}
    made = world.commit(
        None, {**texts, **files}, parents=list(parents), author="zhao.min", message="Merge branch 'main'\n"
    )
    world.trusted()
    return made


@pytest.mark.parametrize("order", [1, -1])
def test_an_unsigned_merge_that_undoes_is_an_error(world: World, alone: str, order: int) -> None:
    old = head(world)
    now = world.commit("zhao.min", {NOTE: "a: 2\n"})
    made = picked(world, [now, old][::order], old)
    assert errors(world) == [(made, "unsigned")]
    idle = picked(world, [now, old][::order], now)  # git makes none of what one side has already
    assert errors(world) == [(idle, "unsigned")]
    side = world.commit("zhao.min", {OTHER: "b: 2\n"}, parents=[old])
    assert errors(world) == []
    undone = picked(world, [now, side][::order], side)
    assert errors(world) == [(undone, "unsigned")]
    gone = picked(world, [now, side][::order], now, **{NOTE: None})
    assert errors(world) == [(gone, "unsigned")]
    mode = united(world, None, *[now, side][::order])
    assert named(world) == [(mode, "unsigned", "warning")]


def test_an_unsigned_merge_decides_nothing_that_both_sides_changed(world: World, alone: str) -> None:
    old = head(world)
    one = world.commit("zhao.min", {NOTE: "a: 2\n"}, parents=[old])
    two = world.commit("li.na", {NOTE: "a: 3\n"}, parents=[old])
    for tree in (one, two):
        made = picked(world, [one, two], tree)
        assert errors(world) == [(made, "unsigned")]
    alike = world.commit("li.na", {NOTE: "a: 2\n", OTHER: "b: 2\n"}, parents=[old])
    assert named(world)[:0] == []
    made = picked(world, [one, alike], alike)
    assert named(world) == [(made, "unsigned", "warning")]


def test_an_unsigned_link_instead_of_a_file_is_an_error(world: World, alone: str) -> None:
    old = head(world)
    one = world.commit("zhao.min", {NOTE: "a: 2\n"}, parents=[old])
    two = world.commit("zhao.min", {OTHER: "b: 2\n"}, parents=[old])
    united(world, None, one, two)
    git(
        world.root,
        "update-index",
        "--cacheinfo",
        f"120000,{git(world.root, 'rev-parse', f'HEAD:{NOTE}').strip()},{NOTE}",
    )
    tree = git(world.root, "write-tree").strip()
    who = ("-c", "user.name=x", "-c", "user.email=x@example.invalid", "-c", "commit.gpgsign=false")
    made = git(world.root, *who, "commit-tree", tree, "-p", one, "-p", two, "-m", "Merge").strip()
    world.tip(made)
    assert errors(world) == [(made, "unsigned")]


def test_merges_that_cross_are_told_and_pass(world: World, alone: str) -> None:
    """Two people each merge the other's work, and go on."""
    old = head(world)
    one = world.commit("zhao.min", {NOTE: "a: 2\n"}, parents=[old])
    two = world.commit("li.na", {OTHER: "b: 2\n"}, parents=[old])
    mine, theirs = united(world, None, one, two), united(world, None, two, one)
    on = world.commit("li.na", {NOTE: "a: 3\n"}, parents=[theirs])
    last = united(world, None, mine, on)
    assert sorted(named(world)) == sorted((name, "unsigned", "warning") for name in (mine, theirs, last))
    undone = picked(world, [mine, on], mine)
    assert errors(world) == [(undone, "unsigned")]


def test_a_merge_that_undoes_is_in_the_customers_history_and_one_that_unites_is_not(tmp_path: Path) -> None:
    zhao = founded(tmp_path / "w", "zhao.min", CUSTOMERS[1])
    old = zhao.head()
    zhao.done("hold", "C20240510001", "--reason", "litigation")
    held = zhao.head()
    zhao.git("reset", "-q", "--hard", old)
    zhao.done("add", "--kind", "individual", "--name", "李四", "--incomplete")
    side = zhao.head()
    zhao.git("merge", "-q", "--no-edit", "--no-gpg-sign", held)
    united = zhao.head()
    told = zhao.done("history", "C20240510001")
    assert (held[:12] in told, united[:12] in told) == (True, False)
    for parents in ((united, old), (old, united), (held, side)):
        zhao.git("read-tree", "-u", "--reset", side)
        made = signed_merge(zhao, *parents)
        for words in ((), ("-p",)):
            told = zhao.done("history", "C20240510001", *words)
            assert made[:12] in told
            assert held[:12] in told
        zhao.git("reset", "-q", "--hard", united)
