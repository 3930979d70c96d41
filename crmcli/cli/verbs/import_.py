"""`crm import FILE`: customers, or their purchases, interactions and other entries, from a CSV file."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from crmcli.cli.opening import workplace
from crmcli.cli.output import emit, progress
from crmcli.cli.session import session
from crmcli.cli.verbs.add import DUPLICATE
from crmcli.reports.values import Notice
from crmcli.text import _
from crmcli.usecases.change import Outcome
from crmcli.usecases.import_ import Progress, Wanted, import_bytes, import_file
from crmcli.usecases.import_checks import summary

STEPS = 100
FILE = Annotated[str, typer.Argument(metavar="FILE", help=_("The CSV file; - is stdin."))]
AS = Annotated[
    str, typer.Option("--as", metavar="WHAT", help=_("customers, transactions, interactions, contacts or sites."))
]
KEY = Annotated[
    str | None, typer.Option("--key", metavar="FIELD", help=_("Match customers by it: external.shop, phone, number …"))
]
CREATE = Annotated[bool, typer.Option("--create", help=_("Add customers that are not on file yet."))]
MAP = Annotated[
    list[str] | None, typer.Option("--map", metavar="HEADING=FIELD", help=_("What a column is; FIELD - leaves it out."))
]
INCOMPLETE = Annotated[
    bool, typer.Option("--incomplete", help=_("Import customers even if required fields are missing."))
]
AGAIN = Annotated[bool, typer.Option("--again", help=_("Import a file that was imported before."))]
REJECTS = Annotated[str | None, typer.Option("--rejects", metavar="FILE", help=_("Where rejected rows go."))]
ENCODING = Annotated[
    str | None, typer.Option("--encoding", metavar="NAME", help=_("utf-8, gb18030 …; detected if left out."))
]
DELIMITER = Annotated[
    str | None, typer.Option("--delimiter", metavar="SIGN", help=_("One character, or tab, semicolon, pipe."))
]


def command(
    file: FILE,
    as_: AS = "customers",
    key: KEY = None,
    create: CREATE = False,
    map_: MAP = None,
    incomplete: INCOMPLETE = False,
    duplicate_ok: DUPLICATE = False,
    again: AGAIN = False,
    rejects: REJECTS = None,
    encoding: ENCODING = None,
    delimiter: DELIMITER = None,
) -> None:
    """Read customers or entries from a CSV file."""
    name = "stdin" if file == "-" else Path(file).stem
    place = Path(rejects) if rejects else session().cwd / f"{name}.rejected.csv"
    _tell(
        _imported(
            file,
            Wanted(as_, key, create, map_ or (), incomplete, duplicate_ok, again, place, encoding, delimiter),
        )
    )


def _imported(file: str, wanted: Wanted) -> Outcome:
    work, dry_run = workplace(), session().dry_run
    with progress(_("Importing"), STEPS) as advance:
        shown = _steps(advance)
        if file == "-":
            return import_bytes(work, sys.stdin.buffer.read(), "stdin", wanted, progress=shown, dry_run=dry_run)
        return import_file(work, Path(file), wanted, progress=shown, dry_run=dry_run)


def _steps(advance: Callable[[int], None]) -> Progress:
    """Drafts done of all, as hundredths of the bar."""
    shown = 0

    def step(done: int, total: int) -> None:
        nonlocal shown
        reached = done * STEPS // max(total, 1)
        if reached > shown:
            advance(reached - shown)
            shown = reached

    return step


def _tell(outcome: Outcome) -> None:
    said = _("{parts}.").format(parts=_(", ").join(summary(outcome.data)))
    if outcome.dry_run:
        said = _("Dry run: {what}").format(what=said)
    if outcome.data["rejects"]:
        said += "\n" + _("Rejected rows: {path}").format(path=outcome.data["rejects"])
    data = {"numbers": list(outcome.numbers), "commit": outcome.commit, "dry_run": outcome.dry_run, **outcome.data}
    emit(Notice(said, data, outcome.numbers), outcome.findings)
