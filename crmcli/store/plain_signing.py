"""Commits that people make with plain git (by hand, reverts, rebases, merges) signed as crm's own are: four settings in the
repository's configuration, which no clone inherits. Whoever opens a sealed vault puts them in place.

All of them or none: where a person has chosen one of them otherwise for this repository, everything stays as it is. What
they chose for all repositories does not count here: others refuse what the vault's own key did not sign.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from crmcli.errors import CrmError
from crmcli.store.homes import APP
from crmcli.store.signing import OLDEST_GIT, SCRIPT, put_script, script_stands, settings
from crmcli.store.vault import Vault

_SCOPES = ("local", "worktree")  # those of this repository
_TRUE = ("true", "yes", "on", "1")
# What this clone, or this person's keys, were told to git by before they were moved.
_OURS = {
    "gpg.ssh.program": re.compile(rf"/crm/{SCRIPT}$"),
    "user.signingKey": re.compile(rf"/{APP}/signing\.key$"),
}

SettingState = Literal["ours", "missing", "other"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One of the settings as the vault needs it. scope: where git has another value, as its option says it."""

    name: str
    value: str
    scope: str = "local"


def put_in_place(vault: Vault) -> bool:
    """Install the settings where they are missing or out of date; whether they were. Nothing but a look at two files where
    they are in place.

    A clone that can't be written to, a git too old and settings of somebody's own are no errors: `crm doctor` tells of
    them.
    """
    try:
        if vault.signing is None or _stands(vault) or signing_state(vault) != "missing":
            return False
        if vault.git().version() < OLDEST_GIT:  # it would refuse to do anything
            return False
        install(vault)
    except (CrmError, OSError):
        return False
    return True


def install(vault: Vault) -> None:
    """Put the settings in place, or bring them up to date. GitError where the configuration can't be written."""
    if vault.signing is None:
        return
    put_script(vault.signing, _folder(vault))
    for name, value in _wanted(vault).items():
        vault.git().run("config", "--local", "--replace-all", name, value)


def signing_state(vault: Vault) -> SettingState:
    """How plain git would sign here; `other` where a person chose anything otherwise."""
    found = _found(vault)
    if _otherwise(vault, found):
        return "other"
    told = all(_same(found, name, value) for name, value in _wanted(vault).items())
    return "ours" if told and vault.signing and script_stands(vault.signing, _folder(vault)) else "missing"


def chosen_otherwise(vault: Vault) -> list[Setting]:
    """The settings that a person chose otherwise for this repository, as the vault needs them."""
    return _otherwise(vault, _found(vault))


def _otherwise(vault: Vault, found: dict[str, Setting]) -> list[Setting]:
    wanted = ((name, value) for name, value in _wanted(vault).items() if name.lower() in found)
    other = [(name, value) for name, value in wanted if not _same(found, name, value) and not _was_ours(found, name)]
    return [Setting(name, value, found[name.lower()].scope) for name, value in other]


def _wanted(vault: Vault) -> dict[str, str]:
    return settings(vault.signing, _folder(vault)) if vault.signing else {}


def _folder(vault: Vault) -> Path:
    """Where the script lies: one for all work trees, which share the configuration."""
    return vault.lock_path.parent


def _stands(vault: Vault) -> bool:
    """Whether the script is there, and the configuration has the very lines that git writes; one written otherwise is for
    git to read."""
    if vault.signing is None or not script_stands(vault.signing, _folder(vault)):
        return False
    text = (vault.common_dir / "config").read_text("utf-8", "surrogateescape")
    return all(f"{name.rpartition('.')[2]} = {value}\n" in text for name, value in _wanted(vault).items())


def _found(vault: Vault) -> dict[str, Setting]:
    """What the repository says of these settings, by their names in small letters."""
    names = "|".join(re.escape(name.lower()) for name in _wanted(vault))
    asked = ("config", "--null", "--show-scope", "--get-regexp", f"^({names})$")
    words = vault.git().run(*asked, check=False).decode("utf-8", "surrogateescape").split("\0")
    found = {}
    for scope, entry in zip(words[::2], words[1::2], strict=False):
        name, given, value = entry.partition("\n")
        if scope in _SCOPES:
            found[name] = Setting(name, value if given else "true", scope)
    return found


def _same(found: dict[str, Setting], name: str, value: str) -> bool:
    one = found.get(name.lower())
    return one is not None and (one.value == value or (value == "true" and one.value.lower() in _TRUE))


def _was_ours(found: dict[str, Setting], name: str) -> bool:
    return name in _OURS and _OURS[name].search(found[name.lower()].value) is not None
