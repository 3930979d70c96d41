"""Long walks through the history, remembered in `.git/crm/<vault id>/walks`: each goes on where it ended the last time.

Only questions whose answer for a commit never changes with what comes after it: which commits carry a line, or touch a
path. What is remembered are hashes of commits, nothing more; a memory that cannot be used only costs time.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from crmcli.errors import CrmError
from crmcli.store.git import Git
from crmcli.store.private import read_private, write_private
from crmcli.store.vault import Vault

KEPT = 64  # questions remembered, the latest ones
_LED: set[tuple[Path, str | None, str, str]] = set()  # what a commit once led to, it leads to for ever
Memory = dict[str, list[str]]  # the question → the tip it was asked for, then the commits found, newest first


def walked(vault: Vault, tip: str, *options: str, paths: Sequence[str] = (), without: Sequence[str] = ()) -> list[str]:
    """The commits up to `tip`, a full hash, that `git rev-list` lists with these options and paths from the top, and
    others `without`; newest first. `options` may not limit their number."""
    places = [*(f":(top,literal){path}" for path in paths), *(f":(top,literal,exclude){path}" for path in without)]
    git, question = vault.git(), " ".join([*options, "--", *paths, *(f"!{path}" for path in without)])
    memory = _remembered(vault)
    last, *found = memory.get(question) or [""]
    if last == tip:
        return found
    known = bool(last) and leads_to(vault, tip, last)
    span = [tip, f"^{last}"] if known else [tip]
    names = _listed(git, options, span, places) + (found if known else [])
    _remember(vault, {**{key: memory[key] for key in memory if key != question}, question: [tip, *names]})
    return names


def beside(vault: Vault, tip: str, *options: str, paths: Sequence[str] = ()) -> list[str]:
    """The same of what counts besides (`Vault.also`) and that `tip` does not lead to: little, and another each time."""
    span = [*vault.also, f"^{tip}"]
    return _listed(vault.git(), options, span, [f":(top,literal){path}" for path in paths]) if vault.also else []


def leads_to(vault: Vault, tip: str, older: str) -> bool:
    """Whether the history of a commit, a full hash, has an older one. git is asked once in a process."""
    asked = (vault.common_dir, vault.env.get("GIT_NO_REPLACE_OBJECTS"), tip, older)
    if asked not in _LED and not vault.git().ask("merge-base", "--is-ancestor", older, tip).code:
        _LED.add(asked)
    return asked in _LED


def _listed(git: Git, options: Sequence[str], span: Sequence[str], places: Sequence[str]) -> list[str]:
    return git.run("rev-list", "--full-history", *options, *span, "--", *places).decode().split()


def _remembered(vault: Vault) -> Memory:
    try:
        found = json.loads(read_private(vault.shared / "walks") or b"{}")
    except (ValueError, CrmError):
        return {}
    return found if isinstance(found, dict) and all(map(_is_memory, found.values())) else {}


def _is_memory(found: object) -> bool:
    return isinstance(found, list) and bool(found) and all(isinstance(one, str) and one.isalnum() for one in found)


def _remember(vault: Vault, memory: Memory) -> None:
    kept = dict(list(memory.items())[-KEPT:])
    try:
        write_private(vault.shared / "walks", json.dumps(kept).encode())
    except (CrmError, OSError):
        return  # a clone that can't be written to walks every time
