"""The commits that destruction looks back on: approvals and runs of plans, and what handed out values or keys. Reads only.

One walk finds them all, and goes on where it ended the last time, so that a purge costs the same under any history.
"""

from crmcli.model.plan import FOLDER
from crmcli.store import history as past
from crmcli.store.history import Commit
from crmcli.store.walks import beside, walked
from crmcli.usecases.workplace import Workplace

APPROVAL, RUN = "Crm-Approval", "Crm-Plan"
# What hands out values of the customers it names, and what hands out the keys of all.
OF_CUSTOMERS, OF_ALL = ("export",), ("keys export", "backup")
_LINES = (f"{APPROVAL}: {FOLDER}/", f"{RUN}: {FOLDER}/", *(f"Crm-Op: {op}" for op in (*OF_CUSTOMERS, *OF_ALL)))


def looked_back(work: Workplace) -> list[Commit]:
    """These commits of the branch, newest first, and before them those of what counts besides (`Vault.also`)."""
    head = work.vault.git().head()
    if head is None:
        return []
    words = ("--fixed-strings", *(f"--grep={line}" for line in _LINES))
    return past.named(work.vault, [*beside(work.vault, head, *words), *walked(work.vault, head, *words)])
