"""Whose earlier versions say something in clear that is sealed today: what no destroyed key makes unreadable. Reads only.

Looked at are the versions of the customers' own files that any ref or reflog leads to, and the notes of the commits that
brought them.
"""

from collections.abc import Collection, Iterator, Sequence

from crmcli.model.identity import record_path
from crmcli.model.sealed import START
from crmcli.store import history as past
from crmcli.store.history import Commit
from crmcli.store.records import FOLDER
from crmcli.store.touches import touches
from crmcli.store.vault import Vault
from crmcli.store.walks import walked
from crmcli.usecases.former import former, moves, uid_of
from crmcli.usecases.purge_traces import Clarity
from crmcli.usecases.trust import as_written
from crmcli.usecases.workplace import Workplace

MANY = 100  # paths that git is asked for by name; it compares each with every entry of every tree
PART = 2_000  # versions that are held at once
NOTE = "Crm-Note"
Version = tuple[str, str]  # the commit and the path


def clear_past(work: Workplace, numbers: Collection[str]) -> list[str]:
    """Those of these customers of whom the history holds values in clear, in order; none in an open vault, where it
    holds everything."""
    if not (work.sealed and numbers):
        return []
    owners, clarity = _owners(work, numbers), Clarity(work.levels)
    vault = as_written(work.vault)
    found_at = versions(vault, tuple(owners) if len(owners) <= MANY else (FOLDER,))
    touched = [one for one in found_at if one[1] in owners]
    spoken = {one.hash for one in past.named(vault, list(dict.fromkeys(name for name, _p in touched))) if _speaks(one)}
    found: set[str] = set()
    for (name, path), data in contents(vault, touched):
        whose = {number for number, uid in owners[path].items() if uid in data} - found
        if whose and (name in spoken or clarity.fields(data) != ()):
            found |= whose
    return sorted(found)


def _owners(work: Workplace, numbers: Collection[str]) -> dict[str, dict[str, bytes]]:
    """The paths of these customers' files, also under numbers they had before: whose each is, by number and the uid that
    tells their versions from another customer's; an empty uid where no other had the number."""
    shared = {move.old for move in moves(work)}
    found: dict[str, dict[str, bytes]] = {}
    for number in numbers:
        for one in (number, *former(work, number)):
            uid = (uid_of(work, number) or "") if one in shared else ""
            found.setdefault(record_path(one), {})[number] = uid.encode()
    return found


def versions(vault: Vault, paths: Sequence[str] = (), without: Sequence[str] = ()) -> list[Version]:
    """Every version of the files below these paths of the vault, by the commits that any ref or reflog leads to."""
    head = vault.git().head()
    if head is None:
        return []
    places = [vault.prefix + path for path in paths] or ([vault.prefix] if vault.prefix else [])
    apart = [vault.prefix + path for path in without]
    names = walked(vault, head, paths=places, without=apart)
    # What HEAD does not lead to is little, and another each time.
    names += vault.git().run("rev-list", "--all", "--reflog", "--not", head).decode().split()
    found = touches(vault, names, paths or ("",)) if names else {}
    return [
        (name, path)
        for name, files in found.items()
        for path, touch in files.items()
        if (touch.added or touch.changed) and not path.startswith(tuple(f"{folder}/" for folder in without))
    ]


def contents(vault: Vault, found: Sequence[Version]) -> Iterator[tuple[Version, bytes]]:
    """These versions with their bytes, part by part."""
    for at in range(0, len(found), PART):
        part = found[at : at + PART]
        for version, data in zip(part, past.blobs(vault, part), strict=True):
            if data is not None:
                yield version, data


def _speaks(commit: Commit) -> bool:
    """Whether a commit has a note in clear."""
    return any(name == NOTE and not value.startswith(START) for name, value in commit.trailers)
