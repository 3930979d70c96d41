"""Killed anywhere, a write leaves the old state or the new one, and the next command works: for the transaction itself."""

import itertools
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from conftest import git, make_vault, put
from killer import MODES, kill_points

from crmcli.store import transaction
from crmcli.store import vault as vaults
from crmcli.store.numbers import next_numbers
from crmcli.store.transaction import Change, Message, Stamp, needs_recovery, writing
from crmcli.store.vault import Vault

STAMP = Stamp(datetime(2024, 5, 10, tzinfo=UTC), turned=False)
ONE, TWO, NEW = (f"records/2024/05/C2024051000{n}.yaml" for n in (1, 2, 3))
OLD = {ONE: "a: 1\n", TWO: "b: 1\n", NEW: None}
THEN = {ONE: "a: 2\n", TWO: None, NEW: "c: 1\n"}
FOREIGN = "MM half\n?? loose\n"


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[[], Path]:
    """Two customers on file, a half-staged and an untracked file of somebody else's; a new copy at each call."""
    root = make_vault(tmp_path / "template").root
    put(root, "half", "first\n")
    for path, text in OLD.items():
        put(root, path, text) if text else None
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "start")
    put(root, "half", "staged\n")
    git(root, "add", "half")
    put(root, "half", "and more\n")
    put(root, "loose", "loose\n")
    return copies(root)


def copies(template: Path) -> Callable[[], Path]:
    """Makes a new copy at each call, and drops the one before."""
    counter = itertools.count()

    def copy() -> Path:
        n = next(counter)
        shutil.rmtree(template.parent / f"state{n - 1}", ignore_errors=True)
        return shutil.copytree(template, template.parent / f"state{n}", symlinks=True)

    return copy


def opened(folder: Path) -> Vault:
    return vaults.at(folder, dict(os.environ))


def change(folder: Path) -> None:
    with writing(opened(folder), "update") as desk:
        changes = [Change(path, text.encode() if text else None) for path, text in THEN.items()]
        desk.commit(changes, Message("update three"), STAMP)


def standing(folder: Path) -> dict[str, str | None]:
    return {path: (folder / path).read_text() if (folder / path).exists() else None for path in OLD}


def next_command(folder: Path) -> Vault:
    """Any other write, as the next person would run it."""
    vault = opened(folder)
    with writing(replace(vault, patience=30), "add") as desk:
        assert desk.commit([Change("records/later.yaml", b"x: 1\n")], Message("add later"), STAMP)
    return vault


def sound(vault: Vault) -> None:
    """Nothing of a wreck is left, nothing of anybody's is lost, and git is content."""
    assert git(vault.root, "status", "--porcelain", "-uall") == FOREIGN
    assert git(vault.root, "diff", "--cached", "--", "half").endswith("-first\n+staged\n")
    assert git(vault.root, "fsck", "--strict", "--no-dangling") == ""
    assert not needs_recovery(vault)
    assert not list(vault.git_dir.rglob("*.lock"))
    assert not list(vault.root.rglob(".*.tmp"))
    assert [path.name for path in vault.state.iterdir()] == []


def old_or_new(folder: Path) -> None:
    vault = next_command(folder)
    assert standing(folder) in (OLD, THEN)
    sound(vault)


@pytest.mark.parametrize("mode", MODES)
def test_a_killed_write_is_old_or_new(fresh: Callable[[], Path], mode: str) -> None:
    assert kill_points(change, fresh, old_or_new, mode) >= 5


@pytest.mark.parametrize("mode", MODES)
def test_a_killed_adoption_keeps_the_hand_edit_or_commits_it(fresh: Callable[[], Path], mode: str) -> None:
    def by_hand() -> Path:
        return put(fresh(), ONE, "a:   by hand\n").parents[3]

    def adopt(folder: Path) -> None:
        with writing(opened(folder), "commit") as desk:
            desk.commit([Change(ONE, b"a: by hand\n")], Message("commit"), STAMP, adopt=True)

    def check(folder: Path) -> None:
        vault = next_command(folder)
        found, head = (folder / ONE).read_text(), git(folder, "show", f"HEAD:{ONE}")
        assert (found, head) in (("a:   by hand\n", "a: 1\n"), ("a: by hand\n", "a: by hand\n"))
        put(folder, ONE, head)
        sound(vault)

    kill_points(adopt, by_hand, check, mode)


@pytest.mark.parametrize("mode", MODES)
def test_a_killed_event_is_on_record_at_most_once(fresh: Callable[[], Path], mode: str) -> None:
    def event(folder: Path) -> None:
        with writing(opened(folder), "export") as desk:
            desk.event(Message("export"), STAMP)

    def check(folder: Path) -> None:
        vault = next_command(folder)
        assert git(folder, "log", "--format=%s").split("\n").count("export") <= 1
        sound(vault)

    kill_points(event, fresh, check, mode)


@pytest.mark.parametrize("mode", ["before", "group"])
def test_a_killed_recovery_is_finished_by_the_next(fresh: Callable[[], Path], mode: str) -> None:
    def wreck() -> Path:
        folder = fresh()
        crash(folder)
        assert needs_recovery(opened(folder))
        return folder

    def recovering(folder: Path) -> None:
        with writing(opened(folder), "update"):
            pass

    kill_points(recovering, wreck, old_or_new, mode)


def crash(folder: Path) -> None:
    """A write killed at its commit: files and index are new, HEAD is old."""
    pid = os.fork()
    if not pid:
        try:
            transaction.commit = lambda *_a, **_k: os.kill(os.getpid(), 9)
            change(folder)
        finally:
            os._exit(1)
    os.waitpid(pid, 0)


def test_a_number_handed_out_before_a_crash_is_spent(fresh: Callable[[], Path]) -> None:
    day = date(2024, 5, 10)

    def take(folder: Path) -> None:
        with writing(opened(folder), "add") as desk:
            (folder.parent / "given").write_text(next_numbers(desk, day, 1)[0])

    def check(folder: Path) -> None:
        given = folder.parent / "given"
        with writing(replace(opened(folder), patience=30), "add") as desk:
            following = next_numbers(desk, day, 1)[0]
        assert following > "C20240510002"
        assert not given.exists() or not given.read_text() or following > given.read_text()
        given.unlink(missing_ok=True)

    kill_points(take, fresh, check, "before")
