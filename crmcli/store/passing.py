"""A folder for the time of one command, for its owner alone (0700): removed at its end, and after a kill by `sweep`.

Where it lies is on record, durably, before it is made.
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crmcli.errors import Failure, Where
from crmcli.store.files import fsync_folder
from crmcli.store.private import make_private
from crmcli.text import _

RECORD = ".passing"  # in the person's folder for data: a file for each folder in use
_START, _END = ".crm-", ".passing"


@contextmanager
def passing_folder(data: Path, beside: Path | None = None) -> Iterator[Path]:
    """Make such a folder: in `beside`, so that what is made in it can be moved out at once; else below `data`.

    data  the person's own folder for data, where the record is kept

    Failure kind "disk" where it can't be made.
    """
    record, token = data / RECORD, secrets.token_hex(4)
    make_private(record)
    folder = (beside or record).absolute() / f"{_START}{token}{_END}"
    descriptor = os.open(record, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        _make(record / token, folder)
        yield folder
    finally:
        _remove(record / token, folder)
        os.close(descriptor)


def sweep(data: Path) -> None:
    """Remove what killed commands left, unless one is at work. Never an error."""
    try:
        descriptor = os.open(data / RECORD, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for mark in [path for path in (data / RECORD).iterdir() if path.is_file()]:
            folder = Path(os.fsdecode(mark.read_bytes()))
            # Whatever stands in the record, only what can be ours goes; nothing does where it was not written to the end.
            if folder.is_absolute() and folder.name == f"{_START}{mark.name}{_END}":
                _remove(mark, folder)
            else:
                mark.unlink(missing_ok=True)
    except OSError:
        return
    finally:
        os.close(descriptor)


def _make(mark: Path, folder: Path) -> None:
    try:
        with mark.open("xb") as stream:
            stream.write(os.fsencode(folder))
            stream.flush()
            os.fsync(stream.fileno())
        fsync_folder(mark.parent)
        folder.mkdir(mode=0o700)
    except OSError as cause:
        said = _("Cannot make the folder {path}: {reason}.").format(path=folder, reason=cause.strerror or cause)
        raise Failure(said, where=Where(str(folder)), kind="disk") from cause


def _remove(mark: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if not os.path.lexists(folder):  # a git that outlived its crm may still write; it goes the next time
        mark.unlink(missing_ok=True)
