"""History as git tells it: commits with their trailers, and files as they were. Reads only.

What anybody wrote into a commit is never taken for another commit: between fields and paths stands the zero byte, which
neither git's texts nor its paths can hold.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import MAXYEAR, UTC, datetime
from itertools import islice

from crmcli.errors import NotFound
from crmcli.store.git import Git, GitError
from crmcli.store.vault import Vault
from crmcli.store.yamltree import MAX_MANY_BYTES
from crmcli.text import _

FIELDS = ("%H", "%P", "%an", "%ae", "%aI", "%s", "%(trailers:only,unfold)")
# Stands for a file larger than any that crm reads: whoever parses it says that it is too large.
OVERSIZE = bytes(MAX_MANY_BYTES + 1)
NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)
_SAID = (
    *("-c", "trailer.separators=:", "-c", "log.follow=false", "-c", "log.showRoot=true"),
    *("log", "--encoding=UTF-8", "--no-show-signature", "-z", f"--format={'%x00'.join(FIELDS)}"),
)
# Raw lines begin with a colon, and so can't be taken for the hash that the next commit begins with; without renames
# each has one path.
_LOG = (*_SAID, "--raw", "--no-renames", "--no-relative")


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: who, when, what for, the paths it touched (relative to the vault, outside ones left out), and whether
    it touched none at all: an event."""

    hash: str
    parents: tuple[str, ...]
    author: str
    email: str
    at: datetime
    subject: str
    trailers: tuple[tuple[str, str], ...]
    paths: tuple[str, ...]
    empty: bool = False

    def trailer(self, name: str) -> str | None:
        """The first value of a trailer, or None."""
        return next((value for key, value in self.trailers if key == name), None)


def log(vault: Vault, *options: str, paths: Sequence[str] = (".",)) -> list[Commit]:
    """Commits that touched `paths` (relative to the vault), newest first; empty on a branch without commits."""
    git = vault.git()
    if git.head() is None:
        return []
    return list(_commits(git.run(*_LOG, *options, "--", *paths), vault.prefix))


def of_file(vault: Vault, path: str, *span: str) -> list[Commit]:
    """Commits, of a span as git names it, that made one file of the vault what it is, newest first: also a merge that
    undid what one side had done, which git by itself passes over; not one that only brought together what was done.
    The parents of a merge begin with those that have another version."""
    found: dict[str, Commit] = {}
    for commit in log(vault, "--full-history", "--simplify-merges", "-m", *span, paths=(path,)):
        if commit.paths:  # a merge is told once for each parent
            found.setdefault(commit.hash, commit)
    merges = [commit for commit in found.values() if len(commit.parents) > 1]
    names = [name for commit in merges for name in (commit.hash, *commit.parents)]
    told = vault.git().stands(f"{name}:{vault.prefix}{path}" for name in names) if names else []
    blobs = dict(zip(names, told, strict=True))
    for commit in merges:
        same = [one for one in commit.parents if blobs[one] == blobs[commit.hash]]
        others = [one for one in commit.parents if one not in same]
        found[commit.hash] = replace(commit, parents=(*others, *same))
    return list(found.values())


def events(vault: Vault, *trailers: str, span: Sequence[str] = ("HEAD",)) -> list[Commit]:
    """Commits of crm that changed no file (an export, an approval) and carry one of these lines, newest first; `span`
    as `git log` wants it."""
    git = vault.git()
    if git.head() is None:
        return []
    listed = git.run(*_LOG, "--fixed-strings", *(f"--grep={line}" for line in trailers), *span, "--")
    return [commit for commit in _commits(listed, vault.prefix) if commit.empty]


def named(vault: Vault, hashes: Sequence[str]) -> list[Commit]:
    """These commits, in their order."""
    return _these(vault, hashes, _LOG)


def trailers(vault: Vault, hashes: Sequence[str]) -> dict[str, tuple[tuple[str, str], ...]]:
    """What these commits say in their trailers, whatever they touched."""
    return {commit.hash: commit.trailers for commit in _these(vault, hashes, _SAID)}


def _these(vault: Vault, hashes: Sequence[str], shape: Sequence[str]) -> list[Commit]:
    stdin = "".join(f"{name}\n" for name in hashes).encode()
    listed = vault.git().run(*shape, "--no-walk=unsorted", "--stdin", stdin=stdin) if hashes else b""
    return list(_commits(listed, vault.prefix))


def one(vault: Vault, name: str) -> Commit:
    """The commit a person names; NotFound where there is none by that name."""
    hash_ = resolve(vault, name)
    return next(iter(log(vault, "-1", "--diff-merges=first-parent", hash_)), None) or _untouched(vault, hash_)


