"""A file for a person, anywhere: whole or not at all, for its owner's eyes alone, never over another one unasked."""

import os
import secrets
from pathlib import Path

from crmcli.errors import Conflict, Failure, Invalid, Where
from crmcli.text import _


def is_taken(path: Path) -> bool:
    """Whether anything stands there; Invalid for what is no plain file and may never be replaced."""
    if path.is_dir() or (path.exists() and not path.is_file()):
        raise Invalid(_("{path} is not a plain file.").format(path=path), where=Where(str(path)), kind="not-a-file")
    return os.path.lexists(path)


def deliver(path: Path, content: bytes, *, replace: bool) -> None:
    """Write the bytes (mode 0600), durable before this returns.

    Conflict, kind "exists", where something stands there and `replace` is not set; Failure where it can't be written.
    """
    beside = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.tmp")
    try:
        try:
            _write(beside, content)
            _put(beside, path, replace=replace)
        finally:
            beside.unlink(missing_ok=True)
        _settle(path.parent)
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


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
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


def _settle(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
