"""Reads and writes files below a root: a reader sees the old bytes or the new ones, a power cut leaves the same choice.

Never follows a symlink below the root, never leaves the root, never reads a file whole before knowing its size.
"""

import os
import re
import stat
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

from crmcli.errors import Failure, Invalid, NotFound, Refused, Where
from crmcli.text import _

RECORD_LIMIT = 1 << 20  # bytes; a customer of forty years stays far below
_THREADS = 8
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_FEW = 16


def write_atomic(root: Path, path: str, content: bytes, mode: int | None = None) -> None:
    """Write one file (path relative to root, posix): temporary file beside it, fsync, rename, fsync of the folder.
    Missing folders are made. `mode` None: 0644, or what the file had. Refused at a symlink or outside root."""
    write_all(root, [(path, content)], mode)


def write_all(root: Path, items: Sequence[tuple[str, bytes]], mode: int | None = None) -> None:
    """Many files with the promise of `write_atomic` for each; the waits for the disk overlap."""
    folders = {place(root, path).parent for path, _content in items}
    try:
        made = [folder for folder in sorted(folders) for folder in _make_folder(root, folder)]
        if len(items) <= _FEW:
            for item in items:
                _write_beside(root, item, mode)
        else:
            with ThreadPoolExecutor(_THREADS) as pool:
                list(pool.map(lambda item: _write_beside(root, item, mode), items))
        for path, _content in items:
            os.replace(temporary(root, path), root / path)  # noqa: PTH105 (measurably faster in bulk)
        for folder in sorted(folders | {folder.parent for folder in made}):
            fsync_folder(folder)
    except OSError as cause:
        raise cannot_write(root, cause) from cause


def remove(root: Path, path: str) -> None:
    """Delete a file, if it is there, and the folders that this leaves empty."""
    target = place(root, path)
    try:
        target.unlink(missing_ok=True)
        folder = target.parent
        while folder != root and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent
        fsync_folder(folder if folder.is_dir() else root)
    except OSError as cause:
        raise cannot_write(root, cause) from cause


def read_record(root: Path, path: str) -> bytes:
    """The bytes of a customer file or house rule. Invalid at a symlink (the file or a folder below root), anything but
    a plain file, or more than 1 MiB; NotFound when there is none."""
    found = read_file(root, path, RECORD_LIMIT)
    if found is None:
        raise NotFound(_("{path} is not there.").format(path=path), where=Where(path))
    return found


def read_file(root: Path, path: str, limit: int | None = None) -> bytes | None:
    """The bytes of a plain file below root, or None when there is none. Invalid as for `read_record`."""
    try:
        place(root, path)
        descriptor = os.open(root / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except Refused as refused:
        raise Invalid(refused.message, where=refused.where, kind="not-a-file") from refused
    except OSError as cause:
        raise Invalid(
            _("{path} cannot be read: {reason}.").format(path=path, reason=cause.strerror or cause),
            where=Where(path),
            kind="not-a-file",
        ) from cause
    try:
        _check_plain(os.fstat(descriptor), path, limit)
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return stream.read()
    finally:
        os.close(descriptor)


def place(root: Path, path: str) -> Path:
    """Where a relative path lies; Refused when it leads out of root, or over or onto a symlink."""
    parts = PurePosixPath(path).parts
    if not parts or parts[0] == "/" or ".." in parts or _CONTROL.search(path) or str(PurePosixPath(path)) != path:
        raise Refused(_("{path} is not a path inside the vault.").format(path=repr(path)), where=Where(path))
    here = str(root)
    for part in parts:
        here = f"{here}/{part}"
        try:
            mode = os.lstat(here).st_mode
        except (FileNotFoundError, NotADirectoryError):
            break
        if stat.S_ISLNK(mode):
            raise Refused(
                _("{path} is, or lies behind, a symbolic link; links are not followed.").format(path=path),
                where=Where(path),
                kind="symlink",
            )
    return root / path


def temporary(root: Path, path: str) -> Path:
    """The file that new bytes of `path` are first written to."""
    target = root / path
    return target.with_name(f".{target.name}.tmp")


def private_folder(folder: Path) -> Path:
    """The folder, made with mode 0700 where missing, its parent up to the git dir included."""
    if not folder.is_dir():
        private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def fsync_folder(folder: Path) -> None:
    """Make the names in a folder durable. OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def cannot_write(root: Path, cause: OSError) -> Failure:
    """What to raise when the system did not let us write in root."""
    name = str(cause.filename or root)
    return Failure(
        _("Cannot write {path}: {reason}.").format(path=name, reason=cause.strerror or cause),
        where=Where(name),
        kind="disk",
    )


def _check_plain(state: os.stat_result, path: str, limit: int | None) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise Invalid(_("{path} is not a plain file.").format(path=path), where=Where(path), kind="not-a-file")
    if limit is not None and state.st_size > limit:
        raise Invalid(
            _("{path} is too large: {size} bytes.").format(path=path, size=state.st_size),
            hint=_("At most {limit} bytes are read.").format(limit=limit),
            where=Where(path),
            kind="too-large",
        )


def _write_beside(root: Path, item: tuple[str, bytes], mode: int | None) -> None:
    path, content = item
    beside = temporary(root, path)
    kept = _mode_of(root / path) if mode is None else mode
    # A link planted at the temporary name must not lead the write elsewhere.
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(beside, flags, 0o644 if kept is None else kept)
    try:
        if kept is not None:
            os.fchmod(descriptor, kept)
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _mode_of(target: Path) -> int | None:
    try:
        return stat.S_IMODE(os.lstat(target).st_mode)
    except FileNotFoundError:
        return None


def _make_folder(root: Path, folder: Path) -> Iterable[Path]:
    """Make the folder and those above it, yielding each one made."""
    if folder == root or folder.is_dir():
        return
    yield from _make_folder(root, folder.parent)
    folder.mkdir(exist_ok=True)
    yield folder
