"""Seal an open vault, or bring a sealed one to today's levels: current files only, history is never rewritten."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crmcli.errors import Finding, Invalid
from crmcli.model.identity import number_at, record_path
from crmcli.store import plain_signing
from crmcli.store.comments import comments_of
from crmcli.store.files import read_record
from crmcli.store.homes import Homes
from crmcli.store.hooks import install
from crmcli.store.records import record_files
from crmcli.store.transaction import Change, Desk, writing
from crmcli.store.vault import SETTINGS
from crmcli.store.yamlread import parse
from crmcli.store.yamlwrite import render
from crmcli.usecases.change import message
from crmcli.usecases.founding import Founded, found
from crmcli.usecases.keyring import Keyring, own_identity, refuse_homes_inside, signing
from crmcli.usecases.renewal import renewed
from crmcli.usecases.resolve import resolve
from crmcli.usecases.trust import trusted
from crmcli.usecases.workplace import Workplace


@dataclass(frozen=True)
class SealedNow:
    """What was sealed: the commit (None when nothing had to change, or in a dry run), how many customers, and what could
    not be sealed; `first`: whether the vault was an open one, whose history keeps the old values; `clear`: the numbers of
    customers with committed clear text that nobody has vouched for, left as they are."""

    commit: str | None
    count: int
    first: bool
    findings: tuple[Finding, ...]
    clear: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Planned:
    changes: list[Change]
    keyring: Keyring
    findings: tuple[Finding, ...]
    clear: tuple[str, ...]

    @property
    def count(self) -> int:
        return _count(self.changes)


def seal(work: Workplace, homes: Homes, refs: Sequence[str] = (), *, dry_run: bool = False) -> SealedNow:
    """Seal every customer's file in one commit; an open vault becomes a sealed one.

    In a vault that is sealed already, what stands in clear is sealed for the customers of `refs` alone: whoever names
    them vouches for the values. Invalid where a file of an open vault can't be sealed: all or none.
    """
    clear = {record_path(resolve(work, ref)) for ref in refs}
    if dry_run:
        plan = _planned(work, homes, clear)
        return SealedNow(None, plan.count, not work.sealed, plan.findings, plan.clear)
    vault = replace(work.vault, signing=signing(homes))
    with writing(vault, "seal") as desk:
        if work.keyring:
            work.keyring.refresh(vault)
        plan = _planned(work, homes, clear)
        plan.keyring.keep()
        commit = _commit(work, desk, plan.changes)
    trusted(vault, homes)
    install(vault)
    plain_signing.put_in_place(vault)
    return SealedNow(commit, plan.count, not work.sealed, plan.findings, plan.clear)


def _planned(work: Workplace, homes: Homes, clear: set[str]) -> _Planned:
    founded = None if work.keyring else _founded(work, homes)
    keyring = founded.keyring if founded else work.keyring
    assert keyring is not None
    wrong: list[Finding] = []
    left: set[str] = set()
    accepted = set(record_files(work.root)) if founded else clear
    customers = list(renewed(work, keyring, wrong, accepted, left))
    if founded and wrong:
        raise Invalid(wrong[0].message, where=wrong[0].where, hint=wrong[0].hint, findings=wrong)
    rules = [Change(path, data) for path, data in founded.files.items()] if founded else []
    changes = [*(_settings(work) if founded else []), *rules, *customers]
    return _Planned(
        changes, keyring, tuple(wrong), tuple(number for path in sorted(left) if (number := number_at(path)))
    )


def _founded(work: Workplace, homes: Homes) -> Founded:
    refuse_homes_inside(homes, (work.vault.top, work.vault.git_dir, work.vault.common_dir))
    ident = work.vault.git().ident()
    return found(work.vault.id, homes, own_identity(homes), ident, read_record(work.root, "schemas/access.yaml"))


def _settings(work: Workplace) -> list[Change]:
    data = read_record(work.root, SETTINGS)
    tree = {**parse(data, SETTINGS).tree, "sealing": "true"}
    return [Change(SETTINGS, render(tree, comments_of(data, SETTINGS)))]


def _commit(work: Workplace, desk: Desk, changes: list[Change]) -> str | None:
    count = _count(changes)
    said = message("seal", f"seal: {count} customer{'' if count == 1 else 's'}", ())
    # What waited uncommitted in an open vault is sealed on its way in; in a sealed one `crm commit` looks at it first.
    return desk.commit(changes, said, work.stamp, adopt=not work.sealed)


def _count(changes: list[Change]) -> int:
    return sum(change.path.startswith("records/") for change in changes)
