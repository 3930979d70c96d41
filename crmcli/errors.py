"""Every way a command can fail, with its frozen exit code, and the findings that explain it.

Exit codes never change: 0 done, 1 failure, 2 invalid input, 3 not found, 4 conflict, 5 refused, 6 problems found,
7 damaged, 130 interrupted. Problems are values (`Finding`); exceptions carry them to the one boundary in `cli`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Where:
    """A place in the input: file (relative to the vault, or as the user named it), 1-based line, dotted field."""

    path: str | None = None
    line: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line) if part is not None)
        return ": ".join(part for part in (place, self.field) if part)


def dotted(place: Sequence[str | int]) -> str | None:
    """The way to a value as people read it, counting from one: `interactions[1].at`; None for the whole."""
    text = ""
    for part in place:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text or None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, where it is wrong, what was expected instead and what to do about it.

    damaged  it is not to be trusted: a command that names it ends with 7
    """

    message: str
    where: Where = Where()
    expected: str | None = None
    hint: str | None = None
    severity: Severity = "error"
    damaged: bool = False


class CrmError(Exception):
    """A failure with a message for people; subclasses fix the exit code."""

    exit: ClassVar[int] = 1
    kind: str = "failure"

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        where: Where | None = None,
        kind: str | None = None,
        findings: Sequence[Finding] = (),
        candidates: Sequence[dict[str, str]] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where = where
        self.kind = kind or type(self).kind
        self.findings = tuple(findings)
        self.candidates = tuple(candidates)


class Failure(CrmError):
    """The surroundings failed: disk, git, a hook's environment."""


class Invalid(CrmError):
    """Wrong usage or input that does not hold."""

    exit = 2
    kind = "invalid"


class NotFound(CrmError):
    """Nothing by that name."""

    exit = 3
    kind = "not-found"


class Conflict(CrmError):
    """Two things want the same place: a duplicate, an ambiguous name, uncommitted work, a busy vault."""

    exit = 4
    kind = "conflict"


class Refused(CrmError):
    """Permission, hold, approval or a key is missing."""

    exit = 5
    kind = "refused"


class ProblemsFound(CrmError):
    """The work was done as far as it could be; what is named needs mending."""

    exit = 6
    kind = "problems"


class Damaged(CrmError):
    """Stored bytes are not what they must be, or not to be trusted."""

    exit = 7
    kind = "damaged"


class ValueProblem(ValueError):
    """A single value that does not hold: what is wrong, what was expected, what may help.

    `place` is the way from where it was found to the value, for checks of several values at once.
    """

    def __init__(
        self,
        message: str,
        expected: str | None = None,
        hint: str | None = None,
        *,
        place: tuple[str | int, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
        self.hint = hint
        self.place = place


def invalid(findings: Sequence[Finding]) -> Invalid:
    """The findings as one `Invalid`: the first one speaks, all of them travel along."""
    first = findings[0]
    return Invalid(first.message, hint=first.hint, where=first.where, findings=findings)