def resolve(vault: Vault, name: str) -> str:
    """The full hash of a commit by any name git knows; NotFound otherwise."""
    try:
        return (
            vault.git()
            .run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
            .decode()
            .strip()
        )
    except GitError:
        raise NotFound(_("No commit {name}.").format(name=name), hint=_("`crm history` lists them.")) from None


def commit_at(vault: Vault, moment: datetime) -> str | None:
    """The last commit of the current branch made at or before `moment`; None before the first."""
    git = vault.git()
    found = git.run("rev-list", "-1", f"--before={moment.isoformat()}", "HEAD").decode().strip() if git.head() else ""
    return found or None


def nothing(vault: Vault) -> str:
    """What git calls a state without any file; it knows it in every repository."""
    return hashlib.new(vault.algorithm, b"tree 0\0").hexdigest()


def blobs(vault: Vault, names: Sequence[tuple[str, str]]) -> list[bytes | None]:
    """The bytes of (commit, path) pairs, None where there was no such file, OVERSIZE for one too large; two git
    processes for all."""
    return contents(vault.git(), [f"{commit}:{vault.prefix}{path}" for commit, path in names])


def objects(vault: Vault, names: Sequence[str]) -> list[bytes | None]:
    """The bytes of files by hash, as `blobs` gives them."""
    return contents(vault.git(), names)


def contents(git: Git, names: Sequence[str]) -> list[bytes | None]:
    """The bytes of files by hash or any other name git knows, as `blobs` gives them."""
    told = git.facts(names, "%(objectname) %(objecttype) %(objectsize)")
    sizes = {facts[0]: int(facts[2]) for facts in told if facts and facts[1] == "blob"}
    wanted = [name for name, size in sizes.items() if size < len(OVERSIZE)]
    answer = git.run("cat-file", "--batch", stdin="".join(f"{name}\n" for name in wanted).encode()) if wanted else b""
    known = dict.fromkeys(sizes, OVERSIZE) | dict(zip(wanted, batch(answer, len(wanted)), strict=True))
    return [known.get(facts[0]) if facts else None for facts in told]


def paths_in(vault: Vault, commit: str, folder: str) -> list[str]:
    """Every file below a folder of the vault as of a commit, relative to the vault."""
    listed = vault.git().run(
        "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit, "--", f"{vault.prefix}{folder}/"
    )
    return [path.removeprefix(vault.prefix) for path in listed.decode("utf-8", "surrogateescape").split("\0") if path]


def paths_between(vault: Vault, old: str, new: str, folder: str) -> list[str]:
    """Every file below a folder of the vault that differs between two commits, relative to the vault, in order."""
    shape = ("-r", "-z", "--name-only", "--no-renames", "--no-relative")
    listed = vault.git().run("diff-tree", *shape, old, new, "--", f":(top,literal){vault.prefix}{folder}")
    return [path.removeprefix(vault.prefix) for path in listed.decode("utf-8", "surrogateescape").split("\0") if path]


def batch(answer: bytes, count: int) -> Iterator[bytes | None]:
    """The contents in an answer of `git cat-file --batch`, None for each object that is not there."""
    place = 0
    for _n in range(count):
        end = answer.index(b"\n", place)
        words = answer[place:end].rsplit(b" ", 2)
        place = end + 1
        if words[-1] == b"missing" or not words[-1].isdigit():
            yield None
            continue
        size = int(words[-1])
        yield answer[place : place + size]
        place += size + 1


def _commits(listed: bytes, prefix: str) -> Iterator[Commit]:
    words = iter(listed.split(b"\0")[:-1])
    word = next(words, None)
    while word is not None:
        fields = [word, *islice(words, len(FIELDS) - 1)]
        paths = []
        while (word := next(words, None)) is not None and word.startswith((b":", b"\n:")):
            paths.append(next(words).decode("utf-8", "surrogateescape"))
        yield _commit([field.decode("utf-8", "replace") for field in fields], paths, prefix)


def _commit(fields: Sequence[str], paths: Sequence[str], prefix: str) -> Commit:
    hash_, parents, author, email, at, subject, trailers = fields
    return Commit(
        hash_,
        tuple(parents.split()),
        author,
        email,
        _moment(at),
        subject,
        tuple((key, value) for key, _c, value in (line.partition(": ") for line in trailers.split("\n")) if key),
        tuple(path.removeprefix(prefix) for path in paths if path.startswith(prefix)),
        not paths,
    )


def _moment(text: str) -> datetime:
    """When a commit says it was made; NO_DATE where that is no day of a calendar (git lets anybody write anything)."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return NO_DATE
    return found if found.year < MAXYEAR else NO_DATE  # the last year has hours that other time zones lack


def _untouched(vault: Vault, hash_: str) -> Commit:
    raise NotFound(_("Commit {hash} touched nothing in this vault.").format(hash=hash_[:12]))
