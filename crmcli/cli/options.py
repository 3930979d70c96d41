"""The options that every command takes, before and after the verb; declared once, attached to each command.

The last one given wins. They are collected in the call's `obj`, a dict by name: format, lang, vault, quiet, dry_run,
yes, no_color.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import Any, Literal

import typer
from typer.core import TyperOption

from crmcli.cli.conversion import convert_plainly
from crmcli.cli.streams import put
from crmcli.text import _, language

Format = Literal["table", "json", "jsonl", "csv", "tsv", "markdown", "yaml", "ids"]
Lang = Literal["en", "zh"]
PREFIX = "global_"
WITH_VALUE = ("format", "lang")


def _collect(ctx: typer.Context, param: typer.CallbackParam, value: Any) -> None:
    if value and isinstance(ctx.obj, dict):
        ctx.obj[param.name.removeprefix(PREFIX)] = value


def _help(ctx: typer.Context, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        put(ctx.get_help() + "\n")
        raise typer.Exit


def _option(*names: str, about: str, metavar: str | None = None) -> Any:
    panel = _("Everywhere")
    return typer.Option(
        None, *names, help=about, metavar=metavar, callback=_collect, expose_value=False, rich_help_panel=panel
    )


def global_options() -> list[TyperOption]:
    """The options, with help in the current language. Commands share them; they hold no state of a call."""
    return _made(language())


@lru_cache(maxsize=2)
def _made(_language: str) -> list[TyperOption]:
    def everywhere(
        global_format: Format | None = _option("--format", about=_("How to print the result."), metavar="FORMAT"),
        global_lang: Lang | None = _option("--lang", about=_("Language of messages: en or zh."), metavar="LANG"),
        global_vault: str | None = _option("--vault", about=_("The vault to work in."), metavar="PATH"),
        global_quiet: bool = _option("--quiet", "-q", about=_("Print only errors and results.")),
        global_dry_run: bool = _option("--dry-run", about=_("Show what would be done, change nothing.")),
        global_yes: bool = _option("--yes", "-y", about=_("Answer yes to every question.")),
        global_no_color: bool = _option("--no-color", about=_("No colours (also: NO_COLOR in the environment).")),
        global_help: bool = typer.Option(
            False,
            "--help",
            "-h",
            help=_("Show this page."),
            callback=_help,
            expose_value=False,
            is_eager=True,
            rich_help_panel=_("Everywhere"),
        ),
    ) -> None:
        """Never called: only its options are used."""

    app = typer.Typer(add_completion=False)
    app.command()(everywhere)
    made = [param for param in typer.main.get_command(app).params if isinstance(param, TyperOption)]
    convert_plainly(made)
    return made


def glance(arguments: Sequence[str]) -> dict[str, Any]:
    """What the arguments say about format, language and colours before they are parsed, for help and for errors.

    A guess by look alone (`--name --format` fools it); parsing has the last word for whatever parses.
    """
    seen: dict[str, Any] = {}
    words = list(arguments)
    words = words[: words.index("--")] if "--" in words else words
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        name, equals, value = word.partition("=")
        if name == "--no-color":
            seen["no_color"] = True
        elif name.removeprefix("--") in WITH_VALUE and name.startswith("--"):
            seen[name.removeprefix("--")] = value if equals else following
    return seen
