"""Where files lie that git does not have as they stand: the work tree, beside it, and edits that were left in memory."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from crmcli.store.vault import Vault

MEMORY = Path("/dev/shm")  # noqa: S108
# Whatever a person lets git overlook to be fast.
_ALL_SEEN = ("-c", "core.fsmonitor=false", "-c", "core.trustctime=true", "-c", "core.checkStat=default")


def unsettled(vault: Vault) -> list[str]:
    """The files of the vault that git lacks, or that are not as in its index."""
    said = vault.git().run(*_ALL_SEEN, "ls-files", "-o", "-m", "-z").decode("utf-8", "surrogateescape")
    return list(dict.fromkeys(said.split("\0")[:-1]))


def loose(vault: Vault, lying: Sequence[str] | None = None) -> Iterator[Path]:
    """Files that git lacks or has otherwise (`lying`, where these are known), rejected rows beside the vault, leftover
    edits."""
    yield from (vault.root / path for path in (unsettled(vault) if lying is None else lying))
    yield from vault.root.parent.glob("*.rejected*.csv")
    yield from (path for left in MEMORY.glob("crm-*") for path in (below(left, left) if left.is_dir() else [left]))


def below(folder: Path, without: Path) -> Iterator[Path]:
    """Every file below a folder, one folder in it left out."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if Path(place, name) != without]
        yield from (Path(place, name) for name in names)


def content(path: Path) -> bytes | None:
    """The bytes of a plain file; None for anything else, and for what goes away meanwhile."""
    try:
        return path.read_bytes() if path.is_file() and not path.is_symlink() else None
    except OSError:
        return None
