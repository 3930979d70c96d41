"""A write commits exactly what was asked for and leaves everything else as it was, in every state a repository can be in."""

import multiprocessing
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from conftest import VAULT_YAML, git, make_vault, put
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import Conflict, CrmError, Invalid
from crmcli.store import journal, stale
from crmcli.store import vault as vaults
from crmcli.store.git import Git
from crmcli.store.transaction import Change, Desk, Message, Stamp, needs_recovery, recover, writing
from crmcli.store.vault import Vault

NOW = Stamp(datetime(2024, 5, 10, 9, 30, tzinfo=UTC), turned=False)
ONE, TWO = "records/2024/05/C20240510001.yaml", "records/2024/05/C20240510002.yaml"
SAID = Message("update C20240510001: tier", (("Crm-Op", "update"), ("Crm-Record", "C20240510001")))


def write(
    vault: Vault, *changes: Change, adopt: bool = False, message: Message = SAID, stamp: Stamp = NOW
) -> str | None:
    with writing(vault, "update", timeout=10) as desk:
        return desk.commit(changes, message, stamp, adopt=adopt)


def status(vault: Vault) -> str:
    return git(vault.root, "status", "--porcelain", "-uall")


def touched(vault: Vault, commit: str = "HEAD") -> list[str]:
    return git(vault.root, "show", "--format=", "--name-only", "--no-renames", commit).split()


def nothing_left(vault: Vault) -> None:
    assert not needs_recovery(vault)
    assert not (vault.state / "kept").exists()
    assert not list(vault.root.rglob("*.tmp"))
    assert not list(vault.git_dir.rglob("*.lock"))
    assert not list(vault.state.glob("commit-index*"))


@pytest.fixture
def started(vault: Vault) -> Vault:
    """Two customers on file."""
    put(vault.root, ONE, "a: 1\n")
    put(vault.root, TWO, "b: 1\n")
    git(vault.root, "add", ".")
    git(vault.root, "commit", "-q", "-m", "two")
    return vault


@pytest.fixture
def messy(started: Vault) -> Vault:
    """The same, and others' work: staged, half-staged, dirty, deleted, renamed, untracked, intended, another mode."""
    root = started.root
    for name in ("half", "dirty", "gone", "staged-gone", "renamed", "mode"):
        put(root, name, f"{name}\n")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "theirs")
    put(root, "half", "staged\n")
    git(root, "add", "half")
    put(root, "half", "staged and more\n")
    put(root, "dirty", "dirty now\n")
    (root / "gone").unlink()
    git(root, "rm", "-q", "staged-gone")
    git(root, "mv", "renamed", "renamed-now")
    put(root, "new", "staged new\n")
    git(root, "add", "new")
    put(root, "intended", "intended\n")
    git(root, "add", "-N", "intended")
    put(root, "untracked", "untracked\n")
    git(root, "update-index", "--chmod=+x", "mode")
    return started


def everything(vault: Vault) -> tuple[str, str, str]:
    return status(vault), git(vault.root, "diff", "--cached"), git(vault.root, "diff")


def test_update_commits_exactly_that_file(started: Vault) -> None:
    commit = write(started, Change(ONE, b"a: 2\n"))
    assert commit == git(started.root, "rev-parse", "HEAD").strip()
    assert touched(started) == [ONE]
    assert (started.root / ONE).read_bytes() == b"a: 2\n"
    assert status(started) == ""
    nothing_left(started)


def test_new_changed_and_deleted_files_land_in_one_commit(started: Vault) -> None:
    new = "records/2024/06/C20240601001.yaml"
    before = git(started.root, "rev-parse", "HEAD").strip()
    write(started, Change(ONE, None), Change(TWO, b"b: 2\n"), Change(new, b"c: 1\n"))
    assert git(started.root, "rev-parse", "HEAD^").strip() == before
    assert sorted(touched(started)) == [ONE, TWO, new]
    assert status(started) == ""


def test_a_folder_emptied_by_deleting_goes_too(started: Vault) -> None:
    write(started, Change(ONE, None), Change(TWO, None))
    assert not (started.root / "records").exists()


def test_identical_bytes_make_no_commit(started: Vault) -> None:
    before = git(started.root, "rev-parse", "HEAD")
    assert write(started, Change(ONE, b"a: 1\n"), Change("records/none.yaml", None)) is None
    assert git(started.root, "rev-parse", "HEAD") == before


