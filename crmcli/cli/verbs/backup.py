"""`crm backup FILE`: the whole vault and its customers' keys in one encrypted file; `crm backup verify FILE`."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from crmcli.cli.backup_words import facts, file_of, surroundings
from crmcli.cli.opening import workplace
from crmcli.cli.output import emit, note
from crmcli.cli.passphrase import new_passphrase
from crmcli.cli.session import session
from crmcli.errors import Finding
from crmcli.reports.values import Card, Notice, Section
from crmcli.text import _, n_
from crmcli.usecases.backup import BackedUp, back_up
from crmcli.usecases.restore import verify

FILE = Annotated[str, typer.Argument(metavar="FILE", help=_("The encrypted file; outside the vault."))]
REPLACE = Annotated[bool, typer.Option("--replace", help=_("Overwrite an older file."))]
OTHERWISE = "FILE"  # the action when the first word is none of the others


def group(noun: str) -> typer.Typer:
    """The commands of `crm backup`."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(OTHERWISE, help=_("Write the whole vault and its customers' keys into one encrypted file."))(_make)
    app.command("verify", help=_("Check a backup and show what it holds."))(_verify)
    return app


def _make(file: FILE, replace: REPLACE = False) -> None:
    here, work = session(), workplace()
    made = back_up(work, here.homes, file_of(file), new_passphrase, replace=replace, dry_run=here.dry_run)
    data: dict[str, Any] = {**asdict(made), "uncommitted": list(made.uncommitted), "file": file}
    emit(Notice(_said(made, file), {**data, "dry_run": here.dry_run}))
    _aside(made, sealed=work.sealed)


def _said(made: BackedUp, file: str) -> str:
    if made.commit is None:
        said = n_("Would back up {count} customer.", "Would back up {count} customers.", made.customers)
    else:
        said = n_(
            "Backed up {count} customer and the whole history into {file}.",
            "Backed up {count} customers and the whole history into {file}.",
            made.customers,
        )
    return said.format(count=made.customers, file=file)


def _aside(made: BackedUp, *, sealed: bool) -> None:
    if made.lacking:
        said = n_(
            "It lacks the key of {count} customer, which is not on this machine.",
            "It lacks the keys of {count} customers, which are not on this machine.",
            made.lacking,
        )
        note(said.format(count=made.lacking))
    if made.uncommitted:
        said = n_(
            "The uncommitted change to {count} file is not in it.",
            "The uncommitted changes to {count} files are not in it.",
            len(made.uncommitted),
        )
        note(said.format(count=len(made.uncommitted)))
    if made.commit and sealed:
        note(
            _(
                "It opens with its passphrase, or with the identity of an admin. To read its values you also need a key kit."
            )
        )


def _verify(file: FILE) -> None:
    found = verify(file_of(file), surroundings())
    lines = tuple(facts(found.held))
    data = {**asdict(found.held), "made": found.held.made.isoformat(timespec="seconds"), "named_by_audit": found.named}
    emit(Card(_("The backup is whole."), (Section("", lines),), data, found.held.vault), _named(found.named))


def _named(count: int) -> tuple[Finding, ...]:
    if not count:
        return ()
    said = n_(
        "`crm audit` names {count} commit in it; whoever made the backup had that history.",
        "`crm audit` names {count} commits in it; whoever made the backup had that history.",
        count,
    )
    return (Finding(said.format(count=count), severity="warning"),)
