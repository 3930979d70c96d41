"""Files for their owner's eyes alone, outside the vault: 0600 in folders made with 0700, replaced whole and durably.

Never follows a link at the file's place and never mends modes unasked: `loose_modes` names what others may read,
`tighten` takes it from them.
"""

import errno
import fcntl
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from crmcli.errors import Failure, Refused, Where
from crmcli.store.files import cannot_write, fsync_folder, private_folder, write_atomic
from crmcli.text import _

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def read_private(path: Path) -> bytes | None:
    """The bytes of the file, None when there is none. Refused kind "not-private" at a link, at anything but a plain
    file, and where the system does not let us read."""
    try:
        descriptor = os.open(path, _FLAGS)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as cause:
        if cause.errno == errno.ELOOP:
            raise _refused(path, _("{path} is a symbolic link; links are not followed.").format(path=path)) from cause
        reason = cause.strerror or cause
        raise _refused(path, _("{path} cannot be read: {reason}.").format(path=path, reason=reason)) from cause
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _refused(path, _("{path} is not a plain file.").format(path=path))
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return stream.read()
    finally:
        os.close(descriptor)


def write_private(path: Path, content: bytes) -> None:
    """Replace the file by these bytes: a reader, and a power cut, find the old ones or the new ones. Failure kind
    "disk" where it can't be, Refused at a link."""
    make_private(path.parent)
    with _alone(path):
        write_atomic(path.parent, path.name, content, 0o600)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One writer in the folder at a time: the temporary file beside has one name, so that none is left for ever."""
    try:
        descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
    except OSError as cause:
        raise cannot_write(path, cause) from cause


def make_private(folder: Path) -> None:
    """Make the folder, and those above it that are missing, with mode 0700, durably. Failure kind "disk"."""
    try:
        missing = [each for each in (folder, *folder.parents) if not each.is_dir()]
        private_folder(folder)
        for made in missing:
            fsync_folder(made.parent)
    except OSError as cause:
        raise Failure(
            _("Cannot make the folder {path}: {reason}.").format(path=folder, reason=cause.strerror or cause),
            hint=_("It is for your own files; XDG_CONFIG_HOME and XDG_DATA_HOME can name another place."),
            where=Where(str(folder)),
            kind="disk",
        ) from cause


def loose_modes(paths: Iterable[Path]) -> list[Path]:
    """Those of the files and folders that others than their owner may enter, read or write; unreachable ones are skipped."""
    return [path for path in paths if _mode(path) & 0o077]


def tighten(paths: Iterable[Path]) -> None:
    """Leave the files and folders to their owner alone. OSError where the system does not let us."""
    for path in paths:
        path.chmod(_mode(path) & 0o700)


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0


def _refused(path: Path, message: str) -> Refused:
    return Refused(
        message,
        hint=_("It must be a plain file of yours, with mode 0600."),
        where=Where(str(path)),
        kind="not-private",
    )
