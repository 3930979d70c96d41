"""Where a person's own files lie, outside every repository: the folders for configuration and for data.

Names them and makes none. XDG_CONFIG_HOME and XDG_DATA_HOME win where they are set, on every system.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_config_path, user_data_path

APP = "crmcli"
# For an account without a home: nothing is found there, and nobody, not even root, can make anything there.
_NOWHERE = Path("/dev/null", APP)


@dataclass(frozen=True, slots=True)
class Homes:
    """config: identity and pinned roots; data: salts, one folder a vault. Either may not exist yet."""

    config: Path
    data: Path


def homes() -> Homes:
    """The folders of the person who runs this process; reads the environment, so only `cli` calls it."""
    try:
        config = _stated("XDG_CONFIG_HOME") or user_config_path(APP, appauthor=False)
        data = _stated("XDG_DATA_HOME") or user_data_path(APP, appauthor=False)
    except RuntimeError:  # no HOME, and the system does not know the account
        return Homes(_NOWHERE, _NOWHERE)
    return Homes(*(path if path.is_absolute() else _NOWHERE for path in (config, data)))


def _stated(name: str) -> Path | None:
    """The folder below an XDG variable; a relative one counts as unset, as its specification says."""
    given = os.environ.get(name, "")
    return Path(given, APP) if given.startswith("/") else None
