"""Standard output and error as this program uses them: UTF-8, never an encoding error, no traceback for a closed pipe.

stdout is data, stderr is everything else. What cannot be said on stderr is lost quietly; what cannot be written to
stdout is `StdoutClosed` (the reader has gone, which is no failure) or the system's own OSError (a full disk is one).
"""

import os
import sys
from collections.abc import Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO


class StdoutClosed(Exception):
    """Whoever read standard output has stopped reading."""


def prepare() -> None:
    """Make both streams safe for any text. A terminal keeps its own encoding, unless that is ASCII."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    sys.stdin = sys.stdin or Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 (lives as long as the process)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            own = is_terminal(stream) and stream.encoding.lower() not in ("ascii", "us-ascii", "ansi_x3.4-1968")
            stream.reconfigure(encoding=stream.encoding if own else "utf-8", errors="backslashreplace")


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person sits at the other end; a closed stream is no terminal."""
    return stream is not None and not stream.closed and stream.isatty()


def may_color(stream: TextIO, env: Mapping[str, str], no_color: bool) -> bool:
    """Whether ANSI colours may go to the stream: a terminal that knows them, and nobody said no (no-color.org)."""
    return not no_color and not env.get("NO_COLOR") and env.get("TERM") != "dumb" and is_terminal(stream)


def put(text: str) -> None:
    """Write data to stdout, all of it, now."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError as error:
        _abandon(sys.stdout)
        raise StdoutClosed from error
    except OSError:
        _abandon(sys.stdout)
        raise


def say(text: str) -> None:
    """Write a line for people to stderr, if anybody can still read it."""
    try:
        sys.stdout.flush()
    except OSError:
        _abandon(sys.stdout)
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except OSError:
        _abandon(sys.stderr)


def _abandon(stream: TextIO) -> None:
    """Point the stream at nothing, so that Python's last flush at exit cannot fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
