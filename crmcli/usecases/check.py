"""Every file of the vault looked at: what is wrong, what is missing, what may be double. Changes nothing."""

import os
from collections.abc import Iterator

from crmcli.errors import CrmError, Finding, NotFound, Where
from crmcli.rules.duplicates import Registry
from crmcli.rules.oddities import oddities
from crmcli.rules.retention import last_end
from crmcli.store.records import read, record_files
from crmcli.store.transaction import needs_recovery
from crmcli.text import _
from crmcli.usecases.certificates import brought_back, certificates, is_destroyed, is_shared
from crmcli.usecases.clear_text import in_clear
from crmcli.usecases.late_rules import LATE
from crmcli.usecases.purge_papers import plans
from crmcli.usecases.records import Record, change, field_name, findings_of, gap_finding, gaps_of, record_of
from crmcli.usecases.workplace import Workplace


def check(work: Workplace) -> list[Finding]:
    """All findings, file by file; an empty list for a vault in order."""
    found: list[Finding] = []
    registry, uids = Registry(), dict[str, str]()
    for path in record_files(work.root):
        sealing: list[Finding] = []
        try:
            data, source = read(work.root, path)
            sealing = in_clear(path, data, source, work.fields.values()) if work.sealed else []
            record = record_of(work, path, data, source.tree, source.lines)
        except NotFound:
            continue  # taken back by another command since the folder was read
        except CrmError as error:
            found += [*sealing, *findings_of(error)]
            continue
        found += [*sealing, *(one for one in record.findings if one not in sealing)]
        found += _of(work, record)
        found += _doubles(work, record, registry, uids)
    return [*found, *_papers(work), *_uncommitted(work)]


def _uncommitted(work: Workplace) -> Iterator[Finding]:
    """Hand edits that no commit has, and customers' files deleted by hand."""
    for path in work.vault.changed_by_hand(("records", "schemas")):
        gone = not os.path.lexists(work.root / path)
        said = _("Deleted by hand, not committed.") if gone else _("Changed by hand, not committed.")
        hint = _("`git restore {path}` brings it back.").format(path=path) if gone else _("`crm commit` takes it in.")
        yield Finding(said, Where(path), hint=hint, severity="warning")


def _papers(work: Workplace) -> Iterator[Finding]:
    """What is wrong with the rules read when needed, the plans and the certificates."""
    for rules in LATE.values():
        try:
            rules(work)
        except CrmError as error:
            yield from findings_of(error)
    yield from plans(work)[1]
    yield from certificates(work)[1]


def _of(work: Workplace, record: Record) -> Iterator[Finding]:
    yield from (gap_finding(record.path, gap) for gap in gaps_of(work, record.tree))
    yield from oddities(record.tree, record.path)
    # What is not sealed as it must be has been named; sealing it here would only say the same again.
    if not record.findings and change(work, record.tree, record.data).content != record.data:
        yield Finding(
            _("Not in canonical form."), Where(record.path), hint=_("`crm commit` rewrites it."), severity="warning"
        )
    yield from _histories(record)
    # While a destruction is under way, or was killed, both stand there for a moment; the next write settles it.
    if is_destroyed(work, record.number) and not needs_recovery(work.vault):
        gone = brought_back(record.number, record.path)
        yield Finding(gone.message, Where(record.path), hint=_("`git rm {path}` removes it.").format(path=record.path))
    if is_shared(work, record.number):
        said = _("Two customers were given {number}: this one, and one who was destroyed.").format(number=record.number)
        hint = _("Leave the file where it is; `crm sync` gives it another number if it is not published yet.")
        yield Finding(said, Where(record.path), hint=hint, severity="warning")


def _histories(record: Record) -> Iterator[Finding]:
    dossier = record.dossier
    for name, moves in (("status", dossier.status_history), ("tier", dossier.tier_history)):
        last = getattr(moves[-1], name) if moves else None
        if moves and last != getattr(dossier, name):
            said = _("It differs from the last entry of the {name} history.").format(name=name)
            yield Finding(said, Where(record.path, None, name), str(last), severity="warning")
    if dossier.status == "archived" and last_end(dossier) is None:
        said = _("Archived without a day the customer left: no term of retention runs.")
        hint = _("`crm reactivate`, then `crm archive` with the day.")
        yield Finding(said, Where(record.path, None, "status_history"), None, hint, severity="warning")


def _doubles(work: Workplace, record: Record, registry: Registry, uids: dict[str, str]) -> Iterator[Finding]:
    for duplicate in registry.of(record.tree):
        said = _("{number} has the same {field}.").format(
            number=duplicate.number, field=field_name(work, duplicate.field)
        )
        yield Finding(said, Where(record.path, None, duplicate.field), severity="warning")
    registry.add(record.tree)
    first = uids.setdefault(record.dossier.uid, record.number)
    if first != record.number:
        yield Finding(_("{number} has the same uid.").format(number=first), Where(record.path, None, "uid"))
