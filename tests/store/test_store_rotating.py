"""A rotated file: the old bytes are overwritten where they stood, the new ones durable before, and a link leads nowhere."""

import stat
from pathlib import Path

import pytest

from crmcli.errors import Failure, Refused
from crmcli.store.rotating import read_rotating, rotate


def test_the_old_bytes_are_gone_from_where_they_stood(tmp_path: Path) -> None:
    path, same = tmp_path / "a/key", tmp_path / "same bytes"
    rotate(path, b"old and long")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    same.hardlink_to(path)
    rotate(path, b"new")
    assert read_rotating(path) == (b"new",)
    assert same.read_bytes() == bytes(12)
    assert [one.name for one in path.parent.iterdir()] == ["key"]


def test_what_a_killed_rotation_left_is_read_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "key"
    assert read_rotating(path) == ()
    path.write_bytes(b"old")
    (tmp_path / "key.next").write_bytes(b"half way")
    assert read_rotating(path) == (b"old", b"half way")
    rotate(path, b"new")
    assert read_rotating(path) == (b"new",)


def test_a_link_is_neither_read_nor_overwritten(tmp_path: Path) -> None:
    path, other = tmp_path / "key", tmp_path / "other"
    other.write_bytes(b"somebody's")
    path.symlink_to(other)
    with pytest.raises(Refused):
        read_rotating(path)
    with pytest.raises(Failure):
        rotate(path, b"new")
    assert other.read_bytes() == b"somebody's"
