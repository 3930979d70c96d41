"""After a crash a write is done or taken back, whatever people did in between, and nothing of it is left."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ONE, TWO, git, put
from desk import everything, hook, nothing_left, status, unborn, wait_for, write

from crmcli.errors import Conflict, CrmError
from crmcli.store import journal, settle, transaction
from crmcli.store.transaction import Change, Desk, needs_recovery, recover, writing
from crmcli.store.vault import Vault

NEW = "records/2030/01/C20300101001.yaml"
THREE = (Change(ONE, b"a: 2\n"), Change(TWO, None), Change(NEW, b"c: 1\n"))


def test_a_git_child_that_outlives_a_killed_crm_keeps_the_lock(started: Vault, tmp_path: Path) -> None:
    hook(started, "pre-commit", f"touch {tmp_path}/begun; while [ ! -e {tmp_path}/go ]; do sleep 0.05; done")
    code = (
        "import os; from pathlib import Path; from conftest import ONE; from desk import vaults, write;"
        "from crmcli.store.transaction import Change;"
        f"write(vaults.at(Path({str(started.root)!r}), os.environ), Change(ONE, b'a: 2\\n'))"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    crm = subprocess.Popen([sys.executable, "-c", code], env=env)
    wait_for(tmp_path / "begun")
    crm.kill()
    crm.wait()
    with pytest.raises(Conflict) as failed, writing(replace(started, patience=0.3), "update"):
        pass
    assert (failed.value.kind, failed.value.exit) == ("busy", 4)
    assert str(crm.pid) in failed.value.message
    (tmp_path / "go").touch()
    with writing(replace(started, patience=20), "update") as desk:
        assert desk.recovered
    assert git(started.root, "show", f"HEAD:{ONE}") == "a: 2\n"
    assert status(started) == ""
    nothing_left(started)


def crashed(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, *changes: Change, landed: bool = False, adopt: bool = False
) -> None:
    """A write that ends right before git commits, or right after it, with nothing cleaned up."""
    commit = transaction.commit

    def stop(*args: object, **kwargs: object) -> None:
        if landed:
            commit(*args, **kwargs)
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(transaction, "commit", stop)
        patch.setattr(Desk, "_settle", lambda *_args: None, raising=True)
        with pytest.raises((SystemExit, AttributeError)):
            write(vault, *changes, adopt=adopt)
    assert needs_recovery(vault)
    for name in ("index.lock", "HEAD.lock", "refs/heads/main.lock", f"crm/{vault.id}/commit-index.lock"):
        (vault.git_dir / name).touch()


def test_a_write_that_did_not_reach_git_is_taken_back(messy: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything(messy)
    crashed(messy, monkeypatch, *THREE)
    said = recover(messy)
    assert "taken back" in (said or "")
    assert everything(messy) == before
    assert not (messy.root / "records/2030").exists()
    nothing_left(messy)
    assert recover(messy) is None
    assert write(messy, *THREE)


def test_a_write_that_reached_git_stays_done(messy: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything(messy)
    crashed(messy, monkeypatch, *THREE, landed=True)
    said = recover(messy)
    assert "complete" in (said or "")
    assert everything(messy) == before
    assert write(messy, *THREE) is None
    nothing_left(messy)


def test_recovery_works_before_the_first_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = unborn(tmp_path / "v")
    crashed(vault, monkeypatch, Change(ONE, b"a: 1\n"))
    recover(vault)
    assert status(vault) == "?? schemas/vault.yaml\n"
    nothing_left(vault)


def test_the_first_path_is_taken_back_last(started: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    gone: list[str] = []
    paths = [f"records/{name}" for name in "abc"]
    crashed(started, monkeypatch, *(Change(path, b"x") for path in paths))
    monkeypatch.setattr(settle, "remove", lambda _root, path: gone.append(path))
    recover(started)
    assert gone == paths[::-1]


def test_an_interrupted_adoption_gives_the_hand_edit_back(started: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    put(started.root, ONE, "a:   by hand\n")
    put(started.root, NEW, "new:   by hand\n")
    before = everything(started)
    changes = (Change(ONE, b"a: by hand\n"), Change(NEW, b"new: by hand\n"))
    crashed(started, monkeypatch, *changes, adopt=True)
    recover(started)
    assert everything(started) == before
    assert (started.root / NEW).read_text() == "new:   by hand\n"
    nothing_left(started)


def test_what_a_person_edited_after_the_crash_is_left_alone(started: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    crashed(started, monkeypatch, *THREE)
    put(started.root, ONE, "edited since\n")
    said = recover(started)
    assert ONE in (said or "")
    assert TWO not in (said or "")
    assert (started.root / ONE).read_text() == "edited since\n"
    assert status(started) == f" M {ONE}\n"


@pytest.mark.parametrize(("landed", "command", "one", "left"), [
    (True, ("reset", "-q", "--hard", "HEAD^"), "a: 1\n", ""),
    (True, ("reset", "-q", "--soft", "HEAD^"), "a: 1\n", ""),
    (True, ("reset", "-q", "--mixed", "HEAD^"), "a: 1\n", ""),
    (False, ("reset", "-q", "--hard"), "a: 1\n", ""),
    (False, ("commit", "-q", "-m", "by hand", "-a"), "a: 2\n", ""),
    (False, ("commit", "-q", "-m", "by hand", "--only", "--", ONE), "a: 2\n", ""),
    (False, ("stash", "-q"), "a: 1\n", ""),
    (True, ("checkout", "-q", "-b", "elsewhere", "HEAD^"), "a: 1\n", ""),
])  # fmt: skip
def test_recovery_holds_after_people_moved_on(
    started: Vault, monkeypatch: pytest.MonkeyPatch, landed: bool, command: tuple[str, ...], one: str, left: str
) -> None:
    crashed(started, monkeypatch, *THREE, landed=landed)
    for lock in started.git_dir.rglob("*.lock"):
        lock.unlink()
    git(started.root, *command)
    recover(started)
    assert (started.root / ONE).read_text() == one
    assert status(started) == left
    nothing_left(started)


def test_a_living_git_is_not_robbed_of_its_lock(started: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    crashed(started, monkeypatch, *THREE)
    child = subprocess.Popen(["git", "cat-file", "--batch"], cwd=started.root, stdin=subprocess.PIPE, env=os.environ)
    try:
        time.sleep(0.2)
        with pytest.raises(Conflict) as failed:
            recover(started)
        assert failed.value.kind == "git-busy"
        assert (started.git_dir / "index.lock").exists()
    finally:
        child.communicate()
    recover(started)
    nothing_left(started)


def test_a_journal_nobody_can_read_is_named(started: Vault) -> None:
    started.state.mkdir(parents=True, exist_ok=True)
    (started.state / journal.NAME).write_text("{")
    with pytest.raises(CrmError) as failed, writing(started, "update"):
        pass
    assert failed.value.exit == 7
    assert journal.NAME in str(failed.value.where)
