"""`crm release REF [--reason CODE]`: release a legal hold."""

from typing import Annotated

import typer

from crmcli.cli.opening import workplace
from crmcli.cli.outcomes import tell
from crmcli.cli.session import session
from crmcli.cli.verbs.show import REF
from crmcli.cli.why import NOTE, why
from crmcli.text import _
from crmcli.usecases.hold import release

REASON = Annotated[
    str | None, typer.Option("--reason", metavar="CODE", help=_("Which hold to release, if there are several."))
]


def command(ref: REF, reason: REASON = None, note: NOTE = None) -> None:
    """Release a legal hold."""
    work = workplace()
    given = why(work, reason, note, codes="hold_reason")
    tell(release(work, ref, why=given, dry_run=session().dry_run), _("Released the hold on {numbers}."))
