"""`crm restore FILE DIR`: a vault from its backup, without what was destroyed since."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from crmcli.cli.backup_words import file_of, surroundings
from crmcli.cli.output import emit, note
from crmcli.cli.session import session
from crmcli.errors import Finding
from crmcli.reports.safe_text import visible
from crmcli.reports.values import Notice
from crmcli.text import _, n_
from crmcli.usecases.restore import Held, Restored, restore

FILE = Annotated[str, typer.Argument(metavar="FILE", help=_("The encrypted file; outside the vault."))]
DIR = Annotated[str, typer.Argument(metavar="DIR", help=_("The folder to make; it may be there if it is empty."))]
_SHOWN = 5


def command(file: FILE, folder: DIR) -> None:
    """Bring a vault back from a backup."""
    here = session()
    done = restore(file_of(file), here.cwd / folder, surroundings(), dry_run=here.dry_run)
    data = {
        **asdict(done.held),
        "made": done.held.made.isoformat(timespec="seconds"),
        "folder": folder,
        "keys_added": done.salts,
        "keys_there": done.there,
        "left_out": list(done.left_out),
        "remote_asked": done.asked,
        "dry_run": here.dry_run,
    }
    emit(Notice("\n".join(_said(done, folder)), data), tuple(_warnings(done, folder)))
    if not done.listed:
        note(
            _(
                "This machine is not in the vault's team: `crm keys import KIT` brings your identity back from a key kit,"
            )
        )
        note(_("or an admin lets you in: `crm join` there shows how."))


def _said(done: Restored, folder: str) -> Iterator[str]:
    held = done.held
    if session().dry_run:
        yield _("Dry run, nothing is written:")
    said = n_(
        "Restored {count} customer, as of {at}, into {folder}.",
        "Restored {count} customers, as of {at}, into {folder}.",
        held.customers,
    )
    yield said.format(count=held.customers, at=f"{held.made:%Y-%m-%d %H:%M}", folder=folder)
    if held.root is None:
        return
    yield n_("{count} customer's key added.", "{count} customers' keys added.", done.salts).format(count=done.salts)
    if done.there:
        yield n_("{count} was here already.", "{count} were here already.", done.there).format(count=done.there)
    if done.left_out:
        said = n_(
            "Left out the key of {count} destroyed customer: {names}.",
            "Left out the keys of {count} destroyed customers: {names}.",
            len(done.left_out),
        )
        names = ", ".join(done.left_out[:_SHOWN]) + (" …" if len(done.left_out) > _SHOWN else "")
        yield said.format(count=len(done.left_out), names=names)
    if done.asked == "asked":
        yield _("Certificates at {remote} were looked at.").format(remote=visible(held.remote or ""))


def _warnings(done: Restored, folder: str) -> Iterator[Finding]:
    yield from done.findings if done.asked == "distrusted" else ()
    if done.strange:
        said = n_(
            "Left out {count} key that no value in the history names.",
            "Left out {count} keys that no value in the history names.",
            done.strange,
        )
        yield Finding(said.format(count=done.strange), severity="warning")
    if done.held.root and done.asked != "asked":
        yield _unknown(done.held, done, folder)


def _unknown(held: Held, done: Restored, folder: str) -> Finding:
    at = f"{held.made:%Y-%m-%d %H:%M}"
    if done.asked == "none":
        said = _("Who was destroyed after {at} can't be known: the backup names no remote.").format(at=at)
        hint = _("If there is another clone: `git remote add origin ADDRESS` and `crm sync` in {folder}.")
        return Finding(said, hint=hint.format(folder=folder), severity="warning")
    why = _("{remote} can't be reached") if done.asked == "offline" else _("{remote} is not to be trusted")
    said = _("Who was destroyed after {at} can't be known until `crm sync`: {why}.")
    said = said.format(at=at, why=why.format(remote=visible(held.remote or "")))
    hint = _("`crm sync` in {folder} destroys them here, too, as soon as it gets through.").format(folder=folder)
    return Finding(said, hint=hint, severity="warning")
