"""Where files lie that git does not have as they stand: the work tree, beside it, and edits that were left in memory."""

import os
from collections.abc import Iterator
from pathlib import Path

from crmcli.store.vault import Vault

MEMORY = Path("/dev/shm")  # noqa: S108


def loose(vault: Vault) -> Iterator[Path]:
    """Files that git lacks or has otherwise, rejected rows beside the vault, leftover edits."""
    said = vault.git().run("ls-files", "-o", "-m", "-z").decode("utf-8", "surrogateescape").split("\0")[:-1]
    yield from dict.fromkeys(vault.root / path for path in said)
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
