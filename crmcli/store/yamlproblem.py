"""What a YAML parser says of broken text, in words for people who edit by hand.

Promises a line and a hint wherever the parser knows the place. Never reads the text itself, never lets a parser's own
exception through.
"""

from typing import TYPE_CHECKING

from crmcli.errors import Invalid, Where
from crmcli.late import late
from crmcli.text import _

if TYPE_CHECKING:
    import yaml
else:
    yaml = late("yaml")

_SPOKEN_OF_WHERE_IT_BEGAN = ("unexpected end of stream", "document indicator", "',' or", "could not find expected ':'")


def explained(error: "yaml.YAMLError", path: str, text: str) -> Invalid:
    """The parser's error on `text` as an `Invalid` with its place."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem is None:
        return Invalid(_("This is not YAML."), where=Where(path), hint=_check_quotes())
    problem, mark = error.problem, error.problem_mark
    if any(words in problem for words in _SPOKEN_OF_WHERE_IT_BEGAN):
        mark = error.context_mark or mark
    line = mark.line + 1 if mark is not None else None
    lines = text.split("\n")
    found = lines[line - 1][mark.column : mark.column + 1] if mark is not None and line and line <= len(lines) else ""
    message, hint = _words(problem, found)
    return Invalid(message, where=Where(path, line), hint=hint)


def _check_quotes() -> str:
    return _("Check indentation, colons and quotes here and on the line above.")


def _words(problem: str, found: str) -> tuple[str, str]:
    if "tab character" in problem or ("cannot start any token" in problem and found == "\t"):
        return _("A tab stands where spaces must."), _("Indent with two spaces for each step.")
    if "cannot start any token" in problem:
        return (
            _("Text cannot start with {character}.").format(character=found),
            _('Put it between double quotes: "…".'),
        )
    if problem.startswith("mapping values are not allowed"):
        return (
            _("A colon stands where none can."),
            _("Put a value that holds a colon between double quotes, and check the indentation."),
        )
    if "unexpected end of stream" in problem or "document indicator" in problem:
        return _("A quote or bracket is opened and never closed."), _("Close it.")
    if "escape" in problem or "hexdecimal" in problem or "hexadecimal" in problem:
        return (
            _("A backslash between double quotes starts an escape that does not exist."),
            _('Write a backslash as "\\\\".'),
        )
    return _by_structure(problem)


def _by_structure(problem: str) -> tuple[str, str]:
    if "could not find expected ':'" in problem:
        return _("A line without a colon."), _("Write it as `name: value`.")
    if "',' or" in problem:
        return _("A list or table in brackets is not well formed."), _("Put a comma between its parts, and close it.")
    if "undefined alias" in problem or "duplicate anchor" in problem:
        return _("Anchors and aliases are not allowed."), _("Write the value out.")
    if problem.startswith(("did not find expected key", "did not find expected '-'", "expected <block end>")):
        return _("This line does not fit the lines above it."), _check_quotes()
    if any(word in problem for word in ("directive", "incompatible", "tag")):
        return _("YAML directives and tags are not allowed."), _("Remove the line that starts with %, or the !tag.")
    return _("This is not YAML: {problem}.").format(problem=problem), _check_quotes()
