"""Which files commits touched, seen from every parent; one git process for all of them. Reads only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crmcli.store.vault import Vault

_SHAPE = ("--stdin", "-m", "-r", "-z", "--root", "--raw", "--no-renames", "--no-abbrev", "--no-relative")


@dataclass
class Touch:
    """One file in one commit. For how many parents it is new, has other content, or is gone; a root has one parent."""

    added: int = 0
    changed: int = 0
    gone: int = 0


def touches(
    vault: Vault, commits: Sequence[str], folders: Iterable[str], without: Iterable[str] = ()
) -> dict[str, dict[str, Touch]]:
    """Commit → path relative to the vault → how it touched the file; only files below these folders of the vault, and
    none below the others."""
    places = [f":(top,literal){vault.prefix}{folder}" for folder in folders]
    places += [f":(top,literal,exclude){vault.prefix}{folder}" for folder in without]
    asked = "".join(f"{name}\n" for name in commits).encode()
    words = iter(vault.git().run("diff-tree", *_SHAPE, "--", *places, stdin=asked).split(b"\0")[:-1])
    found: dict[str, dict[str, Touch]] = {}
    commit = ""
    for word in words:
        if not word.startswith(b":"):
            commit = word.decode()
            continue
        path = next(words).decode("utf-8", "surrogateescape").removeprefix(vault.prefix)
        touch = found.setdefault(commit, {}).setdefault(path, Touch())
        kind = {b"A": "added", b"D": "gone"}.get(word.rsplit(b" ", 1)[-1], "changed")
        setattr(touch, kind, getattr(touch, kind) + 1)
    return found


Entry = tuple[str, str]  # the mode of a file and git's hash of it; zeros for one that is not there


def differing(vault: Vault, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], dict[str, tuple[Entry, Entry]]]:
    """Pairs of trees → the files in which they differ, as each of the two has them; one git process for all."""
    found: dict[tuple[str, str], dict[str, tuple[Entry, Entry]]] = {pair: {} for pair in pairs}
    shape = ("--stdin", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--no-relative")
    asked = "".join(f"{one} {other}\n" for one, other in found).encode()
    words = iter(vault.git().run("diff-tree", *shape, stdin=asked).split(b"\0")[:-1] if found else ())
    files: dict[str, tuple[Entry, Entry]] = {}
    for word in words:
        # Before the first file of a pair stands its line, after those of pairs that are alike.
        *heads, facts = word.decode().split("\n")
        if heads:
            one, other = heads[-1].split(" ")
            files = found[one, other]
        mode, new_mode, hash_, new_hash, _status = facts.removeprefix(":").split(" ")
        files[next(words).decode("utf-8", "surrogateescape")] = (mode, hash_), (new_mode, new_hash)
    return found


def trees(vault: Vault, commits: Sequence[str]) -> dict[str, tuple[str | None, str | None]]:
    """Commit → git's hashes of its whole tree and of the vault's folder in it."""
    found = iter(vault.git().stands(name for commit in commits for name in (f"{commit}^{{tree}}", f"{commit}:./")))
    return {commit: (next(found), next(found)) for commit in commits}
