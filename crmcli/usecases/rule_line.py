"""Which version of a house rule is in force at each commit of a history, and which commits changed it without right. Pure.

The founder's version is in force until a manager or admin brings another one, on the line where they do. Anybody may take
that over or put it back. An older one needs a manager or admin again, and so do sides that changed the rule apart.
"""

from collections.abc import Mapping

from crmcli.usecases.trust_graph import bits, forebears
from crmcli.usecases.trust_history import Step


class RuleLine:
    """One rule.

    steps  the whole history, parents first
    root   the commit that trust starts at
    may    commit → whether somebody entitled signed it; all that changed the rule since the root, and merges that did not
           take it from every parent
    blobs  commit → git's hash of the rule, None where there is none; of the root, of these commits and their parents
    """

    def __init__(
        self, steps: Mapping[str, Step], root: str, may: Mapping[str, bool], blobs: Mapping[str, str | None]
    ) -> None:
        self._steps, self._blobs = steps, blobs
        self._names = [root, *(name for name in steps if name in may and name != root)]
        self._has = forebears(steps, self._names)
        self._good = 1  # the places, as bits, of those whose version came into force: first the founder's
        self.wrong: list[str] = []  # the commits that brought a version without right, oldest first
        for place, name in enumerate(self._names[1:], 1):
            if self.holds(name, blobs[name]) or self._hands_on(name):
                continue
            if may[name]:
                self._good |= 1 << place
            else:
                self.wrong.append(name)

    def holds(self, commit: str, blob: str | None) -> bool:
        """Whether this is the version in force at a commit, and the only one."""
        covered, newest = 0, set()
        for place in sorted(bits(self._has.get(commit, 0) & self._good), reverse=True):
            if not covered >> place & 1:
                newest.add(self._blobs[self._names[place]])
                covered |= self._has[self._names[place]]
        return newest == {blob}

    def culprit(self, commit: str, blob: str | None) -> str | None:
        """The last commit before this one that brought a version without right: this version, if any did."""
        known = self._has.get(commit, 0)
        places = {name: place for place, name in enumerate(self._names)}
        before = [name for name in self.wrong if known >> places[name] & 1]
        return next(reversed([name for name in before if self._blobs[name] == blob] or before), None)

    def _hands_on(self, name: str) -> bool:
        """Whether it only takes over what somebody else brought without right, and that is new to it. Who merges has not
        looked at it, and so does not vouch for it."""
        parents = self._steps[name].parents
        known = [self._has[one] for one in parents if self._sound(one)]
        wrong = [one for one in parents if self._blobs[one] == self._blobs[name] and not self._sound(one)]
        return any(all(self._has[one] & ~had for had in known) for one in wrong)

    def _sound(self, commit: str) -> bool:
        return self.holds(commit, self._blobs[commit])
