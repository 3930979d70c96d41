"""Whether a file in a merge is what crm's merge of its three versions gives, so that nobody has decided anything in it.

Recomputed from the versions themselves; the merge's own word counts for nothing. Changes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Union

from crmcli.store.history import OVERSIZE, objects
from crmcli.store.vault import Vault
from crmcli.usecases.merge_file import customers_path, merged_text

_AT_ONCE = 500
Version = Union[str, "Sides", None]  # git's hash of a file; what is to be merged first; None where there was none


@dataclass(frozen=True, slots=True)
class Sides:
    """A file that both sides changed apart, and where they begin: several newest common ancestors are merged first."""

    base: Version
    ours: Version
    theirs: Version

    def blobs(self) -> Iterator[str]:
        """git's hashes of all versions that it takes."""
        for one in (self.base, self.ours, self.theirs):
            if isinstance(one, Sides):
                yield from one.blobs()
            elif one:
                yield one


@dataclass(frozen=True, slots=True)
class Torn:
    """Such a file in a merge: its path in the vault, and git's hash of it as the merge has it."""

    path: str
    sides: Sides
    merged: str


Texts = Mapping[str, bytes | None]


def united_by_crm(vault: Vault, torn: Iterable[Torn]) -> set[Torn]:
    """Those that are byte for byte what `crm merge-driver` makes of them. Two git processes for every 500 files."""
    waiting = [one for one in dict.fromkeys(torn) if customers_path(one.path) == one.path]
    proven: set[Torn] = set()
    for start in range(0, len(waiting), _AT_ONCE):
        some = waiting[start : start + _AT_ONCE]
        names = list(dict.fromkeys(name for one in some for name in (*one.sides.blobs(), one.merged)))
        texts = dict(zip(names, objects(vault, names), strict=True))
        proven.update(one for one in some if _is_proven(one, texts))
    return proven


def _is_proven(one: Torn, texts: Texts) -> bool:
    if any(texts[name] in (None, OVERSIZE) for name in (*one.sides.blobs(), one.merged)):
        return False
    sides = (one.sides.base, one.sides.ours, one.sides.theirs)
    three = [_text(one.path, version, texts) for version in sides]
    if any(text is None for text in three):
        return False
    found = merged_text(one.path, *(text or b"" for text in three))
    return found.clean and found.text == texts[one.merged]


def _text(path: str, version: Version, texts: Texts) -> bytes | None:
    """The bytes of a version, empty where there was none; None for what can't be known. Of ancestors that clash, the
    driver takes what they have in common."""
    if not isinstance(version, Sides):
        return texts[version] if version else b""
    base, ours, theirs = (_text(path, one, texts) for one in (version.base, version.ours, version.theirs))
    if base is None or ours is None or theirs is None:
        return None
    found = merged_text(path, base, ours, theirs)
    return found.text if found.clean else base if found.text is not None else None
