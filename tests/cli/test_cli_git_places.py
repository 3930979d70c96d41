"""Where a repository lies, how it was made and who owns it: crm works there as anywhere, or says clearly why not."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import git, put

if TYPE_CHECKING:
    from conventions import Crm

pytest_plugins = ["conventions"]
WANG, NEXT = (f"records/2024/05/C2024051000{n}.yaml" for n in (1, 3))
UPDATE = ("update", "C20240510001", "--set", "owner=zhang.san")
ADD = (*shlex.split("add --kind individual --name 何静 --phone 13600136000 --region 北京/朝阳 --source store"),)


def works(crm: Crm, folder: Path) -> None:
    """A day's work there, each write one commit, and git content."""
    at = ("--vault", str(folder))
    for words in (
        ADD,
        ("update", "何静", "--set", "owner=a.b"),
        ("sale", "add", "何静", "--product", "卡", "--price", "9"),
    ):
        before = git(folder, "rev-parse", "HEAD")
        assert crm(*words, *at).exit == 0
        assert git(folder, "rev-parse", "HEAD~1") == before
        assert len(git(folder, "diff-tree", "-r", "--name-only", "--no-commit-id", "HEAD").splitlines()) == 1
    assert crm("undo", *at).exit == 0
    assert crm("history", "何静", "-p", *at).exit == 0
    assert "何静" in crm("search", "何", *at).out
    assert git(folder, "status", "--porcelain", "-uall") == ""
    assert git(folder, "fsck", "--strict", "--no-dangling") == ""


