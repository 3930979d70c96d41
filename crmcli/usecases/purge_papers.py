"""What a destruction rests on: the policy, the plans, their approvals and runs. Reads only.

An approval is bound to the hash of the plan's file, and judged by the team and the policy of the commit it stands in.
A plan is carried out once a run of it stands in the history, whether it destroyed or skipped.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import ValidationError

from crmcli.errors import Conflict, CrmError, Finding, Invalid, NotFound, Refused, Where, invalid
from crmcli.model import retention, team
from crmcli.model.base import Part
from crmcli.model.findings import findings
from crmcli.model.plan import FOLDER, Plan, plan_named, plan_path
from crmcli.model.retention import Retention
from crmcli.model.team import Access, email_of
from crmcli.store import history as past
from crmcli.store.files import read_file
from crmcli.store.history import Commit
from crmcli.store.journal import blob_hash
from crmcli.store.records import kept_files
from crmcli.store.yamlread import Source, parse, parse_many
from crmcli.text import _, n_
from crmcli.usecases.certificates import is_destroyed
from crmcli.usecases.house_rules import read_rules
from crmcli.usecases.records import findings_of
from crmcli.usecases.workplace import Workplace

Read = TypeVar("Read", bound=Part)
APPROVAL, RUN = "Crm-Approval", "Crm-Plan"
EXAMPLE = f"{FOLDER}/2026-11-22.yaml"


@dataclass(frozen=True)
class Filed:
    """A plan as it stands in the vault: its path, git's hash of its bytes, what it says."""

    path: str
    blob: str
    plan: Plan

    @property
    def mark(self) -> str:
        """How approvals and runs name exactly this plan."""
        return f"{self.path} {self.blob}"


@dataclass(frozen=True)
class Ledger:
    """What the history says of plans, by their marks: the approvals, oldest first, and the plans carried out."""

    approvals: Mapping[str, tuple[Commit, ...]] = field(default_factory=dict)
    carried_out: frozenset[str] = frozenset()


def refuse_unsound(work: Workplace) -> None:
    """Destruction goes by the real day and by committed rules: Refused under a turned clock outside of a vault to
    practise in, Conflict (kind "uncommitted") where policy, team or settings are not as in HEAD."""
    if work.turned and not work.house.settings.rehearsal:
        raise Refused(
            _("Destruction goes by the real clock; CRM_NOW is set."),
            hint=_("Unset CRM_NOW, or practise in a vault with `rehearsal: true`."),
            kind="clock",
        )
    loose = work.vault.changed_by_hand(("schemas/vault.yaml", retention.PATH, team.PATH))
    if loose:
        policy_of(work), team_of(work)  # what does not hold is said first, with file and line
        raise Conflict(
            n_(
                "{paths} has uncommitted changes.", "{count} files have uncommitted changes: {paths}.", len(loose)
            ).format(paths=", ".join(loose), count=len(loose)),
            hint=_("`crm commit` takes them in; `git restore --staged --worktree PATH` drops them."),
            where=Where(loose[0]),
            kind="uncommitted",
        )


def policy_of(work: Workplace) -> tuple[Retention, str]:
    """The retention policy and git's hash of its file; Invalid with file and line where it doesn't hold."""
    policy, _lines = read_rules(work.vault, retention.PATH, Retention)
    return policy, file_hash(work, retention.PATH) or ""


def team_of(work: Workplace) -> Access:
    """The people of the team; Invalid with file and line where the file doesn't hold."""
    return read_rules(work.vault, team.PATH, Access)[0]


def file_hash(work: Workplace, path: str) -> str | None:
    """git's hash of a file of the work tree; None where there is none."""
    data = read_file(work.root, path)
    return None if data is None else blob_hash(data, work.vault.algorithm)


def plans(work: Workplace) -> tuple[tuple[Filed, ...], tuple[Finding, ...]]:
    """Every plan, oldest first, and what is wrong with those that do not hold."""
    good: list[Filed] = []
    wrong: list[Finding] = []
    for path in sorted(kept_files(work.root, FOLDER), key=lambda path: (plan_named(path) is None, plan_named(path))):
        try:
            good.append(_filed(work, path))
        except CrmError as error:
            wrong += findings_of(error)
    return tuple(good), tuple(wrong)


