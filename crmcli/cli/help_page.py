"""Help pages: plain text in the language in force, within the terminal's width, wide characters counted as wide.

A paragraph whose lines are indented stands as written (examples); all others are wrapped.
"""

import shutil
from collections.abc import Iterable, Sequence
from typing import Any

from typer.core import TyperArgument, TyperOption

from crmcli.reports.safe_text import pad, width_of, wrapped
from crmcli.text import _

Rows = Sequence[tuple[str, str]]
LEFT = 30


def of_command(command: Any, ctx: Any) -> str:
    """The page of a verb or an action."""
    params = command.get_params(ctx)
    words = " ".join(_placeholder(param) for param in params if isinstance(param, TyperArgument))
    options = _("[OPTIONS]")
    usage = f"{ctx.command_path} {options} {words}".rstrip()
    return _page(usage, command.help or "", _panels(params))


def of_group(group: Any, ctx: Any, parts: Sequence[tuple[str, Rows]]) -> str:
    """The page of a group; `parts` are its commands under their headings."""
    options, command = _("[OPTIONS]"), _("COMMAND")
    usage = f"{ctx.command_path} {options} {command} …"
    commands = [(title or _("Commands"), rows) for title, rows in parts]
    return _page(usage, group.help or "", [*commands, *_panels(group.get_params(ctx))])


def _page(usage: str, about: str, panels: Iterable[tuple[str, Rows]]) -> str:
    width = min(shutil.get_terminal_size().columns, 100)
    blocks = [_("Usage: {usage}").format(usage=usage), *(_paragraph(text, width) for text in about.split("\n\n"))]
    blocks += [_("{title}:").format(title=title) + f"\n{_rows(rows, width)}" for title, rows in panels if rows]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _paragraph(text: str, width: int) -> str:
    if text.startswith("  "):
        return text.rstrip()
    return "\n".join(f"  {line}" for line in wrapped(" ".join(text.split()), width - 2) if line)


def _rows(rows: Rows, width: int) -> str:
    left = min(max(width_of(name) for name, _about in rows), LEFT)
    return "\n".join(_row(name, about, left, width) for name, about in rows)


def _row(name: str, about: str, left: int, width: int) -> str:
    gap = " " * (left + 4)
    lines = wrapped(about, max(width - left - 4, 20))
    if width_of(name) > left:
        return "\n".join([f"  {name}", *(gap + line for line in lines)]).rstrip()
    return "\n".join([f"  {pad(name, left)}  {lines[0]}".rstrip(), *(gap + line for line in lines[1:])])


def _panels(params: Sequence[Any]) -> list[tuple[str, Rows]]:
    panels: dict[str, list[tuple[str, str]]] = {_("Arguments"): [], _("Options"): []}
    for param in params:
        if not param.hidden:
            usual = _("Arguments") if isinstance(param, TyperArgument) else _("Options")
            panels.setdefault(param.rich_help_panel or usual, []).append((_left(param), _right(param)))
    return list(panels.items())


def _placeholder(param: TyperArgument) -> str:
    name = (param.metavar or param.name.upper()) + ("..." if param.nargs != 1 else "")
    return name if param.required else f"[{name}]"


def _left(param: Any) -> str:
    if isinstance(param, TyperArgument):
        return _placeholder(param).strip("[]")
    names = ", ".join(sorted([*param.opts, *param.secondary_opts], key=len))
    return names if param.is_flag or param.count else f"{names} {param.metavar or param.name.upper()}"


def _right(param: TyperOption | TyperArgument) -> str:
    about, more = param.help or "", ", ".join(_more(param))
    return f"{about} ({more})" if about and more else about or more


def _more(param: TyperOption | TyperArgument) -> Iterable[str]:
    choices = param.type_descriptor.choices
    if choices and param.show_choices:
        yield "|".join(str(getattr(choice, "value", choice)) for choice in choices)
    if param.required:
        yield _("required")
    if isinstance(param, TyperOption) and param.multiple:
        yield _("may be repeated")
    if param.show_default and param.default not in (None, False, "", [], ()) and not callable(param.default):
        yield _("default: {value}").format(value=getattr(param.default, "value", param.default))
