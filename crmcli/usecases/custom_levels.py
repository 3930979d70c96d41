"""The levels of custom fields in a sealed vault: those that a manager or admin committed (or the founder).

Whoever else commits `schemas/custom-fields.yaml`, or changes it by hand, must not make others write in clear: until it
counts, each custom field is at least confidential.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from pydantic import ValidationError

from crmcli.errors import CrmError, Finding, Where
from crmcli.model.fields import Level
from crmcli.model.house import CustomFields
from crmcli.store.files import read_record
from crmcli.store.journal import blob_hash
from crmcli.store.private import read_private, write_private
from crmcli.store.vault import Vault
from crmcli.store.yamlread import parse
from crmcli.text import _
from crmcli.usecases.keyring import Keyring
from crmcli.usecases.rule_trust import unentitled
from crmcli.usecases.trust_history import CUSTOM

_ACCEPTED = "custom-fields"  # the version that was looked at last and counts, and since when nobody has touched it


@dataclass(frozen=True)
class CustomLevels:
    """What to hold custom fields to.

    least    the lowest level at which a value of each is sealed, by dotted name
    warning  why the committed file does not count; then values stand that were sealed, rightly, at a lower level
    """

    least: Mapping[str, Level] = field(default_factory=dict)
    warning: Finding | None = None


NOTHING_HELD = CustomLevels()  # in an open vault


def custom_levels(vault: Vault, keyring: Keyring, declared: Mapping[str, Level]) -> CustomLevels:
    """The levels for the custom fields of the work tree, `declared` there. Asks git for nothing as long as the committed
    file is the one of the work tree and nobody has touched the one accepted last."""
    committed = declared if _as_committed(vault, keyring.custom) else _committed(vault, keyring.custom)
    why = _why_not(vault, keyring)
    floor = Level.CONFIDENTIAL if why else Level.OPEN
    held = {name: committed.get(name, Level.CONFIDENTIAL) for name in declared}
    least = {f"custom.{name}": max(level, floor, key=lambda one: one.rank) for name, level in held.items()}
    return CustomLevels(least, _warning(why) if why else None)


def _why_not(vault: Vault, keyring: Keyring) -> str | None:
    path, trusted = vault.shared / _ACCEPTED, keyring.trusted
    name = f"{trusted.root} {trusted.since} {keyring.custom}".encode()
    if read_private(path) == name:
        return None
    why = unentitled(vault, trusted, CUSTOM)
    if why is None:
        with suppress(CrmError, OSError):  # a clone that can't be written to is judged every time
            write_private(path, name)
    return why


def _as_committed(vault: Vault, blob: str | None) -> bool:
    return blob_hash(read_record(vault.root, CUSTOM), vault.algorithm) == blob


def _committed(vault: Vault, blob: str | None) -> Mapping[str, Level]:
    """The committed levels; none, so that all are confidential, where the file is missing or does not hold."""
    try:
        tree = parse(vault.git().blob(blob), CUSTOM).tree if blob else {}
        return {name: one.level for name, one in CustomFields.model_validate(tree).fields.items()}
    except (CrmError, ValidationError):
        return {}


def _warning(why: str) -> Finding:
    said = _("The levels of custom fields do not count; new values of all of them are at least confidential. {why}")
    return Finding(said.format(why=why), Where(CUSTOM), None, "crm audit", "warning")
