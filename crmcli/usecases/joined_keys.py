"""Two sides of a merge that trust different keys: whose keys open what, and what is sealed anew with those that stay.

Two admins who change the team apart from each other may both have made a new generation of one master. Of the two teams
one stays, and with it its masters: whatever was sealed with the other's is sealed with these, as long as somebody is at
work who holds both. Nothing that only one side wrote is lost with its keys.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crmcli.errors import Where
from crmcli.model.identity import number_at
from crmcli.model.keys import PATH as KEYS
from crmcli.model.merge_choice import Side
from crmcli.model.sealed import Sealed, Token, token_of
from crmcli.model.team import PATH as ACCESS
from crmcli.sealing.leaves import ANY, Leaf, leaves
from crmcli.sealing.refusals import above, no_salt
from crmcli.sealing.vault_sealer import VaultSealer
from crmcli.store.git import Git
from crmcli.store.history import contents
from crmcli.store.merging import otherwise
from crmcli.store.records import FOLDER
from crmcli.store.yamlread import parse
from crmcli.store.yamlwrite import render
from crmcli.usecases.keyring import Keyring
from crmcli.usecases.trust import trusted_at
from crmcli.usecases.workplace import Workplace

Tree = dict[str, Any]


@dataclass(frozen=True)
class BothKeys:
    """The keys of whoever works here, as each side trusts them.

    work    the workplace with the keys that stay: of the side whose team is taken
    goes    the other side's
    commit  the side whose team is taken
    """

    work: Workplace
    stays: Keyring
    goes: Keyring
    commit: str

    @property
    def torn(self) -> bool:
        """Whether a key goes with the other side's team."""
        masters = self.goes.access.masters.items()
        return any(self._goes(level, one) for level, generations in masters for one in generations)

    def _goes(self, level: Any, generation: int) -> bool:
        kept, gone = (one.access.masters.get(level, {}).get(generation) for one in (self.stays, self.goes))
        return gone is not None and kept != gone

    def taken_over(self, tree: Mapping[str, Any], path: str) -> Tree:
        """The file with nothing in it that only a key opens which goes. Refused, kind "no-salt" or "level", where whoever
        works can't open all of that; what is of a destroyed customer nobody can."""
        if not self.torn:
            return dict(tree)
        opened = VaultSealer(self.stays, ANY).open(tree, path)
        if opened.damaged:
            opened = VaultSealer(self.goes, ANY).open(opened.tree, path)
        closed = [(leaf, one) for leaf, one in _closed(opened.tree) if self._goes(one.level, one.generation)]
        if closed and "destroyed" not in opened.missing:
            leaf, one = closed[0]
            readers = self.stays.access.readers(one.level)
            refused = no_salt() if "salt" in opened.missing else above(leaf.path, one.level, readers)
            refused.where = Where(path)
            raise refused
        return self.work.sealer.seal(opened.tree, tree)

    def carried(self, git: Git, env: Mapping[str, str] | None = None) -> dict[str, bytes | None]:
        """The customers' files of the index, by their paths from the top, which nobody has to settle and which hold what
        only a key opens that goes; as they are to be."""
        if not self.torn:
            return {}
        prefix = self.work.vault.prefix
        changed = otherwise(git, self.commit, f"{prefix}{FOLDER}", env)
        files = {path: blob for path, blob in changed if number_at(path.removeprefix(prefix))}
        made: dict[str, bytes | None] = {}
        for place, data in zip(files, contents(git, list(files.values())), strict=True):
            path = place.removeprefix(prefix)
            tree = parse(data or b"", path).tree
            again = self.taken_over(tree, path)
            if again != tree:
                made[place] = render(again)
        return made


def keys_of_both(work: Workplace, git: Git, parents: Sequence[str], taken: Side | None) -> BothKeys | None:
    """The keys of both sides; None where they trust the same. `taken`: whose team is taken, where a person decided it;
    otherwise the newer one. Damaged where the team of a side is not to be trusted."""
    names = [f"{parent}:./{path}" for parent in parents for path in (ACCESS, KEYS)]
    stands = git.stands(names) if work.keyring else []
    if work.keyring is None or stands[:2] == stands[2:]:
        return None
    sides = [(_keyring_at(work, work.keyring, parent), parent) for parent in parents]
    newer = "ours" if sides[0][0].access.serial >= sides[1][0].access.serial else "theirs"
    (stays, commit), (goes, _commit) = sides if (taken or newer) == "ours" else sides[::-1]
    return BothKeys(replace(work, keyring=stays), stays, goes, commit)


def _keyring_at(work: Workplace, keyring: Keyring, commit: str) -> Keyring:
    found = trusted_at(work.vault, keyring.trusted.root, commit)
    return Keyring(work.vault.id, keyring.homes, keyring.identity, found)


def _closed(tree: Mapping[str, Any]) -> Iterator[tuple[Leaf, Token]]:
    return ((leaf, token_of(leaf.text)) for leaf in leaves(tree) if isinstance(leaf.text, Sealed))
