"""What ships with the program: the default house rules and the synthetic samples."""

from pathlib import Path

import crmcli

PACKAGE = Path(crmcli.__file__).parent
SHIPPED = PACKAGE / "samples" if (PACKAGE / "samples").is_dir() else PACKAGE.parent


def shipped(folder: str, pattern: str) -> dict[str, bytes]:
    """The files of one shipped folder (`records`, `schemas`), path relative to a vault → bytes."""
    found = sorted((SHIPPED / folder).rglob(pattern))
    return {path.relative_to(SHIPPED).as_posix(): path.read_bytes() for path in found}
