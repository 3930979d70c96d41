"""What a span of commits brought: every file that none of its parents had so, each version once. Reads only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crmcli.store.history import contents
from crmcli.store.vault import Vault

_SHAPE = ("--stdin", "-c", "-r", "-z", "--root", "--raw", "--no-renames", "--no-abbrev", "--no-relative")
_AT_ONCE = 1000
_NONE = "000000"


@dataclass(frozen=True, slots=True)
class Brought:
    """One version of one file: the first commit that brought it, its path from the top, git's mode and hash."""

    commit: str
    path: str
    mode: str
    blob: str


def commits_of(vault: Vault, tip: str, without: Sequence[str]) -> list[str]:
    """The commits that `tip` has and none of `without`, parents first."""
    span = "".join(f"{name}\n" for name in (tip, *(f"^{one}" for one in without))).encode()
    listed = vault.git().run("rev-list", "--topo-order", "--reverse", "--stdin", stdin=span)
    return listed.decode().split()


def brought(vault: Vault, commits: Sequence[str]) -> list[Brought]:
    """What these commits brought; a merge brings what no parent has. One git process."""
    asked = "".join(f"{name}\n" for name in commits).encode()
    words = iter(
        vault.git().run("diff-tree", *_SHAPE, "--", stdin=asked).decode("utf-8", "surrogateescape").split("\0")
    )
    found: dict[tuple[str, str, str], Brought] = {}
    commit = ""
    for word in words:
        if not word.startswith(":"):
            commit = word
            continue
        path, facts = next(words), word.lstrip(":").split(" ")
        parents = len(word) - len(word.lstrip(":"))
        mode, blob = facts[parents], facts[2 * parents + 1]
        if mode != _NONE:
            found.setdefault((path, mode, blob), Brought(commit, path, mode, blob))
    return list(found.values())


def texts_of(vault: Vault, files: Sequence[Brought]) -> Iterator[tuple[Brought, bytes | None]]:
    """Each file with its bytes, a portion at a time; OVERSIZE for one too large, None for what is no file."""
    for start in range(0, len(files), _AT_ONCE):
        some = files[start : start + _AT_ONCE]
        yield from zip(some, contents(vault.git(), [one.blob for one in some]), strict=True)