def test_foreign_work_stays_byte_for_byte_and_out_of_the_commit(messy: Vault) -> None:
    before = everything(messy)
    write(messy, Change(ONE, b"a: 2\n"), Change(TWO, None), Change("records/new.yaml", b"x: 1\n"))
    assert sorted(touched(messy)) == [ONE, TWO, "records/new.yaml"]
    assert everything(messy) == before


def test_an_event_is_an_empty_commit_whatever_is_staged(messy: Vault) -> None:
    before = everything(messy)
    with writing(messy, "export") as desk:
        commit = desk.event(Message("export 2 customers", (("Crm-Op", "export"),)), NOW)
    assert commit == git(messy.root, "rev-parse", "HEAD").strip()
    assert touched(messy) == []
    assert everything(messy) == before
    nothing_left(messy)


def test_a_failing_hook_restores_everything(messy: Vault) -> None:
    hook(messy, "pre-commit", "echo no customers today >&2; exit 1")
    before, head = everything(messy), git(messy.root, "rev-parse", "HEAD")
    with pytest.raises(Conflict) as failed:
        write(messy, Change(ONE, b"a: 2\n"), Change(TWO, None), Change("records/2030/01/new.yaml", b"x: 1\n"))
    assert (failed.value.kind, failed.value.exit) == ("hook", 4)
    assert failed.value.hint == "no customers today"
    assert everything(messy) == before
    assert git(messy.root, "rev-parse", "HEAD") == head
    assert not (messy.root / "records/2030").exists()
    nothing_left(messy)
    assert git(messy.root, "diff-files", "--name-only", "--", "records") == ""


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


SIGNED = "echo '[GNUPG:] SIG_CREATED ' >&2\necho -----BEGIN PGP SIGNATURE-----\n"


@pytest.mark.parametrize("how", ["edited", "staged", "half", "deleted", "intended"])
def test_hand_edits_are_never_overwritten(started: Vault, how: str) -> None:
    path = started.root / ONE
    {"deleted": path.unlink}.get(how, lambda: path.write_text("by hand\n"))()
    if how in ("staged", "half"):
        git(started.root, "add", ONE)
    if how == "half":
        path.write_text("a: 1\n")
    if how == "intended":
        git(started.root, "rm", "-q", "--cached", ONE)
        git(started.root, "add", "-N", ONE)
    before = everything(started)
    with pytest.raises(Conflict) as failed:
        write(started, Change(TWO, b"b: 2\n"), Change(ONE, b"a: 2\n"))
    assert (failed.value.kind, failed.value.exit, str(failed.value.where)) == ("uncommitted", 4, ONE)
    assert "crm commit" in str(failed.value.hint)
    assert everything(started) == before
    assert (started.root / TWO).read_text() == "b: 1\n"


def test_a_new_file_never_lands_on_one_that_lies_there(started: Vault) -> None:
    put(started.root, "records/new.yaml", "by hand\n")
    with pytest.raises(Conflict) as failed:
        write(started, Change("records/new.yaml", b"x: 1\n"))
    assert failed.value.kind == "uncommitted"
    assert (started.root / "records/new.yaml").read_text() == "by hand\n"


def test_adopting_takes_in_hand_edits_of_exactly_those_paths(messy: Vault) -> None:
    put(messy.root, ONE, "a: by hand\n")
    git(messy.root, "add", ONE)
    put(messy.root, ONE, "a:   by hand, later\n")
    put(messy.root, "records/new.yaml", "x: 1\n")
    (messy.root / TWO).unlink()
    changes = [Change(ONE, b"a: by hand, later\n"), Change("records/new.yaml", b"x: 1\n"), Change(TWO, None)]
    write(messy, *changes, adopt=True)
    assert sorted(touched(messy)) == [ONE, TWO, "records/new.yaml"]
    assert (messy.root / ONE).read_text() == "a: by hand, later\n"
    assert git(messy.root, "status", "--porcelain", "--", "records") == ""
    assert "MM half" in status(messy)
    nothing_left(messy)