@pytest.mark.parametrize("name", ["with spaces and 中文", 'quote\'d "here" a\\b', ":(top)[x]*?", "-dash"])
def test_any_name_of_a_folder_will_do(crm: Crm, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    git(tmp_path / name, "init", "-q")
    folder = tmp_path / name / "below" / name
    assert crm("init", str(folder)).exit == 0
    works(crm, folder)


@pytest.mark.parametrize(
    "options",
    [("--object-format=sha256",), ("--separate-git-dir=../elsewhere.git",), ("--shared=group",), ("-b", "主干/一")],
    ids=str,
)
def test_any_kind_of_repository_will_do(crm: Crm, tmp_path: Path, options: tuple[str, ...]) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    git(folder, "init", "-q", *options)
    assert crm("init", str(folder)).exit == 0
    works(crm, folder)


def test_a_submodule_is_a_repository_of_its_own(crm: Crm, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "outer")
    git(tmp_path / "outer", "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(crm.folder), "inner")
    works(crm, tmp_path / "outer" / "inner")


def test_a_shallow_clone_works_and_undoes_only_what_it_knows(crm: Crm, tmp_path: Path) -> None:
    crm(*UPDATE)
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{crm.folder}", "shallow")
    crm.folder = tmp_path / "shallow"
    ended = crm("undo", "--vault", str(crm.folder))
    assert (ended.exit, (crm.folder / WANG).exists()) == (4, True)
    works(crm, crm.folder)


def test_a_sparse_clone_loses_nothing(crm: Crm, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(crm.folder), "sparse")
    folder = tmp_path / "sparse"
    git(folder, "sparse-checkout", "set", "schemas")
    assert not (folder / "records").exists()
    assert crm("show", "C20240510001", "--vault", str(folder)).exit == 3
    works(crm, folder)
    assert git(folder, "ls-files", "records").split() == [WANG, WANG.replace("001", "002"), NEXT]


def test_line_ends_of_windows_do_not_disturb(crm: Crm) -> None:
    crm.git("config", "core.autocrlf", "true")
    shutil.rmtree(crm.folder / "records")
    (crm.folder / "schemas/codes.yaml").unlink()
    crm.git("checkout", "-q", "--", ".")
    assert b"\r" not in (crm.folder / "schemas/codes.yaml").read_bytes()
    assert b"\r" not in (crm.folder / WANG).read_bytes()
    assert crm("check").exit == 0
    works(crm, crm.folder)
    (crm.folder / "schemas/codes.yaml").write_bytes(b"# ours\n" + (crm.folder / "schemas/codes.yaml").read_bytes())
    assert crm("commit").exit == 0
    assert crm.git("show", "HEAD:schemas/codes.yaml").startswith("# ours\n")
    assert crm.git("diff", "HEAD", "--stat") == ""


def test_a_repository_of_somebody_else_is_refused(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    for words in (("list",), UPDATE):
        ended = crm(*words)
        assert ended.exit == 5
        assert "belongs to somebody else" in ended.err
        assert "safe.directory" in ended.err


def test_inside_git_and_in_a_bare_repository_there_is_no_vault(crm: Crm, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    for place in (tmp_path / "bare.git", crm.folder / ".git"):
        ended = crm("init", str(place))
        assert ended.exit == 4
        assert "bare" in ended.err


def test_without_a_name_nothing_is_written_and_the_way_out_is_said(crm: Crm, home: Path) -> None:
    (home / "gitconfig").write_text("")
    error = crm.refused(*UPDATE).error
    assert error["kind"] == "no-identity"
    assert "git config --global user.email" in error["hint"]
    crm.git("config", "user.useConfigOnly", "true")
    assert crm.refused(*UPDATE).error["kind"] == "no-identity"
    assert crm("list").exit == 0


def test_the_surroundings_of_another_git_do_not_mislead(
    crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "-q", "other")
    for name, value in {"GIT_DIR": str(tmp_path / "other/.git"), "GIT_INDEX_FILE": str(tmp_path / "index")}.items():
        monkeypatch.setenv(name, value)
    assert crm(*UPDATE).exit == 0
    for name in ("GIT_DIR", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name)
    assert git(tmp_path / "other", "rev-list", "--all") == ""
    assert crm.git("status", "--porcelain") == ""


@pytest.mark.parametrize("what", ["", "objects", "refs"])
def test_a_git_folder_that_may_not_be_written_is_said_so(crm: Crm, what: str) -> None:
    if os.geteuid() == 0:
        pytest.skip("the system refuses root nothing")
    crm(*UPDATE)
    shut = [path for path in (crm.folder / ".git" / what).rglob("*") if path.is_dir()] + [crm.folder / ".git" / what]
    for path in shut:
        path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        ended = crm("update", "C20240510001", "--set", "owner=li.si")
        assert ended.exit in (1, 4)
        assert "ermission denied" in ended.err or "insufficient permission" in ended.err
    finally:
        for path in shut:
            path.chmod(0o755)
    assert "owner: zhang.san" in (crm.folder / WANG).read_text()
    assert crm.git("status", "--porcelain") == ""


def repository(tmp_path: Path) -> Path:
    """A repository of somebody's with work under way."""
    git(tmp_path, "init", "-q", "theirs")
    folder = tmp_path / "theirs"
    put(folder, ".gitignore", "old\n")
    put(folder, "file", "old\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "theirs")
    put(folder, "file", "new\n")
    put(folder, "loose", "loose\n")
    return folder


def test_init_at_the_top_of_a_repository_takes_nothing_of_theirs_along(crm: Crm, tmp_path: Path) -> None:
    folder = repository(tmp_path)
    status = git(folder, "status", "--porcelain")
    put(folder, ".gitignore", "old\nnot committed\n")
    refused = crm("init", str(folder))
    assert refused.exit == 4
    assert ".gitignore" in refused.err
    put(folder, ".gitignore", "old\n")
    assert crm("init", str(folder)).exit == 0
    assert git(folder, "status", "--porcelain") == status
    assert git(folder, "show", "HEAD:.gitignore").startswith("old\n")
    assert "file" not in git(folder, "diff-tree", "-r", "--name-only", "--no-commit-id", "HEAD").split()


def test_init_overwrites_no_file(crm: Crm, tmp_path: Path) -> None:
    put(tmp_path, "mine/schemas/codes.yaml", "mine\n")
    refused = crm("init", str(tmp_path / "mine"))
    assert refused.exit == 4
    assert "schemas/codes.yaml" in refused.err
    assert (tmp_path / "mine/schemas/codes.yaml").read_text() == "mine\n"
    assert not (tmp_path / "mine/.git").exists()


def test_init_takes_up_what_a_new_folder_already_ignores(crm: Crm, tmp_path: Path) -> None:
    put(tmp_path, "mine/.gitignore", "mine\n")
    assert crm("init", str(tmp_path / "mine")).exit == 0
    assert git(tmp_path / "mine", "show", "HEAD:.gitignore").startswith("mine\n")
    assert git(tmp_path / "mine", "status", "--porcelain") == ""
