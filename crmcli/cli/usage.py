"""Wrong usage in our own words: what typer finds wrong on the command line becomes an `Invalid` of kind "usage"."""

from typing import Any

import typer

from crmcli.errors import Invalid
from crmcli.text import _


def usage_error(message: str, ctx: Any, *, hint: str | None = None) -> Invalid:
    """Wrong usage of the command that `ctx` belongs to; without a hint it points to that command's help."""
    path = ctx.command_path if ctx is not None else "crm"
    return Invalid(message, kind="usage", hint=hint or _("See {command} --help.").format(command=path))


def usage_error_from(error: typer.TyperException, ctx: Any = None) -> Invalid:
    """What typer found wrong, as ours; `ctx` for what does not know its own command."""
    said = {
        "NoSuchOption": _no_such_option,
        "MissingParameter": _missing,
        "BadParameter": _bad_value,
        "BadOptionUsage": _bad_option,
    }.get(type(error).__name__, _other)
    message, hint = said(error)
    return usage_error(message, getattr(error, "ctx", None) or ctx, hint=hint)


def _no_such_option(error: Any) -> tuple[str, str | None]:
    if getattr(error.ctx, "info_name", None) == "search" and len(error.option_name) == 2:
        words = _("Put -- before a query that begins with a minus: {example}").format(example="crm search -- -tag:vip")
        return _("There is no option {name}.").format(name=error.option_name), words
    near = ", ".join(sorted(error.possibilities or ()))
    hint = _("Did you mean {names}?").format(names=near) if near else None
    return _("There is no option {name}.").format(name=error.option_name), hint


def _missing(error: Any) -> tuple[str, str | None]:
    return _("{name} is missing.").format(name=_name(error)), None


def _bad_value(error: Any) -> tuple[str, str | None]:
    return _("{name}: {problem}").format(name=_name(error), problem=error.message), None


def _bad_option(error: Any) -> tuple[str, str | None]:
    if "does not take" in error.message:
        return _("Option {name} takes no value.").format(name=error.option_name), None
    return _("Option {name} needs a value.").format(name=error.option_name), None


def _other(error: Any) -> tuple[str, str | None]:
    if hasattr(getattr(getattr(error, "ctx", None), "command", None), "commands"):
        return _("Say which command."), None
    return error.format_message(), None


def _name(error: Any) -> str:
    """The option as typed, or the argument in capitals as the help shows it."""
    if error.param is None:
        return str(error.param_hint or _("A value"))
    if error.param.param_type_name == "option":
        return str(max(error.param.opts, key=len))
    return str(error.param.metavar or error.param.name.upper())
