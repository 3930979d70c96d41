"""How git is told to commit: hooks as configured, signed with the vault's own key, its index wherever the caller has it."""

from collections.abc import Mapping
from contextlib import nullcontext

from crmcli.store import signing
from crmcli.store.git import COMMITTING, DURABLE, Git
from crmcli.store.message import Message, Stamp
from crmcli.store.signer import ASKS, answering
from crmcli.store.vault import Vault

# Tidying up is left for later: git would judge by the caller's index what may be thrown away.
_COMMIT = (
    *("-c", "maintenance.auto=false", "-c", "user.useConfigOnly=true", "-c", "i18n.commitEncoding=UTF-8"),
    *("commit", "--quiet", "--cleanup=whitespace", "--file=-"),
)


def commit(vault: Vault, git: Git, message: Message, stamp: Stamp, env: Mapping[str, str], empty: bool) -> None:
    """Commit what the index in `env` holds; `empty`: even if that is nothing new. GitError where git, a hook or the
    signature fails."""
    wanted = vault.signing
    options = signing.options(wanted, vault.lock_path.parent) if wanted else ()
    args = (*DURABLE, *options, *_COMMIT, *(["--allow-empty"] if empty else []))
    with answering(wanted.sign) if wanted and wanted.sign else nullcontext() as out:
        asks = {} if out is None else {ASKS: "1"}
        told = {**env, **stamp.env(), COMMITTING: "1", **asks}
        answer = git.ask_aside(*args, stdin=message.render(stamp).encode("utf-8", "replace"), env=told, out=out)
    if answer.code:
        raise git.error(("commit",), answer)
