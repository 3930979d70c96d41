"""One item of a purge plan at the moment of its destruction: may it go, and the certificate that says it went. Reads only.

An item is judged by its file, its holds and the policy as they are now, whatever the plan says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crmcli.errors import CrmError, Finding, Where
from crmcli.model import plain
from crmcli.model.certificate import FORMAT, Certificate
from crmcli.model.dossier import Dossier
from crmcli.model.entries import StatusMove
from crmcli.model.identity import certificate_path
from crmcli.model.plan import PlanItem
from crmcli.model.retention import REQUEST, Retention
from crmcli.rules.retention import due, last_end, on_request
from crmcli.sealing.cipher import salt_digest
from crmcli.store import history as past
from crmcli.store.files import read_file
from crmcli.store.journal import blob_hash
from crmcli.store.transaction import Change
from crmcli.store.yamlread import parse
from crmcli.store.yamlwrite import render
from crmcli.text import _
from crmcli.usecases.certificates import is_destroyed
from crmcli.usecases.purge_holders import Holders, holders
from crmcli.usecases.purge_papers import Filed, policy_of
from crmcli.usecases.records import Record, record_of
from crmcli.usecases.workplace import Workplace


@dataclass(frozen=True, slots=True)
class Kept:
    """Why an item is skipped: a code for the commit, and words."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """An item that may go: how the customer left, if they did, whether there is a file to delete, and what it says."""

    left: StatusMove | None
    on_file: bool
    record: Record


@dataclass(frozen=True, slots=True)
class Papers:
    """What a certificate rests on: the plan, who approved it, who carries it out; what is out of reach, and whether the
    history holds values of the customer in clear."""

    filed: Filed
    approved_by: str
    destroyed_by: str
    copies: Sequence[str]
    clear: bool


def weigh(
    work: Workplace, items: Sequence[PlanItem], lying: Sequence[str] | None = None
) -> Iterator[tuple[PlanItem, Weighed | Kept]]:
    """Each item that was not destroyed yet, with whether it may be. `lying`: what `unsettled` names, where known."""
    policy, _hash = policy_of(work)
    heads = work.vault.git().stands([f"HEAD:./{item.path}" for item in items])
    held = holders(work, {item.uid: item.path for item in items}, lying)
    for item, head in zip(items, heads, strict=True):
        if not is_destroyed(work, item.number):
            yield item, weighed(work, item, head, policy, held)


def skipped(item: PlanItem, kept: Kept) -> Finding:
    """An item that may not go, as something to say."""
    said = _("{number} is kept: {reason}.").format(number=item.number, reason=kept.reason)
    return Finding(said, Where(item.path), hint=_("A new plan will decide again."))


def twice(path: str, uid: str, held: Holders) -> Kept | None:
    """That a customer's uid stands in another customer's file, too; None where it does not."""
    others = [other.rsplit("/", 1)[-1].removesuffix(".yaml") for other in held[uid] if other != path]
    return Kept("twice", _("{number} has the same uid").format(number=", ".join(others))) if others else None


def weighed(work: Workplace, item: PlanItem, head: str | None, policy: Retention, held: Holders) -> Weighed | Kept:
    """Whether the file may be destroyed now; else why not, the weightiest reason first. `head`: git's hash of it there;
    `held`: the `holders` of its uid."""
    data = read_file(work.root, item.path)
    on_file = data is not None
    if data is None and item.rule == REQUEST and head is None:
        (data,) = past.objects(work.vault, [item.file])  # the file of a customer whom only the history has
    if data is None:
        return Kept("vanished", _("it is no longer on file"))
    try:
        source = parse(data, item.path)
        record = record_of(work, item.path, data, source.tree, source.lines)
    except CrmError as error:
        return Kept("unreadable", error.message)
    dossier = record.dossier
    kept = _kept(work, item, dossier, policy) or twice(item.path, item.uid, held)
    if kept:
        return kept
    if blob_hash(data, work.vault.algorithm) != item.file:
        return Kept("changed", _("its file has changed since the plan"))
    if on_file and head != item.file:
        return Kept("uncommitted", _("its file has uncommitted changes"))
    if (dossier.id, dossier.uid) != (item.number, item.uid):
        return Kept("other", _("the plan means another customer"))
    return _other_rule(work, item, dossier, policy) or Weighed(last_end(dossier), on_file, record)


def _kept(work: Workplace, item: PlanItem, dossier: Dossier, policy: Retention) -> Kept | None:
    """What holds or terms keep."""
    if item.rule == REQUEST:
        decision = on_request(dossier, item.clause, work.today, work.house.spoken)
        # The first reason is the request.
        return Kept(decision.kept_by, _("; ").join(decision.reasons[1:])) if decision.kept_by else None
    decision = due(dossier, policy, work.today, work.house.spoken)
    if decision.kept_by or last_end(dossier) is None:
        return Kept(decision.kept_by or "no-end", _("; ").join(decision.reasons))
    return None


def _other_rule(work: Workplace, item: PlanItem, dossier: Dossier, policy: Retention) -> Kept | None:
    if item.rule == REQUEST:
        return None
    decision = due(dossier, policy, work.today)
    if (decision.rule, decision.clause) == (item.rule, item.clause):
        return None
    return Kept("rule", _("it is due under another rule now: {rule}").format(rule=decision.rule))


def certificate(work: Workplace, papers: Papers, item: PlanItem, found: Weighed) -> Change:
    """The certificate of a customer who goes."""
    made = Certificate(
        format=FORMAT,
        number=item.number,
        uid=item.uid,
        kind="customer-file",
        left_on=found.left.date if found.left else None,
        destroyed_at=work.now.replace(microsecond=0),
        method="key-destroyed" if work.sealed else "file-deleted",
        rule=item.rule,
        clause=item.clause,
        requested_by=papers.filed.plan.requested_by,
        approved_by=papers.approved_by,
        destroyed_by=papers.destroyed_by,
        plan=papers.filed.path,
        plan_file=papers.filed.blob,
        history="clear-text" if papers.clear else "unreadable" if work.sealed else "not reached",
        salts=_digests(work, item.uid),
        copies=list(papers.copies),
        readable="open-fields" if work.sealed else None,
        retired=[],
    )
    return Change(certificate_path(item.number), render(plain.write(made)))


def _digests(work: Workplace, uid: str) -> list[str]:
    return [salt_digest(salt) for salt in work.keyring.salts(uid).values()] if work.keyring else []
