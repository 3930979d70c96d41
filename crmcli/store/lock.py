"""One writer at a time in one repository, across processes, worktrees and the vaults it holds.

The lock is `flock` on a descriptor that git children inherit: a git child that outlives a killed crm still holds the
repository, so nobody mends what is being written. (The filelock package keeps its descriptor to itself, which is why it
is not used.) Giving the lock back frees it for everybody at once, whoever else inherited the descriptor. The file says
who holds it (process and verb); it never holds anything about customers, and it is never deleted.
"""

import fcntl
import json
import os
import time
from datetime import datetime
from pathlib import Path
from types import TracebackType

from crmcli.errors import Conflict
from crmcli.store.files import private_folder
from crmcli.text import _

_PAUSE = 0.02  # seconds between two tries


class Lock:
    """`with Lock(path, "update") as descriptor:` waits up to `timeout` seconds; Conflict kind "busy" after that."""

    def __init__(self, path: Path, verb: str, timeout: float = 60.0) -> None:
        self.path, self.verb, self.timeout = path, verb, timeout
        self._descriptor = -1

    def __enter__(self) -> int:
        private_folder(self.path.parent)
        end = time.monotonic() + self.timeout
        while (descriptor := self._try()) is None:
            if time.monotonic() >= end:
                raise self._busy()
            time.sleep(_PAUSE)
        self._descriptor = descriptor
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "verb": self.verb}).encode(), 0)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    def __exit__(
        self, kind: type[BaseException] | None, cause: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.ftruncate(self._descriptor, 0)
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        os.close(self._descriptor)

    def _try(self) -> int | None:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Somebody may have swept the folder away between our opening and locking: then we hold a ghost.
            if os.path.samestat(os.fstat(descriptor), self.path.stat()):
                return descriptor
        except (BlockingIOError, FileNotFoundError):
            pass
        os.close(descriptor)
        return None

    def _busy(self) -> Conflict:
        holder = _holder(self.path)
        return Conflict(
            _("Another crm is writing here: process {pid}, {verb}, since {since}.").format(**holder),
            hint=_("Try again when it has ended; if it hangs, end that process."),
            kind="busy",
        )


def _holder(path: Path) -> dict[str, str]:
    """Process, verb and time of the holder as far as it said so."""
    try:
        said = json.loads(path.read_bytes())
        since = datetime.fromtimestamp(path.stat().st_mtime).astimezone().strftime("%H:%M:%S")
        return {"pid": str(said["pid"]), "verb": str(said["verb"]), "since": since}
    except (OSError, ValueError, KeyError, TypeError):
        return {"pid": "?", "verb": "?", "since": "?"}
