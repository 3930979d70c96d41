"""Queries that stand in house rules: compiled, or refused with the place in the rule file.

A rule may name only open fields and metrics, so that cron and a manager decide the same.
"""

from collections.abc import Iterator

from crmcli.errors import CrmError, Finding, Where, invalid
from crmcli.index.query import Compiled, compile_query
from crmcli.model.catalog import CatalogField
from crmcli.model.fields import Level
from crmcli.text import _
from crmcli.usecases.workplace import Workplace


def compile_rule(work: Workplace, query: str, where: Where) -> Compiled:
    """The query of a rule; Invalid at `where` for one that can't be read or looks at what not everyone may read."""
    try:
        compiled = compile_query(query, work.queryable, work.house.codes, now=work.now)
    except CrmError as error:
        raise invalid([Finding(error.message, where, None, error.hint)]) from None
    sealed = list(_sealed(work, compiled, where))
    if sealed:
        raise invalid(sealed)
    return compiled


def named_fields(work: Workplace, compiled: Compiled) -> dict[str, CatalogField]:
    """The fields that a query names; a kind of entry ("interaction") is none."""
    known = {field.name: field for field in work.queryable}
    found = ((name, known.get(name) or known.get(name.rpartition(".")[0])) for name in compiled.fields)
    return {name: field for name, field in found if field is not None}


def _sealed(work: Workplace, compiled: Compiled, where: Where) -> Iterator[Finding]:
    hint = _("`crm search --fields` shows the level of each field.")
    if compiled.bare:
        said = _("A rule cannot search all text, since not everyone may read all of it.")
        yield Finding(said, where, _("open fields and metrics"), hint)
    for name, field in named_fields(work, compiled).items():
        if field.level is not Level.OPEN:
            said = _("A rule cannot look at {field}, since not everyone may read it.").format(field=name)
            yield Finding(said, where, _("open fields and metrics"), hint)
