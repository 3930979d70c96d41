"""`crm archive REF --reason ended|churned`: put the file of a customer who left out of the way."""

from typing import Annotated

import typer

from crmcli.cli.opening import day, workplace
from crmcli.cli.outcomes import tell
from crmcli.cli.session import session
from crmcli.cli.verbs.show import REF
from crmcli.cli.why import NOTE, reason_of, why
from crmcli.text import _
from crmcli.usecases.archive import ENDS, archive

END = Annotated[
    str | None,
    typer.Option(
        "--reason", metavar="ended|churned", help=_("How the customer left, when the file doesn't say so yet.")
    ),
]
ON = Annotated[
    str | None, typer.Option("--on", metavar="DATE", help=_("The day the customer left; today if left out."))
]
WHY = Annotated[str | None, typer.Option("--why", metavar="CODE", help=_("Why, as a code from codes.yaml."))]


def command(ref: REF, reason: END = None, on: ON = None, why_: WHY = None, note: NOTE = None) -> None:
    """Archive a customer who left."""
    work = workplace()
    given = why(work, why_, note, option="--why")
    statuses = work.house.codes["status"]
    end = reason_of(reason, {code: statuses[code] for code in ENDS if code in statuses})
    tell(
        archive(work, ref, ENDS.get(end or ""), on=day(on), why=given, dry_run=session().dry_run),
        _("Archived {numbers}."),
    )
