"""Legal holds (R49): while one stands, nothing of the customer is destroyed. Archived files can be held, too."""

from collections.abc import Mapping
from typing import Any

from crmcli.errors import Conflict
from crmcli.model import plain
from crmcli.model.entries import Hold
from crmcli.model.identity import new_entry_id
from crmcli.rules.retention import holds_on
from crmcli.store.transaction import Desk
from crmcli.text import _
from crmcli.usecases.change import Outcome, Plan, Why, carry_out, message
from crmcli.usecases.records import Record, change, read, validated
from crmcli.usecases.resolve import resolve
from crmcli.usecases.workplace import Workplace

Tree = dict[str, Any]


def hold(work: Workplace, ref: str, *, why: Why, dry_run: bool = False) -> Outcome:
    """Hold the customer's file for the reason given, a code of the list hold_reason.

    Nothing happens where a hold for that reason stands; one for another reason stands beside it.
    """

    def plan(desk: Desk | None) -> Plan:
        record = read(work, resolve(work, ref))
        if any(one.reason == why.reason for one in holds_on(record.dossier, work.today)):
            return _plan(work, record, record.tree, "hold", why)
        entry = {"id": new_entry_id(Hold.letter), "date": work.today.isoformat(), "reason": why.reason}
        return _plan(work, record, {**record.tree, "holds": [*record.tree.get("holds", ()), entry]}, "hold", why)

    return carry_out(work, "hold", plan, dry_run=dry_run)


def release(work: Workplace, ref: str, *, why: Why, dry_run: bool = False) -> Outcome:
    """Release the hold for the reason given, or the only one; nothing happens where none stands.

    Conflict, kind "ambiguous", where several stand and no reason is given.
    """

    def plan(desk: Desk | None) -> Plan:
        record = read(work, resolve(work, ref))
        standing = [one for one in holds_on(record.dossier, work.today) if why.reason in (None, one.reason)]
        if len({one.reason for one in standing}) > 1:
            raise Conflict(
                _("{number} is held for several reasons.").format(number=record.number),
                kind="ambiguous",
                hint=_("Name one: --reason CODE."),
                candidates=[{"reason": one.reason, "since": one.date.isoformat()} for one in standing],
            )
        ids = {one.id for one in standing}
        released = [_released(work, entry, ids) for entry in record.tree.get("holds", ())]
        tree = {**record.tree, "holds": released} if ids else record.tree
        return _plan(work, record, tree, "release", Why(standing[0].reason if standing else None, why.note))

    return carry_out(work, "release", plan, dry_run=dry_run)


def _released(work: Workplace, entry: Mapping[str, str], ids: set[str]) -> Mapping[str, str]:
    return {**entry, "released": work.today.isoformat()} if entry["id"] in ids else entry


def _plan(work: Workplace, record: Record, tree: Mapping[str, Any], op: str, why: Why) -> Plan:
    after = plain.write(validated(work, tree, record.path))
    changes = [change(work, after, record.data)] if after != record.tree else []
    said = message(op, f"{op} {record.number}", [record.number], why)
    return Plan(changes, said, (record.number,))
