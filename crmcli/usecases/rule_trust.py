"""Whether a house rule in a sealed vault was made by somebody entitled to (a manager or admin), or stands as the founder
committed it (`rule_line`). Reads committed files only.

What was found to be good is remembered, so that a rule is judged again only after it, or the team, was changed.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import sha256

from crmcli.errors import CrmError
from crmcli.model.team import Role
from crmcli.store.private import read_private, write_private
from crmcli.store.vault import Vault
from crmcli.store.walks import beside, walked
from crmcli.text import _
from crmcli.usecases.rule_line import RuleLine
from crmcli.usecases.trust import Trusted, as_written, judge
from crmcli.usecases.trust_history import Step, history_of
from crmcli.usecases.trust_judged import Judged

MANAGERS: tuple[Role, ...] = ("manager", "admin")
KEPT = 64  # verdicts remembered, the latest ones


def unentitled(vault: Vault, trusted: Trusted, path: str, commit: str = "HEAD") -> str | None:
    """Why the version of a house rule (`schemas/…`) at a commit of HEAD's history, or of what counts besides
    (`Vault.also`), is not to be relied on; None where it is."""
    vault = as_written(vault)
    if not trusted.root:  # being founded right now
        return None
    names = ["HEAD", commit, f"{commit}:./{path}", f"{trusted.root}:./{path}"]
    head, at, now, first = vault.git().stands(names)
    touched = touching(vault, trusted.root, head or "", path)
    touched = [*beside(vault, head or "", paths=[vault.prefix + path]), *touched]
    if not touched and now == first:
        return None
    # For HEAD, what touched the rule decides, and not which commit HEAD is.
    mark = _mark(trusted.root, trusted.commit, path, now or "", *(touched if at == head else [at or ""]))
    if mark in _accepted(vault):
        return None
    why = _why_not(vault, trusted, path, at or "", touched)
    if why is None:
        _accept(vault, mark)
    return why


def touching(vault: Vault, root: str, tip: str, path: str) -> list[str]:
    """The commits up to `tip`, without what `root` has, that changed a file or folder of the vault from any parent."""
    return walked(vault, tip, f"^{root}", paths=[vault.prefix + path])


def rule_line(vault: Vault, steps: Mapping[str, Step], root: str, path: str, judged: Mapping[str, Judged]) -> RuleLine:
    """The versions of a rule along a history; `judged`: all that touched it since the root."""
    around = dict.fromkeys([root, *judged, *(parent for name in judged for parent in steps[name].parents)])
    found = vault.git().stands(f"{name}:./{path}" for name in around)
    may = {name: one.flaw is None and one.may(*MANAGERS) for name, one in judged.items()}
    return RuleLine(steps, root, may, dict(zip(around, found, strict=True)))


def _why_not(vault: Vault, trusted: Trusted, path: str, commit: str, touched: Sequence[str]) -> str | None:
    head, now = vault.git().stands(["HEAD", f"{commit}:./{path}"])
    judged = dict(zip(touched, judge(vault, trusted, touched), strict=True))
    line = rule_line(vault, history_of(vault, head or "", *vault.also), trusted.root, path, judged)
    if line.holds(commit, now):
        return None
    culprit = line.culprit(commit, now)
    if culprit is None:
        return _("{path} is not as any commit since the root made it.").format(path=path)
    said = _("{path} was changed by somebody who is neither manager nor admin, in commit {commit}.")
    return " ".join(filter(None, (said.format(path=path, commit=culprit[:12]), judged[culprit].why)))


def _mark(*words: str) -> str:
    return sha256("\n".join(words).encode()).hexdigest()


def _accepted(vault: Vault) -> list[str]:
    try:
        found = json.loads(read_private(vault.shared / "rules") or b"[]")
    except (ValueError, CrmError):
        return []
    return found if isinstance(found, list) else []


def _accept(vault: Vault, mark: str) -> None:
    with suppress(CrmError, OSError):  # a clone that can't be written to is judged every time
        write_private(vault.shared / "rules", json.dumps([*_accepted(vault), mark][-KEPT:]).encode())
