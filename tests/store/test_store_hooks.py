"""Hooks and signing work as people set them up; what they refuse is taken back, what they rewrite stands."""

import time
from pathlib import Path

import pytest
from conftest import ONE, TWO, git, put
from desk import NOW, SAID, everything, hook, nothing_left, status, touched, write

from crmcli.errors import Conflict
from crmcli.store.transaction import Change, writing
from crmcli.store.vault import Vault

SIGNED = "echo '[GNUPG:] SIG_CREATED ' >&2\necho -----BEGIN PGP SIGNATURE-----\n"


def test_a_failing_hook_restores_everything(messy: Vault) -> None:
    hook(messy, "pre-commit", "echo no customers today >&2; exit 1")
    before, head = everything(messy), git(messy.root, "rev-parse", "HEAD")
    with pytest.raises(Conflict) as failed:
        write(messy, Change(ONE, b"a: 2\n"), Change(TWO, None), Change("records/2030/01/new.yaml", b"x: 1\n"))
    assert (failed.value.kind, failed.value.exit) == ("hook", 4)
    assert failed.value.hint == "no customers today"
    assert git(messy.root, "diff-files", "--name-only", "--", "records") == ""
    assert everything(messy) == before
    assert git(messy.root, "rev-parse", "HEAD") == head
    assert not (messy.root / "records/2030").exists()
    nothing_left(messy)


def test_a_failing_hook_takes_back_an_event(messy: Vault) -> None:
    hook(messy, "commit-msg", "exit 1")
    before = everything(messy)
    with pytest.raises(Conflict), writing(messy, "export") as desk:
        desk.event(SAID, NOW)
    assert everything(messy) == before
    nothing_left(messy)


def test_a_hook_sees_only_our_paths_staged(messy: Vault, tmp_path: Path) -> None:
    hook(messy, "pre-commit", f"git diff --cached --name-only > {tmp_path}/seen")
    write(messy, Change(ONE, b"a: 2\n"))
    assert (tmp_path / "seen").read_text().split() == [ONE]


def test_what_a_formatting_hook_commits_is_what_stands(started: Vault) -> None:
    hook(started, "pre-commit", f"echo 'tidied: yes' >> {ONE}; git add {ONE}")
    write(started, Change(ONE, b"a: 2\n"))
    assert git(started.root, "show", f"HEAD:{ONE}") == "a: 2\ntidied: yes\n"
    assert (started.root / ONE).read_text() == "a: 2\ntidied: yes\n"
    assert status(started) == ""
    nothing_left(started)


def test_a_hook_that_rewrites_only_the_index_leaves_the_work_tree_clean(started: Vault) -> None:
    blob = "blob=$(echo 'a: 9' | git hash-object -w --stdin)"
    hook(started, "pre-commit", f"{blob}; git update-index --cacheinfo 100644,$blob,{ONE}")
    write(started, Change(ONE, b"a: 2\n"))
    assert git(started.root, "show", f"HEAD:{ONE}") == "a: 9\n" == (started.root / ONE).read_text()
    assert status(started) == ""


def test_what_is_staged_while_we_commit_stays_staged(started: Vault) -> None:
    put(started.root, "other", "x")
    hook(started, "pre-commit", "env -u GIT_INDEX_FILE git add other")
    write(started, Change(ONE, b"a: 2\n"))
    assert touched(started) == [ONE]
    assert status(started) == "A  other\n"
    nothing_left(started)


def test_a_git_killed_after_its_commit_landed_counts_as_done(messy: Vault) -> None:
    before = everything(messy)
    hook(messy, "post-commit", "kill -9 $PPID")
    commit = write(messy, Change(ONE, b"a: 2\n"))
    assert commit == git(messy.root, "rev-parse", "HEAD").strip()
    assert touched(messy) == [ONE]
    assert everything(messy) == before
    nothing_left(messy)


def test_a_git_killed_before_its_commit_landed_takes_all_back(messy: Vault) -> None:
    before = everything(messy)
    hook(messy, "pre-commit", "touch .git/index.lock .git/HEAD.lock; kill -9 $PPID")
    with pytest.raises(Conflict):
        write(messy, Change(ONE, b"a: 2\n"))
    assert everything(messy) == before
    nothing_left(messy)


def test_a_hook_that_amends_is_believed(started: Vault) -> None:
    hook(
        started,
        "post-commit",
        "[ -e .git/once ] || { touch .git/once; unset GIT_INDEX_FILE; git commit -q --amend -m mine; }",
    )
    commit = write(started, Change(ONE, b"a: 2\n"))
    assert commit == git(started.root, "rev-parse", "HEAD").strip()
    assert git(started.root, "log", "-1", "--format=%s").strip() == "mine"
    assert status(started) == ""


def test_a_process_a_hook_leaves_behind_keeps_nobody_waiting(started: Vault) -> None:
    hook(started, "post-commit", "sleep 20 &")
    begun = time.monotonic()
    write(started, Change(ONE, b"a: 2\n"))
    write(started, Change(ONE, b"a: 3\n"))
    assert time.monotonic() - begun < 15


@pytest.mark.parametrize(("signing", "ok"), [("true", True), ("false", False)])
def test_signing_is_as_configured(started: Vault, tmp_path: Path, signing: str, ok: bool) -> None:
    script = tmp_path / "sign"
    script.write_text(f"#!/bin/sh\ncat > {tmp_path}/signed\n" + ("exit 1\n" if not ok else SIGNED))
    script.chmod(0o755)
    git(started.root, "config", "commit.gpgsign", "true")
    git(started.root, "config", "gpg.program", str(script))
    if ok:
        write(started, Change(ONE, b"a: 2\n"))
        assert "gpgsig" in git(started.root, "cat-file", "commit", "HEAD")
    else:
        with pytest.raises(Conflict) as failed:
            write(started, Change(ONE, b"a: 2\n"))
        assert failed.value.kind == "git"
        assert status(started) == ""
    nothing_left(started)
