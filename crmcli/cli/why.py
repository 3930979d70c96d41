"""Why: the reason code and the note that every write takes, and the reason that showing masked values takes."""

from collections.abc import Iterable
from typing import Annotated

import typer

from crmcli.cli.session import session
from crmcli.errors import Invalid, Where
from crmcli.model.nearest import nearest
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
    """The reason given; Invalid for a code that the house's list does not know."""
    known = work.house.lists[codes]
    if reason is not None and reason not in known:
        raise Invalid(
            _("Unknown reason {reason}.").format(reason=quoted(reason)),
            where=Where(field=option),
            hint=nearest(reason, known) or ", ".join(known),
        )
    return Why(reason, note)


def needed(reason: str | None, known: Iterable[str]) -> str:
    """The code of a command that cannot do without one; Invalid where it is missing."""
    if reason is None:
        hint = _("One of: {codes}").format(codes=", ".join(known))
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
