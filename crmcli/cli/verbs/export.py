"""`crm export QUERY`: customers for other programs, whole in JSON, JSON lines and YAML, the profile in CSV."""

from pathlib import Path
from typing import Annotated

import typer

from crmcli.cli.export_words import form, tell
from crmcli.cli.listing import shown
from crmcli.cli.opening import workplace
from crmcli.cli.output import confirm, emit
from crmcli.cli.session import session
from crmcli.cli.verbs.search import ALL, ARCHIVED
from crmcli.cli.why import NOTE, REASON, REVEAL, revealed, why
from crmcli.errors import Invalid, Where
from crmcli.reports.values import Notice
from crmcli.store.delivery import is_taken
from crmcli.text import _
from crmcli.usecases.export import Wanted, export

QUERY = Annotated[list[str] | None, typer.Argument(metavar="QUERY", help=_("As in crm search; '*' is everybody."))]
COLUMNS = Annotated[
    str | None,
    typer.Option("--columns", metavar="A,B", help=_("Only these fields; whole files or profiles if left out.")),
]
OUTPUT = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help=_("Write to a file only you can read; - is stdout.")),
]


def command(
    query: QUERY = None,
    columns: COLUMNS = None,
    output: OUTPUT = None,
    archived: ARCHIVED = False,
    all_: ALL = False,
    reveal: REVEAL = False,
    reason: REASON = None,
    note_: NOTE = None,
) -> None:
    """Hand out customers to other programs."""
    if not " ".join(query or ()).strip():
        raise Invalid(_("Which customers?"), kind="usage", where=Where(field="QUERY"), hint="crm export tier:gold")
    here, work = session(), workplace()
    given = revealed(work, reason, note_) if reveal else why(work, reason, note_)
    target = None if output in (None, "-") else Path(str(output))
    names = tuple(dict.fromkeys(part.strip() for part in (columns or "").split(",") if part.strip()))
    if columns is not None and not names:
        raise Invalid(_("Nothing given."), kind="usage", where=Where(field="--columns"))
    replace = target is not None and not here.dry_run and is_taken(target)
    if replace and not confirm(_("Replace {path}?").format(path=output)):
        emit(Notice(_("Nothing is exported.")))
        return
    wanted = Wanted(" ".join(query or ()), form(target), names, shown(archived, all_), target, replace, reveal)
    tell(export(work, wanted, why=given, dry_run=here.dry_run), wanted)
