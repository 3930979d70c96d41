"""`crm show REF`: one customer on one page."""

from typing import Annotated

import typer

from crmcli.cli.opening import day, workplace
from crmcli.cli.output import emit
from crmcli.reports.dossier_card import card
from crmcli.text import _, language
from crmcli.usecases.show import show

REF = Annotated[str, typer.Argument(metavar="REF", help=_("Number, unique beginning of one, or exact name or phone."))]
AT = Annotated[str | None, typer.Option("--at", metavar="DATE", help=_("Show it as it was at the end of that day."))]


def command(ref: REF, at: AT = None) -> None:
    """Show one customer."""
    work = workplace()
    shown = show(work, ref, day(at))
    lacking = [gap.field for gap in shown.gaps]
    emit(card(shown.record.tree, work.queryable, shown.metrics, work.house.label, language(), lacking))
