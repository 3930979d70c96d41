"""Private files are their owner's alone from their first moment, replaced whole, and never led elsewhere by a link."""

import errno
import os
import stat
from pathlib import Path

import pytest

from crmcli.errors import Failure, Refused
from crmcli.store.private import loose_modes, make_private, read_private, write_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def wide_umask() -> object:
    """The worst case: nothing is private by the process's own habit."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_new_file_and_its_folders_are_private(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "key"
    write_private(target, b"secret")
    assert read_private(target) == b"secret"
    assert [mode(path) for path in (target, target.parent, target.parent.parent)] == [0o600, 0o700, 0o700]
    assert [path.name for path in target.parent.iterdir()] == ["key"]


def test_a_file_that_was_open_to_others_is_private_once_written(tmp_path: Path) -> None:
    target = tmp_path / "key"
    for loose in (target, tmp_path / ".key.tmp"):
        loose.write_bytes(b"old")
        loose.chmod(0o666)
    write_private(target, b"new")
    assert (read_private(target), mode(target)) == (b"new", 0o600)


def test_a_missing_file_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert read_private(tmp_path / "none") is None
    assert read_private(tmp_path / "no/folder") is None
    assert read_private(tmp_path / "file/key") is None


@pytest.mark.parametrize("kind", ["link", "dangling link", "folder", "pipe"])
def test_only_plain_files_are_read(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "key"
    match kind:
        case "link":
            (tmp_path / "else").write_bytes(b"x")
            target.symlink_to(tmp_path / "else")
        case "dangling link":
            target.symlink_to(tmp_path / "else")
        case "folder":
            target.mkdir()
        case "pipe":
            os.mkfifo(target)
    with pytest.raises(Refused) as failed:
        read_private(target)
    assert (failed.value.kind, failed.value.exit) == ("not-private", 5)
    assert str(target) in failed.value.message
    assert failed.value.hint
    assert not (tmp_path / "else").exists() or (tmp_path / "else").read_bytes() == b"x"


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "else").write_bytes(b"x")
    (tmp_path / "key").symlink_to(tmp_path / "else")
    with pytest.raises(Refused):
        write_private(tmp_path / "key", b"secret")
    assert (tmp_path / "else").read_bytes() == b"x"


def test_what_the_system_does_not_let_us_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_args: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(Refused) as failed:
        read_private(tmp_path / "key")
    assert "Permission denied" in failed.value.message


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file/below", Path("/dev/null/below")):
        with pytest.raises(Failure) as failed:
            write_private(folder / "key", b"x")
        assert failed.value.kind == "disk"
        assert str(folder) in failed.value.message


def test_a_full_disk_leaves_the_old_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_private(tmp_path / "key", b"old")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(Failure):
            write_private(tmp_path / "key", b"new")
    assert read_private(tmp_path / "key") == b"old"


def test_new_folders_are_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: set[tuple[int, int]] = set()
    monkeypatch.setattr(os, "fsync", lambda fd: synced.add((os.fstat(fd).st_dev, os.fstat(fd).st_ino)))
    make_private(tmp_path / "a" / "b")
    for folder in (tmp_path, tmp_path / "a"):
        assert (folder.stat().st_dev, folder.stat().st_ino) in synced


def test_files_that_others_may_use_are_named_and_left(tmp_path: Path) -> None:
    modes = {"tight": 0o600, "readable": 0o644, "group": 0o620, "mine": 0o400}
    for name, bits in modes.items():
        (tmp_path / name).touch()
        (tmp_path / name).chmod(bits)
    tmp_path.chmod(0o711)
    found = loose_modes([tmp_path, *(tmp_path / name for name in modes), tmp_path / "missing", tmp_path / "mine/x"])
    assert found == [tmp_path, tmp_path / "readable", tmp_path / "group"]
    assert mode(tmp_path / "readable") == 0o644
