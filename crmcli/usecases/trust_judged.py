"""One commit, judged by the trusted access files it answers to (`sealing/FORMAT.md`, section 7). Reads nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crmcli.model.keys import Keys
from crmcli.model.team import Access, Role
from crmcli.sealing.sshsig import signer_of
from crmcli.store.signatures import unsigned
from crmcli.text import _
from crmcli.usecases.trust_history import Blobs


@dataclass(frozen=True)
class State:
    """Trusted files, since the commit that brought them; `before`: the commits of all states it builds on, and its own."""

    commit: str
    files: Blobs
    access: Access
    keys: Keys
    before: frozenset[str]


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why something about a commit does not hold: in one word and in a sentence."""

    commit: str
    kind: str
    why: str


@dataclass(frozen=True)
class Since:
    """A state in force where a commit joined the history, `now`, and what it has in common with the commit's own, `then`:
    who is listed there and no longer here has lost something."""

    then: tuple[State, ...]
    now: State


@dataclass(frozen=True)
class Judged:
    """One commit judged by the trusted states of its parents (the root: by its own), and by those in force where it came in.

    signer    the Ed25519 public key whose signature holds
    person    who that is by all of these; None also for somebody who had left where the commit came in
    roles     what the person has in all of these
    accesses  all of these, the parents' first
    flaw      why the commit is not to be trusted; None when a listed device signed it
    """

    signer: bytes | None = None
    person: str | None = None
    roles: tuple[Role, ...] = ()
    accesses: tuple[Access, ...] = ()
    flaw: Flaw | None = None

    @property
    def why(self) -> str | None:
        """The flaw in words."""
        return self.flaw.why if self.flaw else None

    @property
    def access_before(self) -> Access | None:
        """Who the people were for the commit itself. What they may is said by `may`, and by `alone`."""
        return self.accesses[0] if self.accesses else None

    @property
    def email(self) -> str | None:
        """The person's address for the commit itself."""
        return self.accesses[0].people[self.person].email if self.person else None

    @property
    def alone(self) -> bool:
        """Whether the person was, and was to be known as, a team of one."""
        return self.person is not None and all(len(access.people) < 2 for access in self.accesses)

    def may(self, *roles: Role) -> bool:
        """Whether a person signed who has any of these roles."""
        return self.person is not None and not set(roles).isdisjoint(self.roles)


def judged_by(states: Sequence[State], commit: str, raw: bytes, since: Sequence[Since] = ()) -> Judged:
    """One commit, whose object these bytes are, judged by the trusted states before it and those where it came in."""
    accesses = tuple(one.access for one in (*states, *(one.now for one in since)))
    signer, flaw = signature(commit, raw)
    person = whose(states, signer) if signer else None
    if not states:
        flaw = flaw or Flaw(commit, "rootless", _("It is not built on the root of the vault's keys."))
    elif signer is None or person is None:
        flaw = flaw or Flaw(commit, "foreign", _("It is signed by a device that is not listed."))
    elif any(_left(one, signer) for one in since):
        said = _(
            "It is signed by {name}, on a device that was no longer listed when the commit came into this history."
        )
        person, flaw = None, Flaw(commit, "removed", said.format(name=person))
    roles = _roles(states, person, since) if person else ()
    return Judged(signer, person, roles, accesses, flaw)


def signature(commit: str, raw: bytes) -> tuple[bytes | None, Flaw | None]:
    """The key that signed a commit, or why none did."""
    armored, message = unsigned(raw)
    if armored is None:
        return None, Flaw(commit, "unsigned", _("It is not signed."))
    signer = signer_of(armored, message)
    return signer, None if signer else Flaw(commit, "altered", _("Its signature is not valid."))


def whose(states: Iterable[State], signer: bytes) -> str | None:
    """Whose device this is by every one of the access files."""
    names = {state.access.name_of(signer) for state in states}
    return names.pop() if len(names) == 1 else None


def _left(since: Since, signer: bytes) -> bool:
    now = since.now.access.name_of(signer)
    return any(name is not None and name != now for name in (one.access.name_of(signer) for one in since.then))


def _roles(states: Sequence[State], person: str, since: Iterable[Since]) -> tuple[Role, ...]:
    """What the person has in all the states, without what they lost until those where the commit came in."""
    held = [_held(one, person) for one in states]
    lost = {
        role for one in since for then in one.then for role in set(_held(then, person)) - set(_held(one.now, person))
    }
    return tuple(role for role in held[0] if all(role in one for one in held) and role not in lost)


def _held(state: State, person: str) -> Sequence[Role]:
    found = state.access.people.get(person)
    return found.roles if found else ()
