"""What a sync would take in and publish, without doing either: what was fetched stays beside the branch."""

from dataclasses import dataclass

from crmcli.errors import Finding
from crmcli.store.remote import fetch, remote_of
from crmcli.store.spans import commits_of
from crmcli.usecases.brought_files import unfit
from crmcli.usecases.incoming import verify_incoming
from crmcli.usecases.outgoing import scan_outgoing
from crmcli.usecases.workplace import Workplace


@dataclass(frozen=True)
class Preview:
    """How many commits would come and go, and what is not to be trusted about them."""

    remote: str
    branch: str
    taken: int
    given: int
    findings: tuple[Finding, ...]


def preview(work: Workplace, name: str | None = None) -> Preview:
    """Look at the remote of that name, or the usual one. Failure kind "offline" where it can't be reached."""
    git = work.vault.git()
    remote = remote_of(git, name)
    tip = fetch(git, remote).tip
    taken = commits_of(work.vault, tip, ["HEAD"]) if tip else []
    given = commits_of(work.vault, "HEAD", [tip] if tip else [])
    wrong = verify_incoming(work, tip, remote.name) if tip and work.sealed else ()
    return Preview(
        remote.name, remote.branch, len(taken), len(given), (*wrong, *scan_outgoing(work, tip), *unfit(work, given))
    )
