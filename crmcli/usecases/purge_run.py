"""Carry out an approved purge plan: files deleted and certificates written in one commit; what may not go is skipped.

Every item is judged anew under the lock: by its file, its holds and the policy as they are now. A run stands in the
history even when it skipped everything, so that it is not tried again by itself.
"""

from dataclasses import dataclass, field

from crmcli.errors import CrmError, Finding, Where
from crmcli.model import plain
from crmcli.model.certificate import FORMAT, Certificate
from crmcli.model.entries import StatusMove
from crmcli.model.identity import certificate_path
from crmcli.model.plan import PlanItem
from crmcli.model.retention import Retention
from crmcli.rules.retention import due, last_end
from crmcli.store.files import read_file
from crmcli.store.git import Git
from crmcli.store.journal import blob_hash
from crmcli.store.transaction import Change, Desk, needs_recovery, recover, writing
from crmcli.store.yamlread import parse
from crmcli.store.yamlwrite import render
from crmcli.text import _
from crmcli.usecases.certificates import is_destroyed
from crmcli.usecases.change import message
from crmcli.usecases.purge_papers import (
    Filed,
    Ledger,
    approver_of,
    is_open,
    ledger,
    not_approved,
    plan_by,
    plans,
    policy_of,
    refuse_unsound,
)
from crmcli.usecases.records import record_of
from crmcli.usecases.workplace import Workplace

SAID = 20  # skipped customers a commit message names


@dataclass(frozen=True)
class Chosen:
    """The plan to carry out, who approved it, whether a run of it stands in the history; and plans that don't hold."""

    filed: Filed | None = None
    approved_by: str = ""
    tried: bool = False
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Done:
    """What a run did: the customers destroyed and those skipped, each with the reason. `commit` None: nothing to do."""

    chosen: Chosen
    commit: str | None = None
    destroyed: tuple[str, ...] = ()
    skipped: tuple[Finding, ...] = ()
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class _Kept:
    """Why an item is skipped: a code for the commit, and words."""

    code: str
    reason: str


@dataclass
class _Judged:
    """The items of a plan, sorted."""

    changes: list[Change] = field(default_factory=list)
    destroyed: list[str] = field(default_factory=list)
    skipped: list[Finding] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)


def choose(work: Workplace, name: str | None = None) -> Chosen:
    """The plan by that name, or the oldest approved one not yet carried out; none where nothing is left to do.

    Ends first what a killed run left. Refused, kind "not-approved", for a plan named that is not approved as it stands.
    """
    refuse_unsound(work)
    if needs_recovery(work.vault):
        recover(work.vault)
    found, wrong = plans(work) if name is None else ((plan_by(work, name),), ())
    waiting = [filed for filed in found if is_open(work, filed)]
    known = ledger(work) if waiting else Ledger()
    for filed in waiting:
        tried = filed.mark in known.carried_out
        by = approver_of(work, filed, known) if name is not None or not tried else None
        if by:
            return Chosen(filed, by, tried, wrong)
        if name is not None:
            raise not_approved(work, filed, known)
    return Chosen(findings=wrong)


def run(work: Workplace, name: str | None = None, *, only: Chosen | None = None, dry_run: bool = False) -> Done:
    """Destroy what `choose` chose. `only`: nothing but this plan, which a person has seen; not what came after it."""
    if dry_run:
        chosen = only or choose(work, name)
        judged = _judged(work, chosen, work.vault.git())
        return Done(chosen, None, tuple(judged.destroyed), tuple(judged.skipped), dry_run=True)
    with writing(work.vault, "purge run") as desk:
        chosen = choose(work, name)
        if chosen.filed is None or (only is not None and chosen.filed != only.filed):
            return Done(Chosen(findings=chosen.findings))
        judged = _judged(work, chosen, desk.git)
        commit = _commit(work, desk, chosen.filed, judged, tried=chosen.tried)
        return Done(chosen, commit, tuple(judged.destroyed), tuple(judged.skipped))


def _judged(work: Workplace, chosen: Chosen, git: Git) -> _Judged:
    judged = _Judged()
    if chosen.filed is None:
        return judged
    policy, _hash = policy_of(work)
    by = git.ident()
    heads = git.stands([f"HEAD:./{item.path}" for item in chosen.filed.plan.items])
    for item, head in zip(chosen.filed.plan.items, heads, strict=True):
        if is_destroyed(work, item.number):
            continue
        found = _weighed(work, item, head, policy)
        if isinstance(found, _Kept):
            judged.skipped.append(_skipped(item, found))
            judged.codes.append(f"{item.number} {found.code}")
        else:
            judged.destroyed.append(item.number)
            judged.changes += [Change(item.path, None), _certificate(work, chosen, item, found, by)]
    return judged


def _weighed(work: Workplace, item: PlanItem, head: str | None, policy: Retention) -> StatusMove | _Kept:
    """How the customer left, when the file may be destroyed now; else why not, the weightiest reason first."""
    data = read_file(work.root, item.path)
    if data is None:
        return _Kept("vanished", _("it is no longer on file"))
    changed = blob_hash(data, work.vault.algorithm) != item.file
    try:
        source = parse(data, item.path)
        dossier = record_of(work, item.path, data, source.tree, source.lines).dossier
    except CrmError as error:
        return _Kept("unreadable", error.message)
    decision = due(dossier, policy, work.today)
    left = last_end(dossier)
    if decision.kept_by or left is None:
        return _Kept(decision.kept_by or "no-end", "; ".join(decision.reasons))
    if changed:
        return _Kept("changed", _("its file has changed since the plan"))
    if head != item.file:
        return _Kept("uncommitted", _("its file has uncommitted changes"))
    if (dossier.id, dossier.uid) != (item.number, item.uid):
        return _Kept("other", _("the plan means another customer"))
    if (decision.rule, decision.clause) != (item.rule, item.clause):
        return _Kept("rule", _("it is due under another rule now: {rule}").format(rule=decision.rule))
    return left


def _skipped(item: PlanItem, kept: _Kept) -> Finding:
    said = _("{number} is kept: {reason}.").format(number=item.number, reason=kept.reason)
    return Finding(said, Where(item.path), hint=_("A new plan will decide again."))


def _certificate(work: Workplace, chosen: Chosen, item: PlanItem, left: StatusMove, by: str) -> Change:
    assert chosen.filed is not None
    made = Certificate(
        format=FORMAT,
        number=item.number,
        uid=item.uid,
        kind="customer-file",
        left_on=left.date,
        destroyed_at=work.now.replace(microsecond=0),
        method="file-deleted",
        rule=item.rule,
        clause=item.clause,
        requested_by=chosen.filed.plan.requested_by,
        approved_by=chosen.approved_by,
        destroyed_by=by,
        plan=chosen.filed.path,
        plan_file=chosen.filed.blob,
        history="not reached",
    )
    return Change(certificate_path(item.number), render(plain.write(made)))


def _commit(work: Workplace, desk: Desk, filed: Filed, judged: _Judged, *, tried: bool) -> str | None:
    """One commit of all that is destroyed; an event where all was skipped for the first time."""
    subject = f"purge run {filed.path}: {len(judged.destroyed)} destroyed, {len(judged.skipped)} kept"
    trailers = {"plan": filed.mark, **({"kept": ", ".join(judged.codes[:SAID])} if judged.codes else {})}
    said = message("purge run", subject, judged.destroyed, None, **trailers)
    if judged.changes:
        return desk.commit(judged.changes, said, work.stamp)
    return desk.event(said, work.stamp) if judged.skipped and not tried else None
