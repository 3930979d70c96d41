"""Clear text where a sealed vault must hold tokens, seen in the file as it stands: no key is needed, none is used.

Names the place and the level, never the value. Whether a token opens, only the sealer can tell. Pure.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crmcli.errors import Finding, ValueProblem, Where
from crmcli.model.catalog import CatalogField
from crmcli.model.fields import Level
from crmcli.model.findings import Lines, line_of
from crmcli.model.sealed import is_token, token_of
from crmcli.model.team import STAYS_OPEN
from crmcli.text import _

Place = tuple[str | int, ...]
Way = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Value:
    """One value: its place in the tree, the keys on the way to it, the field path its token is bound to, its text."""

    place: Place
    way: Way
    field: str
    text: str


def clear_text(
    tree: Mapping[str, Any],
    lines: Lines,
    fields: Iterable[CatalogField],
    path: str | None = None,
    *,
    lower: bool = False,
) -> list[Finding]:
    """What is wrong with the sealing of a customer's file: clear text in a sealed field, tokens that cannot be ones.

    tree    as it stands in the file, tokens and all
    fields  the catalogue with the levels in force; a field that is not in it is confidential
    lower   whether values may be sealed for a lower level than the field's: it may have been raised since
    """
    known = {(*field.key, "*") if field.table else field.key: field for field in fields}
    found = ((value, _problem(value, known, lower=lower)) for value in _values(tree, (), (), ""))
    return [_finding(value, problem, path, lines) for value, problem in found if problem is not None]


def comment(path: str, line: int) -> Finding:
    """A comment in a customer's file of a sealed vault: it would stay in git for ever, for everybody."""
    hint = _("Put it into `remarks`, which is sealed: `crm update REF --set remarks=…`; then remove it here.")
    return Finding(_("A comment in a sealed file."), Where(path, line), hint=hint, damaged=True)


def _problem(value: _Value, known: Mapping[Way, CatalogField], *, lower: bool) -> ValueProblem | None:
    """What is wrong with a value. known: the fields by their way of keys, `*` for the rows of a table."""
    field = known.get(value.way) or known.get((*value.way[:-1], "*"))
    level = field.level if field else Level.CONFIDENTIAL
    if not is_token(value.text):
        return None if level is Level.OPEN else _in_clear(level)
    try:
        sealed = token_of(value.text).level
    except ValueProblem as problem:
        return problem
    if field and level is Level.OPEN and (field.assigned or field.name in STAYS_OPEN):
        return ValueProblem(_("This value is never sealed."))
    if sealed.rank < level.rank and not lower:
        said = _("The value is sealed for {level}, lower than the field's level.").format(level=sealed.label)
        return ValueProblem(said, level.label)
    return None


def _in_clear(level: Level) -> ValueProblem:
    said = _("Clear text in a sealed field (level {level}).").format(level=level.label)
    hint = _("`crm commit` seals a change made by hand; for a committed one: `crm seal NUMBER`, or `crm undo`.")
    return ValueProblem(said, hint=hint)


def _finding(value: _Value, problem: ValueProblem, path: str | None, lines: Lines) -> Finding:
    where = Where(path, line_of(value.place, lines), value.field)
    return Finding(problem.message, where, problem.expected, problem.hint or _history(), damaged=True)


def _history() -> str:
    return _("`crm history` tells who changed the file; `crm undo` undoes a change.")


def _values(node: Any, place: Place, way: Way, field: str) -> Iterator[_Value]:
    """Every value below a node; an item of a list counts by its id, else by its place."""
    if isinstance(node, str):
        yield _Value(place, way, field, node)
    elif isinstance(node, Mapping):
        for key, below in node.items():
            yield from _values(below, (*place, key), (*way, key), f"{field}.{key}" if field else key)
    elif isinstance(node, list):
        for index, item in enumerate(node):
            name = item.get("id", index + 1) if isinstance(item, Mapping) else index + 1
            yield from _values(item, (*place, index), way, f"{field}.{name}")
