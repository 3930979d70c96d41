"""`crm list`: every customer, newest number last."""

from crmcli.cli.listing import chosen, shown, tell
from crmcli.cli.opening import day, workplace
from crmcli.cli.verbs.search import ALL, ARCHIVED, AT, COLUMNS, LIMIT, SORT
from crmcli.usecases.lookup import find


def command(
    limit: LIMIT = 0,
    sort: SORT = None,
    columns: COLUMNS = None,
    at: AT = None,
    archived: ARCHIVED = False,
    all_: ALL = False,
) -> None:
    """List customers."""
    work = workplace()
    names = chosen(columns)
    order, which = sort or ("number",), shown(archived, all_)
    tell(work, find(work, "", columns=names, sort=order, limit=limit, at=day(at), archived=which), names)
