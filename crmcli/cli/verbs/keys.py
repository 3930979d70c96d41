"""`crm keys [show]|export|import`: the keys of whoever works on this machine, and the files they travel in."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from crmcli.cli.opening import workplace
from crmcli.cli.output import emit, end_with, found_problems, note
from crmcli.cli.passphrase import new_passphrase, passphrase
from crmcli.cli.session import session, settle_language
from crmcli.errors import Invalid, NotFound, Refused, Where
from crmcli.model.fields import Level
from crmcli.reports.values import Card, Notice, Section
from crmcli.store import vault as vaults
from crmcli.store.vault import Vault
from crmcli.text import _, n_
from crmcli.usecases.keys_import import Imported, import_kit, read_kit
from crmcli.usecases.keys_kit import Exported, Own, export_kit, hand_over, show
from crmcli.usecases.workplace import Workplace

DEFAULT = "show"
_SHOWN = 5
FILE = Annotated[str, typer.Argument(metavar="FILE", help=_("The encrypted file; outside the vault."))]
REFS = Annotated[
    list[str] | None, typer.Argument(metavar="REF", help=_("With --for: only these customers; all if left out."))
]
FOR = Annotated[str | None, typer.Option("--for", metavar="PERSON", help=_("Only customers' keys, for this teammate."))]
REPLACE = Annotated[bool, typer.Option("--replace", help=_("Overwrite an older file."))]
REPLACE_IDENTITY = Annotated[
    bool,
    typer.Option("--replace-identity", help=_("Take over the identity in the kit; the present one is kept beside it.")),
]


def group(noun: str) -> typer.Typer:
    """The commands of `crm keys`."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command("show", help=_("Show the line an admin needs to let you in, and what keys are here."))(_show)
    app.command("export", help=_("Write a key kit, locked with a passphrase, or customers' keys for a teammate."))(
        _export
    )
    app.command("import", help=_("Import a key kit, or customers' keys from a teammate."))(_import)
    return app


def _show() -> None:
    own = show(session().homes, _workplace())
    data = {name: value for name, value in asdict(own).items() if name != "listed"}
    emit(Card(own.public, (Section("", tuple(_lines(own))),), {**data, "folder": str(own.folder)}, own.public))
    if own.listed and own.name is None:
        note(_("You are not in this vault's team yet. An admin lets you in:"))
        note(f"  crm team add NAME --email MAIL --role ROLE --key {own.public}")


def _workplace() -> Workplace | None:
    """The vault, None outside of any."""
    try:
        return workplace()
    except NotFound as error:
        if error.kind == "no-vault" and not session().vault_option:
            return None
        raise


def _lines(own: Own) -> list[tuple[str, str]]:
    machine = [(_("Device"), own.device), (_("Folder"), str(own.folder))]
    if not own.listed:
        return machine
    return [
        (_("Member"), own.name or _("not in the team")),
        *machine,
        (_("Reads up to"), Level(own.reads).label if own.reads else ""),
        (_("Customers' keys here"), str(own.salts)),
        (_("Root"), own.root or ""),
    ]


def _export(file: FILE, refs: REFS = None, for_: FOR = None, replace: REPLACE = False) -> None:
    if refs and not for_:
        hint = _("A kit has all keys; --for PERSON hands over those of some customers.")
        raise Invalid(_("Customers are named, but not for whom."), kind="usage", where=Where(field="REF"), hint=hint)
    here, work = session(), workplace()
    path = Path(file)
    if for_:
        made = hand_over(work, for_, path, refs or (), replace=replace, dry_run=here.dry_run)
    else:
        made = export_kit(work, path, new_passphrase, replace=replace, dry_run=here.dry_run)
    _tell_export(made, file, for_)
    if made.lacking:
        said = n_(
            "It lacks the key of {count} customer, which is not on this machine.",
            "It lacks the keys of {count} customers, which are not on this machine.",
            made.lacking,
        )
        note(said.format(count=made.lacking))
    if made.commit and not for_:
        note(_("Whoever has this file and its passphrase can read what you can. Keep it away from this machine."))


