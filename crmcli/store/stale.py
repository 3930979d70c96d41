"""The lock files a killed git leaves behind: which they are, and when they may go.

They go only while the repository's crm lock is ours (so no git child of a crm lives), an interrupted write is on
record, and no other git is seen at work in the folder. A lock that no write of ours explains is never touched, but
in a repository that git itself never finished making.
"""

import os
import time
from pathlib import Path

from crmcli.errors import Conflict, Where
from crmcli.store import scratch
from crmcli.store.git import Git
from crmcli.store.vault import Vault
from crmcli.text import _

PATIENCE = 5.0  # seconds that somebody else's git gets to end by itself
_PAUSE = 0.05


def index_lock(vault: Vault) -> Path:
    """The lock every git takes before it writes the index."""
    return vault.git_dir / "index.lock"


def await_index(vault: Vault) -> None:
    """Give a git that is at work a moment to end; Conflict kind "git-busy" when its lock stays."""
    end = time.monotonic() + PATIENCE
    while (lock := index_lock(vault)).exists():
        if time.monotonic() >= end:
            raise _busy(lock, None)
        time.sleep(_PAUSE)


def clear(vault: Vault, git: Git) -> None:
    """Remove what a killed git child of ours left; Conflict kind "git-busy" while some git is at work here."""
    scratch.drop(vault)
    branch = git.branch()
    locks = [index_lock(vault), vault.git_dir / "HEAD.lock"]
    locks += [vault.common_dir / f"{branch}.lock"] if branch else []
    left = [lock for lock in locks if lock.exists()]
    if left and (pid := _git_at_work(vault.top)):
        raise _busy(left[0], pid)
    for lock in left:
        lock.unlink(missing_ok=True)


def clear_init(folder: Path) -> None:
    """Remove what a killed `git init` left, on which the next one would fail; Conflict kind "git-busy" while some git is
    at work here. Without `objects`, which git makes last, `.git` is no repository yet and holds nothing."""
    git_dir = folder.resolve() / ".git"
    if not git_dir.is_dir() or (git_dir / "objects").exists():
        return
    left = [lock for name in ("HEAD.lock", "config.lock") if (lock := git_dir / name).exists()]
    if left and (pid := _git_at_work(git_dir.parent)):
        raise _busy(left[0], pid)
    for lock in left:
        lock.unlink(missing_ok=True)


def _git_at_work(top: Path) -> int | None:
    """A living git process whose folder lies in the work tree, where the system shows processes in /proc."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "comm").read_text().strip().startswith("git") and _inside(process / "cwd", top):
                return int(process.name)
        except OSError:
            continue
    return None


def _inside(link: Path, top: Path) -> bool:
    return Path(os.readlink(link)).is_relative_to(top)  # noqa: PTH115 (resolve() would follow further)


def _busy(lock: Path, pid: int | None) -> Conflict:
    who = _("process {pid}").format(pid=pid) if pid else str(lock)
    return Conflict(
        _("Another git command is at work in this repository ({who}).").format(who=who),
        hint=_("Let it end and try again. If no git runs, one was killed: delete {lock}.").format(lock=lock),
        where=Where(str(lock)),
        kind="git-busy",
    )
