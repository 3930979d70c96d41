"""Who made commits and the files of a destruction: told by git in an open vault, by signatures in a sealed one. Reads
only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from crmcli.model.team import PATH, Access, Role, email_of, unfit
from crmcli.store.history import Commit
from crmcli.store.touches import touches
from crmcli.store.walks import walked
from crmcli.text import _
from crmcli.usecases.keyring import Keyring
from crmcli.usecases.trust import as_written, judge
from crmcli.usecases.trust_history import parents_of, raws_of
from crmcli.usecases.workplace import Workplace


@dataclass(frozen=True)
class Actor:
    """Who made a commit, as `Name <address>`; what they are by every team it is judged by; None for roles: not listed.
    alone: whether they are a team of one by all of these."""

    who: str
    roles: tuple[Role, ...] | None
    alone: bool

    def refusal(self, requesters: Collection[str], role: Role) -> str | None:
        """Why they may not approve what these addresses asked for; None when they may. A team of one approves its own."""
        email = email_of(self.who)
        if self.alone:
            return None
        if self.roles is None:
            return _("{email} is not listed in {path}.").format(email=email, path=PATH)
        return unfit(email, self.roles, requesters, role)


def signers(work: Workplace, keyring: Keyring, commits: Sequence[str]) -> list[Actor | None]:
    """Who signed each commit, judged as `judge` does; None for somebody not of the team."""
    judged = judge(work.vault, keyring.trusted, commits)
    return [Actor(f"{one.person} <{one.email}>", one.roles, one.alone) if one.person else None for one in judged]


def author_in(access: Access, commit: Commit) -> Actor:
    """Whom git names, in this team."""
    found = access.person(commit.email)
    return Actor(author_of(commit), tuple(found.roles) if found else None, len(access.people) < 2)


def author_of(commit: Commit) -> str:
    """Whom git names, as `Name <address>`."""
    return f"{commit.author} <{commit.email}>"


def makers(work: Workplace, path: str, tip: str) -> list[str]:
    """The commits up to `tip` that made a file what it is; a merge passes on what one of its parents has."""
    vault = as_written(work.vault)
    hash_ = vault.git().stands([tip])[0]
    names = walked(vault, hash_, paths=[vault.prefix + path]) if hash_ else []
    touched = touches(vault, names, (path,)) if names else {}
    raws = raws_of(vault, list(touched))
    counts = {name: one[path].added + one[path].changed + one[path].gone for name, one in touched.items()}
    return [name for name, count in counts.items() if count >= max(len(parents_of(raws[name])), 1)]
