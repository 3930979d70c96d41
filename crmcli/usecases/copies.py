"""What left the vault and may still hold a customer's values: exports, key kits and backups, as the history knows them."""

from collections.abc import Collection, Iterator
from datetime import date

from crmcli.model.identity import parse_number, record_path
from crmcli.store import history as past
from crmcli.store.history import Commit
from crmcli.store.walks import leads_to
from crmcli.usecases.change import NAMED
from crmcli.usecases.former import moves
from crmcli.usecases.purge_past import OF_ALL, OF_CUSTOMERS, looked_back
from crmcli.usecases.workplace import Workplace

FEW = 50  # customers whose first commit is looked for, a walk through the history each
Early = Collection[tuple[str, str]]  # commit and number


def copies(work: Workplace) -> list[Commit]:
    """Every such event of the branch, newest first."""
    return [one for one in looked_back(work) if one.empty and one.trailer("Crm-Op") in (*OF_CUSTOMERS, *OF_ALL)]


def copies_of(commits: list[Commit], early: Early, number: str, *former: str) -> Iterator[str]:
    """Those that may hold the customer who has this number, or had the others, each as one line: commit, day, what it was.
    `early`: which were made before them."""
    for commit in commits:
        op = commit.trailer("Crm-Op") or ""
        named = [value for name, value in commit.trailers if name == "Crm-Record"]
        # A commit names only the first ones of many: this customer may be among the others.
        of_many = (len(named) >= NAMED or (op in OF_ALL and not named)) and (commit.hash, number) not in early
        if of_many or not {number, *former}.isdisjoint(named):
            yield f"{commit.hash[:12]} {commit.at.date().isoformat()} {op}"


def too_early(work: Workplace, commits: list[Commit], numbers: Collection[str]) -> Early:
    """The events that were made before these customers' files were first committed. Of customers of the same day the
    history tells; where it would take long, they count as made after."""
    pairs = [(one, number) for number in numbers for one in commits if _day(work, one) <= parse_number(number)[0]]
    before = {move.new: move.old for move in moves(work)} if pairs else {}
    paths = {number: [record_path(one) for one in _line(number, before)] for _one, number in pairs}
    names = [(one, number, f"{one.hash}:./{path}") for one, number in pairs for path in paths[number]]
    stands = work.vault.git().stands(name for _one, _number, name in names) if names else ()
    there = {(one.hash, number) for (one, number, _name), blob in zip(names, stands, strict=True) if blob}
    absent = [(one, number) for one, number in pairs if (one.hash, number) not in there]
    unsure = [(one, number) for one, number in absent if _day(work, one) == parse_number(number)[0]]
    early = {(one.hash, number) for one, number in absent} - {(one.hash, number) for one, number in unsure}
    return early | _before_first(work, unsure, paths)


def _before_first(
    work: Workplace, unsure: list[tuple[Commit, str]], paths: dict[str, list[str]]
) -> set[tuple[str, str]]:
    """Those whose commit is in the history of every one that brought the customer's file."""
    wanted = dict.fromkeys(number for _one, number in unsure)
    if len(wanted) > FEW:
        return set()
    options = ("--full-history", "--diff-filter=A")
    firsts = {number: past.log(work.vault, *options, paths=paths[number]) for number in wanted}
    return {
        (one.hash, number)
        for one, number in unsure
        if firsts[number] and all(leads_to(work.vault, first.hash, one.hash) for first in firsts[number])
    }


def _day(work: Workplace, commit: Commit) -> date:
    return commit.at.astimezone(work.house.zone).date()


def _line(number: str, before: dict[str, str]) -> list[str]:
    """The number and those that the customer had before."""
    found = [number]
    while (old := before.get(found[-1])) and old not in found:
        found.append(old)
    return found
