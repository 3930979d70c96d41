"""`crm classify`: who moves to which class by the house's schemes; `--apply` writes it, `--explain REF` says why."""

from typing import Annotated

import typer

from crmcli.cli.classes import explanation_card, moves_table
from crmcli.cli.opening import workplace
from crmcli.cli.output import emit, note
from crmcli.cli.session import session
from crmcli.errors import Invalid
from crmcli.reports.values import Notice
from crmcli.text import _, n_
from crmcli.usecases.classify import Classified, classify
from crmcli.usecases.explain import explain
from crmcli.usecases.workplace import Workplace

SCHEME = Annotated[
    str | None, typer.Option("--scheme", metavar="NAME", help=_("One scheme of schemas/classification.yaml."))
]
APPLY = Annotated[bool, typer.Option("--apply", help=_("Write the moves, with date and reason."))]
EXPLAIN = Annotated[str | None, typer.Option("--explain", metavar="REF", help=_("One customer: every class, and why."))]


def command(scheme: SCHEME = None, apply: APPLY = False, explain_: EXPLAIN = None) -> None:
    """Show who moves to another class, or move them."""
    if explain_ is not None and apply:
        raise Invalid(_("--explain changes nothing."), kind="usage", hint=_("Leave out --apply."))
    work = workplace()
    if explain_ is not None:
        emit(explanation_card(work, explain(work, explain_, scheme)))
    else:
        _tell(work, classify(work, scheme, apply=apply, dry_run=session().dry_run))


def _tell(work: Workplace, found: Classified) -> None:
    """The moves; silence on stdout for people where nobody moves."""
    quiet = not found.moves and session().format in (None, "table")
    emit(Notice("") if quiet else moves_table(work, found), (*found.unread, *found.unsound))
    count = len(found.moves)
    if not found.moves:
        note(_("Nobody moves."))
    elif found.commit is None:
        note(_("Nothing is written; --apply writes it."))
    else:
        note(n_("{count} move written.", "{count} moves written.", count).format(count=count))
