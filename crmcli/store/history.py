"""History as git tells it: commits with their trailers, and files as they were. Reads only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from crmcli.errors import NotFound
from crmcli.store.git import GitError
from crmcli.store.vault import Vault
from crmcli.text import _

FIELDS = ("%H", "%P", "%an", "%ae", "%aI", "%s", "%(trailers:only,unfold)")
RECORD, FIELD = "\x1e", "\x1f"
_LOG = ("-c", "trailer.separators=:", "log", "--encoding=UTF-8", "--no-show-signature", "-z", "--name-only")


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
    shape = RECORD + FIELD.join(FIELDS) + FIELD
    listed = git.run(*_LOG, f"--format={shape}", *options, "--", *paths)
    return list(_commits(listed.decode("utf-8", "replace"), vault.prefix))


def events(vault: Vault, trailer: str) -> list[Commit]:
    """Commits of crm that changed no file (an export, an approval) and carry this trailer line, newest first."""
    git = vault.git()
    if git.head() is None:
        return []
    shape = RECORD + FIELD.join(FIELDS) + FIELD
    listed = git.run(*_LOG, f"--format={shape}", "--fixed-strings", f"--grep={trailer}")
    return [commit for commit in _commits(listed.decode("utf-8", "replace"), vault.prefix) if commit.empty]


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


def commit_at(vault: Vault, moment: datetime) -> str:
    """The last commit of the current branch made at or before `moment`; NotFound before the first."""
    git = vault.git()
    found = git.run("rev-list", "-1", f"--before={moment.isoformat()}", "HEAD").decode().strip() if git.head() else ""
    if not found:
        raise NotFound(_("The history begins after {moment}.").format(moment=moment.isoformat(timespec="minutes")))
    return found


def blobs(vault: Vault, names: Sequence[tuple[str, str]]) -> list[bytes | None]:
    """The bytes of (commit, path) pairs, None where the path was absent; one git process for all."""
    asked = "".join(f"{commit}:{vault.prefix}{path}\n" for commit, path in names)
    answer = vault.git().run("cat-file", "--batch", stdin=asked.encode())
    return list(_batch(answer, len(names)))


def paths_in(vault: Vault, commit: str, folder: str) -> list[str]:
    """Every file below a folder of the vault as of a commit, relative to the vault."""
    listed = vault.git().run(
        "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit, "--", f"{vault.prefix}{folder}/"
    )
    return [path.removeprefix(vault.prefix) for path in listed.decode().split("\0") if path]


def _batch(answer: bytes, count: int) -> Iterator[bytes | None]:
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


def _commits(listed: str, prefix: str) -> Iterator[Commit]:
    for text in listed.split(RECORD)[1:]:
        hash_, parents, author, email, at, subject, trailers, paths = text.split(FIELD, 7)
        listed_paths = [path for path in (path.strip("\n") for path in paths.split("\0")) if path]
        yield Commit(
            hash_,
            tuple(parents.split()),
            author,
            email,
            datetime.fromisoformat(at),
            subject,
            tuple((key, value) for key, _c, value in (line.partition(": ") for line in trailers.splitlines()) if key),
            tuple(path.removeprefix(prefix) for path in listed_paths if path.startswith(prefix)),
            not listed_paths,
        )


def _untouched(vault: Vault, hash_: str) -> Commit:
    raise NotFound(_("Commit {hash} touched nothing in this vault.").format(hash=hash_[:12]))
