"""Failures as people and programs see them: one exception in, words for stderr or the JSON envelope out.

Of an unexpected exception only the type is told: its text might hold personal data.
"""

import errno
from collections.abc import Iterator
from typing import Any

import typer

from crmcli.cli.usage import usage_error_from
from crmcli.errors import CrmError, Failure, Finding, Where
from crmcli.reports.render_json import VERSION, encode, finding_data, where_data
from crmcli.reports.render_plain import columns
from crmcli.reports.safe_text import visible, visible_lines
from crmcli.text import _

FULL_WIDTH = ("。", "？", "！", "）")
RED, BOLD, END = "\x1b[1;31m", "\x1b[1m", "\x1b[0m"
LONGEST = 500  # characters of a message


class Interrupted(CrmError):
    """The person pressed Ctrl-C or closed the input."""

    exit = 130
    kind = "interrupted"


class InternalError(CrmError):
    """A mistake of ours."""

    kind = "internal"


def failure_from(error: BaseException) -> CrmError:
    """Any exception as a failure with an exit code."""
    if isinstance(error, CrmError):
        return error
    if isinstance(error, typer.TyperException):
        return usage_error_from(error)
    if isinstance(error, KeyboardInterrupt | typer.Abort | EOFError):
        return Interrupted(_("Interrupted."))
    if isinstance(error, OSError):
        return _of_the_system(error)
    return InternalError(
        _("Internal error: {name}").format(name=type(error).__name__),
        hint=_("Run it again with CRM_DEBUG=1 to see where."),
    )


def _of_the_system(error: OSError) -> Failure:
    path = str(error.filename) if error.filename is not None else None
    return Failure(_reason(error), where=Where(path=path) if path else None)


def _reason(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _("No space is left on the disk.")
    if error.errno in (errno.EACCES, errno.EPERM):
        return _("Permission denied by the system.")
    if error.errno == errno.EROFS:
        return _("The disk can only be read.")
    if error.errno == errno.ENOENT:
        return _("No such file or folder.")
    return _("The system says: {reason}").format(reason=error.strerror or type(error).__name__)


def envelope(failure: CrmError) -> str:
    """The failure as the JSON envelope."""
    error: dict[str, Any] = {
        "kind": failure.kind,
        "exit": failure.exit,
        "message": failure.message,
        "hint": failure.hint,
        "where": where_data(failure.where),
        "findings": [finding_data(finding) for finding in failure.findings],
        "candidates": [dict(candidate) for candidate in failure.candidates],
    }
    return encode({"version": VERSION, "ok": False, "error": error}) + "\n"


def words(failure: CrmError, *, color: bool = False) -> str:
    """The failure in lines for a person: what, where, all findings, candidates, what to do."""
    return "\n".join(_lines(failure, color))


def _lines(failure: CrmError, color: bool) -> Iterator[str]:
    speaker, others = _speaker(failure)
    error, hint = _("error:"), _("hint:")
    if speaker and others:
        yield from _several(failure, color)
        return
    yield headed(error, RED, f"{_cut(visible_lines(failure.message))}{_expected(speaker)}", color=color)
    if failure.where is not None and str(failure.where):
        yield f"  {visible(str(failure.where))}"
    yield from (f"  {finding_words(finding, known_hint=failure.hint)}" for finding in others)
    if failure.candidates:
        cells = [[visible(text) for text in candidate.values()] for candidate in _even(failure.candidates)]
        yield from (f"  {line}" for line in columns(cells).split("\n"))
    if failure.hint:
        yield headed(hint, BOLD, visible_lines(failure.hint), color=color)


def _several(failure: CrmError, color: bool) -> Iterator[str]:
    """Findings of one rank, each in a line of its own; a hint that all of them share stands once."""
    hints = {finding.hint for finding in failure.findings}
    shared = failure.hint if hints == {failure.hint} else None
    said = _("{count} problems:").format(count=len(failure.findings))
    yield headed(_("error:"), RED, said, color=color)
    yield from (f"  {_cut(finding_words(finding, known_hint=shared))}" for finding in failure.findings)
    if shared:
        yield headed(_("hint:"), BOLD, visible_lines(shared), color=color)


def _cut(text: str) -> str:
    """A message that repeats something endless, shortened."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _speaker(failure: CrmError) -> tuple[Finding | None, tuple[Finding, ...]]:
    """The finding whose words the failure speaks, if any, and the others."""
    first = failure.findings[0] if failure.findings else None
    if first is not None and first.message == failure.message and first.where == (failure.where or Where()):
        return first, failure.findings[1:]
    return None, failure.findings


def _even(candidates: tuple[dict[str, str], ...]) -> list[dict[str, str]]:
    names = dict.fromkeys(name for candidate in candidates for name in candidate)
    return [{name: str(candidate.get(name, "")) for name in names} for candidate in candidates]


def finding_words(finding: Finding, *, known_hint: str | None = None) -> str:
    """A finding in one line: `path:line: field: message (expected …) hint`."""
    place = str(finding.where)
    said = visible(f"{place}: " if place else "") + visible(finding.message) + _expected(finding)
    if not finding.hint or finding.hint == known_hint:
        return said
    return said + ("" if said.endswith(FULL_WIDTH) else " ") + visible(finding.hint)  # these bring their own space


def _expected(finding: Finding | None) -> str:
    if finding is None or not finding.expected:
        return ""
    return visible(_(" (expected {what})").format(what=finding.expected))


def headed(mark: str, code: str, text: str, *, color: bool) -> str:
    """A line that begins with a mark (`error:`); a full-width colon brings its own space."""
    return painted(mark, code, color) + ("" if mark.endswith("：") else " ") + text


def painted(text: str, code: str, color: bool) -> str:
    """`text`, coloured when colours are allowed."""
    return f"{code}{text}{END}" if color else text
