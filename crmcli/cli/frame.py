"""How any command of ours behaves: global options, plain conversions, our help, a session before it runs.

Verb modules hand over plain functions or typer apps; the frame makes commands of them.
"""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from crmcli.cli import help_page, session
from crmcli.cli.conversion import convert_plainly
from crmcli.cli.options import global_options
from crmcli.cli.streams import say
from crmcli.cli.usage import usage_error, usage_error_from
from crmcli.text import _


class OneCommand(TyperCommand):
    """A verb, or one action of a noun."""

    allow_extra_args = True

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse; words left over are an error of ours."""
        try:
            left = super().parse_args(ctx, args)
        except typer.TyperException as error:
            raise usage_error_from(error, ctx) from error
        if left and not ctx.resilient_parsing:
            raise usage_error(_("Too many words: {words}").format(words=" ".join(left)), ctx)
        return left

    def invoke(self, ctx: Any) -> Any:
        """Begin the session, then run the verb."""
        session.begin(ctx.obj)
        return super().invoke(ctx)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Our own page, in the current language."""
        formatter.write(help_page.of_command(self, ctx))


class ManyCommands(TyperGroup):
    """A group: the root, or a noun with its actions. `usual`: the action when none is named; `otherwise`: the one that
    gets all words when the first is no action."""

    usual: str | None = None
    otherwise: str | None = None

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse; with nothing given do what is usual, or show the help and stop with the code for wrong usage."""
        if self.usual and not any(word in self.commands for word in args):
            args = [*args, self.usual]
        if self.otherwise and self._meant_for_otherwise(args):
            args = [self.otherwise, *args]
        if not args and not ctx.resilient_parsing and ctx.obj.get("format") != "json":
            say(ctx.get_help())
            raise typer.Exit(2)
        return super().parse_args(ctx, args)

    def _meant_for_otherwise(self, args: Sequence[str]) -> bool:
        """Whether the first word is no action, or none of the words is one and an option follows that only it has."""
        first = args[0] if args else "-"
        options = {option for param in self.commands[self.otherwise or ""].params for option in param.opts}
        known = {option for param in self.params for option in param.opts}
        own = first.startswith("-") and bool(options - known & set(args)) and not set(args) & self.commands.keys()
        return own or not (first.startswith("-") or first in self.commands)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the first word names; one that does not exist is answered with the nearest."""
        names = self.list_commands(ctx)
        if args[0] not in names and not ctx.resilient_parsing:
            near = get_close_matches(args[0], names)
            hint = _("Did you mean {names}?").format(names=", ".join(near)) if near else None
            raise usage_error(_("There is no command {name}.").format(name=args[0]), ctx, hint=hint)
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Our own page, in the current language."""
        parts = [("", [(name, self.commands[name].get_short_help_str(200)) for name in self.list_commands(ctx)])]
        formatter.write(help_page.of_group(self, ctx, parts))


def command_from(function: Callable[..., None], name: str, about: str) -> TyperCommand:
    """A verb from its plain function."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(name, cls=OneCommand, help=about)(function)
    made = typer.main.get_command(app)
    furnish([made])
    return made  # type: ignore[return-value]


def group_from(
    app: typer.Typer, name: str, about: str, usual: str | None = None, otherwise: str | None = None
) -> TyperGroup:
    """A noun from its typer app: each of its commands becomes an action, one perhaps the usual one, one for all else."""
    for action in app.registered_commands:
        action.cls = OneCommand
    app.info.cls = type("Noun", (ManyCommands,), {"usual": usual, "otherwise": otherwise})
    group = typer.main.get_group(app)
    group.name, group.help = name, about
    furnish([group, *group.commands.values()])
    return group


def furnish(commands: Sequence[Any]) -> None:
    """Plain conversions, and the options that are valid everywhere."""
    for command in commands:
        convert_plainly(command.params)
        command.params = [*command.params, *global_options()]
        command.add_help_option = False
