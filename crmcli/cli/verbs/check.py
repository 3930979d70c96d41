"""`crm check`: every file, every finding with path, line and field."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from crmcli.cli.listing import PEOPLE
from crmcli.cli.opening import workplace
from crmcli.cli.output import emit, found_problems
from crmcli.cli.session import session, settle_language
from crmcli.errors import Finding
from crmcli.reports.values import Column, Table
from crmcli.text import _
from crmcli.usecases.check import check
from crmcli.usecases.check_staged import check_staged

STAGED = Annotated[bool, typer.Option("--staged", help=_("Only look for clear text in what git is about to commit."))]


def command(staged: STAGED = False) -> None:
    """Check every file."""
    findings = _staged() if staged else check(workplace())
    heads = {
        "path": _("File"),
        "line": _("Line"),
        "field": _("Field"),
        "severity": _("Severity"),
        "message": _("Finding"),
        "expected": _("Expected"),
        "hint": _("Hint"),
    }
    if any(finding.severity == "error" for finding in findings):
        found_problems(findings)
    emit(Table(tuple(Column(name, text) for name, text in heads.items()), tuple(_row(one) for one in findings), "path"))


def _staged() -> Sequence[Finding]:
    """Findings about the commit to be made; asked by the hook, so the vault is not opened."""
    here = session()
    found = check_staged(Path(here.vault_option) if here.vault_option else here.cwd, here.env)
    settle_language(found.language)
    return found.findings


def _severity(finding: Finding) -> str:
    return _("error") if finding.severity == "error" else _("warning")


def _row(finding: Finding) -> dict[str, str]:
    return {
        "path": finding.where.path or "",
        "line": str(finding.where.line or ""),
        "field": finding.where.field or "",
        "severity": _severity(finding) if session().format in PEOPLE else finding.severity,
        "message": finding.message,
        "expected": finding.expected or "",
        "hint": finding.hint or "",
    }