def test_a_refused_adoption_gives_the_hand_edits_back(messy: Vault) -> None:
    put(messy.root, ONE, "a: staged by hand\n")
    git(messy.root, "add", ONE)
    put(messy.root, ONE, "a:   by hand\n")
    put(messy.root, "records/new.yaml", "x:   1\n")
    hook(messy, "pre-commit", "exit 1")
    before = everything(messy)
    with pytest.raises(Conflict):
        write(messy, Change(ONE, b"a: by hand\n"), Change("records/new.yaml", b"x: 1\n"), adopt=True)
    assert everything(messy) == before
    assert (messy.root / "records/new.yaml").read_text() == "x:   1\n"
    nothing_left(messy)


def test_a_hand_edit_in_the_object_store_would_outlive_its_erasure(started: Vault) -> None:
    put(started.root, ONE, "a: clear text by hand\n")
    write(started, Change(ONE, b"a: sealed\n"), adopt=True)
    objects = git(started.root, "cat-file", "--batch-all-objects", "--batch-check").split()[::3]
    assert "a: sealed\n" in [git(started.root, "cat-file", "-p", name) for name in objects]
    assert not any("clear text" in git(started.root, "cat-file", "-p", name) for name in objects)


def test_adopting_what_comes_to_the_same_as_head_only_tidies_the_file(started: Vault) -> None:
    put(started.root, ONE, "a:   1\n")
    assert write(started, Change(ONE, b"a: 1\n"), adopt=True) is None
    assert status(started) == ""
    nothing_left(started)


def merge(root: Path) -> None:
    git(root, "merge", "--no-commit", "--no-ff", "other")


def conflicted(*command: str) -> Callable[[Path], None]:
    return lambda root: print(git(root, *command, check=False))


@pytest.mark.parametrize(
    ("begin", "what"),
    [
        (merge, "merge"),
        (conflicted("merge", "clash"), "merge"),
        (conflicted("cherry-pick", "clash"), "cherry-pick"),
        (conflicted("revert", "clash"), "revert"),
        (conflicted("rebase", "clash"), "rebase"),
        (conflicted("rebase", "--apply", "clash"), "rebase"),
    ],
)
def test_midway_through_a_merge_nothing_is_written(started: Vault, begin: Callable[[Path], None], what: str) -> None:
    root = started.root
    for branch, text in (("other", "other"), ("clash", "one\n")):
        git(root, "checkout", "-q", "-b", branch, "main")
        put(root, "file" if branch == "clash" else "other", text)
        git(root, "add", ".")
        git(root, "commit", "-q", "-m", branch)
    git(root, "checkout", "-q", "main")
    put(root, "file", "two\n")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "file")
    begin(root)
    before, head = everything(started), git(root, "rev-parse", "HEAD")
    with pytest.raises(Conflict) as failed:
        write(started, Change(ONE, b"a: 2\n"))
    assert (failed.value.kind, failed.value.exit) == ("midway", 4)
    assert what in failed.value.message
    assert f"git {what} --abort" in str(failed.value.hint)
    assert everything(started) == before
    assert git(root, "rev-parse", "HEAD") == head


def test_files_left_unmerged_by_a_stash_stop_the_write(started: Vault) -> None:
    root = started.root
    put(root, TWO, "b: stashed\n")
    git(root, "stash")
    write(started, Change(TWO, b"b: 2\n"))
    git(root, "stash", "pop", check=False)
    before = everything(started)
    with pytest.raises(Conflict) as failed:
        write(started, Change(ONE, b"a: 2\n"))
    assert failed.value.kind == "midway"
    assert everything(started) == before


def test_an_empty_repository_gets_its_first_commit(tmp_path: Path) -> None:
    vault = unborn(tmp_path / "v")
    put(vault.root, "untracked", "x")
    put(vault.root, "staged", "x")
    git(vault.root, "add", "staged")
    before = status(vault)
    write(vault, Change(ONE, b"a: 1\n"))
    assert git(vault.root, "rev-list", "--count", "HEAD").strip() == "1"
    assert touched(vault) == [ONE]
    assert status(vault) == before


def test_a_failing_hook_leaves_an_empty_repository_empty(tmp_path: Path) -> None:
    vault = unborn(tmp_path / "v")
    hook(vault, "pre-commit", "exit 1")
    with pytest.raises(Conflict):
        write(vault, Change(ONE, b"a: 1\n"))
    assert status(vault) == "?? schemas/vault.yaml\n"
    nothing_left(vault)


