"""What a destruction rests on: the policy, the plans, their approvals and runs. Reads only.

An approval is bound to the hash of the plan's file, and judged by the team and the policy of the commit it stands in;
in a sealed vault plan and policy count only if those who made them signed them, and might. A plan is carried out once a
run of it stands in the history, whether it destroyed or skipped.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import ValidationError

from crmcli.errors import Conflict, CrmError, Damaged, Finding, Invalid, NotFound, Refused, Where, dotted, invalid
from crmcli.model import retention, team
from crmcli.model.base import Part
from crmcli.model.derive import catalog
from crmcli.model.findings import findings, line_of
from crmcli.model.plan import FOLDER, Plan, plan_named, plan_path
from crmcli.model.retention import Retention
from crmcli.model.spelling import quoted
from crmcli.model.team import Access, email_of, raised_wrong
from crmcli.store import history as past
from crmcli.store.files import read_file
from crmcli.store.git import Git
from crmcli.store.history import Commit
from crmcli.store.journal import blob_hash
from crmcli.store.records import kept_files
from crmcli.store.yamlread import Source, parse, parse_many
from crmcli.text import _, n_
from crmcli.usecases.certificates import is_destroyed
from crmcli.usecases.house_rules import read_rules
from crmcli.usecases.purge_makers import Actor, author_in, author_of, makers, signers
from crmcli.usecases.purge_past import APPROVAL, RUN, looked_back
from crmcli.usecases.records import findings_of
from crmcli.usecases.rule_trust import unentitled
from crmcli.usecases.workplace import Workplace

Read = TypeVar("Read", bound=Part)
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
    practise in, Conflict (kind "uncommitted") where policy, team or settings are not as in HEAD, Damaged (kind "rules")
    where the policy of a sealed vault was changed by somebody not entitled."""
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
    why = _usurped(work)
    if why:
        raise Damaged(why, where=Where(retention.PATH), hint=_("`crm audit` tells more."), kind="rules")


def _usurped(work: Workplace, commit: str = "HEAD") -> str | None:
    """Why the policy as of a commit does not count; None when it does, and in an open vault."""
    return unentitled(work.vault, work.keyring.trusted, retention.PATH, commit) if work.keyring else None


def policy_of(work: Workplace) -> tuple[Retention, str]:
    """The retention policy and git's hash of its file; Invalid with file and line where it doesn't hold."""
    policy, _lines = read_rules(work.vault, retention.PATH, Retention)
    return policy, file_hash(work, retention.PATH) or ""


def team_of(work: Workplace) -> Access:
    """The people of the team; Invalid with file and line where the file doesn't hold."""
    access, lines = read_rules(work.vault, team.PATH, Access)
    fields = {found.name: found for found in catalog(work.house.custom)}
    wrong = [
        Finding(one.message, Where(team.PATH, line_of(one.place, lines), dotted(one.place)), one.expected, one.hint)
        for one in raised_wrong(access, fields)
    ]
    if wrong:
        raise invalid(wrong)
    return access


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
        raise Invalid(_("{name} is not the name of a plan.").format(name=quoted(name)), hint=_known(work))
    if not os.path.lexists(work.root / plan_path(*named)):
        raise NotFound(_("There is no plan {name}.").format(name=quoted(name)), hint=_known(work))
    return _filed(work, plan_path(*named))


def _known(work: Workplace) -> str:
    """The newest plans there are, by name; what makes one where there is none."""
    days = sorted((day, path) for path in kept_files(work.root, FOLDER) if (day := plan_named(path)))
    names = [path.removeprefix(f"{FOLDER}/").removesuffix(".yaml") for _day, path in days[-5:]]
    return _("There are: {names}").format(names=", ".join(names)) if names else _("`crm purge plan` makes one.")


def is_open(work: Workplace, filed: Filed) -> bool:
    """Whether any customer of the plan has not been destroyed yet."""
    return not all(is_destroyed(work, item.number) for item in filed.plan.items)


