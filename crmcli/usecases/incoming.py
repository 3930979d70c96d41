"""What came from a remote, judged before anything of it is taken: who signed it, and whether they might; what it holds.

Reads objects alone; nothing that came counts for anything here. Linear in what came, whatever was there before.
"""

from crmcli.errors import Finding
from crmcli.store.spans import brought, commits_of
from crmcli.text import _
from crmcli.usecases.levels_then import fields_at, lower
from crmcli.usecases.outgoing import clear_in
from crmcli.usecases.span_verdict import unreadable, untrusted
from crmcli.usecases.trust import as_written
from crmcli.usecases.workplace import Workplace


def verify_incoming(work: Workplace, tip: str) -> tuple[Finding, ...]:
    """Why a fetched commit is not to be taken, whatever HEAD has is trusted already; empty where it may be."""
    if work.keyring is None:
        return ()
    vault = as_written(work.vault)
    commits = commits_of(vault, tip, ["HEAD"])
    if not commits:
        return ()
    ours = vault.git().head()
    wrong = untrusted(work, tip, [ours] if ours else [], commits)
    if wrong:
        return wrong
    files = brought(vault, commits)
    wrong = unreadable(vault, tip, files)
    if wrong:  # what is read further on is what crm reads
        return wrong
    return tuple(clear_in(work, files, lower(work.fields, fields_at(work, tip, files))))


def rolled_back(work: Workplace, known: str | None, tip: str) -> Finding | None:
    """That the remote lacks commits which it had when this clone met it last; None where it has them all."""
    if known is None or known == tip:
        return None
    lost = commits_of(work.vault, known, [tip])
    if not lost:
        return None
    said = _("The remote was set back: it lacks {count} commits that it had, the last one {commit}.")
    hint = _("They are kept here, and published again.")
    return Finding(said.format(count=len(lost), commit=known[:12]), hint=hint, severity="warning")
