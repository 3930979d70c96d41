"""`crm report NAME [REF]`: forms and reports, each figure with the words that say how it comes about."""

from dataclasses import replace
from typing import Annotated

import typer

from crmcli.cli.listing import PEOPLE
from crmcli.cli.opening import day, workplace
from crmcli.cli.output import emit
from crmcli.cli.session import session
from crmcli.cli.why import REVEAL, REVEAL_REASON, revealing
from crmcli.errors import Invalid, Where
from crmcli.text import _
from crmcli.usecases.report import KINDS, Wanted, make, only
from crmcli.usecases.report_list import listed

NAME = Annotated[str | None, typer.Argument(metavar="NAME", help=_("Which report."))]
REF = Annotated[str | None, typer.Argument(metavar="REF", help=_("The customer, for the card."))]
LIST = Annotated[bool, typer.Option("--list", help=_("Show which reports there are."))]
FROM = Annotated[str | None, typer.Option("--from", metavar="DATE", help=_("First day of the period."))]
TO = Annotated[str | None, typer.Option("--to", metavar="DATE", help=_("Last day of the period."))]
AT = Annotated[str | None, typer.Option("--at", metavar="DATE", help=_("As the files were at the end of that day."))]
DEPTH = Annotated[str | None, typer.Option("--depth", metavar="LEVEL", help=_("province, city or district."))]
DAYS = Annotated[
    int | None, typer.Option("--days", min=1, metavar="N", help=_("At risk after this many days without a purchase."))
]
TOP = Annotated[
    int | None, typer.Option("--top", min=0, metavar="N", help=_("List at most this many customers; 0 for all."))
]
TABLE = Annotated[str | None, typer.Option("--table", metavar="NAME", help=_("Only this table of the report."))]


def command(
    name: NAME = None,
    ref: REF = None,
    list_: LIST = False,
    first: FROM = None,
    last: TO = None,
    at: AT = None,
    depth: DEPTH = None,
    days: DAYS = None,
    top: TOP = None,
    table: TABLE = None,
    reveal: REVEAL = False,
    reason: REVEAL_REASON = None,
) -> None:
    """Make a report or a form."""
    work = workplace()
    if list_:
        emit(listed(people=session().format in PEOPLE))
        return
    if name is None:
        raise Invalid(_("Which report?"), kind="usage", where=Where(field="NAME"), hint=", ".join(KINDS))
    wanted = Wanted(ref, day(first, "--from"), day(last, "--to"), day(at), depth, days, top)
    why = revealing(work, reveal, reason)
    made = make(work, name, replace(wanted, people=session().format in PEOPLE, reveal=why))
    emit(made.value if table is None else only(made.value, table), made.findings)
