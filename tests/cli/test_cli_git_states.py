"""In every state a repository can be in, each write does the right thing or ends with 4 and a clear word, seen as a
person sees it: through the command line and their own git. Never a file in the commit that was not asked for."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import git

from crmcli.store import stale

if TYPE_CHECKING:
    from conventions import Crm

pytest_plugins = ["conventions"]
WANG, ZHANG, NEXT = (f"records/2024/05/C2024051000{n}.yaml" for n in (1, 2, 3))
UPDATE = ("update", "C20240510001", "--set", "owner=zhang.san")
ADD = (*shlex.split("add --kind individual --name 何静 --phone 13600136000 --region 北京/朝阳 --source store"),)
Prepare = Callable[["Crm"], object]


def committed(crm: Crm, *words: str, paths: tuple[str, ...] = (WANG,)) -> None:
    """Run; one commit on top that holds exactly `paths`, and whatever else git called changed is so still."""
    before, status = crm.git("rev-parse", "HEAD"), crm.git("status", "--porcelain", "-uall")
    ended = crm(*words)
    assert ended.exit == 0, ended
    assert crm.git("rev-parse", "HEAD~1") == before
    assert crm.git("diff-tree", "-r", "--name-only", "--no-commit-id", "HEAD").splitlines() == [*paths]
    assert crm.git("status", "--porcelain", "-uall") == status
    assert crm.git("fsck", "--strict", "--no-dangling") == ""


def other_work(crm: Crm) -> None:
    """Everything that can be half done in a work tree, beside the customers' files."""
    for name in ("changed", "staged", "both", "gone", "gone-staged", "moved"):
        crm.put(name, f"{name}\n" * 9)
    crm.keep()
    for name in ("staged", "both", "new"):
        crm.put(name, "staged\n")
        crm.git("add", name)
    for name in ("changed", "both", "loose", "intended", "schemas/notes.txt"):
        crm.put(name, "and more\n")
    crm.git("add", "-N", "intended")
    crm.git("rm", "-q", "gone-staged")
    crm.git("mv", "moved", "elsewhere")
    (crm.folder / "gone").unlink()


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (UPDATE, WANG),
        (ADD, NEXT),
        (("interaction", "add", "王芳", "--channel", "call", "--summary", "问候"), WANG),
        (("undo", "HEAD~1"), ZHANG),
    ],
    ids=lambda given: given[0] if isinstance(given, tuple) else "",
)
def test_other_work_half_done_stays_so_and_out_of_the_commit(crm: Crm, words: tuple[str, ...], path: str) -> None:
    crm("update", "张伟", "--set", "owner=a.b")
    other_work(crm)
    staged = crm.git("diff", "--cached")
    committed(crm, *words, paths=(path,))
    assert crm.git("diff", "--cached") == staged


