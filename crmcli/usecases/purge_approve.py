"""Approve a purge plan: an event in the history, bound to the hash of the plan's file. Changes no file."""

from dataclasses import dataclass

from crmcli.errors import Conflict, Refused, Where
from crmcli.model.team import email_of, spoken
from crmcli.store import history as past
from crmcli.store.transaction import Message, writing
from crmcli.text import _, n_
from crmcli.usecases.change import Why, message
from crmcli.usecases.notes import seal_note
from crmcli.usecases.purge_items import Kept, skipped, weigh
from crmcli.usecases.purge_papers import (
    Filed,
    approver_of,
    ledger,
    plan_by,
    policy_of,
    refuse_unsound,
    requesters,
    team_of,
    whoever_works,
)
from crmcli.usecases.workplace import Workplace


@dataclass(frozen=True)
class Approved:
    """The plan that is approved, and by whom; `commit` is None when it was before, or in a dry run."""

    filed: Filed
    by: str
    commit: str | None
    dry_run: bool = False


def approve(work: Workplace, name: str, *, note: str | None = None, dry_run: bool = False) -> Approved:
    """Approve the plan by that name in the name of the git identity; nothing happens to one that is approved already.

    Refused (kind "approval") where the team has more than one person and this one made the plan, is not listed, or
    lacks the role the policy names; kind "kept", naming the customers, where a run would keep any of them. Conflict,
    kind "uncommitted", where the plan is not as in HEAD.
    """
    refuse_unsound(work)
    if dry_run:
        filed, by = _checked(work, name)
        _refuse_kept(work, filed)
        return Approved(filed, by, None, dry_run=True)
    with writing(work.vault, "purge approve") as desk:
        filed, by = _checked(work, name)
        if approver_of(work, filed, ledger(work)):
            return Approved(filed, by, None)
        _refuse_kept(work, filed)
        return Approved(filed, by, desk.event(_said(work, filed, note), work.stamp))


def _checked(work: Workplace, name: str) -> tuple[Filed, str]:
    git = work.vault.git()
    filed, by = plan_by(work, name), whoever_works(work, git)
    if git.stands([f"HEAD:./{filed.path}"]) != [filed.blob]:
        raise Conflict(
            _("{path} has uncommitted changes.").format(path=filed.path),
            hint=_("`git restore {path}` drops them; `crm purge plan` makes a new plan.").format(path=filed.path),
            where=Where(filed.path),
            kind="uncommitted",
        )
    role = policy_of(work)[0].approval.role
    why_not = team_of(work).refusal(email_of(by), requesters(work, filed), role)
    if why_not:
        hint = _("A plan needs the approval of another person, with the role {role}.").format(role=spoken(role))
        raise Refused(why_not, hint=hint, kind="approval")
    return filed, by


def _refuse_kept(work: Workplace, filed: Filed) -> None:
    """Nobody approves what they take for due and is not, or for another customer than it is."""
    wrong = [skipped(item, found) for item, found in weigh(work, filed.plan.items) if isinstance(found, Kept)]
    if wrong:
        said = n_(
            "{plan} lists {count} customer who may not be destroyed.",
            "{plan} lists {count} customers who may not be destroyed.",
            len(wrong),
        ).format(plan=filed.path, count=len(wrong))
        hint = _("`crm purge plan`, or the request made once more, makes a new plan.")
        raise Refused(said, hint=hint, where=Where(filed.path), kind="kept", findings=wrong)


def _said(work: Workplace, filed: Filed, note: str | None) -> Message:
    numbers = [item.number for item in filed.plan.items]
    if note and work.sealed:
        files = past.objects(work.vault, [item.file for item in filed.plan.items])
        note = seal_note(work, [data for data in files if data is not None], note)
    return message("purge approve", f"purge approve {filed.path}", numbers, Why(note=note), approval=filed.mark)
