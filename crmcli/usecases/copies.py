"""What left the vault and may still hold a customer's values: exports, key kits and backups, as the history knows them."""

from collections.abc import Iterator

from crmcli.store.history import Commit
from crmcli.usecases.change import NAMED
from crmcli.usecases.purge_past import OF_ALL, OF_CUSTOMERS, looked_back
from crmcli.usecases.workplace import Workplace


def copies(work: Workplace) -> list[Commit]:
    """Every such event of the branch, newest first."""
    return [one for one in looked_back(work) if one.empty and one.trailer("Crm-Op") in (*OF_CUSTOMERS, *OF_ALL)]


def copies_of(commits: list[Commit], *numbers: str) -> Iterator[str]:
    """Those that may hold the customer who has, or had, these numbers, each as one line: commit, day, what it was."""
    for commit in commits:
        op = commit.trailer("Crm-Op") or ""
        named = [value for name, value in commit.trailers if name == "Crm-Record"]
        # A commit names only the first ones of many: this customer may be among the others.
        if not {*numbers}.isdisjoint(named) or len(named) >= NAMED or (op in OF_ALL and not named):
            yield f"{commit.hash[:12]} {commit.at.date().isoformat()} {op}"
