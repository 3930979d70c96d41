"""Destroy a customer's file because they ask for it (R51): whatever the terms of retention, but neither a legal hold nor
a term of the law. The request goes the way of every destruction: plan, approval, run.
"""

import os
from dataclasses import dataclass

from crmcli.errors import Conflict, Finding, Refused, Where
from crmcli.model import plain
from crmcli.model.identity import record_path
from crmcli.model.plan import FORMAT, Plan, PlanItem
from crmcli.model.retention import REQUEST
from crmcli.model.team import Role, email_of
from crmcli.rules.retention import on_request
from crmcli.store import history as past
from crmcli.store.journal import blob_hash
from crmcli.store.transaction import Change, needs_recovery, recover, writing
from crmcli.store.yamlread import parse
from crmcli.store.yamlwrite import render
from crmcli.text import _
from crmcli.usecases.certificates import is_destroyed
from crmcli.usecases.change import Why, message
from crmcli.usecases.clear_past import clear_past
from crmcli.usecases.former import had, shared
from crmcli.usecases.mentions import mentions
from crmcli.usecases.notes import seal_note
from crmcli.usecases.purge_advice import in_clear
from crmcli.usecases.purge_approve import approve
from crmcli.usecases.purge_holders import holders
from crmcli.usecases.purge_items import twice
from crmcli.usecases.purge_papers import (
    Filed,
    is_proven,
    ledger,
    plan_by,
    plans,
    policy_of,
    refuse_unsound,
    team_of,
    whoever_works,
)
from crmcli.usecases.purge_plan import free_path
from crmcli.usecases.purge_run import Done, choose, run
from crmcli.usecases.records import Record, read, read_all, record_of
from crmcli.usecases.resolve import number_in, resolve
from crmcli.usecases.workplace import Workplace

CLAUSES = {"zh": "《个人信息保护法》第四十七条", "en": "PIPL art. 47"}


@dataclass(frozen=True)
class Asked:
    """A request that may be carried out.

    alone     whether whoever works may approve it; otherwise another person with `role` must
    on_file   whether the customer has a file; none for one whom only the history has
    mentions  where others' files name the customer, and what could not be looked at
    past      that the history holds values in clear
    """

    item: PlanItem
    record: Record
    alone: bool
    role: Role
    on_file: bool
    mentions: tuple[Finding, ...]
    past: tuple[Finding, ...]


@dataclass(frozen=True)
class Requested:
    """What became of a request: its plan, and what the run did; `done` None where another person must approve first."""

    asked: Asked
    filed: Filed
    done: Done | None


def ask(work: Workplace, ref: str) -> Asked:
    """Whether the customer `ref` names may be destroyed at their own request. Writes nothing.

    Refused, kind "hold", "kept-by-law" or "twice"; Conflict, kind "uncommitted"; NotFound.
    """
    refuse_unsound(work)
    if needs_recovery(work.vault):
        recover(work.vault)
    record, on_file = _found(work, ref)
    clause = CLAUSES[work.house.settings.language]
    decision = on_request(record.dossier, clause, work.today, work.house.spoken)
    _refuse_kept(work, record, decision.kept_by, _("; ").join(decision.reasons[1:]))  # the first is the request
    _refuse_twice(work, record)
    file = blob_hash(record.data, work.vault.algorithm)
    if on_file and work.vault.git().stands([f"HEAD:./{record.path}"]) != [file]:
        raise Conflict(
            _("{path} has uncommitted changes.").format(path=record.path),
            hint=_("`crm commit` takes them in; `git restore --staged --worktree PATH` drops them."),
            where=Where(record.path),
            kind="uncommitted",
        )
    item = PlanItem(
        number=record.number,
        uid=record.dossier.uid,
        rule=REQUEST,
        clause=decision.clause or "",
        due=work.today,
        file=file,
    )
    role = policy_of(work)[0].approval.role
    by = email_of(whoever_works(work, work.vault.git()))
    alone = team_of(work).refusal(by, {by}, role) is None
    clear = clear_past(work, [record.number])
    past_ = in_clear(work.vault, clear, shared(work, clear))
    return Asked(item, record, alone, role, on_file, _mentions(work, record), past_)


