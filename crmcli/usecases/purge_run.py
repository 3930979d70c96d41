"""Carry out an approved purge plan: files deleted and certificates written in one commit, then keys destroyed.

Every item is judged anew under the lock; what may not go is skipped. A run stands in the history even when it skipped
everything, so that it is not tried again by itself.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from crmcli.errors import Finding, Refused
from crmcli.model.team import spoken
from crmcli.store.git import Git
from crmcli.store.transaction import Change, Desk, needs_recovery, recover, writing
from crmcli.text import _
from crmcli.usecases.change import message
from crmcli.usecases.clear_past import clear_past
from crmcli.usecases.copies import copies, copies_of, too_early
from crmcli.usecases.erasure import DESTROYERS, Erased, erase_certified
from crmcli.usecases.former import shared
from crmcli.usecases.purge_advice import rewrite
from crmcli.usecases.purge_items import Kept, Papers, certificate, skipped, weigh
from crmcli.usecases.purge_papers import (
    Filed,
    Ledger,
    approver_of,
    is_open,
    ledger,
    not_approved,
    plan_by,
    plans,
    refuse_unsound,
    whoever_works,
)
from crmcli.usecases.purge_places import unsettled
from crmcli.usecases.purge_search import Known, elsewhere, known
from crmcli.usecases.trust import as_written
from crmcli.usecases.workplace import Workplace

SAID = 20  # skipped customers a commit message names


@dataclass(frozen=True)
class Chosen:
    """The plan to carry out, who approved it, whether a run of it stands in the history; and plans that don't hold.

    Where there is none to carry out:

    waiting  the newest plan that nobody has approved yet
    ended    the plan that was named, of which everybody is destroyed
    """

    filed: Filed | None = None
    approved_by: str = ""
    tried: bool = False
    findings: tuple[Finding, ...] = ()
    waiting: str | None = None
    ended: str | None = None


@dataclass(frozen=True)
class Done:
    """What a run did: the customers destroyed and those skipped, each with the reason. `commit` None: nothing to do.

    sealed    whether their keys were destroyed with them, so that no earlier version can be read
    keys      the customers whose keys were here, and are not any more
    copies    what left the vault with their values and was out of reach
    findings  why certificates destroyed nothing; where else values stand
    clear     the customers of whom the history holds values in clear; `advice`: what removes these
    meets     whether there is a remote, by which others learn of it
    """

    chosen: Chosen
    commit: str | None = None
    destroyed: tuple[str, ...] = ()
    skipped: tuple[Finding, ...] = ()
    dry_run: bool = False
    sealed: bool = False
    keys: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    clear: tuple[str, ...] = ()
    advice: str = ""
    meets: bool = False


@dataclass
class _Judged:
    """The items of a plan, sorted."""

    changes: list[Change] = field(default_factory=list)
    destroyed: list[str] = field(default_factory=list)
    skipped: list[Finding] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    copies: dict[str, None] = field(default_factory=dict)
    clear: list[str] = field(default_factory=list)
    elsewhere: tuple[Finding, ...] = ()


def choose(work: Workplace, name: str | None = None) -> Chosen:
    """The plan by that name, or the oldest approved one not yet carried out; none where nothing is left to do.

    Ends first what a killed run left. Refused, kind "not-approved", for a plan named that is not approved as it stands.
    """
    refuse_unsound(work)
    if needs_recovery(work.vault):
        recover(work.vault)
    found, wrong = plans(work) if name is None else ((plan_by(work, name),), ())
    open_ = [filed for filed in found if is_open(work, filed)]
    known = ledger(work) if open_ else Ledger()
    waiting = None
    for filed in open_:
        tried = filed.mark in known.carried_out
        by = approver_of(work, filed, known) if name is not None or not tried else None
        if by:
            return Chosen(filed, by, tried, wrong)
        if name is not None:
            raise not_approved(work, filed, known)
        waiting = waiting if tried else filed.path
    ended = found[0].path if name is not None and not open_ else None
    return Chosen(findings=wrong, waiting=waiting, ended=ended)


def run(work: Workplace, name: str | None = None, *, only: Chosen | None = None, dry_run: bool = False) -> Done:
    """Destroy what `choose` chose. `only`: nothing but this plan, which a person has seen; not what came after it."""
    if dry_run:
        chosen = only or choose(work, name)
        if chosen.filed is None:
            return Done(chosen, dry_run=True)
        judged = _judged(work, chosen, work.vault.git())
        return _done(work, chosen, judged, None, Erased(), dry_run=True)
    with writing(work.vault, "purge run") as desk:
        chosen = choose(work, name)
        if chosen.filed is None:
            return Done(chosen)
        if only is not None and chosen.filed != only.filed:
            return Done(Chosen(findings=chosen.findings, waiting=chosen.waiting))
        judged = _judged(work, chosen, desk.git)
        _refuse_unentitled(work, judged)
        commit = _commit(work, desk, chosen.filed, judged, tried=chosen.tried)
        erased = erase_certified(work) if judged.destroyed else Erased()
        return _done(work, chosen, judged, commit, erased)


def _done(
    work: Workplace, chosen: Chosen, judged: _Judged, commit: str | None, erased: Erased, *, dry_run: bool = False
) -> Done:
    destroyed, skipped, left = tuple(judged.destroyed), tuple(judged.skipped), tuple(judged.copies)
    clear, advice = tuple(judged.clear), rewrite(work.vault, judged.clear, shared(work, judged.clear))
    keys = (erased.numbers, left, (*erased.findings, *judged.elsewhere))
    meets = bool(destroyed and work.vault.git().run("remote"))
    return Done(chosen, commit, destroyed, skipped, dry_run, work.sealed, *keys, clear, advice, meets)


def _judged(work: Workplace, chosen: Chosen, git: Git) -> _Judged:
    judged = _Judged()
    if chosen.filed is None:
        return judged
    by = whoever_works(work, git)
    with ThreadPoolExecutor(1) as beside:  # git looks at every file meanwhile
        looked = beside.submit(unsettled, as_written(work.vault))
        numbers = [item.number for item in chosen.filed.plan.items]
        left = copies(work) if work.sealed else []
        early = too_early(work, left, numbers)
        clear = clear_past(work, numbers)
        lying = looked.result()
    values: list[Known] = []
    for item, found in weigh(work, chosen.filed.plan.items, lying):
        if isinstance(found, Kept):
            judged.skipped.append(skipped(item, found))
            judged.codes.append(f"{item.number} {found.code}")
            continue
        away = list(copies_of(left, early, item.number, *found.record.dossier.former))
        issued = certificate(
            work, Papers(chosen.filed, chosen.approved_by, by, away, item.number in clear), item, found
        )
        judged.destroyed.append(item.number)
        values.append(known(found.record))
        judged.clear += [item.number] if item.number in clear else []
        judged.copies.update(dict.fromkeys(away))
        judged.changes += [*([Change(item.path, None)] if found.on_file else []), issued]
    judged.elsewhere = elsewhere(work, values, lying)
    return judged


def _refuse_unentitled(work: Workplace, judged: _Judged) -> None:
    """Others' clones destroy nothing on the word of somebody who may not."""
    keyring = work.keyring
    if keyring and judged.destroyed and not keyring.access.may(keyring.me or "", *DESTROYERS):
        said = _("Your roles don't let you destroy.")
        hint = _("The plan can be carried out by: {roles}.").format(roles=_(", ").join(map(spoken, DESTROYERS)))
        raise Refused(said, hint=hint, kind="not-entitled")


def _commit(work: Workplace, desk: Desk, filed: Filed, judged: _Judged, *, tried: bool) -> str | None:
    """One commit of all that is destroyed; an event where all was skipped for the first time."""
    subject = f"purge run {filed.path}: {len(judged.destroyed)} destroyed, {len(judged.skipped)} kept"
    trailers = {"plan": filed.mark, **({"kept": ", ".join(judged.codes[:SAID])} if judged.codes else {})}
    said = message("purge run", subject, judged.destroyed, None, **trailers)
    if judged.changes:
        return desk.commit(judged.changes, said, work.stamp)
    return desk.event(said, work.stamp) if judged.skipped and not tried else None
