"""Which customer is meant: by number, a unique beginning of one, or an exact name, phone, e-mail, ID number, credit code."""

import os
import re
from collections.abc import Sequence

from crmcli.errors import Conflict, NotFound
from crmcli.index import search as found_by
from crmcli.model.identity import certificate_path, record_path
from crmcli.store.records import record_files
from crmcli.text import _
from crmcli.usecases.lookup import opened_index
from crmcli.usecases.workplace import Workplace

NUMBER = re.compile(r"C\d{11,}")
PREFIX = re.compile(r"[Cc]\d{1,}")


def resolve(work: Workplace, ref: str) -> str:
    """The number of the one customer `ref` names; NotFound for none, Conflict (kind "ambiguous") for several."""
    ref = ref.strip()
    if NUMBER.fullmatch(ref.upper()) and os.path.lexists(work.root / record_path(ref.upper())):
        return ref.upper()
    found = _by_number(work, ref.upper()) if PREFIX.fullmatch(ref) else []
    return _only(found or _by_value(work, ref), ref, work)


def _by_number(work: Workplace, prefix: str) -> list[str]:
    names = (os.path.basename(path).removesuffix(".yaml") for path in record_files(work.root))
    return [name for name in names if name.startswith(prefix)]


def _by_value(work: Workplace, value: str) -> list[str]:
    with opened_index(work) as opened:
        return found_by.exact(opened.index, value)


def _only(found: Sequence[str], ref: str, work: Workplace) -> str:
    if len(found) == 1:
        return found[0]
    if found:
        raise Conflict(
            _("{count} customers match {ref}.").format(count=len(found), ref=ref),
            kind="ambiguous",
            hint=_("Name one by its number."),
            candidates=[{"number": number} for number in found[:20]],
        )
    if NUMBER.fullmatch(ref.upper()) and os.path.lexists(work.root / certificate_path(ref.upper())):
        raise NotFound(
            _("{ref} was destroyed.").format(ref=ref.upper()), hint=_("`crm purge list` shows the register.")
        )
    raise NotFound(_("No customer {ref}.").format(ref=ref), hint=_("`crm search` finds by part of a name or number."))
