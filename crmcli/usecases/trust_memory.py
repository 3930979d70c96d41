"""What a clone remembers of trust, `.git/crm/<vault id>/trusted`: the newest trusted files it has seen.

It saves judging the history again, and it tells a history that was set back. Nothing in it is secret; whatever cannot be
used, or belongs to another root, only costs time.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from crmcli.errors import CrmError, Damaged, Where
from crmcli.model.team import PATH
from crmcli.store.private import read_private, write_private
from crmcli.store.vault import Vault
from crmcli.text import _
from crmcli.usecases.trust_history import CUSTOM, FILES, between
from crmcli.usecases.trust_judged import State

FAR = 500  # commits, so many more than are asked for that a nearer one is remembered


@dataclass(frozen=True, slots=True)
class Memory:
    """The newest trusted files this clone has seen, and the commit it saw them at last.

    custom  the custom fields, "" for none, which are not trusted for standing here
    since   the commit at which the history was judged; up to `head` nothing touched these three files
    """

    vault: str
    root: str
    head: str
    commit: str
    serial: int
    access: str
    keys: str
    custom: str
    since: str

    @property
    def files(self) -> list[str | None]:
        """The files as git names them."""
        return [self.access, self.keys, self.custom or None]


def _path(vault: Vault) -> Path:
    return vault.shared / "trusted"


def remembered(vault: Vault) -> Memory | None:
    """None where nothing usable is remembered: then the history is judged anew."""
    try:
        known = Memory(**json.loads(read_private(_path(vault)) or b""))
    except (ValueError, TypeError, CrmError):
        return None
    return known if known.vault == vault.id else None


def follows(vault: Vault, known: Memory, head: str) -> bool:
    """Whether nothing but commits with the remembered files came since. That HEAD has them is not enough: newer ones
    may have been put back in between."""
    if head == known.head:
        return True
    answer = vault.git().ask("rev-list", "--left-right", f"{head}...{known.head}", "--")
    told = answer.out.decode().split()
    if answer.code or any(name.startswith(">") for name in told):
        return False
    found = vault.git().stands(f"{name[1:]}:./{path}" for name in told for path in (*FILES, CUSTOM))
    if found != known.files * len(told):
        return False
    remember(vault, replace(known, head=head))
    return True


def remember(vault: Vault, known: Memory) -> None:
    text = json.dumps({name: getattr(known, name) for name in Memory.__slots__})
    try:
        write_private(_path(vault), text.encode())
    except (CrmError, OSError):
        return  # a clone that can't be written to is judged every time


def refuse_rollback(vault: Vault, known: Memory | None, state: State) -> None:
    """Refuse files that do not build on the newest this clone has seen."""
    if known is None or known.commit in state.before:
        return
    said = _("{path} is older than what this clone has seen: serial {serial}, where {seen} was trusted.")
    said = said.format(path=PATH, serial=state.access.serial, seen=known.serial)
    if state.access.serial > known.serial:
        said = _("{path} does not build on the version that this clone trusts.").format(path=PATH)
    hint = _("`git merge {commit}` brings that version back. If it was given up on purpose, delete {path}.")
    hint = hint.format(commit=known.commit[:12], path=_path(vault))
    raise Damaged(said, where=Where(PATH), hint=hint, kind="rollback")


def line(vault: Vault, told: dict[str, frozenset[str]], old: str, new: str, asked: Sequence[str]) -> frozenset[str]:
    """Commits that have `old` and that `new` has: all of those asked for that do, and others. A later one of them from
    the last time, `.git/crm/<vault id>/line`, saves walking the whole way. `told`: the answers of this process."""
    near = f"near {new}"
    if near not in told:
        told[near] = _line(vault, old, new, asked, _last(vault, old))
    if new not in told and not told[near].issuperset(asked):
        told[new] = _line(vault, old, new, asked)
    return told[near] if told[near].issuperset(asked) else told[new]


def _line(vault: Vault, old: str, new: str, asked: Sequence[str], since: str | None = None) -> frozenset[str]:
    found = between(vault, since or old, new)
    if since and (found or since == new):
        found.append(since)
    wanted = set(asked)
    oldest = next((place for place in reversed(range(len(found))) if found[place] in wanted), None)
    if oldest is not None and len(found) - oldest > FAR:
        with suppress(CrmError, OSError):  # a clone that can't be written to walks every time
            write_private(vault.shared / "line", f"{old} {found[oldest]}".encode())
    return frozenset(found)


def _last(vault: Vault, old: str) -> str | None:
    try:
        first, *last = (read_private(vault.shared / "line") or b"").decode("ascii", "replace").split(" ")
    except CrmError:
        return None
    return last[0] if first == old and len(last) == 1 and last[0].isalnum() else None
