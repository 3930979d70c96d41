"""What came from a remote, judged before anything of it is taken: who signed it, and whether they might; what it holds.

Reads objects alone; nothing that came counts for anything here. Linear in what came, whatever was there before.
"""

from functools import cache

from crmcli.errors import Finding
from crmcli.store.spans import brought, commits_of
from crmcli.text import _
from crmcli.usecases.certificate_findings import UNAUTHORISED
from crmcli.usecases.levels_then import fields_at, lower
from crmcli.usecases.outgoing import clear_in, resigning
from crmcli.usecases.span_verdict import Advice, unreadable, untrusted
from crmcli.usecases.trust import as_written
from crmcli.usecases.workplace import Workplace


def verify_incoming(work: Workplace, tip: str, remote: str = "origin") -> tuple[Finding, ...]:
    """Why a commit fetched from this remote is not to be taken, whatever HEAD has is trusted already; empty where it may
    be."""
    if work.keyring is None:
        return ()
    vault = as_written(work.vault)
    commits = commits_of(vault, tip, ["HEAD"])
    if not commits:
        return ()
    ours = vault.git().head()
    wrong = untrusted(work, tip, [ours] if ours else [], commits, _advice(work, tip, remote), tell=True)
    if wrong:
        return wrong
    files = brought(vault, commits)
    wrong = unreadable(vault, tip, files)
    if wrong:  # what is read further on is what crm reads
        return wrong
    return tuple(clear_in(work, files, lower(work.fields, fields_at(work, tip, files))))


def _advice(work: Workplace, tip: str, remote: str) -> Advice:
    """What is done about an unsigned commit by whoever made it, and about a certificate by an admin. git is asked only where
    there is one."""

    @cache
    def advice(kind: str) -> str | None:
        if kind == UNAUTHORISED:
            return _("An admin takes it back: there `git pull`, `crm undo {commit}`, then `crm sync`.")
        if kind != "unsigned":
            return None
        base = work.vault.git().run("merge-base", "HEAD", tip, check=False).decode()[:12]
        hint = _(
            "Whoever made it signs it anew, there: `{command}`, then `git push --force-with-lease {remote} HEAD`. "
            "Until then work on here; nothing is lost."
        )
        return hint.format(command=resigning(base), remote=remote)

    return advice


def rolled_back(work: Workplace, known: str | None, tip: str) -> Finding | None:
    """That the remote lacks commits which it had when this clone met it last and which are here; None where it has them
    all, or this clone let them go, too."""
    if known is None or known == tip:
        return None
    lost = set(commits_of(work.vault, known, [tip])).intersection(commits_of(work.vault, "HEAD", [tip]))
    if not lost:
        return None
    said = _("The remote was set back: it lacks {count} commits that it had, the last one {commit}.")
    hint = _("They are kept here, and published again if nothing is wrong with them.")
    return Finding(said.format(count=len(lost), commit=known[:12]), hint=hint, severity="warning")