def plan_by(work: Workplace, name: str) -> Filed:
    """The plan a person names: its path, its file name, or its day; NotFound for none, Invalid for a broken one."""
    named = plan_named(name)
    if named is None:
        raise Invalid(_("{name} is not the name of a plan.").format(name=name), hint=f"2026-11-22, {EXAMPLE}")
    if not os.path.lexists(work.root / plan_path(*named)):
        known = [path.removeprefix(f"{FOLDER}/").removesuffix(".yaml") for path in kept_files(work.root, FOLDER)]
        hint = (
            _("There are: {names}").format(names=", ".join(known[-5:])) if known else _("`crm purge plan` makes one.")
        )
        raise NotFound(_("There is no plan {name}.").format(name=name), hint=hint)
    return _filed(work, plan_path(*named))


def is_open(work: Workplace, filed: Filed) -> bool:
    """Whether any customer of the plan has not been destroyed yet."""
    return not all(is_destroyed(work, item.number) for item in filed.plan.items)


def ledger(work: Workplace) -> Ledger:
    """Approvals and runs from the whole history of the branch."""
    words = (f"--grep={name}: {FOLDER}/" for name in (APPROVAL, RUN))
    approvals: dict[str, tuple[Commit, ...]] = {}
    carried_out = set()
    for commit in past.log(work.vault, "-F", *words, paths=()):
        approved, ran = commit.trailer(APPROVAL), commit.trailer(RUN)
        if approved:
            approvals[approved] = (commit, *approvals.get(approved, ()))
        if ran:
            carried_out.add(ran)
    return Ledger(approvals, frozenset(carried_out))


def approver_of(work: Workplace, filed: Filed, known: Ledger) -> str | None:
    """Who approved exactly this plan, as `Name <address>`; None where nobody who may did."""
    for commit in known.approvals.get(filed.mark, ()):
        if _why_not(work, filed, commit) is None:
            return f"{commit.author} <{commit.email}>"
    return None


def not_approved(work: Workplace, filed: Filed, known: Ledger) -> Refused:
    """That the plan is not approved, and why what looks like an approval is none."""
    said = _("{plan} is not approved.").format(plan=filed.path)
    given = known.approvals.get(filed.mark, ())
    if given:
        said += " " + (_why_not(work, filed, given[-1]) or "")
    elif any(mark.startswith(f"{filed.path} ") for mark in known.approvals):
        said = _("{plan} was changed after its approval.").format(plan=filed.path)
    name = filed.path.removeprefix(f"{FOLDER}/").removesuffix(".yaml")
    hint = _("`crm purge approve {name}` approves it.").format(name=name)
    return Refused(said.strip(), hint=hint, where=Where(filed.path), kind="not-approved")


def requesters(work: Workplace, filed: Filed) -> set[str]:
    """The addresses of all who made the plan what it is: whom it names, and whoever committed it."""
    return {email_of(filed.plan.requested_by), *(commit.email for commit in past.log(work.vault, paths=(filed.path,)))}


def _filed(work: Workplace, path: str) -> Filed:
    named = plan_named(path)
    if named is None or plan_path(*named) != path:
        raise Invalid(_("This is not the path of a plan."), where=Where(path), hint=EXAMPLE)
    data = read_file(work.root, path) or b""
    return Filed(path, blob_hash(data, work.vault.algorithm), _checked(parse_many(data, path)[0], path, Plan))


def _why_not(work: Workplace, filed: Filed, commit: Commit) -> str | None:
    """Why an approval does not count; None when it does. The team and the policy are those of its commit."""
    found = past.blobs(work.vault, [(commit.hash, team.PATH), (commit.hash, retention.PATH)])
    try:
        access = _checked(parse(found[0] or b"", team.PATH), team.PATH, Access)
        policy = _checked(parse(found[1] or b"", retention.PATH), retention.PATH, Retention)
    except CrmError as error:
        return error.message
    return access.refusal(commit.email, requesters(work, filed), policy.approval.role)


def _checked(source: Source, path: str, model: type[Read]) -> Read:
    try:
        return model.model_validate(source.tree)
    except ValidationError as error:
        raise invalid(findings(error, model, path, source.lines)) from None
