"""What `crm doctor` looks at in a vault's repository: clear text, the hook, git's settings. Changes nothing but the hook
and how plain git signs."""

import shlex
from collections.abc import Iterator

from crmcli.errors import CrmError
from crmcli.store.attributes import stands
from crmcli.store.hooks import NAME, hook_state, install
from crmcli.store.plain_signing import chosen_otherwise, signing_state
from crmcli.store.plain_signing import put_in_place as let_git_sign
from crmcli.store.records import FOLDER, read, record_files
from crmcli.store.vault import Vault
from crmcli.text import _, n_
from crmcli.usecases.clear_text import in_clear
from crmcli.usecases.health import Check
from crmcli.usecases.init import GIT_LINES
from crmcli.usecases.workplace import Workplace

ATTRIBUTES, RERERE = ".gitattributes", "rerere.enabled"
# Any customer's file: what git would do with it.
_SAMPLE = f"{FOLDER}/2024/05/C20240510001.yaml"


def clear_text(work: Workplace) -> Iterator[Check]:
    """What stands in clear in sealed fields, now and before the vault was sealed."""
    paths = [path for path in record_files(work.root) if _has_clear_text(work, path)]
    if paths:
        said = n_("{count} file holds clear text: {path}.", "{count} files hold clear text: {path} …", len(paths))
        hint = _("`crm check` names each place.")
        yield Check("clear text", "problem", said.format(count=len(paths), path=paths[0]), hint)
    else:
        yield Check("clear text", "ok", _("No file holds clear text in sealed fields."))
    if work.keyring and _was_open(work.vault, work.keyring.trusted.root):
        said = _("The history before {root} holds values in clear.").format(root=work.keyring.trusted.root[:12])
        hint = _("They can only be removed by rewriting the history; every clone must then be made anew.")
        yield Check("history", "warning", said, hint)


def _has_clear_text(work: Workplace, path: str) -> bool:
    try:
        data, source = read(work.root, path)
    except CrmError:
        return False  # gone meanwhile, or named by `crm check`
    return bool(in_clear(path, data, source, work.fields.values()))


def _was_open(vault: Vault, root: str) -> bool:
    """Whether there were customers before the commit that sealed the vault."""
    answer = vault.git().ask("ls-tree", "--name-only", f"{root}^", "--", f"{FOLDER}/")
    return not answer.code and bool(answer.out.strip())


def hook(vault: Vault, *, mend: bool) -> Iterator[Check]:
    """Whether git asks before it commits clear text."""
    state = hook_state(vault)
    if state == "ours":
        yield Check("hook", "ok", _("The pre-commit hook is in place."))
    elif state == "elsewhere":
        hint = _("Let the hook there call `crm check --staged`.")
        yield Check("hook", "warning", _("Hooks are kept elsewhere (core.hooksPath)."), hint)
    elif mend:
        install(vault)
        yield Check("hook", "mended", _("The pre-commit hook was missing."))
    else:
        said = _("There is no pre-commit hook that keeps clear text out.")
        if state == "foreign":
            said = _("Another {name} hook is there, without the one that keeps clear text out.").format(name=NAME)
        yield Check("hook", "problem", said, _("`crm doctor --fix` puts it in; another hook runs before it."))


def signing(vault: Vault, *, mend: bool) -> Iterator[Check]:
    """Whether commits that people make with git alone are signed as the vault needs it."""
    state = signing_state(vault)
    if state == "ours":
        yield Check("signing", "ok", _("Commits made with git itself are signed, too."))
    elif state == "other":
        other = chosen_otherwise(vault)
        said = _(
            "git is set here to sign otherwise than this vault needs: {names}. What git itself commits, others refuse."
        )
        lines = [f"git config --{one.scope} {one.name} {shlex.quote(one.value)}" for one in other]
        yield Check("signing", "warning", said.format(names=", ".join(one.name for one in other)), "\n".join(lines))
    elif mend and let_git_sign(vault):
        yield Check("signing", "mended", _("git did not sign what it commits itself."))
    else:
        said = _("git does not sign what it commits itself, or asks another installation of crm.")
        yield Check("signing", "problem", said, _("`crm doctor --fix` mends it."))


def leaks(vault: Vault) -> Iterator[Check]:
    """git settings that keep what was shown or merged in places nobody looks at."""
    wanted = r"^(diff\..*\.cachetextconv|rerere\.enabled)$"
    listed = vault.git().run("config", "--null", "--type=bool", "--get-regexp", wanted, check=False)
    set_ = dict(entry.split("\n", 1) for entry in listed.decode("utf-8", "replace").split("\0") if "\n" in entry)
    # git takes this folder for a yes where nothing is said.
    set_.setdefault(RERERE, str((vault.common_dir / "rr-cache").is_dir()).lower())
    on = sorted(name for name, value in set_.items() if value == "true")
    for name in on:
        said = _("git's setting {name} keeps copies of what it has shown or merged.").format(name=name)
        yield Check("git settings", "warning", said, f"git config {name} false")
    if not on:
        yield Check("git settings", "ok", _("No setting of git keeps copies."))


def attributes(vault: Vault) -> Iterator[Check]:
    """Whether git takes customers' files byte for byte."""
    said = vault.git().run("check-attr", "-z", "text", "filter", "diff", "--", _SAMPLE).decode("utf-8", "replace")
    words = said.split("\0")
    found = dict(zip(words[1::3], words[2::3], strict=False))
    right = stands(vault)
    if not right:
        text = _("In this clone others can change by {file} how git takes customers' files.").format(file=ATTRIBUTES)
        yield Check(
            "git attributes", "warning", text, _("`crm doctor --fix` mends it, as any command in the vault does.")
        )
    if found.get("text") != "unset":
        right = False
        line = GIT_LINES[ATTRIBUTES].decode().splitlines()[0]
        hint = _("Add the line {line} to {path} and commit it.").format(line=f"`{line}`", path=ATTRIBUTES)
        yield Check("git attributes", "problem", _("git may change the line endings of customers' files."), hint)
    for name in ("filter", "diff"):
        if found.get(name) not in ("unspecified", "unset", None):
            right = False
            text = _("git passes customers' files through {name}={value}.").format(name=name, value=found[name])
            hint = _("`git check-attr -a {path}` and {file} tell why.").format(path=_SAMPLE, file=ATTRIBUTES)
            yield Check("git attributes", "problem" if name == "filter" else "warning", text, hint)
    if right:
        yield Check("git attributes", "ok", _("git takes customers' files byte for byte."))
