"""`crm commit [REF …]`: take in what was changed by hand."""

from typing import Annotated

import typer

from crmcli.cli.opening import workplace
from crmcli.cli.outcomes import tell
from crmcli.cli.session import session
from crmcli.cli.why import NOTE, REASON, why
from crmcli.text import _
from crmcli.usecases.commit import commit

REFS = Annotated[
    list[str] | None, typer.Argument(metavar="REF", help=_("Only these customers; all changes if left out."))
]


def command(refs: REFS = None, reason: REASON = None, note: NOTE = None) -> None:
    """Commit changes made by hand."""
    work = workplace()
    outcome = commit(work, refs or (), why=why(work, reason, note), dry_run=session().dry_run)
    named, unnamed = _("Committed changes made by hand: {numbers}."), _("Committed changes made by hand.")
    tell(outcome, named if outcome.numbers else unnamed)
