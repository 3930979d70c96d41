"""Take in what people changed by hand: each file checked, written canonically, one commit. Bad ones are named and left."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crmcli.errors import CrmError, Finding, Refused, Where, invalid
from crmcli.model import certificate, keys, team
from crmcli.model import plan as plan_model
from crmcli.model.edits import MOVES, with_moves
from crmcli.model.identity import number_at, record_path
from crmcli.store.comments import comments_of
from crmcli.store.files import read_file, read_record
from crmcli.store.history import blobs
from crmcli.store.transaction import Change, Desk
from crmcli.store.yamlread import parse
from crmcli.store.yamlwrite import render
from crmcli.text import _
from crmcli.usecases.certificates import brought_back, is_destroyed
from crmcli.usecases.change import Outcome, Plan, Why, carry_out, message
from crmcli.usecases.clear_text import spoken
from crmcli.usecases.house_rules import load, read_rules
from crmcli.usecases.late_rules import LATE
from crmcli.usecases.records import Record, archived, change, findings_of, opened_tree, read_all, read_path
from crmcli.usecases.resolve import resolve
from crmcli.usecases.resources import shipped
from crmcli.usecases.rule_trust import MANAGERS
from crmcli.usecases.schemas import schema_files
from crmcli.usecases.trust import trusted
from crmcli.usecases.trust_history import FILES
from crmcli.usecases.workplace import Workplace

Tree = dict[str, Any]
PAPERS = (f"{plan_model.FOLDER}/", f"{certificate.FOLDER}/")


@dataclass(frozen=True)
class _Taken:
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]


def commit(work: Workplace, refs: Sequence[str] = (), *, why: Why, dry_run: bool = False) -> Outcome:
    """Commit hand edits of customer files (those of `refs`, or all) and, without refs, of the house rules.

    What does not hold is left as it is and named in the outcome's findings.
    """

    def plan(desk: Desk | None) -> Plan:
        dirty = _dirty(work, {record_path(resolve(work, ref)) for ref in refs})
        taken = _take(work, dirty)
        numbers = tuple(number for number in (number_at(one.path) for one in taken.changes) if number)
        rules = [one.path for one in taken.changes if not number_at(one.path)]
        subject = "commit " + ", ".join([*numbers[:3], *(["…"] if len(numbers) > 3 else []), *rules])
        return Plan(taken.changes, message("commit", subject, numbers, why), numbers, taken.findings, adopt=True)

    outcome = carry_out(work, "commit", plan, dry_run=dry_run)
    if outcome.commit and work.keyring:
        trusted(work.vault, work.keyring.homes)  # so that this clone remembers to have seen it
    return outcome


def _dirty(work: Workplace, only: set[str]) -> list[str]:
    """Paths below records/ and schemas/ that differ from HEAD or are new."""
    found = work.vault.changed_by_hand(("records", "schemas"))
    ours = (path for path in found if path.endswith((".yaml", ".yml", ".json")))
    return [path for path in ours if not only or path in only]


def _take(work: Workplace, paths: Sequence[str]) -> _Taken:
    known = [path for path in paths if number_at(path)]
    olds = dict(zip(known, blobs(work.vault, [("HEAD", path) for path in known]), strict=True))
    uids = _uids(work) if None in olds.values() else Counter[str]()
    changes: list[Change] = []
    findings: list[Finding] = []
    for path in paths:
        try:
            changes.append(
                _rule(work, path) if path.startswith("schemas/") else _file(work, path, olds.get(path), uids)
            )
        except CrmError as error:
            findings += findings_of(error)
    if any(one.path.startswith("schemas/") for one in changes):
        broken = _broken_by_rules(work, paths)
        changes = [one for one in changes if not (broken and one.path.startswith("schemas/"))]
        findings += broken
    return _Taken(tuple(_with_serial(work, changes)), tuple(findings))


def _broken_by_rules(work: Workplace, dirty: Sequence[str]) -> list[Finding]:
    """What no longer fits under the rules as they stand now: other rules, and customers nobody has touched."""
    found: list[Finding] = []
    for rules in LATE.values():
        try:
            rules(work)
        except CrmError as error:
            found += findings_of(error)
    found += [one for one in read_all(work).findings if one.where.path not in dirty]
    return found


def _rule(work: Workplace, path: str) -> Change:
    """A house rule as it stands; the vault would not have opened with one that doesn't hold."""
    _refuse_not_theirs(work, path)
    data = read_file(work.root, path)
    if data is None:
        raise _deleted(path, _("This house rule was deleted by hand."))
    load(work.vault)
    if path in LATE:
        LATE[path](work)
    if work.keyring and path in FILES:
        _refuse_broken_team(work, work.keyring.access)
    return Change(path, data)


