"""Which access file counts at every commit, from the root on (`sealing/FORMAT.md`, section 7). Reads git, writes nothing.

A *state* is an access file with its key file. One that an entitled admin signed is trusted from its commit on, in every
later commit that has exactly these two files, whoever made it. A commit with other files is a *flaw*, and so is
everything after it until the trusted files stand there again. Histories that changed the files apart from each other
have several states when they meet: they are torn until an admin of all of them signs the merge.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from crmcli.errors import CrmError
from crmcli.model import keys, team
from crmcli.model.keys import Keys
from crmcli.model.team import Access
from crmcli.store.vault import Vault
from crmcli.text import _
from crmcli.usecases.trust_graph import heirs
from crmcli.usecases.trust_history import Blobs, Step, descendants, raws_of, read_as, texts_of
from crmcli.usecases.trust_judged import Flaw, Judged, Since, State, judged_by, signature, whose


@dataclass
class Chain:
    """The judged history of one branch.

    steps  every commit, parents first
    tops   commit → the trusted states that none of its other ones builds on; only commits that have the root
    flaws  the commits that brought files nobody is to trust
    """

    root: str
    steps: Mapping[str, Step]
    tops: dict[str, tuple[State, ...]] = field(default_factory=dict)
    flaws: dict[str, Flaw] = field(default_factory=dict)
    _since: dict[tuple[int, tuple[str, ...]], tuple[Since, ...]] = field(default_factory=dict, repr=False)

    def sound(self, commit: str) -> bool:
        """Whether the files of this commit are trusted."""
        tops = self.tops.get(commit, ())
        return len(tops) == 1 and tops[0].files == self.steps[commit].files

    def flaw_of(self, commit: str) -> Flaw:
        """What an unsound commit suffers from: the flaw that its files came with."""
        while commit not in self.flaws:
            files = self.steps[commit].files
            commit = next(one for one in self.unsound_parents(commit) if self.steps[one].files == files)
        return self.flaws[commit]

    def unsound_parents(self, commit: str) -> list[str]:
        """Its parents that have the root, and files nobody is to trust."""
        return [one for one in self.steps[commit].parents if one in self.tops and not self.sound(one)]

    def before(self, commit: str) -> tuple[State, ...]:
        """The trusted states by which a commit is judged: those of all its parents together, the root's by itself."""
        return self.tops.get(commit, ()) if commit == self.root else self.joined(self.steps[commit].parents)

    def since(self, commit: str) -> tuple[Since, ...]:
        """The newest states of the history that do not have the commit and that its own do not build on: what was in
        force where it came in. A branch from an old commit can't hide there from what was decided meanwhile."""
        own = self.before(commit)
        key = self._heirs[commit], tuple(one.commit for one in own)
        if key not in self._since:
            self._since[key] = tuple(self._later(own, key[0])) if own else ()
        return self._since[key]

    def _later(self, own: Sequence[State], having: int) -> Iterator[Since]:
        known = frozenset[str]().union(*(one.before for one in own))
        states = self.states.values()
        later = [one for n, one in enumerate(states) if not having >> n & 1 and one.commit not in known]
        for now in newest(later):
            for one in own:
                common = [self.states[name] for name in one.before & now.before if name in self.states]
                yield Since(newest(common), now)

    @cached_property
    def states(self) -> dict[str, State]:
        """Every state that was ever accepted, by the commit that brought it, parents first."""
        return {name: one for name, tops in self.tops.items() for one in tops if one.commit == name}

    @cached_property
    def _heirs(self) -> dict[str, int]:
        return heirs(self.steps, list(self.states))

    def joined(self, parents: Iterable[str]) -> tuple[State, ...]:
        """The trusted states of several commits, without those that another one builds on."""
        found: dict[Blobs, State] = {}
        for state in (state for parent in parents for state in self.tops.get(parent, ())):
            same = found.get(state.files, state)
            found[state.files] = replace(same, before=same.before | state.before)
        return newest(found.values())

    def judged(self, commit: str, raw: bytes) -> Judged:
        """One commit of this history, whose object these bytes are."""
        return judged_by(self.before(commit), commit, raw, self.since(commit))


def newest(states: Iterable[State]) -> tuple[State, ...]:
    """Those that none of the others builds on."""
    all_ = tuple(states)
    return tuple(one for one in all_ if not any(one.commit in other.before for other in all_ if other != one))


