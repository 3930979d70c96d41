"""The papers that certificates rest on: the very plan each names, its approval, the file it means. Each is read once.

They are found by their hashes, wherever they stand in the history. Reads only.
"""

import re
from collections.abc import Sequence

from crmcli.errors import CrmError
from crmcli.model.certificate import Certificate
from crmcli.model.plan import FOLDER, Plan, PlanItem
from crmcli.store import history as past
from crmcli.store.walks import leads_to
from crmcli.store.yamlread import parse_many
from crmcli.usecases.purge_papers import Filed, Ledger, approver_of, checked, ledger
from crmcli.usecases.workplace import Workplace


class Papers:
    """The papers of these certificates."""

    def __init__(self, work: Workplace, certificates: Sequence[Certificate]) -> None:
        self._work = work
        named = dict.fromkeys((one.plan, one.plan_file) for one in certificates)
        found = past.objects(work.vault, [blob for _path, blob in named])
        self._plans = {name: _plan(*name, data) for name, data in zip(named, found, strict=True)}
        items = [item for one in certificates if (item := self._item(one))]
        self._files = dict(zip(items, past.objects(work.vault, [one.file for one in items]), strict=True))
        self._approvers: dict[tuple[str, frozenset[str]], str | None] = {}
        self._ledger: Ledger | None = None

    def lists(self, certificate: Certificate) -> bool:
        """Whether the plan lists this very customer, and means a file that is theirs; one that this repository does
        not have proves nothing."""
        item = self._item(certificate)
        data = self._files.get(item) if item else None
        return item is not None and data is not None and is_theirs(data, item.number, item.uid)

    def approver(self, certificate: Certificate, ends: frozenset[str] = frozenset()) -> str | None:
        """Who approved the plan, None where nobody who may did. `ends`: what deleted the certificate; an approval that
        these do not know never raises it again."""
        filed = self._plans[certificate.plan, certificate.plan_file]
        if filed is None:
            return None
        if (filed.mark, ends) not in self._approvers:
            self._ledger = self._ledger or ledger(self._work)
            approvals = self._ledger.approvals.get(filed.mark, ())
            given = tuple(one for one in approvals if all(leads_to(self._work.vault, end, one.hash) for end in ends))
            self._approvers[filed.mark, ends] = approver_of(self._work, filed, Ledger({filed.mark: given}))
        return self._approvers[filed.mark, ends]

    def _item(self, certificate: Certificate) -> PlanItem | None:
        filed = self._plans[certificate.plan, certificate.plan_file]
        items = filed.plan.items if filed else ()
        wanted = (certificate.number, certificate.uid)
        return next((item for item in items if (item.number, item.uid) == wanted), None)


def is_theirs(data: bytes, number: str, uid: str) -> bool:
    """Whether a file says that it is this customer's."""
    words = ((b"id", number.encode()), (b"uid", uid.encode()))
    return all(re.search(rb"^%s: *[\"']?%s[\"']? *\r?$" % word, data, re.MULTILINE) for word in words)


def _plan(path: str, blob: str, data: bytes | None) -> Filed | None:
    if data is None or not path.startswith(f"{FOLDER}/"):
        return None
    try:
        return Filed(path, blob, checked(parse_many(data, path)[0], path, Plan))
    except CrmError:
        return None
