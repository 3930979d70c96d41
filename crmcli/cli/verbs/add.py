"""`crm add`: from options, from a file, or asked for one by one."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from crmcli.cli.generated import pairs, values, with_field_options
from crmcli.cli.opening import workplace
from crmcli.cli.outcomes import tell
from crmcli.cli.prompts import ask
from crmcli.cli.session import session
from crmcli.cli.why import NOTE, REASON, why
from crmcli.errors import Invalid
from crmcli.model.derive import catalog
from crmcli.text import _
from crmcli.usecases.add import Draft, add, draft_from, drafts_at, drafts_in

FIELDS = tuple(found for found in catalog() if not found.assigned and found.noun in (None, "contact"))
FILE = Annotated[
    str | None, typer.Option("--file", metavar="FILE", help=_("YAML with one or more customers; - is stdin."))
]
SET = Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help=_("Any field, custom ones too."))]
INCOMPLETE = Annotated[bool, typer.Option("--incomplete", help=_("Enter it even if required fields are missing."))]
DUPLICATE = Annotated[
    bool, typer.Option("--duplicate-ok", help=_("Enter it even if the phone or the like is on file."))
]


@with_field_options(FIELDS)
def command(
    file: FILE = None,
    set_: SET = None,
    incomplete: INCOMPLETE = False,
    duplicate_ok: DUPLICATE = False,
    reason: REASON = None,
    note: NOTE = None,
    **given: Any,
) -> None:
    """Add a customer."""
    work = workplace()
    named = {**values(given, FIELDS), **pairs(set_ or ())}
    if not named and file is None:
        named, gaps = _asked(work)
        incomplete = incomplete or gaps
    drafts: Sequence[Draft] = _from_file(file, named) if file is not None else [draft_from(work, named)]
    outcome = add(
        work,
        drafts,
        why=why(work, reason, note),
        incomplete=incomplete,
        duplicate_ok=duplicate_ok,
        dry_run=session().dry_run,
    )
    tell(outcome, _("Added {numbers}."))


def _asked(work: Any) -> tuple[dict[str, str], bool]:
    if not session().interactive:
        raise Invalid(
            _("Nothing given."), kind="usage", hint=_("crm add --kind individual --name … (see crm add --help)")
        )
    return ask(work)


def _from_file(file: str, named: dict[str, str]) -> Sequence[Draft]:
    if named:
        raise Invalid(_("Give fields or --file, not both."), kind="usage")
    return drafts_in(sys.stdin.buffer.read(), file) if file == "-" else drafts_at(Path(file))
