"""The pre-commit hook that keeps clear text out of a sealed vault. One for the repository, whatever vaults are in it.

A hook that was there before is kept beside it and runs first. Hooks that people keep elsewhere (`core.hooksPath`) are
never touched.
"""

import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from crmcli.errors import Conflict, CrmError, Where
from crmcli.store.files import write_atomic
from crmcli.store.git import COMMITTING, Git
from crmcli.store.lock import Lock
from crmcli.store.vault import Vault
from crmcli.text import _

NAME, BEFORE = "pre-commit", "pre-commit.before-crm"
MARK = "# crm: keeps clear text out of sealed vaults."
_SCRIPT = """\
#!/bin/sh
{mark}
# `crm init` wrote this. A hook that was here before is {before}, beside this one; it runs first.
before=${{0%/*}}/{before}
if [ -x "$before" ]; then "$before" "$@" || exit; fi
[ "${{{committing}-}}" = 1 ] && exit 0 # crm itself commits, and has looked already
python={python}
# -P: what lies in the work tree is never imported.
if "$python" -P -c 'import crmcli' 2>/dev/null; then
    set -- "$python" -P -m crmcli
elif command -v crm >/dev/null; then
    set -- crm
else
    printf '%s\\n' {missing} >&2
    exit 1
fi
"$@" --quiet --vault . check --staged && exit 0
printf '%s\\n' {refused} >&2
exit 1
"""

HookState = Literal["ours", "missing", "foreign", "elsewhere"]


@dataclass(frozen=True, slots=True)
class Installed:
    """The hook in place. chained: whether another one runs before it."""

    path: Path
    chained: bool


def install(vault: Vault) -> Installed | None:
    """Put the hook in place, or bring it up to date; None where hooks are kept elsewhere. Conflict where two other
    hooks stand there, since only one can be kept."""
    folder = _folder(vault)
    state = _state(folder)
    if folder is None or state == "elsewhere":
        return None
    hook, before = folder / NAME, folder / BEFORE
    if state == "foreign":
        _keep(hook, before)
    script = _script().encode()
    if state != "ours" or hook.read_bytes() != script:
        folder.mkdir(exist_ok=True)
        write_atomic(folder, NAME, script, 0o755)
    return Installed(hook, os.path.lexists(before))


def put_in_place(vault: Vault) -> bool:
    """Install the hook where a clone has none yet; whether it was. Nothing but a look at one file where it has.

    A clone that can't be written to, two other hooks in the way and hooks kept elsewhere are no errors: `crm doctor`
    tells of them.
    """
    folder = vault.common_dir / "hooks"
    try:
        if _state(folder) == "ours":
            return False
        # Two at once would take each other's hook for one that was there before.
        with Lock(vault.common_dir / "crm" / "hook", "hook", timeout=0):
            return _state(folder) != "ours" and install(vault) is not None
    except (CrmError, OSError):
        return False


def hook_state(vault: Vault) -> HookState:
    """Whether the hook is in place; `foreign` for another one without ours, `elsewhere` for hooks git looks for outside
    the repository's own folder."""
    return _state(_folder(vault))


def _folder(vault: Vault) -> Path | None:
    """The folder of the repository's own hooks; None where git looks elsewhere."""
    said = Git(vault.top, vault.env).run("rev-parse", "--git-path", "hooks").decode("utf-8", "surrogateescape")
    folder = (vault.top / said.removesuffix("\n")).resolve()
    inside = any(folder.is_relative_to(place.resolve()) for place in (vault.common_dir, vault.git_dir))
    return folder if inside else None


def _state(folder: Path | None) -> HookState:
    if folder is None:
        return "elsewhere"
    hook = folder / NAME
    if not os.path.lexists(hook):
        return "missing"
    if not hook.is_file() or hook.is_symlink() or MARK.encode() not in hook.read_bytes().splitlines()[:2]:
        return "foreign"
    return "ours" if os.access(hook, os.X_OK) else "missing"


def _keep(hook: Path, before: Path) -> None:
    if os.path.lexists(before):
        raise Conflict(
            _("Two other hooks stand in the way: {one} and {other}.").format(one=hook.name, other=before.name),
            hint=_("Make one of them that does the work of both, and call it {name}.").format(name=before.name),
            where=Where(str(hook)),
            kind="hook",
        )
    hook.rename(before)


def _script() -> str:
    missing = _("crm was not found, so nothing can look for clear text; nothing was committed.")
    anyway = _("`git commit --no-verify` commits anyway; what it holds in clear stays in the history for ever.")
    return _SCRIPT.format(
        mark=MARK,
        before=BEFORE,
        committing=COMMITTING,
        python=shlex.quote(sys.executable or "python3"),
        missing=shlex.quote(f"{missing}\n{anyway}"),
        refused=shlex.quote(anyway),
    )