def fulfil(work: Workplace, asked: Asked, *, note: str | None = None) -> Requested:
    """Commit the plan of a request; go on to approve it and to carry it out where whoever works may do so alone."""
    filed = _filed(work, asked, note)
    if not asked.alone:
        return Requested(asked, filed, None)
    approve(work, filed.path)
    return Requested(asked, filed, run(work, filed.path, only=choose(work, filed.path)))


def _found(work: Workplace, ref: str) -> tuple[Record, bool]:
    """The customer, and whether they are on file; one of whom only the history knows is found by the whole number."""
    number = number_in(ref)
    if number is None or is_destroyed(work, number) or had(work, number) or _is_here(work, number):
        return read(work, resolve(work, ref)), True
    path = record_path(number)
    commits = past.log(work.vault, "--all", "--reflog", "--full-history", "-m", "--diff-filter=AM", paths=(path,))
    (data,) = past.blobs(work.vault, [(commits[0].hash, path)]) if commits else (None,)
    if data is None:
        return read(work, resolve(work, ref)), True
    _refuse_on_branch(work, number, path)
    source = parse(data, path)
    return record_of(work, path, data, source.tree, source.lines), False


def _is_here(work: Workplace, number: str) -> bool:
    return os.path.lexists(work.root / record_path(number))


def _refuse_on_branch(work: Workplace, number: str, path: str) -> None:
    """Refuse a file that is on file after all, only not in this work tree."""
    git = work.vault.git()
    names = ["HEAD", *git.run("for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes").decode().split()]
    stands = zip(names, git.stands(f"{name}:./{path}" for name in names), strict=True)
    branch = next((name for name, blob in stands if blob), None)
    if branch:
        raise Conflict(
            _("{number} is not here, but on file in {branch}.").format(number=number, branch=branch),
            hint=_("Make the request there, or remove the file there first."),
            where=Where(path),
            kind="elsewhere",
        )


def _refuse_kept(work: Workplace, record: Record, keeper: str | None, reasons: str) -> None:
    if keeper is None:
        return
    said = _("{number} is kept: {reason}.").format(number=record.number, reason=reasons)
    if keeper == "hold":
        hint = _("`crm release {number}` ends a hold, once its reason is gone.").format(number=record.number)
        raise Refused(said, hint=hint, where=Where(record.path, None, "holds"), kind="hold")
    hint = _("Until then: keep the file, and use it for nothing else (`crm archive`).")
    raise Refused(said, hint=hint, where=Where(record.path, None, "retain_until"), kind="kept-by-law")


def _refuse_twice(work: Workplace, record: Record) -> None:
    uid = record.dossier.uid
    kept = twice(record.path, uid, holders(work, {uid: record.path}))
    if kept:
        said = _("{number} is kept: {reason}.").format(number=record.number, reason=kept.reason)
        hint = _("Whoever is not this customer needs another uid: `crm add --file` gives one.")
        raise Refused(said, hint=hint, where=Where(record.path, None, "uid"), kind=kept.code)


def _mentions(work: Workplace, record: Record) -> tuple[Finding, ...]:
    reading = read_all(work)
    others = [one for one in reading.records if one.number != record.number]
    return (*reading.findings, *mentions([record, *others], {record.number}))


def _filed(work: Workplace, asked: Asked, note: str | None) -> Filed:
    """The plan of the request: one that waits already, or a new one."""
    with writing(work.vault, "purge request") as desk:
        waiting = _waiting(work, asked.item)
        if waiting:
            return waiting
        _policy, blob = policy_of(work)
        by = whoever_works(work, desk.git)
        made = Plan(format=FORMAT, made_on=work.today, requested_by=by, policy=blob, items=[asked.item])
        sealed = seal_note(work, [asked.record.data], note) if note else None
        numbers = (asked.item.number,)
        said = message("purge request", f"purge request {asked.item.number}", numbers, Why(note=sealed))
        path = free_path(work)
        desk.commit([Change(path, render(plain.write(made)))], said, work.stamp)
    return plan_by(work, path)


def _waiting(work: Workplace, item: PlanItem) -> Filed | None:
    """The newest plan that lists just this, may be approved, and was not carried out."""
    same = [one for one in plans(work)[0] if one.plan.items == [item] and is_proven(work, one)]
    return same[-1] if same and same[-1].mark not in ledger(work).carried_out else None
