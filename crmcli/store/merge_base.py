"""Where two commits begin: a commit, or, where they met crosswise and begin at several, the tree of these merged.

What clashes among them has a mark there that neither side has (`model/merge_unknown`), so that nothing which one side
changed since passes for an old value of the other. Leaves objects that git prunes, and no file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from crmcli.errors import CrmError
from crmcli.model.identity import number_at
from crmcli.model.merge import merge
from crmcli.model.merge_unknown import common
from crmcli.store.git import Git
from crmcli.store.history import contents
from crmcli.store.yamlread import parse
from crmcli.store.yamlwrite import render

DEEP = 8  # bases of bases of bases …: nobody's work looks like that
_STAGES = ("1", "2", "3")


@dataclass(frozen=True, slots=True)
class Unmerged:
    """A path, from the top, that both sides changed apart: git's hashes of its versions, None where there is none."""

    path: str
    base: str | None
    ours: str | None
    theirs: str | None


def unmerged(git: Git, env: Mapping[str, str] | None = None) -> list[Unmerged]:
    """What waits in git's index, or the one in `env`, in order of the paths."""
    listed = git.run("ls-files", "-u", "-z", "--full-name", ":/", env=env)
    found: dict[str, dict[str, str]] = {}
    for line in listed.decode("utf-8", "surrogateescape").split("\0")[:-1]:
        facts, path = line.split("\t", 1)
        _mode, blob, stage = facts.split(" ")
        found.setdefault(path, {})[stage] = blob
    return [Unmerged(path, *(stages.get(one) for one in _STAGES)) for path, stages in found.items()]


def merge_base(git: Git, one: str, other: str) -> str | None:
    """The commit that two have in common and no other such one builds on; of several, a tree; None for none."""
    found = _bases(git, one, other)
    return _together(git, found) if found else None


def _bases(git: Git, *commits: str) -> list[str]:
    """All newest commits that the first has in common with any of the others."""
    return git.ask("merge-base", "--all", *commits).out.decode().split()


def _together(git: Git, commits: Sequence[str], depth: int = 0) -> str:
    """All of these merged, one by one: a commit or a tree. From too far down, or from nothing, everything clashes."""
    if not commits or (len(commits) > 1 and depth >= DEEP):
        return git.run("mktree").decode().strip()
    found = commits[0]
    for place, name in enumerate(commits[1:], 1):
        below = _together(git, _bases(git, name, *commits[:place]), depth + 1)
        found = _merged(git, below, found, name)
    return found


def _merged(git: Git, base: str, one: str, other: str) -> str:
    """The tree of two merged."""
    mark = f"<<<<<<< {one[:12]} {other[:12]} >>>>>>>"
    with TemporaryDirectory() as folder:
        env = {"GIT_INDEX_FILE": str(Path(folder, "index")), "GIT_OPTIONAL_LOCKS": "1"}
        git.run("read-tree", "-i", "-m", "--aggressive", base, one, other, env=env)
        waiting = unmerged(git, env)
        texts = _texts(git, waiting, mark) if waiting else []
        entries = [("100644", _stored(git, text), file.path) for file, text in zip(waiting, texts, strict=True)]
        git.set_entries([("0", "0" * len(other), file.path) for file in waiting], env)
        git.set_entries(entries, env)
        return git.run("write-tree", env=env).decode().strip()


def _texts(git: Git, waiting: Sequence[Unmerged], mark: str) -> list[bytes]:
    """What stands for each of these files."""
    prefix = git.places().prefix
    blobs = [blob for one in waiting for blob in (one.base, one.ours, one.theirs) if blob]
    data = dict(zip(blobs, contents(git, blobs), strict=True))
    return [
        _text(one.path.removeprefix(prefix), *(data[blob] if blob else None for blob in _versions(one)), mark=mark)
        for one in waiting
    ]


def _versions(one: Unmerged) -> tuple[str | None, str | None, str | None]:
    return one.base, one.ours, one.theirs


def _text(path: str, base: bytes | None, one: bytes | None, other: bytes | None, *, mark: str) -> bytes:
    """A customer's file by meaning; of any other, and of one that can't be read, the mark alone, which is no file that
    anything could be united with."""
    unknown = f"{mark}\n".encode()
    if number_at(path) is None:
        return unknown
    try:
        was, mine, theirs = (parse(data, path).tree if data else {} for data in (base, one, other))
        if not mine or not theirs:  # deleted on one side
            return render(common(mine, theirs, mark))
        merged = merge(was or None, mine, theirs)
        return render(common(merged.tree, merged.other, mark))
    except (CrmError, ValueError):
        return unknown


def _stored(git: Git, text: bytes) -> str:
    return git.run("hash-object", "-w", "--no-filters", "--stdin", stdin=text).decode().strip()
