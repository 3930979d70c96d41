"""Files are replaced whole or not at all, and nothing is read or written through a link."""

import os
import stat
from pathlib import Path

import pytest
from conftest import put

from crmcli.errors import Failure, Invalid, NotFound, Refused
from crmcli.store import files


def test_a_new_file_makes_its_folders(tmp_path: Path) -> None:
    files.write_atomic(tmp_path, "a/b/客户.yaml", "值".encode())
    assert (tmp_path / "a/b/客户.yaml").read_text() == "值"
    assert [path.name for path in (tmp_path / "a/b").iterdir()] == ["客户.yaml"]


def test_the_mode_is_kept_or_set(tmp_path: Path) -> None:
    target = put(tmp_path, "a", "old")
    target.chmod(0o640)
    files.write_atomic(tmp_path, "a", b"new")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    files.write_atomic(tmp_path, "b", b"private", 0o600)
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o600


def test_every_file_is_on_disk_before_it_gets_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(
        os, "fsync", lambda fd: (order.append(str(Path(f"/proc/self/fd/{fd}").readlink())), fsync(fd))[1]
    )
    monkeypatch.setattr(os, "replace", lambda old, new: (order.append(f"replace {old}"), replace(old, new))[1])
    for count in (2, 40):
        order.clear()
        files.write_all(tmp_path, [(f"{count}/{n}", b"x") for n in range(count)])
        for n in range(count):
            beside = str(tmp_path / f"{count}/.{n}.tmp")
            assert order.index(beside) < order.index(f"replace {beside}") < order.index(str(tmp_path / f"{count}"))
        assert str(tmp_path) in order  # the new folder's own name


def test_a_failing_disk_leaves_the_old_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "a", "old")

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Failure) as failed:
        files.write_atomic(tmp_path, "a", b"new")
    assert failed.value.kind == "disk"
    assert "No space left" in failed.value.message
    assert (tmp_path / "a").read_text() == "old"


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """A root with links out of it: a file, a folder, a dangling one; and one at a temporary name."""
    root = tmp_path / "root"
    put(tmp_path, "out/file", "outside")
    root.mkdir()
    (root / "file").symlink_to(tmp_path / "out/file")
    (root / "folder").symlink_to(tmp_path / "out")
    (root / "dangling").symlink_to(tmp_path / "out/none")
    (root / ".plain.tmp").symlink_to(tmp_path / "out/file")
    return root


@pytest.mark.parametrize("path", ["file", "folder/file", "dangling", "folder/deep/new"])
def test_links_are_not_followed(linked: Path, path: str) -> None:
    with pytest.raises(Refused) as failed:
        files.write_atomic(linked, path, b"inside")
    assert str(failed.value.where) == path
    with pytest.raises(Invalid) as unread:
        files.read_record(linked, path)
    assert str(unread.value.where) == path
    assert [item.name for item in (linked.parent / "out").iterdir()] == ["file"]
    assert (linked.parent / "out/file").read_text() == "outside"


def test_a_link_at_the_temporary_name_leads_nowhere(linked: Path) -> None:
    with pytest.raises(Failure):
        files.write_atomic(linked, "plain", b"inside")
    assert (linked.parent / "out/file").read_text() == "outside"


def test_a_root_that_is_itself_a_link_is_fine(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "root").symlink_to("real")
    files.write_atomic(tmp_path / "root", "a/b", b"x")
    assert files.read_record(tmp_path / "root", "a/b") == b"x"


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "a//b", "a/./b", "", ".", "a\nb", "a\0b"])
def test_paths_stay_inside(tmp_path: Path, path: str) -> None:
    with pytest.raises(Refused):
        files.write_atomic(tmp_path, path, b"x")
    with pytest.raises(Invalid):
        files.read_record(tmp_path, path)


def test_too_large_a_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as stream:
        stream.truncate(1 << 40)
    with pytest.raises(Invalid) as failed:
        files.read_record(tmp_path, "big")
    assert (failed.value.kind, str(failed.value.where)) == ("too-large", "big")


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_only_plain_files_are_read(tmp_path: Path, make: object) -> None:
    make(tmp_path / "odd")
    with pytest.raises(Invalid) as failed:
        files.read_record(tmp_path, "odd")
    assert failed.value.kind == "not-a-file"


@pytest.mark.parametrize("path", ["none", "plain/none", "no/ne"])
def test_what_is_not_there_is_not_found(tmp_path: Path, path: str) -> None:
    put(tmp_path, "plain", "x")
    with pytest.raises(NotFound):
        files.read_record(tmp_path, path)
    assert files.read_file(tmp_path, path) is None


def test_removing_takes_empty_folders_along_but_never_the_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    put(root, "a/b/c", "x")
    put(root, "a/kept", "x")
    files.remove(root, "a/b/c")
    assert sorted(path.name for path in root.rglob("*")) == ["a", "kept"]
    files.remove(root, "a/kept")
    files.remove(root, "a/kept")
    assert root.is_dir()
    assert not list(root.iterdir())
