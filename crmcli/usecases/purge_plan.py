"""Plan a destruction: who is due under the retention policy, committed for review. Destroys nothing."""

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from crmcli.errors import Finding, Where
from crmcli.model import plain
from crmcli.model.plan import FORMAT, Plan, PlanItem, plan_path
from crmcli.model.retention import REQUEST
from crmcli.model.team import email_of
from crmcli.rules.retention import Decision, due
from crmcli.store.git import Git
from crmcli.store.journal import blob_hash
from crmcli.store.transaction import Change, Desk
from crmcli.store.yamlwrite import render
from crmcli.text import _
from crmcli.usecases import change
from crmcli.usecases.certificates import is_destroyed
from crmcli.usecases.clear_past import clear_past
from crmcli.usecases.former import shared
from crmcli.usecases.mentions import mentions
from crmcli.usecases.purge_advice import in_clear
from crmcli.usecases.purge_approvers import nobody_approves
from crmcli.usecases.purge_holders import holders, settle_holders
from crmcli.usecases.purge_items import twice
from crmcli.usecases.purge_papers import (
    Filed,
    approver_of,
    is_proven,
    ledger,
    plans,
    policy_of,
    refuse_unsound,
    requesters,
    whoever_works,
)
from crmcli.usecases.purge_search import elsewhere, known
from crmcli.usecases.records import Record, read_all
from crmcli.usecases.workplace import Workplace


@dataclass(frozen=True)
class Planned:
    """What is due. `path` is the plan that lists it, new when `commit` is set, else `approved` or not; None when nothing
    is due."""

    path: str | None
    commit: str | None
    decisions: tuple[Decision, ...]
    findings: tuple[Finding, ...]
    dry_run: bool = False
    approved: bool = False


def plan(work: Workplace, *, dry_run: bool = False) -> Planned:
    """Commit a plan of everything that is due today, unless a plan still to be carried out lists exactly that.

    Files that can't be read and files with uncommitted changes are left out and named. Refused under a turned clock
    outside of a rehearsal vault; Invalid where the policy does not hold.
    """
    refuse_unsound(work)
    made: list[Planned] = []

    def planned(desk: Desk | None) -> change.Plan:
        found, said = _plan(work, desk.git if desk else work.vault.git())
        made.append(found)
        return said

    outcome = change.carry_out(work, "purge plan", planned, dry_run=dry_run)
    found = made[-1]
    return Planned(found.path, outcome.commit, found.decisions, found.findings, dry_run, found.approved)


def _plan(work: Workplace, git: Git) -> tuple[Planned, change.Plan]:
    policy, blob = policy_of(work)
    reading = read_all(work)
    found = [(record, due(record.dossier, policy, work.today, work.house.spoken)) for record in reading.records]
    wanted = [(record, one) for record, one in found if one.due and not is_destroyed(work, record.number)]
    left = {
        **_twice(work, [record for record, _one in wanted]),
        **_uncommitted(work, git, [record for record, _one in wanted]),
    }
    items = [_item(work, record, one) for record, one in wanted if record.number not in left]
    decisions = tuple(one for record, one in wanted if record.number not in left)
    findings = (*reading.findings, *left.values())
    numbers = tuple(item.number for item in items)
    subject = f"purge plan {work.today.isoformat()}: {len(items)} due"
    said = change.message("purge plan", subject, numbers)
    before = _listed_in(work, items, blob)
    if before or not items:
        approved = before is not None and approver_of(work, before, ledger(work)) is not None
        late = _vain(work, requesters(work, before)) if before and not approved else ()
        path = before.path if before else None
        found_ = Planned(path, None, decisions, (*findings, *late), approved=approved)
        return found_, change.Plan([], said, numbers)
    clear = clear_past(work, numbers)
    findings += (*mentions(reading.records, set(numbers)), *in_clear(work.vault, clear, shared(work, clear)))
    findings += elsewhere(work, [known(record) for record, _one in wanted if record.number not in left])
    settle_holders(work, _owned([record for record, _one in wanted if record.number not in left]))
    by = whoever_works(work, git)
    findings += _vain(work, {email_of(by)})
    made = Plan(format=FORMAT, made_on=work.today, requested_by=by, policy=blob, items=items)
    path = free_path(work)
    written = Change(path, render(plain.write(made)))
    return Planned(path, None, decisions, findings), change.Plan([written], said, numbers)


def _vain(work: Workplace, made_by: Collection[str]) -> tuple[Finding, ...]:
    found = nobody_approves(work, made_by)
    return (found,) if found else ()


def _uncommitted(work: Workplace, git: Git, records: Sequence[Record]) -> dict[str, Finding]:
    """The customers whose files are not as in HEAD, each as something to say: what is destroyed must be in history."""
    stands = git.stands([f"HEAD:./{record.path}" for record in records]) if records else []
    hint = _("`crm commit` takes them in; the next plan has this customer.")
    return {
        record.number: Finding(_("Due, but the file has uncommitted changes."), Where(record.path), None, hint)
        for record, stand in zip(records, stands, strict=True)
        if stand != blob_hash(record.data, work.vault.algorithm)
    }


def _twice(work: Workplace, records: Sequence[Record]) -> dict[str, Finding]:
    """The customers whose uid stands in another file, too: their keys may not be theirs alone."""
    held = holders(work, _owned(records))
    kept = ((record, twice(record.path, record.dossier.uid, held)) for record in records)
    said = _("Due, but kept: {reason}.")
    return {
        record.number: Finding(said.format(reason=one.reason), Where(record.path, None, "uid"))
        for record, one in kept
        if one
    }


def _owned(records: Sequence[Record]) -> dict[str, str]:
    return {record.dossier.uid: record.path for record in records}


def _item(work: Workplace, record: Record, decision: Decision) -> PlanItem:
    return PlanItem(
        number=record.number,
        uid=record.dossier.uid,
        rule=decision.rule or "",
        clause=decision.clause or "",
        due=decision.on or work.today,
        file=blob_hash(record.data, work.vault.algorithm),
    )


def _listed_in(work: Workplace, items: Sequence[PlanItem], policy: str) -> Filed | None:
    """The newest plan, if it lists exactly these under this policy, may be approved and was not carried out yet."""
    found = [filed for filed in plans(work)[0] if filed.plan.items[0].rule != REQUEST]
    newest = found[-1] if found else None
    if newest is None or newest.plan.items != list(items) or newest.plan.policy != policy:
        return None
    return None if newest.mark in ledger(work).carried_out or not is_proven(work, newest) else newest


def free_path(work: Workplace) -> str:
    """Where the next plan of today stands."""
    return next(path for path in _paths(work) if not os.path.lexists(work.root / path))


def _paths(work: Workplace) -> Iterator[str]:
    nth = 0
    while True:
        nth += 1
        yield plan_path(work.today, nth)
