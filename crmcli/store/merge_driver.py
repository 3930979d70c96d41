"""git's setting that customers' files are merged by `crm merge-driver`. One for the repository, in its own configuration,
which no clone inherits: whoever opens a vault puts it in place.
"""

import os
import shlex
import sys
from typing import Literal

from crmcli.errors import CrmError
from crmcli.store.vault import Vault

NAME = "crm"  # as `.gitattributes` says it: merge=crm
_SECTION = f'[merge "{NAME}"]'.encode()
# git asks a shell. -P: what lies in the work tree is never imported.
_COMMAND = "if [ -x {python} ]; then exec {python} -P -m crmcli {asked}; else exec crm {asked}; fi"
_ASKED = "merge-driver %O %A %B %L %P"

DriverState = Literal["ours", "missing", "other"]


def install(vault: Vault) -> None:
    """Put the setting in place, or bring it up to date. GitError where the configuration can't be written."""
    git = vault.git()
    # First, since git stops at a driver that has but a name.
    git.run("config", "--local", f"merge.{NAME}.driver", _command())
    git.run("config", "--local", f"merge.{NAME}.name", "customers' files, field by field")


def put_in_place(vault: Vault) -> bool:
    """Install the setting where a clone has none yet; whether it was. Nothing but a look at one file where it has.

    A clone that can't be written to is no error: `crm doctor` tells of it.
    """
    try:
        if _SECTION in (vault.common_dir / "config").read_bytes():
            return False
        install(vault)
    except (CrmError, OSError):
        return False
    return True


def driver_state(vault: Vault) -> DriverState:
    """What git would call; `other` for a command that is not the one of this installation."""
    said = vault.git().run("config", "--get", f"merge.{NAME}.driver", check=False).decode("utf-8", "surrogateescape")
    if not said:
        return "missing"
    return "ours" if said.removesuffix("\n") == _command() else "other"


def _command() -> str:
    # A percent sign is git's own, and so is doubled.
    python = shlex.quote(os.fsdecode(sys.executable or "python3")).replace("%", "%%")
    return _COMMAND.format(python=python, asked=_ASKED)
