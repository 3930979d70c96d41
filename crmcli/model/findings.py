"""What pydantic found wrong, in words for people: one `Finding` an error, with file, line and dotted field."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from crmcli.errors import Finding, ValueProblem, Where, dotted
from crmcli.model.derive import catalog
from crmcli.model.dossier import Dossier
from crmcli.model.nearest import nearest
from crmcli.text import _, label

Lines = Mapping[tuple[str | int, ...], int]
KEY = "[key]"  # how pydantic says that a mapping's key is meant, not its value


def findings(
    error: ValidationError, model: type[BaseModel], path: str | None = None, lines: Lines | None = None
) -> list[Finding]:
    """Every error as a finding. `lines` gives the line of each key; a missing key gets the line of what should hold it."""
    return [
        _finding(detail, model, path, lines or {}) for detail in error.errors(include_url=False, include_input=False)
    ]


def _finding(detail: ErrorDetails, model: type[BaseModel], path: str | None, lines: Lines) -> Finding:
    problem = (detail.get("ctx") or {}).get("error")
    given = tuple(part for part in detail["loc"] if part != KEY)
    place = (*given, *(problem.place if isinstance(problem, ValueProblem) else ()))
    message, expected, hint = _words(detail, model)
    return Finding(message, Where(path, line_of(place, lines), dotted(place)), expected, hint)


def line_of(place: tuple[str | int, ...], lines: Lines) -> int | None:
    """The line of a key, or of the nearest thing around it that stands in the file."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place) or (1 if lines else None)


def _words(detail: ErrorDetails, model: type[BaseModel]) -> tuple[str, str | None, str | None]:
    problem = (detail.get("ctx") or {}).get("error")
    if isinstance(problem, ValueProblem):
        return problem.message, problem.expected, problem.hint
    words = _WORDS.get(detail["type"])
    return words(detail, model) if words else (_("The value is not valid."), None, None)


def _unknown(detail: ErrorDetails, model: type[BaseModel]) -> tuple[str, str | None, str | None]:
    name = str(detail["loc"][-1])
    return _("Unknown field {name}.").format(name=name), None, nearest(name, _known(model, detail["loc"][:-1]))


def _missing(detail: ErrorDetails, model: type[BaseModel]) -> tuple[str, str | None, str | None]:
    return _("{name} is missing.").format(name=_called(detail["loc"], model)), None, None


def _called(place: tuple[str | int, ...], model: type[BaseModel]) -> str:
    """The field at a place: its key, to Chinese readers its label."""
    way, key = tuple(part for part in place if isinstance(part, str)), str(place[-1])
    found = next((field for field in catalog() if field.key == way), None) if model is Dossier else None
    return label(en=key, zh=found.zh) if found else key


def _shape(
    expected: Callable[[], str],
) -> Callable[[ErrorDetails, type[BaseModel]], tuple[str, str | None, str | None]]:
    return lambda detail, model: (_("The structure is wrong here."), expected(), None)


def _bound(detail: ErrorDetails, model: type[BaseModel]) -> tuple[str, str | None, str | None]:
    limits = detail.get("ctx") or {}
    expected = " ".join(
        f"{sign} {limits[name]}" for name, sign in (("ge", "≥"), ("le", "≤"), ("gt", ">")) if name in limits
    )
    return _("The number is out of range."), expected or None, None


def _choice(detail: ErrorDetails, model: type[BaseModel]) -> tuple[str, str | None, str | None]:
    return _("Not one of the allowed words."), _listed(str((detail.get("ctx") or {}).get("expected"))), None


def _listed(expected: str) -> str:
    """Pydantic's `'a' or 'b'` without its English."""
    return expected.replace("'", "").replace(" or ", ", ")


def _known(model: Any, place: tuple[str | int, ...]) -> list[str]:
    """The keys allowed at a place of the model; empty where it holds free keys."""
    tree = model.model_json_schema()
    node: Any = tree
    for part in place:
        node = _step(node, part, tree)
    return list(_resolve(node, tree).get("properties", {}))


def _step(node: Any, part: str | int, tree: Any) -> Any:
    node = _resolve(node, tree)
    return (
        node.get("items", {})
        if isinstance(part, int)
        else node.get("properties", {}).get(part, node.get("additionalProperties", {}))
    )


def _resolve(node: Any, tree: Any) -> Any:
    if not isinstance(node, dict):
        return {}
    for option in node.get("anyOf", ()):
        if "$ref" in option:
            return _resolve(option, tree)
    return tree["$defs"][node["$ref"].rsplit("/", 1)[-1]] if "$ref" in node else node


_WORDS: dict[str, Callable[[ErrorDetails, type[BaseModel]], tuple[str, str | None, str | None]]] = {
    "extra_forbidden": _unknown,
    "missing": _missing,
    "model_type": _shape(lambda: _("lines of `name: value`")),
    "model_attributes_type": _shape(lambda: _("lines of `name: value`")),
    "dict_type": _shape(lambda: _("lines of `name: value`")),
    "list_type": _shape(lambda: _("a list, every line of it beginning with `- `")),
    "string_type": _shape(lambda: _("text")),
    "greater_than_equal": _bound,
    "less_than_equal": _bound,
    "literal_error": _choice,
    "enum": _choice,
}
