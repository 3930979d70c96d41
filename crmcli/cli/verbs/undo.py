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
    told = {name: _literal(outcome.data[name]) for name in ("subject", "author")}
    tell(outcome, _("Took back: {subject} ({author})").format(**told))


def _literal(text: str) -> str:
    """A text that stands for itself in a sentence still to be formatted."""
    return str(text).replace("{", "{{").replace("}", "}}")
