"""A private file whose bytes are overwritten where they stand before others take their place, as far as the disk does so.

Killed anywhere, the old bytes are whole, or the new ones are durable, or both; one process at a time writes.
"""

import os
from pathlib import Path

from crmcli.store.files import cannot_write, fsync_folder
from crmcli.store.private import read_private, write_private

_FLAGS = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def read_rotating(path: Path) -> tuple[bytes, ...]:
    """What is there: the file, and after it what was about to take its place when a `rotate` was killed. Refused kind
    "not-private" as `read_private`."""
    found = (read_private(one) for one in (path, _next(path)))
    return tuple(data for data in found if data is not None)


def rotate(path: Path, content: bytes) -> None:
    """Destroy what the file holds and put these bytes in its place. Failure kind "disk" where that can't be done."""
    write_private(_next(path), content)
    try:
        _overwrite(path)
        _next(path).replace(path)
        fsync_folder(path.parent)
    except OSError as cause:
        raise cannot_write(path, cause) from cause


def _next(path: Path) -> Path:
    return path.with_name(f"{path.name}.next")


def _overwrite(path: Path) -> None:
    try:
        descriptor = os.open(path, _FLAGS)
    except FileNotFoundError:
        return
    try:
        nothing = memoryview(bytes(os.fstat(descriptor).st_size))
        at = 0
        while at < len(nothing):
            at += os.pwrite(descriptor, nothing[at:], at)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
