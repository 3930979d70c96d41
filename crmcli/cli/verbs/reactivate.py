"""`crm reactivate REF --reason CODE`: make a customer who left active again."""

from crmcli.cli.opening import workplace
from crmcli.cli.outcomes import tell
from crmcli.cli.session import session
from crmcli.cli.verbs.show import REF
from crmcli.cli.why import NOTE, REASON, needed, why
from crmcli.text import _
from crmcli.usecases.archive import reactivate


def command(ref: REF, reason: REASON = None, note: NOTE = None) -> None:
    """Make a customer active again."""
    work = workplace()
    given = why(work, needed(reason, work.house.lists["reason"]), note)
    tell(reactivate(work, ref, why=given, dry_run=session().dry_run), _("{numbers} is active again."))
