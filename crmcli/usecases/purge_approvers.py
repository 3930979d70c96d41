"""Whether anybody is there to approve a plan of destruction. Reads only."""

from collections.abc import Collection

from crmcli.errors import Finding, Where
from crmcli.model.team import PATH, email_of, spoken
from crmcli.text import _
from crmcli.usecases.purge_papers import approver_of, is_open, ledger, plans, policy_of, team_of
from crmcli.usecases.workplace import Workplace


def nobody_approves(work: Workplace, made_by: Collection[str]) -> Finding | None:
    """That nobody of the team may approve what these addresses asked for; None where somebody may."""
    access, role = team_of(work), policy_of(work)[0].approval.role
    if not access.people or any(access.refusal(one.email, made_by, role) is None for one in access.people.values()):
        return None
    said = _("Nobody in the team could approve the plan: it takes another person with the role {role}.")
    hint = _("`crm team role NAME --role {role}` gives it, in place of NAME's present roles: name those to keep, too.")
    if not work.sealed:
        hint = _("Give somebody this role in {path}.").format(path=PATH)
    return Finding(said.format(role=spoken(role)), Where(PATH), hint=hint.format(role=role), severity="warning")


def waiting_in_vain(work: Workplace) -> Finding | None:
    """The same of the plans that wait for approval."""
    waiting = [filed for filed in plans(work)[0] if is_open(work, filed)]
    known = ledger(work) if waiting else None
    for filed in waiting:
        if known and filed.mark not in known.carried_out and not approver_of(work, filed, known):
            found = nobody_approves(work, {email_of(filed.plan.requested_by)})
            if found:
                return found
    return None
