"""Unsigned merges: which of them are what git makes of two sides by itself, so that nobody has decided anything. Reads only.

A file that one side changed is as that side has it, one that both changed alike as both have it, and a customer's that they
changed apart as crm's merge driver unites it (`merge_proof`). A merge in which any file of the vault is otherwise was made
by somebody, and so was one of a side that the other has already.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crmcli.store.touches import Entry, differing, trees
from crmcli.store.vault import Vault
from crmcli.usecases import merge_proof as proof
from crmcli.usecases.merge_proof import Sides, Torn, united_by_crm
from crmcli.usecases.trust_graph import Bases
from crmcli.usecases.trust_history import Step

DEEP = 8  # bases of bases of bases …: nobody's work looks like that
Version = Entry | None  # None: as the merge has it
TORN: Entry = "", ""  # what both sides changed apart
PLAIN, NOT_THERE = "100644", "000000"


@dataclass(frozen=True)
class Base:
    """Where the sides of a merge begin: a commit; where there are several, each is merged into those before it."""

    commit: str
    onto: tuple["Base", "Base"] | None = None  # those before it, and where the two begin

    def commits(self) -> list[str]:
        """All commits that it takes to know its files."""
        return [self.commit, *(name for one in self.onto or () for name in one.commits())]


@dataclass(frozen=True)
class Merge:
    """A merge of two sides. files: commit → the files in which it differs from the merge, as it has them; now: the same
    files as the merge has them."""

    sides: tuple[str, str]
    base: Base
    files: Mapping[str, Mapping[str, Entry]]
    now: Mapping[str, Entry]

    def torn(self) -> list[Torn] | None:
        """The files that both sides changed apart; None where any other is not as it comes from both sides."""
        paths = {path: None for side in self.sides for path in self.files[side]}
        odd = [path for path in paths if self._merged(path) is not None]
        found = [torn for path in odd if (torn := self._torn(path))]
        return found if len(found) == len(odd) else None

    def _torn(self, path: str) -> Torn | None:
        """The versions of a file that was torn; None for another, and where not all of them are plain files."""
        if self._merged(path) != TORN:
            return None
        one, other = (self.files[side].get(path) for side in self.sides)
        try:
            sides = Sides(self._version(self.base, path), self._blob(one, path), self._blob(other, path))
            merged = self._blob(self.now[path], path)
        except ValueError:
            return None
        return Torn(path, sides, merged) if merged else None

    def _version(self, base: Base, path: str) -> proof.Version:
        """A file where the sides begin."""
        found = self._at(base, path)
        if found != TORN or base.onto is None:
            return self._blob(found, path)
        below = [self._version(one, path) for one in base.onto]
        return Sides(below[1], self._blob(self.files[base.commit].get(path), path), below[0])

    def _blob(self, found: Version, path: str) -> str | None:
        """git's hash of a version, None where there is no file. ValueError for anything but a plain one."""
        mode, blob = found or self.now[path]
        if mode not in (PLAIN, NOT_THERE):
            raise ValueError(mode)
        return blob if mode == PLAIN else None

    def _merged(self, path: str) -> Version:
        one, other = (self.files[side].get(path) for side in self.sides)
        return _united(one, other, self._at(self.base, path))

    def _at(self, base: Base, path: str) -> Version:
        found = self.files[base.commit].get(path)
        return _united(found, *(self._at(one, path) for one in base.onto)) if base.onto else found


def plain_merges(vault: Vault, steps: Mapping[str, Step], names: Iterable[str]) -> set[str]:
    """Those of these commits that are plain merges of two sides. Three git processes for all, and those of the proof."""
    graph = Bases(steps)
    merges = {name: base for name in names if (base := _base_of_merge(graph, steps[name].parents))}
    around = {name: [*steps[name].parents, *base.commits()] for name, base in merges.items()}
    known = trees(vault, list(dict.fromkeys(one for name in around for one in (name, *around[name]))))
    folders = {name: folder for name, (_whole, folder) in known.items() if folder}
    there = [name for name in merges if folders.keys() >= {name, *around[name]}]
    told = differing(vault, ((folders[one], folders[name]) for name in there for one in around[name]))

    def merge(name: str) -> Merge:
        one, other = steps[name].parents
        both = {side: told[folders[side], folders[name]] for side in around[name]}
        files = {side: {path: was for path, (was, _now) in found.items()} for side, found in both.items()}
        now = {path: now for found in both.values() for path, (_was, now) in found.items()}
        return Merge((one, other), merges[name], files, now)

    torn = {name: found for name in there if (found := merge(name).torn()) is not None}
    proven = united_by_crm(vault, (one for found in torn.values() for one in found)) if any(torn.values()) else set()
    return {name for name, found in torn.items() if proven.issuperset(found)}


def _base_of_merge(graph: Bases, parents: Sequence[str]) -> Base | None:
    """Where the sides begin; None where there are not two, or one has the other."""
    if len(parents) != 2:
        return None
    base = _base(graph, parents[0], parents[1:])
    return None if base is None or set(base.commits()).intersection(parents) else base


def _base(graph: Bases, one: str, others: Sequence[str], depth: int = 0) -> Base | None:
    found: Base | None = None
    names = graph.of(one, others) if depth < DEEP else []
    for place, name in enumerate(names):
        below = _base(graph, name, names[:place], depth + 1) if found else None
        if found and not below:
            return None
        found = Base(name, (found, below) if found and below else None)
    return found


def _united(one: Version, other: Version, base: Version) -> Version:
    """A file as it comes from both sides."""
    if one == other:
        return one
    if base in (one, other):
        return other if one == base else one
    return TORN