EDITS: dict[str, Prepare] = {
    "edited": lambda crm: crm.change(WANG, "li.na", "by.hand"),
    "staged": lambda crm: (crm.change(WANG, "li.na", "by.hand"), crm.git("add", WANG)),
    "half staged": lambda crm: (crm.change(WANG, "li.na", "a.b"), crm.git("add", WANG), crm.change(WANG, "a.b", "c.d")),
    "staged and put back": lambda crm: (
        crm.change(WANG, "li.na", "a.b"),
        crm.git("add", WANG),
        crm.change(WANG, "a.b", "li.na"),
    ),
    "taken out of the index": lambda crm: crm.git("rm", "-q", "--cached", WANG),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_hand_edit_of_the_very_file_is_never_overwritten(crm: Crm, edit: Prepare) -> None:
    edit(crm)
    refusal = crm.refused(*UPDATE, exit=4)
    assert refusal.error["kind"] == "uncommitted"
    assert WANG in refusal.words
    assert "crm commit" in refusal.words
    assert crm.refused("undo", "HEAD", exit=4)
    committed(crm, *ADD, paths=(NEXT,))


def diverged(crm: Crm) -> None:
    """Two branches that changed the same line of one customer."""
    crm.git("checkout", "-q", "-b", "side")
    crm(*UPDATE)
    crm.git("checkout", "-q", "-")
    crm("update", "C20240510001", "--set", "owner=li.si")


MIDWAY = ("merge side", "cherry-pick side", "revert HEAD~1", "rebase side", "rebase --apply side")


@pytest.mark.parametrize("command", MIDWAY)
def test_midway_through_a_merge_nothing_is_written_and_all_is_read(crm: Crm, command: str) -> None:
    diverged(crm)
    crm("update", "C20240510001", "--set", "owner=wang.wu")
    git(crm.folder, *command.split(), check=False)
    what = command.split()[0]
    for words in (ADD, ("undo",), ("update", "C20240510002", "--set", "owner=a.b")):
        refusal = crm.refused(*words, exit=4)
        assert refusal.error["kind"] == "midway"
        assert what in refusal.words
    assert "张伟" in crm("list").out
    assert crm("show", "张伟").exit == 0
    crm.git(what, "--abort")
    committed(crm, *UPDATE)


def test_a_bisect_is_no_obstacle(crm: Crm) -> None:
    crm.git("bisect", "start", "HEAD")
    committed(crm, *ADD, paths=(NEXT,))


def test_on_no_branch_the_commit_goes_where_head_is(crm: Crm) -> None:
    branch = crm.git("symbolic-ref", "--short", "HEAD").strip()
    tip = crm.git("rev-parse", "HEAD")
    crm.git("checkout", "-q", "--detach")
    committed(crm, *UPDATE)
    assert crm.git("rev-parse", branch) == tip
    assert crm.git("branch", "--show-current") == ""


def test_a_branch_without_commits_asks_for_crm_commit_first(crm: Crm) -> None:
    crm.git("checkout", "-q", "--orphan", "fresh")
    assert crm("list").exit == 0
    assert crm("history").exit == 0
    assert "crm commit" in crm.stopped_by(*UPDATE, exit=4)
    crm.refused("undo", exit=3)
    assert crm("commit").exit == 0
    assert crm.git("status", "--porcelain") == "A  .gitattributes\nA  .gitignore\n"
    assert crm.git("log", "--format=%s").count("\n") == 1
    committed(crm, *UPDATE)


def test_files_brought_into_a_new_repository_are_taken_in(crm: Crm) -> None:
    shutil.rmtree(crm.folder / ".git")
    assert crm("list").exit == 3
    crm.git("init", "-q")
    assert "crm commit" in crm.stopped_by(*UPDATE, exit=4)
    assert crm("commit").exit == 0
    committed(crm, *UPDATE)
    committed(crm, *ADD, paths=(NEXT,))


def test_linked_worktrees_share_numbers_and_nothing_else(crm: Crm, tmp_path: Path) -> None:
    crm.git("worktree", "add", "-q", str(tmp_path / "beside"), "-b", "beside")
    committed(crm, *ADD, "--format", "ids", paths=(NEXT,))
    added = crm(*ADD, "--format", "ids", "--vault", str(tmp_path / "beside"))
    assert added.out == "C20240510004\n"
    assert crm("list", "--format", "ids", "--vault", str(tmp_path / "beside")).out.split()[-1] == "C20240510004"
    assert crm("list", "--format", "ids").out.split()[-1] == "C20240510003"
    assert crm.git("status", "--porcelain") == ""
    assert crm.git("-C", str(tmp_path / "beside"), "status", "--porcelain") == ""
    assert crm("undo", "--vault", str(tmp_path / "beside")).exit == 0
    assert crm(*ADD, "--format", "ids").exit == 4


def test_two_vaults_in_one_repository_do_not_mix(crm: Crm) -> None:
    sub = str(crm.folder / "分店 二")
    # As an older crm made them; today's refuses a vault within another one.
    shutil.copytree(crm.folder / "schemas", f"{sub}/schemas")
    settings = Path(sub, "schemas/vault.yaml")
    settings.write_text(re.sub("(?m)^id: .*", f"id: {'B' * 26}", settings.read_text()))
    crm.keep()
    other_work(crm)
    status = crm.git("status", "--porcelain", "-uall")
    added = crm(*ADD, "--vault", sub, "--format", "ids")
    assert added.out == "C20240510001\n", added
    assert crm.git("diff-tree", "-r", "-z", "--name-only", "--no-commit-id", "HEAD") == f"分店 二/{WANG}\0"
    assert "何静" not in crm("list").out
    assert "王芳" not in crm("list", "--vault", sub).out
    committed(crm, *ADD, paths=(NEXT,))
    assert crm("undo", "--vault", sub).exit == 0
    assert crm("list", "--vault", sub, "--format", "ids").out == ""
    assert crm("list", "--format", "ids").out.split() == ["C20240510001", "C20240510002", "C20240510003"]
    assert crm.git("status", "--porcelain", "-uall") == status


HOOKS = {"pre-commit": "exit 1", "commit-msg": "exit 1", "prepare-commit-msg": "exit 1"}


@pytest.mark.parametrize("place", ["hooks", "core.hooksPath"])
@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_that_refuses_leaves_all_as_it_was_and_is_heard(crm: Crm, name: str, place: str) -> None:
    other_work(crm)
    hook(crm, name, "echo 'no, said the hook' >&2; exit 1", place)
    refusal = crm.refused(*UPDATE, exit=4)
    assert refusal.error["kind"] == "hook"
    assert "no, said the hook" in refusal.words
    crm.refused(*ADD, exit=4)
    hook(crm, name, "exit 0", place)
    committed(crm, *UPDATE)


def test_a_hook_may_format_what_is_committed(crm: Crm) -> None:
    hook(crm, "pre-commit", f"sed -i s/zhang.san/formatted/ {WANG} && git add {WANG}")
    committed(crm, *UPDATE)
    assert "owner: formatted\n" in crm.git("show", f"HEAD:{WANG}")
    assert "owner: formatted\n" in (crm.folder / WANG).read_text()


def hook(crm: Crm, name: str, script: str, place: str = "hooks") -> None:
    folder = crm.folder / ".git" / "hooks"
    if place == "core.hooksPath":
        folder = crm.folder.parent / "our hooks"
        crm.git("config", "core.hooksPath", str(folder))
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_a_signer_that_fails_leaves_all_as_it_was(crm: Crm) -> None:
    crm.git("config", "commit.gpgsign", "true")
    crm.git("config", "gpg.program", "false")
    refusal = crm.refused(*UPDATE, exit=4)
    assert refusal.error["kind"] == "git"
    assert "gpg" in refusal.words


def test_a_git_at_work_is_waited_for_then_named(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stale, "PATIENCE", 0.1)
    (crm.folder / ".git/index.lock").touch()
    refusal = crm.refused(*UPDATE, exit=4)
    assert refusal.error["kind"] == "git-busy"
    assert "index.lock" in refusal.words
    assert crm("list").exit == 0


SETTINGS = (
    "core.autocrlf=true",
    "core.autocrlf=input",
    "core.safecrlf=true",
    "core.ignorecase=true",
    "core.precomposeunicode=true",
    "core.splitIndex=true",
    "core.untrackedCache=true",
    "core.fileMode=false",
    "core.quotePath=true",
    "core.preloadIndex=false",
    "index.version=4",
    "index.threads=true",
    "commit.verbose=true",
    "commit.cleanup=scissors",
    "core.commentChar=auto",
    "diff.noprefix=true",
    "diff.renames=copies",
    "diff.external=false",
    "log.showSignature=true",
    "log.follow=true",
    "log.date=relative",
    "log.mailmap=false",
    "status.showUntrackedFiles=no",
    "status.relativePaths=true",
    "status.branch=true",
    "status.short=true",
    "i18n.commitEncoding=GB18030",
    "i18n.logOutputEncoding=GB18030",
    "user.useConfigOnly=true",
    "color.ui=always",
    "core.pager=false",
    "core.editor=false",
    "core.abbrev=4",
    "trailer.separators=#",
    "feature.manyFiles=true",
    "core.logAllRefUpdates=false",
    "gc.auto=1",
)


@pytest.mark.parametrize("setting", SETTINGS)
def test_no_setting_of_git_changes_what_crm_does(crm: Crm, setting: str) -> None:
    crm.git("config", *setting.split("=", 1))
    committed(crm, *UPDATE, "--note", "备注在此")
    committed(crm, *ADD, paths=(NEXT,))
    ended = crm("history", "--format", "json")
    assert "备注在此" in ended.out
    assert "何静" in crm("search", "何").out
    assert crm("undo").exit == 0
    assert not (crm.folder / NEXT).exists()
