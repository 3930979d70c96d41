"""Long walks through the history, remembered in `.git/crm/<vault id>/walks`: each goes on where it ended the last time.

Only questions whose answer for a commit never changes with what comes after it: which commits carry a line, or touch a
path. What is remembered are hashes of commits, nothing more; a memory that cannot be used only costs time.
"""

import json
from collections.abc import Sequence

from crmcli.errors import CrmError
from crmcli.store.git import Git
from crmcli.store.private import read_private, write_private
from crmcli.store.vault import Vault

KEPT = 64  # questions remembered, the latest ones
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
    known = bool(last) and not git.ask("merge-base", "--is-ancestor", last, tip).code
    span = [tip, f"^{last}"] if known else [tip]
    names = _listed(git, options, span, places) + (found if known else [])
    _remember(vault, {**{key: memory[key] for key in memory if key != question}, question: [tip, *names]})
    return names


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
