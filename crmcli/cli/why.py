"""Why: the reason code and the note that every write takes, and the reason that showing masked values takes."""

from collections.abc import Mapping
from typing import Annotated

import typer

from crmcli.cli.session import session
from crmcli.errors import Invalid, ValueProblem, Where
from crmcli.model.codes import CodeLabel, listed, shown
from crmcli.model.spelling import quoted
from crmcli.text import _
from crmcli.usecases.change import Why
from crmcli.usecases.reveal import REASONS
from crmcli.usecases.workplace import Workplace

REASON = Annotated[str | None, typer.Option("--reason", metavar="CODE", help=_("Why, as a code from codes.yaml."))]
NOTE = Annotated[str | None, typer.Option("--note", metavar="TEXT", help=_("Why, in your own words."))]

REVEAL = Annotated[bool, typer.Option("--reveal", help=_("Show masked values in full; needs --reason."))]
REVEAL_REASON = Annotated[
    str | None, typer.Option("--reason", metavar="CODE", help=_("Why they are revealed, as a code from codes.yaml."))
]


def why(
    work: Workplace, reason: str | None, note: str | None, *, codes: str = "reason", option: str = "--reason"
) -> Why:
    """The reason given, by its code or label; Invalid for one that the house's list does not know."""
    return Why(reason_of(reason, work.house.lists[codes], option), note)


def reason_of(reason: str | None, known: Mapping[str, CodeLabel], option: str = "--reason") -> str | None:
    """The code that a reason names; Invalid listing the codes for one that is unknown."""
    try:
        return None if reason is None else listed(reason, known)
    except ValueProblem as problem:
        hint = problem.hint or ", ".join(shown(code, known) for code in known)
        said = _("Unknown reason {reason}.").format(reason=quoted(reason or ""))
        raise Invalid(said, where=Where(field=option), hint=hint) from None


def needed(reason: str | None, known: Mapping[str, CodeLabel]) -> str:
    """The code of a command that cannot do without one; Invalid where it is missing."""
    if reason is None:
        hint = _("One of: {codes}").format(codes=", ".join(shown(code, known) for code in known))
        raise Invalid(_("The reason is missing."), kind="usage", where=Where(field="--reason"), hint=hint)
    return reason


def revealing(work: Workplace, reveal: bool, reason: str | None) -> Why | None:
    """The reason for which masked values are shown, None where they are not.

    Invalid without a reason, in a dry run (which could not enter the event), and for a reason that reveals nothing.
    """
    if not reveal:
        if reason is not None:
            raise Invalid(_("--reason is only for --reveal."), kind="usage", where=Where(field="--reason"))
        return None
    if session().dry_run:
        raise Invalid(_("A dry run reveals nothing."), kind="usage", where=Where(field="--reveal"))
    return revealed(work, reason)


def revealed(work: Workplace, reason: str | None, note: str | None = None) -> Why:
    """The reason for which masked values are shown; Invalid listing the codes where it is missing or unknown."""
    return why(work, needed(reason, work.house.lists[REASONS]), note, codes=REASONS)
