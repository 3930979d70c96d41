"""`crm doctor [--fix]`: a table of what was looked at and how it is. Ends with 6 where there are problems."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from crmcli.cli import editor
from crmcli.cli.listing import PEOPLE
from crmcli.cli.output import emit, found_problems, note
from crmcli.cli.session import session, settle_language
from crmcli.errors import CrmError
from crmcli.reports.values import Column, Table
from crmcli.store import vault as vaults
from crmcli.text import _, n_
from crmcli.usecases.doctor import Patient, doctor, summary
from crmcli.usecases.health import Check

FIX = Annotated[
    bool, typer.Option("--fix", help=_("Mend what can be mended: file modes, the hook, what killed edits left."))
]


def command(fix: FIX = False) -> None:
    """See whether keys, git and this machine are in order."""
    here = session()
    start = Path(here.vault_option) if here.vault_option else here.cwd
    _settle(start, exact=bool(here.vault_option))
    mend = fix and not here.dry_run
    patient = Patient(start, bool(here.vault_option), here.env, here.homes, here.now, mend=mend)
    checks = [*doctor(patient), *_editing(mend=mend)]
    heads = {"state": _("State"), "check": _("Check"), "message": _("Result"), "hint": _("Hint")}
    if any(check.state == "problem" for check in checks):
        found_problems()
    emit(Table(tuple(Column(name, head) for name, head in heads.items()), tuple(map(_row, checks)), "check"))
    note(summary(checks))


def _settle(start: Path, *, exact: bool) -> None:
    """Speak the vault's language, if there is one that can be read."""
    with suppress(CrmError):
        said = (vaults.at if exact else vaults.find)(start, session().env).settings.get("language")
        settle_language(said if isinstance(said, str) else None)


def _editing(*, mend: bool) -> Iterator[Check]:
    """The editor, and texts in clear that edits left behind."""
    env = session().env
    try:
        yield _editor(" ".join(editor.editor_command(env)[:1]), traceless=editor.traceless(env))
    except CrmError as error:
        yield Check("editor", "warning", error.message, error.hint)
    left = editor.left_behind(env)
    if mend:
        editor.sweep(env)
    for folder in left:
        said = _("{path} was left by an edit that was killed.").format(path=folder)
        yield Check("edits", "mended", said) if mend else Check("edits", "problem", said, _("`--fix` removes it."))
    kept = editor.kept(env)
    if kept:
        said = n_(
            "{path} has an edit that could not be saved.",
            "{count} files have edits that could not be saved: {path} …",
            len(kept),
        ).format(count=len(kept), path=kept[0])
        yield Check("edits", "warning", said, _("Copy what you need, then delete them."))


def _editor(name: str, *, traceless: bool) -> Check:
    if traceless:
        return Check("editor", "ok", _("{name} is started so that it leaves no traces.").format(name=name))
    said = _("{name} may keep copies of what you edit: swap files, backups, an undo history.").format(name=name)
    return Check("editor", "warning", said, _("EDITOR=vim is started so that it keeps none."))


def _row(check: Check) -> dict[str, str]:
    states = {"ok": _("ok"), "mended": _("mended"), "warning": _("warning"), "problem": _("problem")}
    people = session().format in PEOPLE
    return {
        "state": states[check.state] if people else check.state,
        "check": _titles().get(check.name, check.name) if people else check.name,
        "message": check.message,
        "hint": (check.hint or "").replace("\n", "; "),
    }


def _titles() -> dict[str, str]:
    """What people call a check, where its name is not plain enough."""
    return {
        "author": _("author of commits"),
        "identity": _("identity"),
        "modes": _("file modes"),
        "index": _("index"),
        "vault": _("vault"),
        "homes": _("folders of keys"),
        "root": _("root"),
        "team": _("team"),
        "masters": _("keys of levels"),
        "salts": _("customers' keys"),
        "orphans": _("keys left over"),
        "kit": _("key kit"),
        "clear text": _("clear text"),
        "history": _("history"),
        "journal": _("interrupted work"),
        "hook": _("hook"),
        "git settings": _("git settings"),
        "git attributes": _("git attributes"),
        "signing": _("signing"),
        "merge driver": _("merging"),
        "merge attributes": _("merging"),
        "editor": _("editor"),
        "edits": _("edits left over"),
    }
