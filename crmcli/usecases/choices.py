"""What a person has decided about files that two sides changed apart, remembered in `.git/crm/<vault id>/choices`.

Sides and hashes of objects that git has, never a value. A decision holds for exactly these versions of the file.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from crmcli.errors import CrmError
from crmcli.model.merge_choice import Side
from crmcli.store.merging import Unmerged
from crmcli.store.private import read_private, write_private
from crmcli.store.vault import Vault

_NAME = "choices"


@dataclass(frozen=True)
class Choice:
    """sides: place → whose value is taken, "" for the whole file; text: git's hash of the file as decided, if it is."""

    sides: Mapping[str, Side] = field(default_factory=dict)
    text: str | None = None


class Choices:
    """The decisions of one clone."""

    def __init__(self, vault: Vault, known: dict[str, Choice] | None = None) -> None:
        self._vault = vault
        self._known = _read(vault) if known is None else known

    @classmethod
    def none(cls, vault: Vault) -> Self:
        """As if nothing was decided."""
        return cls(vault, {})

    def of(self, one: Unmerged) -> Choice:
        """What is decided about a file; nothing yet is an empty choice."""
        return self._known.get(_key(one), Choice())

    def add(self, one: Unmerged, sides: Mapping[str, Side], text: str | None = None) -> None:
        """Decide; further places join those of before."""
        self._known[_key(one)] = Choice({**self.of(one).sides, **sides}, text)

    def keep(self, waiting: Iterable[Unmerged]) -> None:
        """Remember what is decided about these, and forget all else."""
        told = {key: self._known[key] for key in map(_key, waiting) if key in self._known}
        data = {key: {"sides": dict(one.sides), "text": one.text} for key, one in told.items()}
        write_private(self._vault.state / _NAME, json.dumps(data, ensure_ascii=False).encode())


def _key(one: Unmerged) -> str:
    return " ".join((one.base or "-", one.ours or "-", one.theirs or "-", one.path))


def _read(vault: Vault) -> dict[str, Choice]:
    try:
        found = json.loads(read_private(vault.state / _NAME) or b"{}")
        return {key: _choice(one) for key, one in found.items()}
    except (CrmError, ValueError, AttributeError, TypeError, KeyError):
        return {}  # whoever decided can do so again


def _choice(given: Mapping[str, Any]) -> Choice:
    sides = {str(place): side for place, side in given["sides"].items() if side in ("ours", "theirs")}
    return Choice(sides, given["text"] if isinstance(given["text"], str) else None)
