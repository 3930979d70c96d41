"""Arguments into values without pydantic, which typer would load (0.1 s) for the plainest text option.

Covers text, choices, whole numbers, paths and flags, singly or in lists; any other type is left to typer.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer
from typer.core import TyperArgument, TyperOption

from crmcli.text import _

Convert = Callable[[Any], Any]


class Unfit(ValueError):
    """A word that is no such value; the message is for people."""


@dataclass(frozen=True, slots=True)
class PlainConversion:
    """Stands in for typer's own runtime conversion of one parameter."""

    one: Convert

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The converted value, a tuple for repeatable ones; raises typer.BadParameter."""
        many = param.multiple or param.nargs == -1
        try:
            if many:
                return tuple(self.one(each) for each in value or ())
            return None if value is None else self.one(value)
        except Unfit as error:
            raise typer.BadParameter(str(error), ctx=ctx, param=param) from error


def convert_plainly(params: Iterable[Any]) -> None:
    """Give every option and argument of a plain type its plain conversion."""
    for param in params:
        if isinstance(param, TyperOption | TyperArgument):
            convert = _conversion(param)
            if convert is not None:
                _replace(param, PlainConversion(convert))


def _replace(param: Any, conversion: PlainConversion) -> None:
    param.get_runtime_param = lambda: conversion


def _conversion(param: TyperOption | TyperArgument) -> Convert | None:
    info = param.type_descriptor.parameter_info
    kind: Any = param.type_descriptor.annotation
    kind = get_args(kind)[0] if get_origin(kind) is list else kind
    if info.parser is not None or info.exists or info.resolve_path or info.allow_dash:
        return None
    if kind in (str, Path):
        return Path if kind is Path else str
    if kind is bool:
        return _same
    if kind is int and not info.clamp:
        return _whole_number(param.min, param.max)
    return _choice(_choices(kind)) if _choices(kind) else None


def _same(value: Any) -> Any:
    return value


def _choices(kind: Any) -> dict[str, Any]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {str(member.value): member for member in kind}
    return {str(choice): choice for choice in get_args(kind)} if get_origin(kind) is Literal else {}


def _choice(choices: dict[str, Any]) -> Convert:
    def convert(value: Any) -> Any:
        if value in choices.values():
            return value
        if value not in choices:
            raise Unfit(_("{value} is none of: {choices}").format(value=value, choices=", ".join(choices)))
        return choices[value]

    return convert


def _whole_number(least: float | None, most: float | None) -> Convert:
    def convert(value: Any) -> int:
        try:
            number = int(value)
        except ValueError as error:
            raise Unfit(_("{value} is not a whole number").format(value=value)) from error
        if least is not None and number < least:
            raise Unfit(_("{value} is below {least}").format(value=value, least=least))
        if most is not None and number > most:
            raise Unfit(_("{value} is above {most}").format(value=value, most=most))
        return number

    return convert
