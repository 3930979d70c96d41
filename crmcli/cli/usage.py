"""Wrong usage in our own words: what typer finds wrong on the command line becomes an `Invalid` of kind "usage"."""

from importlib import import_module
from typing import Any, get_args

import typer

from crmcli.cli.options import Format
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
    return _("There is no option {name}.").format(name=error.option_name), _instead(error) or _near(error)


def _near(error: Any) -> str | None:
    # What knows likeness loads late, as does the model: only somebody who went wrong waits for them.
    found: str | None = import_module("crmcli.model.nearest").nearest(error.option_name, _options(error.ctx))
    return found


def _instead(error: Any) -> str | None:
    """The way this command has for what an option of other programs, or of a neighbouring command, would do."""
    name, own, path = error.option_name, _options(error.ctx), getattr(error.ctx, "command_path", None)
    if name.removeprefix("--") in get_args(Format):
        return _("Did you mean {words}?").format(words=f"--format {name.removeprefix('--')}")
    if name == "-n" and "--limit" in own:
        return _("Did you mean {words}?").format(words="--limit")
    if getattr(error.ctx, "info_name", None) == "search" and len(name) == 2:
        return _("Put -- before a query that begins with a minus: {example}").format(example="crm search -- -tag:vip")
    if path == "crm list" and (field := _field(name)):
        return _("Did you mean {words}?").format(words=f"crm search {field}:…")
    if "--set" in own and (field := _field(name)):
        return _("Did you mean {words}?").format(words=f"--set {field}=…")
    fields = [option for option, panel in own.items() if panel.startswith(_("Fields"))]
    if name == "--set" and fields:
        return _("Each field is an option of its own here: {names}.").format(names=", ".join(fields))
    return None


def _options(ctx: Any) -> dict[str, str]:
    """The long options of the command, each with the panel of the help page that shows it."""
    found = (param for param in ctx.command.params if param.param_type_name == "option")
    return {max(param.opts, key=len): getattr(param, "rich_help_panel", None) or "" for param in found}


def _field(option: str) -> str | None:
    """The customer's field that another command has this option for."""
    known = (
        field.name for field in import_module("crmcli.model.derive").catalog() if not (field.noun or field.assigned)
    )
    return next((name for name in known if option == "--" + name.replace(".", "-").replace("_", "-")), None)


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
