"""`crm hold REF --reason CODE`: nothing of the customer is destroyed until the hold is released."""

from typing import Annotated

import typer

from crmcli.cli.opening import workplace
from crmcli.cli.outcomes import tell
from crmcli.cli.session import session
from crmcli.cli.verbs.show import REF
from crmcli.cli.why import NOTE, needed, why
from crmcli.text import _
from crmcli.usecases.hold import hold

CODES = "hold_reason"
REASON = Annotated[
    str | None,
    typer.Option("--reason", metavar="CODE", help=_("Why, as a code of the list hold_reason in codes.yaml.")),
]


def command(ref: REF, reason: REASON = None, note: NOTE = None) -> None:
    """Put a legal hold on a customer."""
    work = workplace()
    given = why(work, needed(reason, work.house.lists[CODES]), note, codes=CODES)
    tell(hold(work, ref, why=given, dry_run=session().dry_run), _("{numbers} is held."))