def test_an_event_may_be_the_first_commit(tmp_path: Path) -> None:
    vault = unborn(tmp_path / "v")
    with writing(vault, "backup") as desk:
        desk.event(SAID, NOW)
    assert git(vault.root, "rev-list", "--count", "HEAD").strip() == "1"


def test_a_detached_head_is_written_on(started: Vault) -> None:
    git(started.root, "checkout", "-q", "--detach")
    main = git(started.root, "rev-parse", "main")
    write(started, Change(ONE, b"a: 2\n"))
    assert git(started.root, "rev-parse", "HEAD^") == main == git(started.root, "rev-parse", "main")
    assert status(started) == ""


def test_work_trees_are_written_apart(started: Vault, tmp_path: Path) -> None:
    git(started.root, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = vaults.at(tmp_path / "side", started.env)
    assert side.git_dir != side.common_dir == started.common_dir
    assert side.state != started.state
    assert (side.shared, side.lock_path) == (started.shared, started.lock_path)
    write(side, Change(ONE, b"a: side\n"))
    assert status(side) == status(started) == ""
    assert (started.root / ONE).read_text() == "a: 1\n"
    nothing_left(side)


def test_two_vaults_in_one_repository_write_side_by_side(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "repo")
    names = [r"one [a-z]*?", "two/deep 客户"]
    for name in names:
        put(tmp_path / "repo" / name, "schemas/vault.yaml", VAULT_YAML.replace("4", name[0].upper()))
    git(tmp_path / "repo", "add", ".")
    git(tmp_path / "repo", "commit", "-q", "-m", "first")
    found = [vaults.find(tmp_path / "repo" / name / "schemas", os.environ) for name in names]
    assert [vault.prefix for vault in found] == [f"{name}/" for name in names]
    assert found[0].state != found[1].state
    put(found[0].root, "note", "x")
    git(found[0].root, "add", "note")
    before = status(found[0])
    for vault in found:
        write(vault, Change(ONE, b"a: 1\n"), Change("[x]*.yaml", b"x: 1\n"))
        shown = git(vault.root, "-c", "core.quotePath=off", "show", "--format=", "--name-only", "-z").split("\0")
        assert sorted(filter(None, shown)) == sorted(vault.prefix + path for path in (ONE, "[x]*.yaml"))
        hook(vault, "pre-commit", "exit 1")
        with pytest.raises(Conflict):
            write(vault, Change(ONE, b"a: 2\n"), Change("[x]*.yaml", None))
        hook(vault, "pre-commit", "exit 0")
    assert status(found[0]) == before


def test_a_sha256_repository_works_the_same(tmp_path: Path) -> None:
    vault = make_vault(tmp_path / "v", "--object-format=sha256")
    put(vault.root, "staged", "x")
    git(vault.root, "add", "staged")
    write(vault, Change(ONE, b"a: 1\n"))
    commit = write(vault, Change(ONE, b"a: 2\n"))
    assert len(commit or "") == 64
    hook(vault, "pre-commit", "exit 1")
    with pytest.raises(Conflict):
        write(vault, Change(ONE, b"a: 3\n"), Change(TWO, b"b: 1\n"))
    assert status(vault) == "A  staged\n"


def test_a_lock_of_somebody_elses_git_stops_the_write(started: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stale, "PATIENCE", 0.1)
    lock = started.git_dir / "index.lock"
    lock.touch()
    with pytest.raises(Conflict) as failed:
        write(started, Change(ONE, b"a: 2\n"))
    assert (failed.value.kind, failed.value.exit) == ("git-busy", 4)
    assert lock.exists()
    assert (started.root / ONE).read_text() == "a: 1\n"
    assert not needs_recovery(started)


def test_a_short_lock_of_somebody_elses_git_is_waited_for(started: Vault) -> None:
    lock = started.git_dir / "index.lock"
    lock.touch()
    subprocess.Popen(["sh", "-c", f"sleep 0.3; rm {lock}"])
    assert write(started, Change(ONE, b"a: 2\n"))


def test_without_a_name_git_is_never_let_make_one_up(started: Vault, home: Path) -> None:
    (home / "gitconfig").write_text("")
    with pytest.raises(Invalid) as failed:
        write(started, Change(ONE, b"a: 2\n"))
    assert failed.value.exit == 2
    assert "git config --global user.name" in str(failed.value.hint)
    assert "git config --global user.email" in str(failed.value.hint)
    assert status(started) == ""


def test_the_actor_is_gits_user(vault: Vault) -> None:
    assert vault.git().ident() == "Synthetic Tester <tester@example.invalid>"


def test_a_surrounding_git_does_not_point_us_elsewhere(started: Vault, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "elsewhere")
    stray = {
        "GIT_DIR": str(tmp_path / "elsewhere/.git"),
        "GIT_INDEX_FILE": str(tmp_path / "x"),
        "GIT_LITERAL_PATHSPECS": "1",
    }
    inside = vaults.at(started.root, {**started.env, **stray})
    assert inside.git_dir == started.git_dir
    write(inside, Change(ONE, b"a: 2\n"))
    assert status(started) == ""


@pytest.mark.parametrize(
    "setting",
    ["core.autocrlf=false", "core.ignoreCase=true", "core.splitIndex=true", "core.untrackedCache=true", "index.version=4",
     "diff.relative=true", "diff.renames=copies", "commit.verbose=true", "status.short=true", "commit.status=false",
     "i18n.commitEncoding=GBK", "core.commentChar=;", "commit.cleanup=scissors", "core.quotePath=true"],
)  # fmt: skip
def test_odd_but_lawful_configuration_changes_nothing(messy: Vault, setting: str) -> None:
    git(messy.root, "config", *setting.split("="))
    git(messy.root, "update-index", "--force-write-index", check=False)
    before = everything(messy)
    write(
        messy,
        Change(ONE, b"a: 2\n"),
        Change("records/客户.yaml", b"x: 1\n"),
        message=Message("更新 #1", (("K", "值"),)),
    )
    assert everything(messy) == before
    git(messy.root, "config", "--unset", setting.split("=")[0])
    assert git(messy.root, "log", "-1", "--format=%B").strip() == "更新 #1\n\nK: 值"


def test_ignored_customers_are_committed_all_the_same(vault: Vault) -> None:
    put(vault.root, ".gitignore", "*.yaml\n.gitignore\n")
    write(vault, Change(ONE, b"a: 1\n"))
    assert touched(vault) == [ONE]


def test_a_turned_clock_sets_both_dates_and_says_so(started: Vault) -> None:
    then = datetime(2023, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=8)))
    write(started, Change(ONE, b"a: 2\n"), stamp=Stamp(then, turned=True))
    dates = git(started.root, "log", "-1", "--format=%aI %cI").split()
    assert dates == ["2023-01-02T03:04:05+08:00"] * 2
    assert "Crm-Clock: turned" in git(started.root, "log", "-1", "--format=%(trailers)")


