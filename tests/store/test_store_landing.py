"""A branch carried to another commit, files and index with it: all or nothing, and never over somebody's work."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ONE, TWO, git, put
from desk import NOW, SAID, everything, nothing_left, status

from crmcli.errors import Conflict, Refused
from crmcli.store import landing
from crmcli.store.merging import Joining, merge_base
from crmcli.store.transaction import recover, writing
from crmcli.store.vault import Vault

THREE = "records/2024/05/C20240510003.yaml"


def committed(vault: Vault, files: dict[str, str | None], message: str = "x") -> str:
    for path, text in files.items():
        put(vault.root, path, text) if text is not None else (vault.root / path).unlink()
    git(vault.root, "add", "-A")
    git(vault.root, "commit", "-q", "-m", message)
    return git(vault.root, "rev-parse", "HEAD").strip()


def ahead(vault: Vault, files: dict[str, str | None]) -> str:
    """A commit that builds on HEAD; HEAD stays."""
    made = committed(vault, files)
    git(vault.root, "reset", "-q", "--hard", "HEAD~1")
    return made


def moved(vault: Vault, commit: str) -> None:
    with writing(vault, "sync") as desk:
        desk.move(commit)


def test_files_and_index_follow_and_other_work_stays(started: Vault) -> None:
    committed(started, {TWO: "b: one\n", THREE: "c: 1\n"})
    commit = ahead(started, {ONE: "a: 2\n", TWO: None, "records/2025/01/C20250101001.yaml": "d: 1\n"})
    put(started.root, THREE, "c: staged\n")
    git(started.root, "add", THREE)
    put(started.root, THREE, "c: by hand\n")
    moved(started, commit)
    assert git(started.root, "rev-parse", "HEAD").strip() == commit
    assert status(started) == f"MM {THREE}\n"
    assert (started.root / ONE).read_text() == "a: 2\n"
    assert not (started.root / TWO).exists()
    nothing_left(started)


@pytest.mark.parametrize("staged", [True, False])
def test_work_in_the_way_is_never_overwritten(started: Vault, staged: bool) -> None:
    commit = ahead(started, {ONE: "a: 2\n"})
    put(started.root, ONE, "a: by hand\n")
    if staged:
        git(started.root, "add", ONE)
    before = everything(started)
    with pytest.raises(Conflict, match="uncommitted"):
        moved(started, commit)
    assert everything(started) == before
    nothing_left(started)


def test_an_untracked_file_in_the_way_is_kept(started: Vault) -> None:
    commit = ahead(started, {THREE: "b: one\n"})
    put(started.root, THREE, "mine: 1\n")
    with pytest.raises(Conflict):
        moved(started, commit)
    assert (started.root / THREE).read_text() == "mine: 1\n"


def test_links_are_refused(started: Vault) -> None:
    (started.root / "records/link.yaml").symlink_to("/etc/passwd")
    commit = ahead(started, {})
    with pytest.raises(Refused, match="link"):
        moved(started, commit)
    assert status(started) == ""


def test_a_link_outside_the_vault_s_folder_is_for_git_to_take_in(started: Vault) -> None:
    (started.root / "link").symlink_to("/etc/passwd")
    commit = ahead(started, {})
    with pytest.raises(Conflict, match="outside") as told:
        landing.between(replace(started, prefix="kunden/"), started.git(), "HEAD", commit)
    assert "git pull" in str(told.value.hint)


@pytest.mark.parametrize("reached", ["files", "index", "head"])
def test_a_killed_move_is_taken_back_or_done(started: Vault, reached: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old = git(started.root, "rev-parse", "HEAD").strip()
    commit = ahead(started, {ONE: "a: 2\n", TWO: "b: one\n"})
    pid = os.fork()
    if not pid:
        _die_at(reached)
        moved(started, commit)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9
    assert recover(started)
    assert git(started.root, "rev-parse", "HEAD").strip() == (commit if reached == "head" else old)
    assert status(started) == ""
    nothing_left(started)


def _die_at(reached: str) -> None:
    entries, run = landing.Git.set_entries, landing.Git.run
    if reached == "files":
        landing.land = lambda *_words: os._exit(9)  # type: ignore[assignment]
    elif reached == "index":
        landing.Git.set_entries = lambda *words: (entries(*words), os._exit(9))  # type: ignore[assignment,misc]
    else:
        landing.Git.run = lambda *words, **more: (  # type: ignore[assignment,method-assign]
            run(*words, **more),
            os._exit(9) if words[1] == "update-ref" else None,
        )[0]


def test_two_histories_become_one_and_the_rest_is_left_to_the_caller(started: Vault) -> None:
    base = committed(started, {TWO: "b: one\n"})
    theirs = ahead(started, {ONE: "a: theirs\n", TWO: "b: 2\n"})
    ours = committed(started, {ONE: "a: ours\n", THREE: "c: 1\n"})
    with writing(started, "sync") as desk:
        assert merge_base(desk.git, ours, theirs) == base
        with Joining(started, desk.git, ours, theirs, base) as joining:
            (one,) = joining.unmerged()
            assert one.path == ONE
            joining.settle({ONE: b"a: both\n"})
            commit = joining.commit(SAID, NOW)
        desk.move(commit)
    assert git(started.root, "log", "-1", "--format=%P").split() == [ours, theirs]
    assert {path: (started.root / path).read_text() for path in (ONE, TWO, THREE)} == {
        ONE: "a: both\n",
        TWO: "b: 2\n",
        THREE: "c: 1\n",
    }
    assert status(started) == ""
    nothing_left(started)
    assert not list(started.state.glob("merge-*"))


def test_a_deletion_against_a_change_waits_for_the_caller(started: Vault) -> None:
    base = committed(started, {TWO: "b: one\n"})
    theirs = ahead(started, {TWO: None})
    ours = committed(started, {TWO: "b: 2\n"})
    with writing(started, "sync") as desk, Joining(started, desk.git, ours, theirs, base) as joining:
        (one,) = joining.unmerged()
        assert (one.path, one.theirs) == (TWO, None)
        joining.settle({TWO: None})
        desk.move(joining.commit(SAID, NOW))
    assert not Path(started.root / TWO).exists()
    assert status(started) == ""
