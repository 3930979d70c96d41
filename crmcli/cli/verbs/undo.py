"""`crm undo [COMMIT]`: take a change back with a new commit."""

from typing import Annotated

import typer

from crmcli.cli.opening import workplace
from crmcli.cli.outcomes import tell
from crmcli.cli.session import session
from crmcli.cli.why import NOTE, REASON, why
from crmcli.text import _
from crmcli.usecases.history import undo

COMMIT = Annotated[str | None, typer.Argument(metavar="COMMIT", help=_("The change to undo; the latest if left out."))]


def command(commit: COMMIT = None, reason: REASON = None, note: NOTE = None) -> None:
    """Undo a change."""
    work = workplace()
    outcome = undo(work, commit, why=why(work, reason, note), dry_run=session().dry_run)
    tell(
        outcome, _("Took back: {subject}").format(subject=outcome.data["subject"].replace("{", "{{").replace("}", "}}"))
    )
