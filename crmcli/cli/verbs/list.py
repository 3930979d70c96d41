"""`crm list`: every customer, newest number last."""

from crmcli.cli.listing import USUAL, tell
from crmcli.cli.opening import day, workplace
from crmcli.cli.verbs.search import AT, COLUMNS, LIMIT, SORT
from crmcli.usecases.lookup import find


def command(limit: LIMIT = 0, sort: SORT = None, columns: COLUMNS = None, at: AT = None) -> None:
    """List customers."""
    work = workplace()
    names = tuple(part.strip() for part in columns.split(",")) if columns else USUAL
    tell(work, find(work, "", columns=names, sort=sort or ("number",), limit=limit, at=day(at)), names)
