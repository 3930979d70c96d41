"""In every state a repository can be in: the right thing, or exit 4 and a clear word."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ONE, TWO, VAULT_YAML, git, make_vault, put
from desk import NOW, SAID, everything, hook, nothing_left, status, touched, unborn, write

from crmcli.errors import Conflict, Invalid
from crmcli.store import stale
from crmcli.store import vault as vaults
from crmcli.store.transaction import Change, Message, needs_recovery, writing
from crmcli.store.vault import Vault


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
    assert "\nencoding " not in git(messy.root, "cat-file", "commit", "HEAD")


def test_ignored_customers_are_committed_all_the_same(vault: Vault) -> None:
    put(vault.root, ".gitignore", "*.yaml\n.gitignore\n")
    write(vault, Change(ONE, b"a: 1\n"))
    assert touched(vault) == [ONE]
