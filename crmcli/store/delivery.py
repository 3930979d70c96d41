"""A file for a person, anywhere: whole or not at all, for its owner's eyes alone, never over another one unasked.

A killed delivery leaves nothing in clear: the bytes have no name while they are written; where the system can't do that,
or another file is replaced, the name they have for a moment is on record first, and `sweep` removes what has it.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from crmcli.errors import Conflict, Failure, Invalid, Where
from crmcli.model.spelling import quoted
from crmcli.store.files import fsync_folder, private_folder
from crmcli.text import _

RECORD = "deliveries"  # folder in the vault's private one: a file for each name in use
_NAMELESS = getattr(os, "O_TMPFILE", None)
Content = bytes | Path
_PIECE = 1 << 20  # bytes in memory at a time


def is_taken(path: Path) -> bool:
    """Whether anything stands there; Invalid for what is no plain file and may never be replaced."""
    try:
        if path.is_dir() or (path.exists() and not path.is_file()):
            raise Invalid(_("{path} is not a plain file.").format(path=path), where=Where(str(path)), kind="not-a-file")
    except OSError as cause:  # no name that a file can have here
        said = _("Cannot write {path}: {reason}.").format(path=quoted(str(path)), reason=cause.strerror or cause)
        raise Invalid(said, where=Where(str(path)), kind="not-a-file") from cause
    return os.path.lexists(path)


def deliver(path: Path, content: Content, state: Path, *, replace: bool) -> None:
    """Write the bytes, or those of that file (mode 0600), durable before this returns.

    state    the vault's private folder, where the record is kept
    replace  whether what stands there may be replaced

    Conflict, kind "exists", where something stands there otherwise; Failure where it can't be written.
    """
    try:
        if not _linked(path, content, fresh=not (replace and os.path.lexists(path))):
            _renamed(path, content, state, replace=replace)
        fsync_folder(path.parent)
    except FileExistsError:
        raise Conflict(
            _("{path} is there already.").format(path=path),
            hint=_("Add --yes to replace it."),
            where=Where(str(path)),
            kind="exists",
        ) from None
    except OSError as cause:
        said = _("Cannot write {path}: {reason}.").format(path=path, reason=cause.strerror or cause)
        raise Failure(said, where=Where(str(path)), kind="disk") from cause


def sweep(state: Path) -> None:
    """Remove what killed deliveries left under the names on record, unless one is at work. Never an error."""
    try:
        with _record(state, fcntl.LOCK_EX | fcntl.LOCK_NB, make=False) as folder:
            for mark in folder.iterdir():
                _forget(mark)
    except OSError:
        return


def _forget(mark: Path) -> None:
    beside = Path(os.fsdecode(mark.read_bytes()))
    # Whatever stands in the record, only what can be ours goes.
    if beside.is_absolute() and beside.name.startswith(".") and beside.name.endswith(f".{mark.name}.tmp"):
        beside.unlink(missing_ok=True)
    mark.unlink(missing_ok=True)


@contextmanager
def _record(state: Path, lock: int, *, make: bool) -> Iterator[Path]:
    """The folder of the record, locked: shared by deliveries, alone for whoever sweeps."""
    folder = private_folder(state / RECORD) if make else state / RECORD
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, lock)
        yield folder
    finally:
        os.close(descriptor)


def _linked(path: Path, content: Content, *, fresh: bool) -> bool:
    """Write without a name and give it the name once it is durable; False, with nothing done, where that can't be.
    FileExistsError where something stands there."""
    if not fresh or _NAMELESS is None:
        return False
    try:
        descriptor = os.open(path.parent, _NAMELESS | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    except OSError:
        return False
    with os.fdopen(descriptor, "wb") as stream:
        _fill(stream.fileno(), content)
        return _named(stream.fileno(), path)


def _named(descriptor: int, path: Path) -> bool:
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # With a folder's descriptor Python follows the link in /proc, without one it does not.
        os.link(f"/proc/self/fd/{descriptor}", path.name, dst_dir_fd=folder, follow_symlinks=True)
    except FileExistsError:
        raise
    except OSError:
        return False
    finally:
        os.close(folder)
    return True


def _renamed(path: Path, content: Content, state: Path, *, replace: bool) -> None:
    token = secrets.token_hex(4)
    beside = path.absolute().with_name(f".{path.name[:100]}.{token}.tmp")
    with _record(state, fcntl.LOCK_SH, make=True) as folder:
        mark = folder / token
        try:
            _write(mark, os.fsencode(beside))
            fsync_folder(folder)
            if not _linked(beside, content, fresh=True):
                _write(beside, content)
            _put(beside, path, replace=replace)
        finally:
            beside.unlink(missing_ok=True)
            mark.unlink(missing_ok=True)


def _write(path: Path, content: Content) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        _fill(descriptor, content)
    finally:
        os.close(descriptor)


def _fill(descriptor: int, content: Content) -> None:
    with content.open("rb") if isinstance(content, Path) else BytesIO(content) as source:
        while piece := source.read(_PIECE):
            view = memoryview(piece)
            while view:
                view = view[os.write(descriptor, view) :]
    os.fsync(descriptor)


def _put(beside: Path, path: Path, *, replace: bool) -> None:
    if replace:
        beside.replace(path)
        return
    try:
        path.hardlink_to(beside)
    except FileExistsError:
        raise
    except OSError:
        # A file system without links, as on many a USB stick.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        beside.replace(path)
