"""`crm update REF`: set and clear fields, add and remove tags."""

from typing import Annotated

import typer

from crmcli.cli.generated import pairs
from crmcli.cli.opening import workplace
from crmcli.cli.outcomes import tell
from crmcli.cli.session import session
from crmcli.cli.verbs.add import DUPLICATE
from crmcli.cli.verbs.show import REF
from crmcli.cli.why import NOTE, REASON, why
from crmcli.model.edits import Edits
from crmcli.text import _
from crmcli.usecases.update import update

SET = Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help=_("Give a field a value."))]
UNSET = Annotated[list[str] | None, typer.Option("--unset", metavar="NAME", help=_("Clear a field."))]
ADD_TAG = Annotated[list[str] | None, typer.Option("--add-tag", metavar="TAG", help=_("Add a tag."))]
RM_TAG = Annotated[list[str] | None, typer.Option("--rm-tag", metavar="TAG", help=_("Remove a tag."))]


def command(
    ref: REF,
    set_: SET = None,
    unset: UNSET = None,
    add_tag: ADD_TAG = None,
    rm_tag: RM_TAG = None,
    duplicate_ok: DUPLICATE = False,
    reason: REASON = None,
    note: NOTE = None,
) -> None:
    """Change fields of a customer."""
    work = workplace()
    wanted = Edits(pairs(set_ or ()), tuple(unset or ()), tuple(add_tag or ()), tuple(rm_tag or ()))
    given = why(work, reason, note)
    tell(
        update(work, ref, wanted, why=given, duplicate_ok=duplicate_ok, dry_run=session().dry_run),
        _("Updated {numbers}."),
    )
