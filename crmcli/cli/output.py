"""What a verb says: its result on stdout in the format asked for, everything else on stderr, and how the call ends.

A verb emits once. Findings of severity "error" end the call with 6 although the work was done, those that say that
something is not to be trusted with 7; in JSON all findings stand in `warnings`.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from shutil import get_terminal_size

from crmcli.cli.failures import RED, finding_words, headed
from crmcli.cli.session import Session, session
from crmcli.cli.streams import put, say
from crmcli.errors import Damaged, Finding, ProblemsFound, Refused
from crmcli.reports.values import Look, Notice, Table, Value
from crmcli.text import _

YELLOW = "\x1b[33m"
YES = ("y", "yes", "是", "好")


class _Call:
    emitted = False
    exit = 0
    findings: tuple[Finding, ...] = ()
    afterthought: Callable[[], Sequence[Finding]] | None = None


def begin() -> None:
    """Forget the call before this one."""
    _Call.emitted, _Call.exit, _Call.findings, _Call.afterthought = False, 0, (), None


def afterthought(ask: Callable[[], Sequence[Finding]]) -> None:
    """Ask for further warnings when the result is about to be said: what only the work itself brings to light."""
    _Call.afterthought = ask


def emitted() -> bool:
    """Whether the result is out already."""
    return _Call.emitted


def exit_code() -> int:
    """How a call ends that did not fail: 0, 6 when problems were named, 7 when one of them is damage."""
    return _Call.exit


def emit(value: Value, warnings: Sequence[Finding] = ()) -> None:
    """Print the result in the session's format, its warnings on stderr. Once a call; raises RuntimeError otherwise.

    A finding among `warnings` of severity "error" counts as a problem: the call ends with 6, or 7 for damage.
    """
    if _Call.emitted:
        raise RuntimeError("a command emits once")
    _name((*warnings, *(_Call.afterthought() if _Call.afterthought else ())))
    _Call.emitted = True
    here = session()
    width = get_terminal_size().columns
    shown, left_out = _fitted(value, here, width)
    text = _rendered(shown, here, width)
    if text:
        put(text if text.endswith("\n") else text + "\n")
        _no_room(left_out)
    elif here.format in (None, "table") and isinstance(value, Table):
        note(value.none or _("Nothing found."))


def emit_text(text: str, warnings: Sequence[Finding] = ()) -> None:
    """Print a result that is text already; otherwise as `emit`."""
    if _Call.emitted:
        raise RuntimeError("a command emits once")
    _name((*warnings, *(_Call.afterthought() if _Call.afterthought else ())))
    _Call.emitted = True
    put(text)


def _fitted(value: Value, here: Session, width: int) -> tuple[Value, tuple[str, ...]]:
    if not (here.stdout_tty and here.format in (None, "table") and isinstance(value, Table)):
        return value, ()
    shown, left_out = import_module("crmcli.reports.fitting").fitted(value, width)
    return shown, left_out


def _no_room(left_out: Sequence[str]) -> None:
    if left_out:
        said = _("No room here for: {columns}. A wider terminal shows them; --format yaml shows everything.")
        note(said.format(columns=_(", ").join(left_out)))


def _rendered(value: Value, here: Session, width: int) -> str:
    name = here.format or "table"
    if name == "table":
        if here.quiet and isinstance(value, Notice):
            return ""
        name = "rich" if here.stdout_tty and not isinstance(value, Notice) else "plain"
    look = Look(width=width, color=here.color, findings=_Call.findings)
    return str(import_module(f"crmcli.reports.render_{name}").render(value, look))


def problems(findings: Sequence[Finding]) -> None:
    """Name what was wrong with some of the input and end the call with 6 at last, or 7. Call it before `emit`."""
    _name(findings)
    found_problems(findings)


def end_with(code: int) -> None:
    """End the call with this exit code at last, whatever was named. Call it after `emit`."""
    _Call.exit = code


def found_problems(findings: Sequence[Finding] = ()) -> None:
    """End the call with 6 at last, or 7 for damage; for commands whose result is the list of problems."""
    damaged = any(finding.damaged for finding in findings)
    _Call.exit = max(_Call.exit, Damaged.exit if damaged else ProblemsFound.exit)


def _name(findings: Sequence[Finding]) -> None:
    _Call.findings += tuple(findings)
    for finding in findings:
        if finding.severity == "error":
            found_problems([finding])
        if finding.severity == "error" or not session().quiet:
            say(_named(finding))


def _named(finding: Finding) -> str:
    color = session().error_color
    mark, code = (_("error:"), RED) if finding.severity == "error" else (_("warning:"), YELLOW)
    return headed(mark, code, finding_words(finding), color=color)


def note(message: str) -> None:
    """A word aside for people, on stderr; not when --quiet."""
    if not session().quiet:
        say(message)


def confirm(question: str) -> bool:
    """Whether the person says yes; --yes says it for them. Raises Refused where nobody can be asked."""
    if session().yes:
        return True
    if not session().interactive:
        raise Refused(_("This must be confirmed: {question}").format(question=question), hint=_("Add --yes."))
    answers = _("[y/N]")
    sys.stderr.write(f"{question} {answers} ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in YES


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A bar on stderr while the block runs, only for a person who watches; yields `advance(steps)`."""
    here = session()
    if here.quiet or not here.stderr_tty:
        yield _unseen
        return
    with import_module("crmcli.cli.progress_bar").bar(label, total, color=here.error_color) as advance:
        yield advance


def _unseen(steps: int) -> None:
    """Nobody watches."""
