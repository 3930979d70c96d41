"""Numbers that customers had before (`former`): who had one, until when, and where their history goes on. Reads only.

The commits that renumbered tell where to look; whose number it was is said by the customer's file alone.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from crmcli.errors import CrmError, Finding, ValueProblem
from crmcli.model.identity import number, parse_number, record_path
from crmcli.store import history as past
from crmcli.store import records as files
from crmcli.store.history import Commit
from crmcli.store.walks import walked
from crmcli.text import _
from crmcli.usecases.workplace import Workplace

OP, MOVED = "renumber", "Crm-Renumbered"


@dataclass(frozen=True, slots=True)
class Move:
    """A customer's change of number, made by a commit."""

    old: str
    new: str
    commit: Commit


@dataclass(frozen=True, slots=True)
class Tenure:
    """Commits, as `git log` wants them, in which a number was one customer's."""

    number: str
    span: tuple[str, ...] = ("HEAD",)


def moves(work: Workplace) -> tuple[Move, ...]:
    """Every change of number in the history, oldest first."""
    head = work.vault.git().head()
    commits = past.named(work.vault, walked(work.vault, head, f"--grep=^Crm-Op: {OP}$") if head else [])
    return tuple(move for commit in reversed(commits) for move in moves_of(commit))


def moves_of(commit: Commit) -> list[Move]:
    """The changes of number that a commit made."""
    found = []
    for words in (value.split() for name, value in commit.trailers if name == MOVED):
        with suppress(ValueProblem, ValueError):
            old, new = (number(*parse_number(word)) for word in words)
            found.append(Move(old, new, commit))
    return found


def had(work: Workplace, wanted: str) -> dict[str, date]:
    """The customers on file who had this number before: their number of now, and the day they lost it."""
    left: dict[str, date] = {}
    for move in moves(work):
        if move.old == wanted or move.old in left:
            day = move.commit.at.astimezone(work.house.zone).date()
            left.setdefault(move.new, left.get(move.old, day))
    return {now: day for now, day in left.items() if now != wanted and wanted in former(work, now)}


def shared(work: Workplace, numbers: Collection[str]) -> dict[str, list[str]]:
    """Those of these numbers that other customers on file had before: whose each was, by the numbers of now."""
    moved = {move.old for move in moves(work)}.intersection(numbers) if numbers else ()
    return {one: list(days) for one in moved if (days := had(work, one))}


def others_with(work: Workplace, gone: Mapping[str, str]) -> set[tuple[str, str]]:
    """The numbers of destroyed customers, with their uids, that others on file have or had: each with the other's uid."""
    before, uids = shared(work, gone), set(gone.values())
    found = ((one, now) for one in gone for now in (one, *before.get(one, ())))
    return {(one, uid) for one, now in found if (uid := uid_of(work, now)) and uid not in uids}


def former(work: Workplace, wanted: str) -> list[str]:
    """The numbers that the customer on file had before; none for a file that can't be read."""
    found = _tree(work, wanted).get("former")
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def uid_of(work: Workplace, wanted: str) -> str | None:
    """The uid of the customer on file; None for a file that can't be read."""
    found = _tree(work, wanted).get("uid")
    return found if isinstance(found, str) else None


def _tree(work: Workplace, wanted: str) -> Mapping[str, Any]:
    try:
        return files.read(work.root, record_path(wanted))[1].tree
    except CrmError:
        return {}


def tenures(work: Workplace, wanted: str) -> list[Tenure]:
    """Where the history of the customer with this number stands, the latest first; what the same numbers were to
    others is no part of it."""
    known, before = moves(work), former(work, wanted)
    own = {wanted, *before}
    others = tuple(f"^{move.commit.hash}" for move in known if move.old == wanted)
    mine = [move for move in reversed(known) if move.old in before and move.new in own]
    return [Tenure(wanted, ("HEAD", *others)), *(Tenure(move.old, (move.commit.hash,)) for move in mine)]


def tell_others(work: Workplace, wanted: str) -> None:
    """Say, beside the result, that the number was given to others, too."""
    for one in others(work, wanted):
        work.tell(one)


def others(work: Workplace, wanted: str) -> tuple[Finding, ...]:
    """That the number was given to others, too."""
    said = _("{number} was also given to another customer (now {new}) until {day}.")
    return tuple(
        Finding(said.format(number=wanted, new=now, day=day.isoformat()), severity="warning")
        for now, day in had(work, wanted).items()
    )


def tell_now(work: Workplace, wanted: str, now: str, day: date | None) -> None:
    """Say, beside the result, that a former number was given and which it is now."""
    said = _("{number} was renumbered on {day}: it is {new} now.") if day else _("{number} is {new} now.")
    told = said.format(number=wanted, new=now, day=day.isoformat() if day else "")
    work.tell(Finding(told, severity="warning"))
