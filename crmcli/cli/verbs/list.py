"""`crm list`: every customer, newest number last."""

from crmcli.cli.listing import chosen, shown, tell
from crmcli.cli.opening import day, workplace
from crmcli.cli.verbs.search import ALL, ARCHIVED, AT, COLUMNS, LIMIT, SORT
from crmcli.cli.why import REVEAL, REVEAL_REASON, revealing
from crmcli.usecases.lookup import find


def command(
    limit: LIMIT = 0,
    sort: SORT = None,
    columns: COLUMNS = None,
    at: AT = None,
    archived: ARCHIVED = False,
    all_: ALL = False,
    reveal: REVEAL = False,
    reason: REVEAL_REASON = None,
) -> None:
    """List customers."""
    work = workplace()
    why, names = revealing(work, reveal, reason), chosen(work, columns)
    order, which = sort or ("number",), shown(archived, all_)
    found = find(work, "", columns=names, sort=order, limit=limit, at=day(at), archived=which, reveal=why)
    tell(work, found, names, reveal=reveal)
