"""What somebody may be called in the team. Pure."""

import re
from collections.abc import Iterable

from crmcli.errors import Conflict, Invalid, Where
from crmcli.model.spelling import fold, quoted
from crmcli.store.yamlscalar import is_plain
from crmcli.text import _

_NAME = re.compile(r"[^\W_](?:[\w.-]*[^\W_])?")


def refuse_name(name: str, people: Iterable[str]) -> None:
    """A name is typed, compared and kept as a key: Invalid for one that can't be, Conflict beside its like."""
    if not _NAME.fullmatch(name) or not is_plain(name):
        said = _("{name} is not a name for the team.").format(name=quoted(name))
        hint = _("Letters and digits, in between also . - _, as in li.na; nothing that YAML takes for something else.")
        raise Invalid(said, hint=hint, where=Where(field="NAME"), kind="name")
    like = next((one for one in people if fold(one) == fold(name)), None)
    if like is not None:
        said = _("{other} is in the team already; {name} would be taken for the same person.")
        raise Conflict(said.format(other=like, name=name), kind="exists")
