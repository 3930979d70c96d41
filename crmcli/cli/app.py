"""The table of verbs and the command that knows them. A verb's module is loaded only when that verb is asked for.

A verb's module offers `command`, a plain function with typer's parameters; a noun's module offers
`group(noun) -> typer.Typer`, and maybe `DEFAULT`, the action when none is named, and `OTHERWISE`, the one
for other words.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from crmcli import __version__
from crmcli.cli import frame, help_page
from crmcli.cli.streams import put
from crmcli.text import _

VERBS = "crmcli.cli.verbs"


@dataclass(frozen=True, slots=True)
class Verb:
    """One word after `crm`: its module below crmcli.cli.verbs, one line of help, its part of the help page."""

    name: str
    module: str
    about: str
    part: str
    noun: bool = False


def verbs() -> tuple[Verb, ...]:
    """The table, in the order of the help page and in the current language."""
    return (*_of_customers(), *_of_vaults())


def _of_customers() -> tuple[Verb, ...]:
    daily, entries = _("Daily work"), _("Entries of a customer")
    life, data = _("The end of a file"), _("Data in and out")
    return (
        Verb("add", "add", _("Add a customer."), daily),
        Verb("today", "today", _("Show what to do today."), daily),
        Verb("show", "show", _("Show one customer."), daily),
        Verb("list", "list", _("List customers."), daily),
        Verb("search", "search", _("Find customers by a query."), daily),
        Verb("update", "update", _("Change fields of a customer."), daily),
        Verb("edit", "edit", _("Edit a customer in an editor."), daily),
        Verb("classify", "classify", _("Show who moves to another class, or move them."), daily),
        Verb("report", "report", _("Make a report or a form."), daily),
        Verb("archive", "archive", _("Archive a customer who left."), life),
        Verb("reactivate", "reactivate", _("Make a customer active again."), life),
        Verb("hold", "hold", _("Put a legal hold on a customer."), life),
        Verb("release", "release", _("Release a legal hold."), life),
        Verb("purge", "purge", _("Plan, approve and carry out destruction."), life, noun=True),
        Verb("interaction", "entries", _("Calls, visits and messages."), entries, noun=True),
        Verb("sale", "entries", _("Purchases."), entries, noun=True),
        Verb("contact", "entries", _("Contact people."), entries, noun=True),
        Verb("import", "import_", _("Read customers or entries from a CSV file."), data),
        Verb("export", "export", _("Hand out customers to other programs."), data),
    )


def _of_vaults() -> tuple[Verb, ...]:
    vault, team = _("The vault and its history"), _("The team, its clones and keys")
    return (
        Verb("init", "init", _("Make a vault."), vault),
        Verb("history", "history", _("Show who changed what, and when."), vault),
        Verb("diff", "diff", _("Show what changed, field by field."), vault),
        Verb("blame", "blame", _("Show who last changed each value."), vault),
        Verb("audit", "audit", _("Verify who signed every commit."), vault),
        Verb("undo", "undo", _("Undo a change."), vault),
        Verb("commit", "commit", _("Commit changes made by hand."), vault),
        Verb("check", "check", _("Check every file."), vault),
        Verb("doctor", "doctor", _("See whether keys, git and this machine are in order."), vault),
        Verb("cron", "cron", _("Print crontab lines for this vault."), vault),
        Verb("sync", "sync", _("Meet the other clones at a git remote."), team),
        Verb("resolve", "resolve", _("Decide where two people changed the same field."), team),
        Verb("join", "join", _("Take part in a vault that you cloned."), team),
        Verb("team", "team", _("Show or change who is in the team."), team, noun=True),
        Verb("keys", "keys", _("Show, back up or hand over keys."), team, noun=True),
        Verb("seal", "seal", _("Seal personal values that are still in clear."), team),
        Verb("backup", "backup", _("Back up the vault, or check a backup."), team, noun=True),
        Verb("restore", "restore", _("Bring a vault back from a backup."), team),
    )


class Root(frame.ManyCommands):
    """`crm` itself: a table of names; nothing is loaded to list them."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The verbs' names."""
        return [verb.name for verb in verbs()]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, loaded now; None when there is none."""
        known = {verb.name: verb for verb in verbs()}
        return load(known[cmd_name]) if cmd_name in known else None

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The table, part by part."""
        parts: dict[str, list[tuple[str, str]]] = {}
        for verb in verbs():
            parts.setdefault(verb.part, []).append((verb.name, verb.about))
        formatter.write(help_page.of_group(self, ctx, list(parts.items())))


def load(verb: Verb) -> Any:
    """Import the verb's module and make its command."""
    module = import_module(f"{VERBS}.{verb.module}")
    if verb.noun:
        usual, otherwise = getattr(module, "DEFAULT", None), getattr(module, "OTHERWISE", None)
        return frame.group_from(module.group(verb.name), verb.name, verb.about, usual, otherwise)
    return frame.command_from(module.command, verb.name, verb.about)


def root() -> TyperGroup:
    """The whole command line, in the current language."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.callback(cls=Root, help=_("Customer files as validated YAML in git."))(_declaration())
    made = typer.main.get_group(app)
    frame.furnish([made])
    made.name = "crm"
    return made


def _declaration() -> Any:
    def crm(
        version: bool = typer.Option(
            False, "--version", help=_("Print the version."), callback=_version, is_eager=True, expose_value=False
        ),
    ) -> None:
        """Never does anything: only its option is used."""

    return crm


def _version(ctx: typer.Context, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        put(f"crm {__version__}\n")
        raise typer.Exit