def chain_of(vault: Vault, root: str, steps: Mapping[str, Step]) -> Chain:
    """Judge the history from `root` on, which is one of the commits in `steps`."""
    chain = Chain(root, steps)
    under = descendants(root, steps)
    told = [name for name in under if name == root or _differs(steps, name, under)]
    raws, texts = raws_of(vault, told), texts_of(vault, told)
    for name in under:
        step = steps[name]
        tops = chain.joined(step.parents)
        chain.tops[name] = tops
        if name == root:
            _accept_root(chain, step, raws[name], texts[name])
        elif not (len(tops) == 1 and tops[0].files == step.files) and not _inherited(chain, step):
            _accept(chain, step, raws[name], texts[name])
    return chain


def _differs(steps: Mapping[str, Step], name: str, under: Mapping[str, Step]) -> bool:
    step = steps[name]
    return any(steps[parent].files != step.files for parent in step.parents if parent in under)


def _inherited(chain: Chain, step: Step) -> bool:
    """Whether the files are those that an unsound parent brought: its flaw, not this commit's."""
    return any(chain.steps[parent].files == step.files for parent in chain.unsound_parents(step.hash))


def _accept_root(chain: Chain, step: Step, raw: bytes, texts: Sequence[bytes | None]) -> None:
    """The root vouches for itself: an admin of its own access file signed it."""
    state = _state(step, texts, ())
    signer, flaw = signature(step.hash, raw)
    if isinstance(state, Flaw):
        chain.flaws[step.hash] = state
    elif flaw or not (signer and _is_admin((state,), signer)):
        chain.flaws[step.hash] = flaw or Flaw(step.hash, "not-admin", _("No admin that it lists signed it."))
    else:
        chain.tops[step.hash] = (state,)


def _accept(chain: Chain, step: Step, raw: bytes, texts: Sequence[bytes | None]) -> None:
    """Take in the files that a commit brings, or note why not."""
    tops = chain.tops[step.hash]
    flaw = _replayed(chain, step, tops) or _not_entitled(chain, step, raw, tops)
    state = flaw or _state(step, texts, tops)
    highest = max((top.access.serial for top in tops), default=0)
    if isinstance(state, State) and state.access.serial <= highest:
        said = _("Its serial {serial} is not higher than {highest}.")
        state = Flaw(step.hash, "serial", said.format(serial=state.access.serial, highest=highest))
    if isinstance(state, State):
        chain.tops[step.hash] = (state,)
    else:
        chain.flaws[step.hash] = state


def _state(step: Step, texts: Sequence[bytes | None], tops: Sequence[State]) -> State | Flaw:
    try:
        access, wrapped = read_as(texts[0], team.PATH, Access), read_as(texts[1], keys.PATH, Keys)
    except CrmError as error:
        return Flaw(step.hash, "unreadable", _("It cannot be read: {reason}").format(reason=error.message))
    before = frozenset({step.hash}).union(*(top.before for top in tops))
    if not access.sealed:
        return Flaw(step.hash, "unreadable", _("It names no keys."))
    return State(step.hash, step.files, access, wrapped, before)


def _replayed(chain: Chain, step: Step, tops: Sequence[State]) -> Flaw | None:
    """Files that an admin signed once, but that newer ones have taken the place of."""
    older = frozenset[str]().union(*(top.before for top in tops)) - {top.commit for top in tops}
    if any(chain.steps[one].files == step.files for one in older):
        return Flaw(step.hash, "rollback", _("It puts an older file back."))
    return None


def _not_entitled(chain: Chain, step: Step, raw: bytes, tops: Sequence[State]) -> Flaw | None:
    """Why this commit may not bring other files than the trusted ones."""
    signer, flaw = signature(step.hash, raw)
    admin = signer is not None and _is_admin(tops, signer)
    if len(tops) > 1 and not admin:
        said = _("It merges two changes of the team; somebody who is an admin in both must sign it.")
        return Flaw(step.hash, "torn", said)
    if flaw or signer is None:
        return flaw
    if not admin:
        return _no_admin(step, tops, signer)
    known = {top.files for top in tops}
    if any(chain.steps[one].files not in known for one in chain.unsound_parents(step.hash)):
        # Who signs it may not have seen what somebody else slipped in before.
        return Flaw(step.hash, "parent", _("The file that it changes is not trusted."))
    return None


def _no_admin(step: Step, tops: Sequence[State], signer: bytes) -> Flaw:
    name = whose(tops, signer)
    if name is None:
        return Flaw(step.hash, "foreign", _("It is signed by a device that is not listed."))
    return Flaw(step.hash, "not-admin", _("{name} signed it and is not an admin.").format(name=name))


def _is_admin(states: Sequence[State], signer: bytes) -> bool:
    name = whose(states, signer)
    return name is not None and all(state.access.may(name, "admin") for state in states)