def ledger(work: Workplace) -> Ledger:
    """Approvals and runs from the whole history of the branch."""
    approvals: dict[str, tuple[Commit, ...]] = {}
    carried_out = set()
    for commit in looked_back(work):
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
            found = actors(work, [commit])[0]
            return found.who if found else None
    return None


def actors(work: Workplace, commits: Sequence[Commit]) -> list[Actor | None]:
    """Who made each commit: in an open vault as git and the commit's own team say, in a sealed one by the signature,
    judged by the trusted teams; None for somebody not of the team. Invalid where a team does not hold."""
    if work.keyring is None:
        files = past.blobs(work.vault, [(commit.hash, team.PATH) for commit in commits])
        teams = [checked(parse(data or b"", team.PATH), team.PATH, Access) for data in files]
        return [author_in(access, one) for one, access in zip(commits, teams, strict=True)]
    return signers(work, work.keyring, [commit.hash for commit in commits])


def whoever_works(work: Workplace, git: Git) -> str:
    """Who works, as `Name <address>`: git's identity, in a sealed vault the name in the team; Refused outside of it."""
    if work.keyring is None:
        return git.ident()
    name = work.keyring.me
    if name is None:
        raise Refused(
            _("You are not in the team."), hint=_("`crm join` shows the line that an admin needs."), kind="not-in-team"
        )
    return f"{name} <{work.keyring.access.people[name].email}>"


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


def requesters(work: Workplace, filed: Filed, tip: str = "HEAD") -> set[str]:
    """The addresses of all who made the plan what it is at a commit: whom it names, and whoever committed it.

    Refused, kind "plan", in a sealed vault where not all of these are people of the team who signed.
    """
    if work.keyring is None:
        authors = {author_of(commit) for commit in past.log(work.vault, paths=(filed.path,))}
        return {email_of(who) for who in (filed.plan.requested_by, *authors)}
    found = signers(work, work.keyring, makers(work, filed.path, tip))
    names = {by.who for by in found if by}
    if None in found or filed.plan.requested_by not in names:
        raise Refused(
            _("{plan} is not signed by those who made it.").format(plan=filed.path),
            hint=_("`crm purge plan`, or the request made once more, makes a new plan."),
            where=Where(filed.path),
            kind="plan",
        )
    return {email_of(who) for who in names}


def is_proven(work: Workplace, filed: Filed) -> bool:
    """Whether those who made a plan signed it, so that it may be approved."""
    try:
        return bool(requesters(work, filed))
    except CrmError:
        return False


def _filed(work: Workplace, path: str) -> Filed:
    named = plan_named(path)
    if named is None or plan_path(*named) != path:
        raise Invalid(_("This is not the path of a plan."), where=Where(path), hint=EXAMPLE)
    data = read_file(work.root, path) or b""
    return Filed(path, blob_hash(data, work.vault.algorithm), checked(parse_many(data, path)[0], path, Plan))


def _why_not(work: Workplace, filed: Filed, commit: Commit) -> str | None:
    """Why an approval does not count; None when it does. The team and the policy are those of its commit."""
    try:
        (by,) = actors(work, [commit])
        (data,) = past.blobs(work.vault, [(commit.hash, retention.PATH)])
        policy = checked(parse(data or b"", retention.PATH), retention.PATH, Retention)
        if by is None:
            return _("The approval is not signed by anybody in the team.")
        made_by = requesters(work, filed, commit.hash)
        return _usurped(work, commit.hash) or by.refusal(made_by, policy.approval.role)
    except CrmError as error:
        return error.message


def checked(source: Source, path: str, model: type[Read]) -> Read:
    """What a file says, as its model; Invalid with file and line where it does not hold."""
    try:
        return model.model_validate(source.tree)
    except ValidationError as error:
        raise invalid(findings(error, model, path, source.lines)) from None
