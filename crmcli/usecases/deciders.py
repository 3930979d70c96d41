"""Who may decide on a house rule or on the team when two sides changed it apart, and how the decision gets to them."""

from collections.abc import Sequence

from crmcli.errors import Refused, Where
from crmcli.model.keys import PATH as KEYS
from crmcli.model.team import PATH as ACCESS
from crmcli.model.team import Access, Role, spoken
from crmcli.store.git import Git
from crmcli.store.history import contents
from crmcli.store.remote import remote_of
from crmcli.text import _
from crmcli.usecases.trust_history import read_as
from crmcli.usecases.workplace import Workplace

RULES = "schemas/"
BRANCH = "for-a-decision"


def refuse_unentitled(work: Workplace, git: Git, parents: Sequence[str], path: str, *, before_sync: bool) -> None:
    """House rules and the team are for those who may change them on both sides: nobody would trust others' decisions."""
    if work.keyring is None or not path.startswith(RULES):
        return
    wanted: tuple[Role, ...] = ("admin",) if path in (ACCESS, KEYS) else ("admin", "manager")
    for data in contents(git, [f"{parent}:{work.vault.prefix}{ACCESS}" for parent in parents]):
        access = read_as(data, ACCESS, Access)
        person = access.people.get(access.name_of(work.keyring.identity.signer) or "")
        if person is None or not set(wanted).intersection(person.roles):
            said = _("Only who is {roles} on both sides may decide on {path}.")
            said = said.format(roles=" / ".join(map(spoken, wanted)), path=path)
            hint = _hand_over(git) if before_sync else None
            raise Refused(said, hint=hint, where=Where(path), kind="not-entitled")


def _hand_over(git: Git) -> str:
    hint = _(
        "`git push {remote} HEAD:refs/heads/{branch}` hands your commits to who may: there `crm sync`, "
        "`git pull --no-rebase {remote} {branch}`, `crm resolve` and `crm sync`."
    )
    return hint.format(remote=remote_of(git, None).name, branch=BRANCH)
