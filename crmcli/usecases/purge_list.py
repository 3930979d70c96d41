"""The register of destruction (R61): every certificate of the vault, and customers' requests still open. Changes nothing."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from crmcli.errors import CrmError, Finding, Where
from crmcli.model.certificate import Certificate
from crmcli.model.plan import FOLDER
from crmcli.model.retention import REQUEST
from crmcli.text import _
from crmcli.usecases.certificates import certificates
from crmcli.usecases.devices import TeamDevice, waited_for
from crmcli.usecases.purge_approvers import waiting_in_vain
from crmcli.usecases.purge_items import Kept, weigh
from crmcli.usecases.purge_papers import Filed, Ledger, approver_of, is_open, ledger, plans
from crmcli.usecases.records import findings_of
from crmcli.usecases.workplace import Workplace


@dataclass(frozen=True)
class Register:
    """The certificates, newest last, what is wrong with those that do not hold, and the requests that are open, or plans
    that nobody may approve.

    waiting  number → the devices that have not acknowledged the destruction of the key; without those whose key no
             certificate destroyed here
    """

    certificates: tuple[Certificate, ...]
    damaged: tuple[Finding, ...]
    open: tuple[Finding, ...] = ()
    waiting: Mapping[str, tuple[TeamDevice, ...]] = field(default_factory=dict)


def register(work: Workplace) -> Register:
    """Everything that was destroyed in the vault, or is to be because the customer asked for it."""
    good, damaged = certificates(work)
    return Register(good, damaged, (*_requests(work), *_in_vain(work)), waited_for(work, good))


def _in_vain(work: Workplace) -> Iterator[Finding]:
    with suppress(CrmError):  # a team or a policy that does not hold is named by `crm check`
        found = waiting_in_vain(work)
        if found:
            yield found


def _requests(work: Workplace) -> Iterator[Finding]:
    """The newest request of each customer who still has a file, with what it waits for or what stopped it."""
    asked = {one.plan.items[0].number: one for one in plans(work)[0] if one.plan.items[0].rule == REQUEST}
    waiting = [filed for filed in asked.values() if is_open(work, filed)]
    known = ledger(work) if waiting else Ledger()
    for filed in waiting:
        try:
            yield _request(work, filed, known)
        except CrmError as error:
            yield from findings_of(error)


def _request(work: Workplace, filed: Filed, known: Ledger) -> Finding:
    ((item, found),) = weigh(work, filed.plan.items[:1])
    hint = _("`crm purge {number} --request` goes on with it, once nothing keeps the file.").format(number=item.number)
    if isinstance(found, Kept):
        said = _("The request of {number} is still open; stopped: {reason}.")
        words = said.format(number=item.number, reason=found.reason)
    elif filed.mark in known.carried_out:
        words = _("The request of {number} is still open; nothing keeps the file any more.").format(number=item.number)
    elif approver_of(work, filed, known):
        words = _("The request of {number} is still open; it is approved.").format(number=item.number)
        hint = _("`crm purge run` carries it out.")
    else:
        words = _("The request of {number} is still open; it waits for approval.").format(number=item.number)
        name = filed.path.removeprefix(f"{FOLDER}/").removesuffix(".yaml")
        hint = _("`crm purge approve {name}` approves it.").format(name=name)
    return Finding(words, Where(filed.path), hint=hint, severity="warning")