def _refuse_not_theirs(work: Workplace, path: str) -> None:
    """Refuse what is no house rule, and in a sealed vault what whoever works may not change."""
    if path not in {*shipped("schemas", "*.yaml"), *schema_files(), keys.PATH}:
        hint = _("Move it out of the folder schemas: it is for house rules alone.")
        raise CrmError(_("This is not a house rule."), where=Where(path), hint=hint)
    keyring = work.keyring
    if keyring and path in FILES and not keyring.access.may(keyring.me or "", "admin"):
        hint = _("`git restore {path}` drops the change.").format(path=path)
        raise Refused(_("Only an admin changes the team."), where=Where(path), hint=hint, kind="not-admin")
    if keyring and not keyring.access.may(keyring.me or "", *MANAGERS):
        hint = _("`git restore {path}` drops the change.").format(path=path)
        said = _("Only a manager or an admin changes house rules.")
        raise Refused(said, where=Where(path), hint=hint, kind="not-entitled")


def _refuse_broken_team(work: Workplace, before: team.Access) -> None:
    """Refuse files that nobody would trust or could read any more."""
    access, _lines = read_rules(work.vault, team.PATH, team.Access)
    read_rules(work.vault, keys.PATH, keys.Keys)
    if not access.admins:
        raise Refused(_("The team needs at least one admin."), where=Where(team.PATH), kind="last-admin")
    if access.masters != before.masters:
        said = _("The keys' fingerprints are never changed by hand.")
        raise CrmError(said, where=Where(team.PATH, None, "masters"))


def _with_serial(work: Workplace, changes: Sequence[Change]) -> list[Change]:
    """The changes; team or keys of a sealed vault go with a serial that is higher than the trusted one."""
    paths = {one.path for one in changes}
    if work.keyring is None or paths.isdisjoint(FILES):
        return list(changes)
    data, trusted_serial = read_record(work.root, team.PATH), work.keyring.access.serial
    tree = parse(data, team.PATH).tree
    if team.Access.model_validate(tree).serial > trusted_serial:
        return list(changes)
    raised = render({**tree, "serial": str(trusted_serial + 1)}, comments_of(data, team.PATH))
    return [*(one for one in changes if one.path != team.PATH), Change(team.PATH, raised)]


def _file(work: Workplace, path: str, old: bytes | None, uids: Mapping[str, int]) -> Change:
    if not os.path.lexists(work.root / path):
        raise _deleted(path, _("This customer's file was deleted by hand."))
    if path.startswith(PAPERS):
        raise CrmError(_("Plans and certificates are never changed by hand."), where=Where(path))
    record = read_path(work, path)
    comments = spoken(path, record.data) if work.sealed else []
    if comments:
        raise invalid(comments)
    if is_destroyed(work, record.number):
        raise brought_back(record.number, path)
    before = opened_tree(work, old, path)
    if before.get("status") == record.dossier.status == "archived" and record.tree != before:
        raise archived(record.number)
    if before.get("uid", record.dossier.uid) != record.dossier.uid:
        raise _wrong_uid(record, _("The uid never changes."), f"uid: {before['uid']}")
    if old is None and uids[record.dossier.uid] > 1:
        said = _("Another customer has the same uid.")
        raise _wrong_uid(record, said, _("`crm add --file` takes in a copy without id and uid."))
    return change(work, _moved(work, before, record), record.data, old or b"")


def _moved(work: Workplace, before: Mapping[str, Any], record: Record) -> Tree:
    """The record with a move of status or tier entered in its history, unless the hand edit did so itself."""
    told = {name for name, (history, _l) in MOVES.items() if record.tree.get(history) != before.get(history)}
    known = {**before, **{name: record.tree.get(name) for name in told}}
    return with_moves(known, record.tree, work.today, work.house.codes["status"])


def _uids(work: Workplace) -> Counter[str]:
    """How many files hold each uid."""
    return Counter(record.dossier.uid for record in read_all(work).records)


def _deleted(path: str, message: str) -> CrmError:
    return CrmError(message, where=Where(path), hint=_("`git restore {path}` brings it back.").format(path=path))


def _wrong_uid(record: Record, message: str, hint: str) -> CrmError:
    line = parse(record.data, record.path).lines.get(("uid",))
    return CrmError(message, where=Where(record.path, line, "uid"), hint=hint)
