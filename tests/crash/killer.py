"""Kills a command at its n-th dangerous moment, n = 1, 2, … until it runs to its end, and lets a test judge each wreck.

The moments are discovered, not listed: every write, rename, unlink, mkdir, fsync, creating open and child process that
the command makes. Use from a test:

    def check(folder: Path) -> None: ...          # run the next command, then assert the old state or the new one
    points = kill_points(action, fresh, check, "before")

action  a callable that gets the folder (run in a forked child: fast), or an argv to run there
fresh   makes a new copy of the starting state and returns its folder
mode    "before"  SIGKILL just before the n-th moment
        "after"   just after the n-th child process was started: that git lives on alone (after anything else is the
                  same wreck as before the next moment)
        "group"   at the n-th child process: SIGKILL to the command, the child and its children, after each of DELAYS
        "git"     at the n-th child process: SIGKILL to the child alone; the command goes on

By hand: `python killer.py N MODE DELAY MARK -- -m crmcli add …` (or `-- script.py …`). MARK is made when the kill fires.
"""

import builtins
import io
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

MODES = ("before", "after", "group", "git")
DELAYS = (0.0, 0.004, 0.012)  # seconds a git child gets before it is killed
CALLS = (
    *("write", "pwrite", "sendfile", "replace", "rename", "link", "symlink", "unlink", "remove", "mkdir", "rmdir"),
    *("fsync", "ftruncate", "chmod", "fchmod"),
)
Action = Callable[[Path], object] | Sequence[str]


def kill_points(
    action: Action, fresh: Callable[[], Path], check: Callable[[Path], None], mode: str, limit: int = 1000
) -> int:
    """Kill at every moment and check after each; the number of moments that the command had."""
    for n in range(1, limit):
        if not strikes(action, fresh, check, n, mode):
            return n - 1
    raise AssertionError(f"no end after {limit} kill points")


def strikes(action: Action, fresh: Callable[[], Path], check: Callable[[Path], None], n: int, mode: str) -> bool:
    """Kill at the n-th moment, a git child after each of the delays, and check; whether there was such a moment."""
    delays = DELAYS if mode in ("group", "git") else (0.0,)
    struck = [
        _one(action, fresh, check, n, mode, delay) for delay in delays
    ]  # all of them, whatever the first one says
    return any(struck)


def _one(
    action: Action, fresh: Callable[[], Path], check: Callable[[Path], None], n: int, mode: str, delay: float
) -> bool:
    folder = fresh()
    mark = folder.parent / f"{folder.name}.killed"
    (_run_argv if isinstance(action, Sequence) else _run_forked)(action, folder, n, mode, delay, mark)
    try:
        check(folder)
    except BaseException as failed:
        failed.add_note(f"kill point {n}, mode {mode}, delay {delay}, {folder}; killed: {said(mark)}")
        raise
    return mark.exists()


def said(mark: Path) -> str:
    """What the command was about to do when it was killed."""
    return mark.read_text() if mark.exists() else "not at all"


def _run_argv(argv: Sequence[str], folder: Path, n: int, mode: str, delay: float, mark: Path) -> None:
    line = [sys.executable, __file__, str(n), mode, str(delay), str(mark), "--", *argv]
    subprocess.run(line, cwd=folder, start_new_session=True, capture_output=True, check=False)


def _run_forked(action: Callable[[Path], object], folder: Path, n: int, mode: str, delay: float, mark: Path) -> None:
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
        return
    try:
        os.setsid()
        os.chdir(folder)
        arm(n, mode, delay, mark)
        action(folder)
    except BaseException:
        if mode != "git":
            traceback.print_exc()
    finally:
        os._exit(0)


def arm(n: int, mode: str, delay: float, mark: Path) -> None:
    """From here on count moments in this process and strike at the n-th."""
    turns = _turns(n)
    turn = threading.Lock()
    make, put = os.open, os.write

    def due(what: str) -> bool:
        with turn:
            hit = next(turns)
        if hit:
            put(make(mark, os.O_CREAT | os.O_WRONLY), what.encode())
        return hit

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def watched(name: str, call: Callable[..., object], counts: Callable[..., bool]) -> Callable[..., object]:
        def run(*args: object, **kwargs: object) -> object:
            if counts(*args, **kwargs) and due(f"{name} {args[0]}"):
                die()
            return call(*args, **kwargs)

        return run

    def start(child: subprocess.Popen, *args: object, **kwargs: object) -> None:
        hit = due(f"start {args[0]}")
        if hit and mode == "before":
            die()
        begin(child, *args, **kwargs)
        if hit and mode == "after":
            die()
        if hit:
            time.sleep(delay)
            child.kill() if mode == "git" else os.killpg(os.getpgrp(), signal.SIGKILL)

    begin = subprocess.Popen.__init__
    subprocess.Popen.__init__ = start
    if mode == "before":
        for name in CALLS:
            setattr(os, name, watched(name, getattr(os, name), lambda *_a, **_k: True))
        os.open = watched("open", os.open, lambda _path, flags, *_a, **_k: bool(flags & os.O_CREAT))
        io.open = builtins.open = watched("open", builtins.open, _opens_for_writing)


def _turns(n: int) -> Iterator[bool]:
    count = 0
    while True:
        count += 1
        yield count == n


def _opens_for_writing(_file: object, mode: str = "r", *_args: object, **_kwargs: object) -> bool:
    return any(letter in mode for letter in "wax+")


def main() -> None:
    """Run what follows `--` as Python would, armed."""
    n, mode, delay, mark, _dashes, *argv = sys.argv[1:]
    arm(int(n), mode, float(delay), Path(mark))
    if argv[0] == "-m":
        sys.argv = argv[1:]
        sys.path.insert(0, "")
        runpy.run_module(argv[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = argv
        runpy.run_path(argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