def test_gits_own_clock_carries_no_such_word(started: Vault) -> None:
    assert "Crm-Clock" not in git(started.root, "log", "-1", "--format=%B")


NASTY = Message(
    "subject\n# not a comment\n\nMore",
    (("Crm-Note", "two\nlines: x\r\n\x1b[31m --- "), ("Crm-Op", "x"), ("Crm-No", "")),
)


def test_git_reads_the_trailers_as_they_were_meant(started: Vault) -> None:
    write(started, Change(ONE, b"a: 2\n"), message=NASTY)
    body = git(started.root, "log", "-1", "--format=%B")
    assert body.splitlines()[0] == "subject # not a comment More"
    parsed = subprocess.run(
        ["git", "interpret-trailers", "--parse", "--no-divider"], input=body, capture_output=True, text=True, check=True
    )
    assert parsed.stdout.splitlines() == ["Crm-Note: two lines: x [31m ---", "Crm-Op: x", "Crm-No: "]


@given(st.text(st.characters(codec="utf-8"), max_size=60), st.text(st.characters(codec="utf-8"), max_size=60))
def test_no_value_can_forge_a_trailer(subject: str, value: str) -> None:
    lines = Message(subject, (("Crm-Note", value), ("Crm-Op", "x"))).render(NOW).split("\n")
    assert len(lines) == 5
    assert lines[2].startswith("Crm-Note: ")
    assert lines[1] == lines[4] == ""


