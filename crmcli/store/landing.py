"""Where a branch is carried to: what another commit has otherwise than HEAD, and the step that makes it HEAD."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crmcli.errors import Conflict, Refused, Where
from crmcli.store.git import Git
from crmcli.store.history import OVERSIZE, contents
from crmcli.store.vault import Vault
from crmcli.text import _

FILES = ("100644", "100755")
_SHAPE = ("-r", "-z", "--raw", "--no-renames", "--no-relative", "--no-abbrev")
_GONE = "000000"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a commit has at one path: git's mode and hash; mode "0" where it has nothing."""

    mode: str
    blob: str

    def indexed(self, path: str) -> tuple[str, str, str]:
        """As `Git.set_entries` wants it; `path` from the top."""
        return self.mode, self.blob, path


def between(vault: Vault, git: Git, old: str | None, new: str) -> dict[str, Entry]:
    """Path in the vault → what `new` has there, for all that `old` has otherwise."""
    listed = git.run("diff-tree", *_SHAPE, old or "", new, "--").decode("utf-8", "surrogateescape").split("\0")
    found: dict[str, Entry] = {}
    for facts, path in zip(listed[:-1:2], listed[1::2], strict=True):
        _old, mode, _before, blob, _status = facts.split(" ")
        place = _inside(vault, path)  # first: what lies outside may be anything
        found[place] = _entry(mode, blob, path)
    return found


def _inside(vault: Vault, path: str) -> str:
    if not path.startswith(vault.prefix):
        said = _("{path} lies outside the vault and was changed, too.").format(path=path)
        hint = _("`git pull` takes everything in.")
        raise Conflict(said, where=Where(path), hint=hint, kind="outside")
    return path.removeprefix(vault.prefix)


def _entry(mode: str, blob: str, path: str) -> Entry:
    if mode == _GONE:
        return Entry("0", blob)
    if mode not in FILES:
        said = _("{path} is a link or another repository there; a vault has only files.").format(path=path)
        raise Refused(said, where=Where(path), kind="not-a-file")
    return Entry(mode, blob)


def contents_of(git: Git, entries: Iterable[Entry]) -> list[bytes | None]:
    """The bytes of each, None for what is not there. Refused, kind "oversize", for a file larger than any crm reads."""
    entries = list(entries)
    wanted = [entry.blob for entry in entries if entry.mode != "0"]
    found: Mapping[str, bytes | None] = dict(zip(wanted, contents(git, wanted) if wanted else (), strict=True))
    if any(data is OVERSIZE for data in found.values()):
        raise Refused(_("A file there is larger than any that crm reads."), kind="oversize")
    return [found[entry.blob] if entry.mode != "0" else None for entry in entries]


def land(git: Git, commit: str, head: str | None, entries: Sequence[tuple[str, str, str]]) -> None:
    """Make the commit HEAD, where HEAD is still `head`; the index says of these entries what it says."""
    git.set_entries(entries)
    git.run("update-ref", "-m", "crm: moved on", "HEAD", commit, head or "")
    git.run("update-index", "-q", "--refresh", check=False)
