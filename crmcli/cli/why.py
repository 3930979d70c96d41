"""The two options that every write takes: a reason code for everyone to read, a note in one's own words."""

from collections.abc import Iterable
from typing import Annotated

import typer

from crmcli.errors import Invalid, Where
from crmcli.model.nearest import nearest
from crmcli.model.spelling import quoted
from crmcli.text import _
from crmcli.usecases.change import Why
from crmcli.usecases.workplace import Workplace

REASON = Annotated[str | None, typer.Option("--reason", metavar="CODE", help=_("Why, as a code from codes.yaml."))]
NOTE = Annotated[str | None, typer.Option("--note", metavar="TEXT", help=_("Why, in your own words."))]


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
