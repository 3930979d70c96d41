"""`crm sync [REMOTE]`: meet the other clones of the vault at a git remote."""

from typing import Annotated

import typer

from crmcli.cli.opening import workplace
from crmcli.cli.output import emit, end_with
from crmcli.cli.session import session
from crmcli.cli.sync_words import contested, data_of, preview_data, said, would
from crmcli.errors import Conflict
from crmcli.reports.values import Notice
from crmcli.text import _
from crmcli.usecases.sync import sync
from crmcli.usecases.sync_preview import preview

REMOTE = Annotated[
    str | None,
    typer.Argument(metavar="REMOTE", help=_("A remote git knows; if left out: the branch's own, or origin.")),
]


def command(remote: REMOTE = None) -> None:
    """Take in what others published, merge it, publish your own."""
    work = workplace()
    if session().dry_run:
        seen = preview(work, remote)
        emit(Notice("\n".join(would(seen)), preview_data(seen)), seen.findings)
        return
    done = sync(work, remote)
    emit(Notice("\n".join(said(done)), data_of(done)), (*contested(done), *done.findings))
    if done.contests:
        end_with(Conflict.exit)
