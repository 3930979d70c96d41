"""What searches found and need not look for again, remembered in `.git/crm/<vault id>/searched`: for each question, up to
which commit everything was looked at, and the commits that held something.

So a plan searches the whole past, and its run what came since. Hashes are remembered alone, of commits and of questions;
never a value, a path, or whom it is about. A memory that can't be used, or was lost, only costs time.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from crmcli import __version__
from crmcli.errors import CrmError
from crmcli.store.private import read_private, write_private
from crmcli.store.vault import Vault
from crmcli.store.walks import leads_to

KEPT = 8  # tips remembered, the latest ones
Held = Mapping[str, Sequence[str]]  # the question → the commits that held something


@dataclass(frozen=True, slots=True)
class Searched:
    """The commit up to which everything was looked at, and what held something until there."""

    tip: str
    held: Held


def question(*words: object) -> str:
    """What is asked about one customer: everything, but for the history, that the answer follows from."""
    return sha256(json.dumps([__version__, *words]).encode()).hexdigest()


def recall(vault: Vault, head: str, asked: Collection[str]) -> Searched | None:
    """The last search for all of these in the history that `head` still has; None where there was none."""
    memory, wanted = _remembered(vault), set(asked)
    tip = next((tip for tip, held in reversed(memory.items()) if held.keys() >= wanted), None)
    if tip is None or not (tip == head or leads_to(vault, head, tip)):
        return None
    return Searched(tip, memory[tip])


def remember(vault: Vault, head: str, held: Held) -> None:
    """Remember that the whole history of a commit was searched; not where it is cut off, and more of it may come."""
    if (vault.common_dir / "shallow").exists():
        return
    memory = _remembered(vault)
    before = memory.pop(head, {})
    kept = list({**memory, head: {**before, **held}}.items())[-KEPT:]
    try:
        write_private(vault.shared / "searched", json.dumps(dict(kept)).encode())
    except (CrmError, OSError):
        return  # a clone that can't be written to is searched through every time


def _remembered(vault: Vault) -> dict[str, Held]:
    try:
        found = json.loads(read_private(vault.shared / "searched") or b"{}")
    except (ValueError, CrmError):
        return {}
    return found if isinstance(found, dict) and all(map(_is_tip, found.items())) else {}


def _is_tip(found: tuple[str, object]) -> bool:
    tip, held = found
    return tip.isalnum() and isinstance(held, dict) and all(map(_are_names, held.values()))


def _are_names(names: object) -> bool:
    return isinstance(names, list) and all(isinstance(one, str) and one.isalnum() for one in names)
