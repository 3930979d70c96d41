"""Whether a house rule in a sealed vault was made by somebody entitled to (a manager or admin), or stands as the founder
committed it. Reads committed files only.

A version that such a person brought once stays good, also where a merge or a revert brings it back. Who merges only takes
over what somebody else brought, so a merge counts only where it differs from all its parents.
"""

from crmcli.model.team import Role
from crmcli.store.vault import Vault
from crmcli.store.walks import walked
from crmcli.text import _
from crmcli.usecases.trust import Trusted, as_written, judge
from crmcli.usecases.trust_chain import Judged
from crmcli.usecases.trust_history import parents_of, raws_of

MANAGERS: tuple[Role, ...] = ("manager", "admin")


def unentitled(vault: Vault, trusted: Trusted, path: str, commit: str = "HEAD") -> str | None:
    """Why the version of a house rule (`schemas/…`) at a commit of HEAD's history is not to be relied on; None where it
    is."""
    vault = as_written(vault)
    if not trusted.root:  # being founded right now
        return None
    now, root = vault.git().stands([f"{commit}:./{path}", f"{trusted.root}:./{path}"])
    if now == root:
        return None
    brought = _brought(vault, path, commit, now)
    judged = dict(zip(brought, judge(vault, trusted, brought), strict=True))
    if any(_may(one) for one in judged.values()):
        return None
    if not judged:
        return _("{path} is not as any commit since the root made it.").format(path=path)
    newest, last = next(iter(judged.items()))
    said = _("{path} was changed by somebody who is neither manager nor admin, in commit {commit}.")
    return " ".join(filter(None, (said.format(path=path, commit=newest[:12]), last.why)))


def _brought(vault: Vault, path: str, commit: str, blob: str | None) -> list[str]:
    """The commits, newest first, that brought this version: none of their parents has it."""
    tip = vault.git().stands([commit])[0]
    names = walked(vault, tip, paths=[vault.prefix + path]) if tip else []
    found = vault.git().stands(f"{name}:./{path}" for name in names) if names else []
    having = [name for name, one in zip(names, found, strict=True) if one == blob]
    before = [(name, parent) for name, raw in raws_of(vault, having).items() for parent in parents_of(raw)]
    stood = vault.git().stands(f"{parent}:./{path}" for _name, parent in before) if before else []
    taken = {name for (name, _parent), one in zip(before, stood, strict=True) if one == blob}
    return [name for name in having if name not in taken]


def _may(judged: Judged) -> bool:
    return judged.flaw is None and judged.access_before is not None and bool(set(MANAGERS).intersection(judged.roles))