def _tell_export(made: Exported, file: str, person: str | None) -> None:
    if session().dry_run:
        said = n_("Would write {count} customer's key.", "Would write {count} customers' keys.", made.count)
    elif person:
        said = n_(
            "Wrote {count} customer's key for {person} into {file}.",
            "Wrote {count} customers' keys for {person} into {file}.",
            made.count,
        )
    else:
        said = n_(
            "Wrote a key kit with {count} customer's key into {file}.",
            "Wrote a key kit with {count} customers' keys into {file}.",
            made.count,
        )
    for number in made.without:
        note(_("The key of {number} is not on this machine.").format(number=number))
    data = {"file": file, "count": made.count, "without": list(made.without), "lacking": made.lacking}
    data["commit"] = made.commit
    words = said.format(count=made.count, person=person, file=file)
    emit(Notice(words, {**data, "for": person, "dry_run": session().dry_run}))


def _import(file: FILE, replace_identity: REPLACE_IDENTITY = False) -> None:
    here, vault = session(), _vault()
    made = import_kit(
        vault,
        here.homes,
        read_kit(Path(file)),
        passphrase,
        here.now,
        replace_identity=replace_identity,
        dry_run=here.dry_run,
    )
    data = {**asdict(made), "made": made.made.isoformat(timespec="seconds"), "dry_run": here.dry_run}
    emit(Notice("\n".join(_taken_in(made)), data))
    _tell_left_out(made)
    if made.identity == "other":
        note(_("The identity in the kit was left out: this machine has one of its own."))
        note(_("--replace-identity takes it over; the present one is kept beside it."))
        end_with(Refused.exit)


def _tell_left_out(made: Imported) -> None:
    if made.strange:
        said = n_(
            "Left out: a key for {count} customer that none of their sealed values names: {uids}.",
            "Left out: keys for {count} customers that none of their sealed values names: {uids}.",
            len(made.strange),
        )
        uids = ", ".join(made.strange[:_SHOWN]) + (" …" if len(made.strange) > _SHOWN else "")
        note(said.format(count=len(made.strange), uids=uids))
    if made.unknown:
        said = n_(
            "Left out: the key of {count} customer of whom this clone has nothing sealed.",
            "Left out: the keys of {count} customers of whom this clone has nothing sealed.",
            len(made.unknown),
        )
        note(said.format(count=len(made.unknown)))
        note(_("If a teammate added them: `git pull`, then import the file again."))
    if made.lacking:
        said = n_(
            "The right key of {count} customer is still missing; ask another teammate for it.",
            "The right keys of {count} customers are still missing; ask another teammate for them.",
            len(made.lacking),
        )
        note(said.format(count=len(made.lacking)))
        found_problems()


def _vault() -> Vault:
    """The vault, not opened: on a new machine its values can't be read yet."""
    here = session()
    found = vaults.at if here.vault_option else vaults.find
    vault = found(Path(here.vault_option) if here.vault_option else here.cwd, here.env)
    said = vault.settings.get("language")
    settle_language(said if isinstance(said, str) else None)
    return vault


def _taken_in(made: Imported) -> list[str]:
    lines = [_("Dry run, nothing is written:")] if session().dry_run else []
    lines.append(n_("{count} customer's key added.", "{count} customers' keys added.", made.added))
    lines[-1] = lines[-1].format(count=made.added)
    if made.there:
        lines.append(n_("{count} was here already.", "{count} were here already.", made.there).format(count=made.there))
    if made.purged:
        said = n_(
            "{count} left out: the customer was destroyed.",
            "{count} left out: the customers were destroyed.",
            made.purged,
        )
        lines.append(said.format(count=made.purged))
    if made.pinned:
        lines.append(_("Pinned the vault's root {root}.").format(root=made.root[:12]))
    if made.identity == "taken":
        lines.append(_("This machine is now the device {device}.").format(device=made.device))
    return lines
