"""The two options that every write takes: a reason code for everyone to read, a note in one's own words."""

from typing import Annotated

import typer

from crmcli.errors import Invalid, Where
from crmcli.model.nearest import nearest
from crmcli.text import _
from crmcli.usecases.change import Why
from crmcli.usecases.workplace import Workplace

REASON = Annotated[str | None, typer.Option("--reason", metavar="CODE", help=_("Why, as a code from codes.yaml."))]
NOTE = Annotated[str | None, typer.Option("--note", metavar="TEXT", help=_("Why, in your own words."))]


def why(work: Workplace, reason: str | None, note: str | None) -> Why:
    """The reason given; Invalid for a code the house does not know."""
    known = work.house.lists["reason"]
    if reason is not None and reason not in known:
        raise Invalid(
            _("Unknown reason {reason}.").format(reason=reason),
            where=Where(field="--reason"),
            hint=nearest(reason, known) or ", ".join(known),
        )
    return Why(reason, note)
