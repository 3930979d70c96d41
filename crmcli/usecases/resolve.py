"""Which customer is meant: by number, a unique beginning of one, or an exact name, phone, e-mail, ID number, credit code."""

import os
import re
from collections.abc import Sequence
from typing import NoReturn

from crmcli.errors import Conflict, Finding, Invalid, NotFound, ValueProblem
from crmcli.index import search as found_by
from crmcli.model.identity import number, parse_number, record_path
from crmcli.model.spelling import quoted
from crmcli.store.records import record_files
from crmcli.text import _
from crmcli.usecases.certificates import destroyed_on, is_destroyed
from crmcli.usecases.former import had, others, tell_now, tell_others
from crmcli.usecases.lookup import opened_index
from crmcli.usecases.workplace import Workplace

LONGEST = 400  # longer than any value a customer is called by
LISTED = 20  # candidates that are named
PREFIX = re.compile(r"[Cc][0-9]+")


def resolve(work: Workplace, ref: str) -> str:
    """The number of the one customer `ref` names; NotFound for none, Conflict (kind "ambiguous") for several.

    A former number leads to its customer; that it was, or that others had the same number, is said beside the result.
    """
    ref = ref.strip()
    if len(ref) > LONGEST:
        raise NotFound(_("No customer {ref}.").format(ref=quoted(ref)))
    if not ref:
        raise Invalid(_("No customer is named."), kind="usage", hint=_("Give a number, or an exact name or phone."))
    whole = number_in(ref)
    if whole and os.path.lexists(work.root / record_path(whole)):
        tell_others(work, whole)
        return whole
    if whole and is_destroyed(work, whole):  # whoever else had it once, it means the one who was destroyed
        _nobody(work, ref, others(work, whole))
    if whole and (days := had(work, whole)):
        now = _only(list(days), ref)
        tell_now(work, whole, now, days[now])
        return now
    found = _by_number(work, ref.upper()) if PREFIX.fullmatch(ref) else []
    if found:
        return _only(found, ref)
    found, unread = _by_value(work, ref)
    if not found:
        _nobody(work, ref, unread)
    now = _only(found, ref)
    if whole:
        tell_now(work, whole, now, None)
    return now


def named(work: Workplace, ref: str) -> str:
    """The customer number that `ref` is, whoever holds or held it; else that of the customer it names."""
    whole = number_in(ref)
    if whole is None:
        return resolve(work, ref)
    tell_others(work, whole)
    return whole


def number_in(ref: str) -> str | None:
    """The customer number that `ref` is, whoever may hold it; None for anything else."""
    try:
        return number(*parse_number(ref))
    except ValueProblem:
        return None


def _by_number(work: Workplace, prefix: str) -> list[str]:
    names = (os.path.basename(path).removesuffix(".yaml") for path in record_files(work.root))
    return [name for name in names if name.startswith(prefix)]


def _by_value(work: Workplace, value: str) -> tuple[list[str], tuple[Finding, ...]]:
    """The numbers, and what is wrong with files that could not be read and might be meant."""
    with opened_index(work) as opened:
        return found_by.exact(opened.index, value), opened.findings


def _only(found: Sequence[str], ref: str) -> str:
    if len(found) == 1:
        return found[0]
    hint, more = _("Give the number of the one you mean."), len(found) - LISTED
    if more > 0:
        hint = _("{count} more are not listed. {hint}").format(count=more, hint=hint)
    raise Conflict(
        _("{count} customers match {ref}.").format(count=len(found), ref=ref),
        kind="ambiguous",
        hint=hint,
        candidates=[{"number": one} for one in found[:LISTED]],
    )


def _nobody(work: Workplace, ref: str, besides: Sequence[Finding]) -> NoReturn:
    whole = number_in(ref)
    gone = destroyed_on(work, whole) if whole else None
    if gone:
        said = _("The file of {ref} was destroyed on {day}.").format(ref=whole, day=gone.isoformat())
        raise NotFound(said, kind="destroyed", hint=_("`crm purge list` shows the register."), findings=besides)
    hint = _("`crm search` finds by part of a name or number.")
    raise NotFound(_("No customer {ref}.").format(ref=quoted(ref)), hint=hint, findings=besides)
