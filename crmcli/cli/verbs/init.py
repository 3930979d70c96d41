"""`crm init [DIR]`: make a vault. Asks nothing."""

from pathlib import Path
from typing import Annotated

import typer

from crmcli.cli.output import emit
from crmcli.cli.session import session
from crmcli.reports.values import Notice
from crmcli.text import _, language
from crmcli.usecases.init import init

DIR = Annotated[str, typer.Argument(metavar="DIR", help=_("The folder; made where it is missing."))]
SAMPLES = Annotated[bool, typer.Option("--samples", help=_("Put the synthetic sample customers in."))]
REHEARSAL = Annotated[bool, typer.Option("--rehearsal", help=_("A practice vault: its clock may be changed."))]
CURRENCY = Annotated[str, typer.Option("--currency", metavar="CODE", help=_("The currency of amounts without one."))]
ZONE = Annotated[
    str, typer.Option("--time-zone", metavar="ZONE", help=_("The time zone of dates and times without one."))
]
UNSEALED = Annotated[
    bool, typer.Option("--unsealed", help=_("An open vault: personal values stay readable in git for ever."))
]


def command(
    folder: DIR = ".",
    samples: SAMPLES = False,
    rehearsal: REHEARSAL = False,
    currency: CURRENCY = "CNY",
    time_zone: ZONE = "Asia/Shanghai",
    unsealed: UNSEALED = False,
) -> None:
    """Make a vault."""
    here = session()
    settings = {"language": here.language or language(), "currency": currency.upper(), "time_zone": time_zone}
    wanted = {**settings, **({"rehearsal": "true"} if rehearsal else {})}
    place = here.cwd / folder
    outcome = init(
        place,
        here.env,
        here.now,
        turned=here.turned,
        homes=None if unsealed else here.homes,
        settings=wanted,
        samples=samples,
        dry_run=here.dry_run,
    )
    said = _("Would make a vault in {folder}.") if here.dry_run else _("Made a vault in {folder}.")
    emit(
        Notice(
            said.format(folder=Path(folder) if Path(folder).name else place.resolve().name),
            {**outcome.data, "commit": outcome.commit, "samples": len(outcome.numbers)},
        )
    )
