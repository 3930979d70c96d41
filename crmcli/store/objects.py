"""Everything git keeps for a repository, object by object: reachable or not, loose or packed. Reads only, part by part."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from crmcli.store.history import batch
from crmcli.store.vault import Vault

PART, MOST = 1 << 24, 4_096  # bytes and objects that are held at once; a single larger object is held alone
_SHAPE = "%(objectname) %(objecttype) %(objectsize)"


@dataclass(frozen=True, slots=True)
class Listed:
    """One object by its hash: what it is, and how many bytes it has."""

    hash: str
    kind: str
    size: int


def every(vault: Vault) -> list[Listed]:
    """All objects there are, those of other repositories that this one borrows from included."""
    said = vault.git().run("cat-file", "--batch-all-objects", "--unordered", f"--batch-check={_SHAPE}")
    rows = (line.split(" ") for line in said.decode().splitlines())
    return [Listed(name, kind, int(size)) for name, kind, size in rows]


def contents(vault: Vault, listed: Collection[Listed]) -> Iterator[tuple[Listed, bytes]]:
    """These objects with their bytes; one that is gone meanwhile is left out."""
    part: list[Listed] = []
    held = 0
    for one in listed:
        if part and (held + one.size > PART or len(part) >= MOST):
            yield from _part(vault, part)
            part, held = [], 0
        part.append(one)
        held += one.size
    yield from _part(vault, part)


def _part(vault: Vault, part: Collection[Listed]) -> Iterator[tuple[Listed, bytes]]:
    asked = "".join(f"{one.hash}\n" for one in part).encode()
    answer = vault.git().run("cat-file", "--batch", stdin=asked) if part else b""
    for one, data in zip(part, batch(answer, len(part)), strict=True):
        if data is not None:
            yield one, data
