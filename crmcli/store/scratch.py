"""The index a commit is made from: a copy of git's own in which only the paths of one write differ from HEAD.

Lies in the vault's private folder. What people have staged stays in git's index, untouched, and out of the commit.
"""

import os
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from crmcli.errors import Conflict, Failure
from crmcli.store.git import Git
from crmcli.store.vault import Vault
from crmcli.text import _

NAME = "commit-index"


@dataclass(frozen=True, slots=True)
class Scratch:
    """The copy; git's index as it was when copied (None: there was none); whether nothing else was staged in it."""

    path: Path
    source: os.stat_result | None
    alone: bool


def make(vault: Vault, git: Git, head: str | None, paths: Collection[str]) -> Scratch:
    """Copy the index and put everything staged beside `paths` (relative to the vault) back to `head` in the copy.
    Conflict kind "midway" while files wait for a merge by hand."""
    drop(vault)
    target, source = vault.state / NAME, _copy(vault.git_dir / "index", vault.state / NAME)
    env = {"GIT_INDEX_FILE": str(target)}
    ours = {vault.prefix + path for path in paths}
    foreign = [entry for entry in git.staged(head, env) if entry[2] not in ours]
    if any(mode == "U" for mode, _name, _path in foreign):
        raise Conflict(
            _("Some files in this repository wait for a merge by hand."),
            hint=_("`git status` names them."),
            kind="midway",
        )
    if foreign:
        gone = [("0", name, path) for _mode, name, path in foreign]
        git.set_entries([*gone, *(entry for entry in foreign if entry[0] != "0")], env)
    return Scratch(target, source, not foreign)


def install(vault: Vault, scratch: Scratch) -> None:
    """After the commit let the copy become git's index where they say the same: git has refreshed it on the way, and
    would have to look into every file again. By git's own protocol (index.lock made anew, then renamed); when
    anybody has touched or locked the index meanwhile, it stays as it is."""
    index, lock = vault.git_dir / "index", vault.git_dir / "index.lock"
    if not scratch.alone or scratch.source is None:
        return
    try:
        os.link(scratch.path, lock)
    except OSError:
        return
    if _same(index.stat(), scratch.source):
        lock.replace(index)
    else:
        lock.unlink()


def drop(vault: Vault) -> None:
    """Remove the copy and the lock that a killed git left beside it."""
    for name in (NAME, f"{NAME}.lock"):
        (vault.state / name).unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> os.stat_result | None:
    if not source.exists():
        return None
    try:
        before = source.stat()
        shutil.copyfile(source, target)
    except OSError as cause:
        reason = cause.strerror or cause
        raise Failure(_("Cannot write {path}: {reason}.").format(path=target, reason=reason), kind="disk") from cause
    return before


def _same(one: os.stat_result, other: os.stat_result) -> bool:
    return (one.st_ino, one.st_mtime_ns, one.st_size) == (other.st_ino, other.st_mtime_ns, other.st_size)
