"""Whether a vault that says it is open was ever sealed. Then nothing is read or written in it: whoever can change one line
of `schemas/vault.yaml` must not make others write in clear.

Its id may have been changed and its keys deleted, so three things tell: its history, what this clone remembers of trust,
and the roots pinned on this machine. One git call where HEAD is as it was the last time.
"""

from contextlib import suppress

from crmcli.errors import CrmError, Damaged
from crmcli.model.keys import PATH as KEYS
from crmcli.store.homes import Homes
from crmcli.store.private import read_private, write_private
from crmcli.store.vault import SETTINGS, Vault
from crmcli.text import _
from crmcli.usecases.trust import as_written, pinned_root, pinned_roots

_SEEN = "never-sealed"  # the last HEAD without keys in its history


def refuse_opened_again(vault: Vault, homes: Homes | None) -> None:
    """Damaged (kind "unsealed") where the vault was sealed once."""
    vault = as_written(vault)
    pinned = pinned_root(homes, vault.id) if homes else None
    if pinned or (vault.root / KEYS).exists() or any((vault.common_dir / "crm").glob("*/trusted")):
        raise _opened_again()
    head, *roots = vault.git().stands(["HEAD", *(pinned_roots(homes) if homes else ())])
    if any(roots) or (head and _had_keys(vault, head)):
        raise _opened_again()


def _had_keys(vault: Vault, head: str) -> bool:
    """Whether any commit of HEAD's history touched the key file; only commits since the last look are asked for."""
    seen = (read_private(vault.shared / _SEEN) or b"").decode("ascii", "replace")
    if seen == head:
        return False
    ask = ("rev-list", "-1", "--full-history", head)
    answer = vault.git().ask(*ask, f"^{seen}", "--", KEYS) if seen else None
    listed = vault.git().run(*ask, "--", KEYS) if answer is None or answer.code else answer.out
    if listed.strip():
        return True
    with suppress(CrmError, OSError):  # a clone that can't be written to is looked at every time
        write_private(vault.shared / _SEEN, head.encode())
    return False


def _opened_again() -> Damaged:
    said = _("This vault was sealed, but {path} now says it is open.").format(path=SETTINGS)
    hint = _("`git log -p {path}` tells who changed it. Who wants an open vault takes the values into a new one.")
    return Damaged(said, hint=hint.format(path=SETTINGS), kind="unsealed")
