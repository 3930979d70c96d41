"""Certificates of destruction as they stand in the vault. Reads only; one that does not hold is `Damaged` (exit 7)."""

import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import date

from pydantic import ValidationError

from crmcli.errors import CrmError, Damaged, Finding, Refused, Where
from crmcli.model.certificate import FOLDER, Certificate
from crmcli.model.findings import findings
from crmcli.model.identity import certificate_path, number_at, record_path
from crmcli.store.files import read_record
from crmcli.store.records import kept_files
from crmcli.store.transaction import Change
from crmcli.store.yamlread import parse
from crmcli.text import _
from crmcli.usecases.workplace import Workplace


def certificates(work: Workplace) -> tuple[tuple[Certificate, ...], tuple[Finding, ...]]:
    """Every certificate in the order of destruction, and what is wrong with those that do not hold."""
    good: list[Certificate] = []
    wrong: list[Finding] = []
    for path in kept_files(work.root, FOLDER):
        try:
            good.append(_certificate(work, path))
        except CrmError as error:
            wrong += error.findings
    return tuple(sorted(good, key=lambda one: (one.destroyed_at, one.number))), tuple(wrong)


def is_destroyed(work: Workplace, number: str) -> bool:
    """Whether a certificate blocks the number, sound or not.

    While a customer's file is there, one of another customer doesn't count (`is_shared`); and since anybody may commit
    something that looks like one, it counts in a sealed vault only if their key was destroyed for it (`erasure`). One
    that can't be read blocks the number of somebody without a file, and is named.
    """
    if not os.path.lexists(work.root / certificate_path(number)):
        return False
    uids, on_file = _uids(work, number), os.path.lexists(work.root / record_path(number))
    if work.keyring is None or uids & work.keyring.store.ledger():
        return not on_file or len(uids) < 2
    return not on_file and (not uids or certificate_path(number) in work.certified_open)


def is_shared(work: Workplace, number: str) -> bool:
    """Whether two clones gave the number to two customers, of whom one is on file and the other was destroyed."""
    return len(_uids(work, number)) > 1


def _uids(work: Workplace, number: str) -> set[str]:
    """The uids in the certificate and in the file of that number, as far as they can be told."""
    found: set[str] = set()
    for path in (certificate_path(number), record_path(number)):
        with suppress(CrmError):
            uid = parse(read_record(work.root, path), path).tree.get("uid")
            found |= {uid} if isinstance(uid, str) else set()
    return found


def destroyed_on(work: Workplace, number: str) -> date | None:
    """The day the customer's file was destroyed, in the vault's time zone; None for one that was not."""
    if not is_destroyed(work, number):
        return None
    return _certificate(work, certificate_path(number)).destroyed_at.astimezone(work.house.zone).date()


def refuse_destroyed(work: Workplace, changes: Sequence[Change]) -> None:
    """Refused when a change would bring back a customer who was destroyed, or begin another under their number."""
    for change in changes:
        number = number_at(change.path) if change.content is not None else None
        if number and (is_destroyed(work, number) or (is_shared(work, number) and _is_new(work, change.path))):
            raise brought_back(number, change.path)


def _is_new(work: Workplace, path: str) -> bool:
    return work.vault.git().stands([f"HEAD:./{path}"]) == [None]


def brought_back(number: str, path: str) -> Refused:
    """A file stands, or would stand, under the number of a destroyed customer."""
    return Refused(
        _("The file of {number} was destroyed; the number is never used again.").format(number=number),
        where=Where(path),
        hint=_("`crm purge list` shows the register; `crm add` gives a new number."),
        kind="destroyed",
    )


def _certificate(work: Workplace, path: str) -> Certificate:
    try:
        source = parse(read_record(work.root, path), path)
        found = Certificate.model_validate(source.tree)
    except ValidationError as error:
        raise _damaged(path, findings(error, Certificate, path, source.lines)) from None
    except CrmError as error:
        raise _damaged(path, error.findings or (Finding(error.message, error.where or Where(path)),)) from None
    if certificate_path(found.number) != path:
        said = _("The certificate's place does not match its number.")
        where = Where(path, source.lines.get(("number",)), "number")
        raise _damaged(path, (Finding(said, where, certificate_path(found.number)),))
    return found


def _damaged(path: str, wrong: Sequence[Finding]) -> Damaged:
    hint = _("`git log -p -- {path}` shows what became of it.").format(path=path)
    return Damaged(
        _("The certificate {path} is not valid.").format(path=path),
        where=Where(path),
        hint=hint,
        findings=wrong,
        kind="certificate",
    )
