"""`crm show REF`: one customer on one page."""

from typing import Annotated

import typer

from crmcli.cli.opening import day, workplace
from crmcli.cli.output import emit
from crmcli.cli.why import REVEAL, REVEAL_REASON, revealing
from crmcli.reports.dossier_card import card
from crmcli.text import _, language
from crmcli.usecases.show import show
from crmcli.usecases.view import still_sealed

REF = Annotated[str, typer.Argument(metavar="REF", help=_("Number, unique beginning of one, or exact name or phone."))]
AT = Annotated[str | None, typer.Option("--at", metavar="DATE", help=_("Show it as it was at the end of that day."))]


def command(ref: REF, at: AT = None, reveal: REVEAL = False, reason: REVEAL_REASON = None) -> None:
    """Show one customer."""
    work = workplace()
    shown = show(work, ref, day(at), reveal=revealing(work, reveal, reason))
    lacking, seen = [gap.field for gap in shown.gaps], shown.seen
    told = card(seen.people, work.queryable, shown.metrics, work.house.label, language(), lacking, seen.data)
    emit(told, (*shown.record.findings, *(still_sealed(seen.sealed) if reveal else ())))
