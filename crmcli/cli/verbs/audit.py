"""`crm audit [--since REV|DATE]`: who signed what, and whether they may have."""

from pathlib import Path
from typing import Annotated

import typer

from crmcli.cli.listing import PEOPLE
from crmcli.cli.output import emit, end_with, found_problems, note
from crmcli.cli.session import session, settle_language
from crmcli.errors import Damaged
from crmcli.reports.safe_text import visible
from crmcli.reports.values import Column, Table
from crmcli.text import _, n_
from crmcli.usecases.audit import Audit, Problem, audit, closed_vault

SINCE = Annotated[
    str | None,
    typer.Option("--since", metavar="REV|DATE", help=_("Only what came after a commit, or from a day on.")),
]


def command(since: SINCE = None) -> None:
    """Verify who signed every commit."""
    here = session()
    start = Path(here.vault_option) if here.vault_option else here.cwd
    vault, house = closed_vault(start, here.env, exact=bool(here.vault_option))
    settle_language(house.settings.language)
    found = audit(vault, house, here.homes, since)
    heads = {
        "commit": _("Commit"),
        "at": _("At"),
        "by": _("By"),
        "severity": _("Severity"),
        "kind": _("Kind"),
        "message": _("Finding"),
    }
    if any(problem.severity == "error" for problem in found.problems):
        found_problems()
    columns = tuple(Column(name, text) for name, text in heads.items())
    none = _("No commit is in doubt.")
    emit(Table(columns, tuple(_row(one) for one in found.problems), "commit", none=none))
    note(_summary(found))
    if found.broken:
        note(visible(found.broken.message))
        end_with(Damaged.exit)


def _summary(found: Audit) -> str:
    said = n_(
        "{count} commit verified since the root {root}", "{count} commits verified since the root {root}", found.commits
    )
    by = _(", ").join(f"{name} {count}" for name, count in found.by.items())
    return said.format(count=found.commits, root=found.root[:12]) + (_(": {by}").format(by=by) if by else "")


def _row(problem: Problem) -> dict[str, str]:
    words = {"error": _("error"), "warning": _("warning")}
    return {
        "commit": problem.commit[:12],
        "at": problem.at.strftime("%Y-%m-%d %H:%M"),
        "by": problem.author,
        "severity": words[problem.severity] if session().format in PEOPLE else problem.severity,
        "kind": problem.kind,
        "message": problem.message,
    }
