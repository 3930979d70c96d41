"""kill -9 in classify, archive and purge: old or new, never half; the same command again ends it as if unharmed.

A customer's file is there without a certificate, or gone with one, at every moment that another command can see.
CRM_CRASH_ALL=1 kills at every moment in every way; without it at some of them.
"""

import itertools
import os
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import killer
import pytest
from conftest import git, isolated, put

from crmcli.cli import boundary
from crmcli.model import identity
from crmcli.store import vault as vaults

ALL = bool(os.environ.get("CRM_CRASH_ALL"))
SURROUNDINGS = {"CRM_NOW": "2026-11-22T09:30+08:00", "CRM_LANG": "en", "GIT_TEST_FSYNC": "0"}
PERSON = "kind: individual\nname: {name}\nphone: '{phone}'\nregion: 北京市/朝阳区\nsource: store\nstatus: active\n"
FIRST, SECOND, THIRD = (f"C2024051000{n}" for n in (1, 2, 3))
# what is done, the state it begins with, every how-manieth moment
VERBS: Mapping[str, tuple[tuple[str, ...], str, int]] = {
    "classify": (("classify", "--apply"), "left", 8),
    "archive": (("archive", THIRD, "--reason", "ended", "--why", "contract-ended"), "left", 8),
    "purge plan": (("purge", "plan"), "left", 8),
    "purge approve": (("purge", "approve", "2026-11-22"), "planned", 8),
    "purge run": (("purge", "run", "--yes"), "approved", 17),
}
# What the vault's private folder has between commands.
KEPT = ("numbers.json", "trusted", "erased", "custom-fields", "walks", "rules", "searched", "line")
TURNS = dict(zip(VERBS, itertools.cycle(killer.MODES[1:]), strict=False))


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Vaults to practise in: two of three customers have left; a plan is made; it is approved. Foreign work lies about."""
    place = tmp_path_factory.mktemp("states")
    (place / "hooks").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**isolated(place), **SURROUNDINGS, "GIT_TEMPLATE_DIR": str(place / "hooks")}.items():
            patch.setenv(name, value)
        begin(place / "left", patch)
        for name, before, words in (
            ("planned", "left", ("purge", "plan")),
            ("approved", "planned", ("purge", "approve", "2026-11-22")),
        ):
            shutil.copytree(place / before, place / name, symlinks=True)
            crm(place / name, *words)
    return place


def live(folder: Path) -> set[str]:
    """The uids of all customers whose salt is in this home, or any part of it."""
    (salts,) = (folder / "data").rglob("salts")
    lines = salts.read_text().splitlines()
    return {line[:26] for line in lines if line[36:] != "=" * 43}


def begin(folder: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("CRM_NOW", "2024-05-10T09:30+08:00")
    assert boundary.main(["init", str(folder), "--rehearsal", "--quiet"]) == 0
    people = "---\n".join(
        PERSON.format(name=name, phone=13800138000 + n) for n, name in enumerate(("王芳", "李雷", "周杰"))
    )
    crm(folder, "add", "--file", str(put(folder.parent, "people.yaml", people)))
    crm(folder, "archive", FIRST, "--reason", "ended")
    crm(folder, "archive", SECOND, "--reason", "churned")
    put(folder, "half", "staged\n")
    git(folder, "add", "half")
    put(folder, "half", "staged and more\n")
    git(folder, "gc", "-q")
    patch.setenv("CRM_NOW", SURROUNDINGS["CRM_NOW"])


@pytest.fixture(autouse=True)
def surroundings(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in SURROUNDINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)
    kept = identity.new_entry_id.__defaults__
    yield
    identity.new_entry_id.__defaults__ = kept


def crm(folder: Path, *words: str) -> None:
    """Run `crm` as the next person would; it must not fail."""
    code = boundary.main([*words, "--vault", str(folder)])
    assert code == 0, f"{words} ended with {code}"


def action(words: tuple[str, ...]) -> Callable[[Path], None]:
    """The command; it draws the same ids each time, so that even the commit is known beforehand."""

    def run(folder: Path) -> None:
        identity.new_entry_id.__defaults__ = (random.Random(1).randbytes,)
        boundary.main([*words, "--vault", str(folder)])

    return run


def seen(folder: Path) -> tuple[dict[str, bytes], str, str]:
    """Everything a person can see: files, the commit HEAD is on, what git calls changed."""
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    own = {name: data for name, data in files.items() if not name.startswith(".git/")}
    return own, git(folder, "rev-parse", "HEAD"), git(folder, "status", "--porcelain", "-uall")


def uid_of(folder: Path, number: str) -> str:
    text = git(folder, "show", f"HEAD:{identity.record_path(number)}")
    return next(line.removeprefix("uid: ") for line in text.splitlines() if line.startswith("uid: "))


def leftovers(folder: Path) -> list[str]:
    vault = vaults.at(folder, os.environ)
    loose = [path for path in folder.rglob(".*.tmp") if vault.git_dir not in path.parents]
    return [*map(str, vault.git_dir.rglob("*.lock")), *map(str, loose),
            *(path.name for path in vault.state.iterdir() if path.name not in KEPT)]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "mode"),
    itertools.product(VERBS, killer.MODES)
    if ALL
    else [(name, mode) for name in VERBS for mode in ("before", TURNS[name])],
)
def test_a_killed_command_is_old_or_new_and_ends_when_given_again(
    name: str, mode: str, states: Path, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, begins, step = VERBS[name]
    counter = itertools.count()
    monkeypatch.setattr(killer, "DELAYS", killer.DELAYS if ALL else (0.004,))

    def fresh() -> Path:
        n = next(counter)
        shutil.rmtree(tmp_path / f"vault{n - 1}", ignore_errors=True)
        for kept in ("config", "data"):
            shutil.rmtree(home / kept, ignore_errors=True)
            shutil.copytree(states / kept, home / kept)
        return Path(shutil.copytree(states / begins, tmp_path / f"vault{n}", symlinks=True))

    done = fresh()
    old = seen(done)
    action(words)(done)
    new = seen(done)
    assert old[1] != new[1]
    uids = {number: uid_of(states / begins, number) for number in (FIRST, SECOND)}

    def check(folder: Path) -> None:
        for number in (FIRST, SECOND):
            committed = git(folder, "ls-tree", "-r", "--name-only", "HEAD", "records/").count(f"{number}.yaml")
            assert committed == 1
        for reader in ("check", "list"):
            crm(folder, reader)
        # Whatever was killed, the next command has seen to it: certified and without a key, or neither.
        certified = git(folder, "ls-tree", "-r", "--name-only", "HEAD", "records/purged")
        assert {n for n, uid in uids.items() if uid not in live(home)} == {n for n in uids if n in certified}
        action(words)(folder)
        assert seen(folder) == new
        assert git(folder, "fsck", "--strict", "--no-dangling") == ""
        assert leftovers(folder) == []

    moments = itertools.count(1, 1 if ALL else 2 * step if mode == "before" else 7)
    struck = itertools.takewhile(lambda n: killer.strikes(action(words), fresh, check, n, mode), moments)
    assert sum(1 for _n in struck) >= 3
