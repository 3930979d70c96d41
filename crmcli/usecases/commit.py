"""Take in what people changed by hand: each file checked, written canonically, one commit. Bad ones are named and left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crmcli.errors import CrmError, Finding, Where
from crmcli.model.edits import MOVES, with_moves
from crmcli.model.identity import number_at, record_path
from crmcli.store.history import blobs
from crmcli.store.transaction import Change, Desk
from crmcli.text import _
from crmcli.usecases.change import Outcome, Plan, Why, carry_out, message, tree_of
from crmcli.usecases.house_rules import load
from crmcli.usecases.records import Record, change, findings_of, read_path
from crmcli.usecases.resolve import resolve
from crmcli.usecases.workplace import Workplace

Tree = dict[str, Any]


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

    return carry_out(work, "commit", plan, dry_run=dry_run)


def _dirty(work: Workplace, only: set[str]) -> list[str]:
    """Paths below records/ and schemas/ that differ from HEAD or are new."""
    found = work.vault.changed_by_hand(("records", "schemas"))
    return [path for path in found if not only or path in only]


def _take(work: Workplace, paths: Sequence[str]) -> _Taken:
    olds = dict(zip(paths, blobs(work.vault, [("HEAD", path) for path in paths]), strict=True))
    changes: list[Change] = []
    findings: list[Finding] = []
    for path in paths:
        try:
            changes.append(_rule(work, path) if path.startswith("schemas/") else _file(work, path, olds[path]))
        except CrmError as error:
            findings += findings_of(error)
    return _Taken(tuple(changes), tuple(findings))


def _rule(work: Workplace, path: str) -> Change:
    """A house rule as it stands; the vault would not have opened with one that doesn't hold."""
    load(work.vault)
    return Change(path, (work.root / path).read_bytes())


def _file(work: Workplace, path: str, old: bytes | None) -> Change:
    if not (work.root / path).exists():
        raise _refusal(
            path, None, _("This customer's file was deleted by hand."), _("`git restore {path}` brings it back.")
        )
    record = read_path(work, path)
    before = tree_of(old)
    if before.get("uid", record.dossier.uid) != record.dossier.uid:
        raise _refusal(path, "uid", _("The uid never changes."), f"uid: {before['uid']}")
    return change(work, _moved(work, before, record), record.data)


def _moved(work: Workplace, before: Mapping[str, Any], record: Record) -> Tree:
    """The record with a move of status or tier entered in its history, unless the hand edit did so itself."""
    told = {name for name, (history, _l) in MOVES.items() if record.tree.get(history) != before.get(history)}
    known = {**before, **{name: record.tree.get(name) for name in told}}
    return with_moves(known, record.tree, work.today)


def _refusal(path: str, field: str | None, message: str, hint: str) -> CrmError:
    return CrmError(message, where=Where(path, None, field), hint=hint.format(path=path))
