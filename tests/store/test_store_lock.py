"""One writer at a time; the others wait, and say for whom."""

import os
import stat
import subprocess
import time
from pathlib import Path

import pytest

from crmcli.errors import Conflict
from crmcli.store.lock import Lock


def test_a_second_writer_waits_and_then_names_the_first(tmp_path: Path) -> None:
    path = tmp_path / "crm" / "lock"
    with Lock(path, "update"), pytest.raises(Conflict) as failed, Lock(path, "add", timeout=0.1):
        pass
    assert (failed.value.kind, failed.value.exit) == ("busy", 4)
    assert str(os.getpid()) in failed.value.message
    assert "update" in failed.value.message
    assert failed.value.hint


def test_it_is_free_again_afterwards_also_after_an_error(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with pytest.raises(ZeroDivisionError), Lock(path, "update"):
        raise ZeroDivisionError
    with Lock(path, "update", timeout=0):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == b""


def test_a_child_that_inherited_it_holds_it_only_when_we_do_not_give_it_back(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with Lock(path, "update") as descriptor:
        child = subprocess.Popen(["sleep", "20"], pass_fds=(descriptor,))
    try:
        with Lock(path, "update", timeout=0):
            pass
    finally:
        child.kill()
        child.wait()


def test_it_lasts_as_long_as_a_child_of_a_killed_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    pid = os.fork()
    if not pid:
        with Lock(path, "update") as descriptor:
            subprocess.Popen(["sleep", "0.6"], pass_fds=(descriptor,))
            os.kill(os.getpid(), 9)
    os.waitpid(pid, 0)
    with pytest.raises(Conflict), Lock(path, "add", timeout=0):
        pass
    begun = time.monotonic()
    with Lock(path, "add", timeout=10):
        assert time.monotonic() - begun < 8


def test_a_lock_file_swept_away_does_not_let_two_in(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with Lock(path, "update"):
        path.unlink()
        with Lock(path, "add", timeout=0), pytest.raises(Conflict), Lock(path, "add", timeout=0):
            pass


def test_whatever_stands_in_the_file_the_message_holds(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    for junk in (b"", b"[]", b"{}", b"\xff", b'{"pid": 1}'):
        with Lock(path, "update"):
            path.write_bytes(junk)
            with pytest.raises(Conflict), Lock(path, "add", timeout=0):
                pass
