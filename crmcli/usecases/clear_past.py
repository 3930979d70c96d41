"""Whose earlier versions say something in clear that is sealed today: what no destroyed key makes unreadable.

Looked at are the versions of the customers' own files that any ref or reflog leads to, and the notes of the commits that
brought them. The next search for the same customers goes on from there (`searched`).
"""

from collections.abc import Collection, Iterable, Mapping

from crmcli.model.identity import record_path
from crmcli.model.sealed import START
from crmcli.store import history as past
from crmcli.store.records import FOLDER
from crmcli.usecases.former import former, moves, uid_of
from crmcli.usecases.past_search import PastSearch, contents
from crmcli.usecases.purge_traces import Clarity
from crmcli.usecases.searched import question
from crmcli.usecases.trust import as_written
from crmcli.usecases.workplace import Workplace

MANY = 100  # paths that git is asked for by name; it compares each with every entry of every tree
NOTE = "Crm-Note"
Owners = Mapping[str, Mapping[str, bytes]]


def clear_past(work: Workplace, numbers: Collection[str]) -> list[str]:
    """Those of these customers of whom the history holds values in clear, in order; none in an open vault, where it
    holds everything."""
    if not (work.sealed and numbers):
        return []
    owners, clarity = _owners(work, numbers), Clarity(work.levels)
    vault = as_written(work.vault)
    search = PastSearch(vault, _questions(work, numbers, owners), tuple(owners) if len(owners) <= MANY else (FOLDER,))
    touched = [one for one in search.versions() if one[1] in owners]
    said = past.trailers(vault, list(dict.fromkeys(name for name, _path in touched)))
    found: set[str] = set()
    for (name, path), data in contents(vault, touched):
        whose = {number for number, uid in owners[path].items() if uid in data} - found
        if whose and (_speaks(said[name]) or clarity.fields(data) != ()):
            found |= whose
            for number in whose:
                search.holds(number, name)
    search.keep()
    return sorted(found)


def _questions(work: Workplace, numbers: Collection[str], owners: Owners) -> dict[str, str]:
    """What is asked about each: which files are theirs, and what has to be sealed."""
    levels = question(sorted((field.key, field.level) for field in work.fields.values()))
    files: dict[str, list[tuple[str, str]]] = {number: [] for number in numbers}
    for path, whose in owners.items():
        for number, uid in whose.items():
            files[number].append((path, uid.decode()))
    return {number: question("clear", sorted(theirs), levels) for number, theirs in files.items()}


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


def _speaks(trailers: Iterable[tuple[str, str]]) -> bool:
    """Whether a commit has a note in clear."""
    return any(name == NOTE and not value.startswith(START) for name, value in trailers)