def test_the_journal_holds_no_content_and_is_private(started: Vault, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    hook(started, "pre-commit", f"cp -p {started.state}/intent.json {seen}")
    write(started, Change(ONE, b"a: secret value\n"))
    assert "secret" not in seen.read_text()
    assert ONE in seen.read_text()
    assert stat.S_IMODE(seen.stat().st_mode) == 0o600
    assert stat.S_IMODE(started.state.stat().st_mode) == 0o700
    assert stat.S_IMODE(started.state.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("path", ["../x", "/x", "records/../../x", "a//b", "./a", "", ".", "a/", "a\0b"])
def test_no_path_leads_out_of_the_vault(started: Vault, path: str) -> None:
    with pytest.raises(CrmError) as failed:
        write(started, Change(path, b"x"))
    assert failed.value.exit in (2, 5)
    assert status(started) == ""


def test_no_write_goes_through_a_link(started: Vault, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (started.root / "records/2025").symlink_to(tmp_path / "out")
    with pytest.raises(CrmError):
        write(started, Change("records/2025/01/x.yaml", b"x"))
    assert not list((tmp_path / "out").iterdir())


def add_one(root: str, name: str) -> None:
    vault = vaults.at(Path(root), os.environ)
    with writing(vault, "add") as desk:
        desk.commit([Change(f"records/{name}.yaml", name.encode())], Message(f"add {name}"), NOW)


def test_writers_at_the_same_time_all_land(messy: Vault) -> None:
    before, context = everything(messy), multiprocessing.get_context("fork")
    commits = int(git(messy.root, "rev-list", "--count", "HEAD"))
    writers = [context.Process(target=add_one, args=(str(messy.root), f"w{n}")) for n in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 8
    assert int(git(messy.root, "rev-list", "--count", "HEAD")) == commits + 8
    assert everything(messy) == before
    assert git(messy.root, "fsck", "--strict", "--no-dangling") == ""


def test_a_git_child_that_outlives_a_killed_crm_keeps_the_lock(started: Vault, tmp_path: Path) -> None:
    hook(started, "pre-commit", f"touch {tmp_path}/begun; while [ ! -e {tmp_path}/go ]; do sleep 0.05; done")
    code = (
        "import os; from pathlib import Path; from test_store_transaction import *;"
        f"write(vaults.at(Path({str(started.root)!r}), os.environ), Change(ONE, b'a: 2\\n'))"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    crm = subprocess.Popen([sys.executable, "-c", code], env=env)
    wait_for(tmp_path / "begun")
    crm.kill()
    crm.wait()
    with pytest.raises(Conflict) as failed, writing(started, "update", timeout=0.3):
        pass
    assert (failed.value.kind, failed.value.exit) == ("busy", 4)
    assert str(crm.pid) in failed.value.message
    (tmp_path / "go").touch()
    with writing(started, "update", timeout=20) as desk:
        assert desk.recovered
    assert git(started.root, "show", f"HEAD:{ONE}") == "a: 2\n"
    assert status(started) == ""
    nothing_left(started)


def crashed(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, *changes: Change, landed: bool = False, adopt: bool = False
) -> None:
    """A write that ends right before git commits, or right after it, with nothing cleaned up."""
    commit = Git.commit

    def stop(self: Git, *args: object, **kwargs: object) -> None:
        if landed:
            commit(self, *args, **kwargs)
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(Git, "commit", stop)
        patch.setattr(Desk, "_settle", lambda *_args: None, raising=True)
        with pytest.raises((SystemExit, AttributeError)):
            write(vault, *changes, adopt=adopt)
    assert needs_recovery(vault)
    for name in ("index.lock", "HEAD.lock", "refs/heads/main.lock", f"crm/{vault.id}/commit-index.lock"):
        (vault.git_dir / name).touch()


NEW = "records/2030/01/C20300101001.yaml"
THREE = (Change(ONE, b"a: 2\n"), Change(TWO, None), Change(NEW, b"c: 1\n"))


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


def unborn(folder: Path) -> Vault:
    folder.mkdir()
    git(folder, "init", "-q")
    put(folder, "schemas/vault.yaml", VAULT_YAML)
    return vaults.at(folder, os.environ)


def hook(vault: Vault, name: str, script: str) -> None:
    path = vault.common_dir / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'#!/bin/sh\ncd "{vault.root}"\n{script}\n')
    path.chmod(0o755)


def wait_for(path: Path) -> None:
    end = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.02)
