"""Command options made from the model's fields: a field declared there is an option here, with its label as help."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import typer

from crmcli.errors import Invalid
from crmcli.model.catalog import CatalogField
from crmcli.model.spelling import quoted
from crmcli.text import _, label

Command = TypeVar("Command", bound=Callable[..., None])


def with_field_options(fields: Iterable[CatalogField], *, short: bool = False) -> Callable[[Command], Command]:
    """Give a command that takes `**given` one option a field; `short` leaves the entry's noun out of the option."""

    def decorate(command: Command) -> Command:
        signature = inspect.signature(command)
        own = [param for param in signature.parameters.values() if param.kind is not param.VAR_KEYWORD]
        made = [_parameter(found, short=short) for found in fields]
        parameters = [param.replace(kind=param.KEYWORD_ONLY) for param in (*own, *made)]
        command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {param.name: param.annotation for param in parameters} | {"return": None}
        return command

    return decorate


def values(given: Mapping[str, Any], fields: Iterable[CatalogField]) -> dict[str, str]:
    """The values given for the fields, by dotted name; several tags joined, rows of a table one by one."""
    found: dict[str, str] = {}
    for one in fields:
        value = given.get(_name(one))
        if one.table:
            found |= {f"{one.name}.{key}": text for key, text in pairs(value or ()).items()}
        elif one.many and value:
            found[one.name] = ",".join(value)
        elif value is not None and not one.many:
            found[one.name] = value
    return found


def pairs(given: Iterable[str]) -> dict[str, str]:
    """`name=value` words as a mapping; Invalid for a word without `=` or a name given twice."""
    found: dict[str, str] = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            raise Invalid(
                _("{word} must be NAME=VALUE.").format(word=quoted(word)),
                kind="usage",
                hint=_("Write it like {example}.").format(example="tier=gold"),
            )
        if name.strip() in found:
            raise Invalid(_("{name} is given twice.").format(name=quoted(name.strip())), kind="usage")
        found[name.strip()] = value
    return found


def _name(found: CatalogField) -> str:
    return found.name.replace(".", "__")


def _parameter(found: CatalogField, *, short: bool) -> inspect.Parameter:
    said = found.name.split(".", 1)[1] if short and "." in found.name else found.name
    option = "--" + said.replace(".", "-").replace("_", "-")
    text = label(en=found.en, zh=found.zh) + (f" ({found.example})" if found.example else "")
    kind: Any = list[str] | None if found.many else str | None
    metavar = "KEY=VALUE" if found.table else found.type.upper()
    default = typer.Option(None, option, help=text, metavar=metavar, rich_help_panel=_panel(found))
    return inspect.Parameter(_name(found), inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def _panel(found: CatalogField) -> str:
    group = label(en=found.group_en, zh=found.group_zh)
    return _("Fields: {group}").format(group=group) if group else _("Fields")
