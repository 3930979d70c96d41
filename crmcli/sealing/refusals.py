"""What a reader lacks to open or seal a value, in words: the level, or the customer's key."""

from collections.abc import Sequence

from crmcli.errors import Refused, Where
from crmcli.model.fields import Level
from crmcli.model.team import spoken
from crmcli.text import _


def no_salt() -> Refused:
    """That the customer's salt is not on this machine."""
    hint = _(
        "`crm sync` brings keys once a teammate has synced, too; by hand: `crm keys export --for YOU FILE` there, "
        "`crm keys import FILE` here."
    )
    return Refused(
        _("This machine does not have the key of this customer."),
        hint=hint,
        kind="no-salt",
    )


def above(field: str, level: Level, readers: Sequence[str]) -> Refused:
    """That a field is above the reader's level, with the roles that may read and write it."""
    hint = _("Roles that may: {roles}. An admin gives one with `crm team role`; `crm team` shows who has it.")
    return Refused(
        _("{field} is {level}, above your level; you cannot enter or change it.").format(
            field=field, level=level.label
        ),
        hint=hint.format(roles=_(", ").join(map(spoken, readers))),
        where=Where(field=field),
        kind="level",
    )
