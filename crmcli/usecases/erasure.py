"""The rule of erasure: an authorised certificate and a live salt here ⇒ the salt is destroyed (FORMAT.md, section 8).

Looked after whenever a vault is opened and after each destruction, so that whatever was interrupted is finished, and
what others destroyed is destroyed here as soon as their certificate arrives. Every version of a certificate in the
history counts, also one that was changed or deleted later. What is not authorised destroys nothing and is named for as
long as it stands.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crmcli.errors import CrmError, Finding, Where
from crmcli.model.certificate import FOLDER, Certificate
from crmcli.model.identity import certificate_path, number_at
from crmcli.model.team import Role
from crmcli.store import history as past
from crmcli.store.git import GitError
from crmcli.store.history import Commit
from crmcli.store.private import read_private, write_private
from crmcli.store.salts import Salts
from crmcli.store.yamlread import parse
from crmcli.text import _
from crmcli.usecases.erasure_papers import Papers
from crmcli.usecases.keyring import Keyring
from crmcli.usecases.purge_papers import checked
from crmcli.usecases.trust import judge
from crmcli.usecases.trust_judged import Judged
from crmcli.usecases.workplace import Workplace

DESTROYERS: tuple[Role, ...] = ("manager", "legal", "admin")
SEEN = "erased"  # up to which commit the certificates were looked at, and which salts were destroyed then


@dataclass(frozen=True)
class Erased:
    """What was done: the numbers whose salts were destroyed here just now, and certificates that authorise nothing."""

    numbers: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class _Issued:
    """A version of a certificate and the commit that brought it."""

    commit: Commit
    path: str
    certificate: Certificate


@dataclass(frozen=True)
class Verdicts:
    """The customers whom some certificate entitles to destroy, and what is wrong with certificates that are the only
    ones of theirs."""

    authorised: frozenset[str]
    findings: tuple[Finding, ...]


def erase_certified(work: Workplace) -> Erased:
    """Destroy every salt that an authorised certificate names."""
    if work.keyring is None:
        return Erased()
    store, place = work.keyring.store, work.vault.shared / SEEN
    seen, _sign, before = (read_private(place) or b"").decode("ascii", "replace").partition(" ")
    head, gone = work.vault.git().head() or "", store.gone()
    if head == seen and before == gone:
        return Erased()
    # Not the salts of then: an older file may have been put back, and every certificate is looked at again.
    waiting = _waiting(store, list(_issued(work, seen if before == gone else "")))
    verdicts = _verdicts(work, work.keyring, waiting)
    names = {one.certificate.uid: one.certificate.number for one in waiting}
    destroyed = store.destroy(uid for uid in names if uid in verdicts.authorised)
    # What is not authorised is looked at, and named, each time.
    findings = _standing(work, verdicts.findings)
    if not findings:
        write_private(place, f"{head} {store.gone()}".encode())
    return Erased(tuple(names[uid] for uid in destroyed), findings)


def _standing(work: Workplace, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Those about certificates that stand at HEAD; one that somebody took out again is told by the history alone."""
    heads = work.vault.git().stands([f"HEAD:./{one.where.path}" for one in findings]) if findings else ()
    return tuple(one for one, head in zip(findings, heads, strict=True) if head)


def verdicts(work: Workplace) -> Verdicts:
    """What every certificate of the history is worth; in an open vault there is nothing to judge."""
    return _verdicts(work, work.keyring, list(_issued(work, ""))) if work.keyring else Verdicts(frozenset(), ())


def _waiting(store: Salts, issued: Sequence[_Issued]) -> list[_Issued]:
    """Those of customers who are not in the ledger, or of whom something is left although they are."""
    gone, left = (store.ledger(), store.live()) if issued else (set(), set())
    return [one for one in issued if one.certificate.uid not in gone or one.certificate.uid in left]


def _verdicts(work: Workplace, keyring: Keyring, issued: Sequence[_Issued]) -> Verdicts:
    if not issued:
        return Verdicts(frozenset(), ())
    judged = judge(work.vault, keyring.trusted, [one.commit.hash for one in issued])
    papers = Papers(work, [one.certificate for one in issued])
    whys = [_why_not(papers, one.certificate, by) for one, by in zip(issued, judged, strict=True)]
    good = frozenset(one.certificate.uid for one, why in zip(issued, whys, strict=True) if why is None)
    # A merge, or somebody's later edit, brings once more what another commit has authorised.
    wrong = ((one, why) for one, why in zip(issued, whys, strict=True) if why and one.certificate.uid not in good)
    return Verdicts(good, tuple(_finding(one, why) for one, why in wrong))


def _issued(work: Workplace, seen: str) -> Iterator[_Issued]:
    """Every version of every certificate that came since the commit `seen`; all of them where git doesn't know it."""
    commits = _log(work, f"{seen}..HEAD") if seen else _log(work, "HEAD")
    pairs = [(commit, path) for commit in commits for path in commit.paths if _is_place(path)]
    found = past.blobs(work.vault, [(commit.hash, path) for commit, path in pairs]) if pairs else []
    for (commit, path), data in zip(pairs, found, strict=True):
        certificate = _certificate(path, data)
        # One of an open vault, from before this one was sealed, claims nothing about keys.
        if certificate is not None and certificate.method == "key-destroyed":
            yield _Issued(commit, path, certificate)


def _log(work: Workplace, span: str) -> list[Commit]:
    options = ("--full-history", "-m", "--diff-filter=AM")
    try:
        return past.log(work.vault, *options, span, paths=(FOLDER,))
    except GitError:
        return past.log(work.vault, *options, "HEAD", paths=(FOLDER,))


def _is_place(path: str) -> bool:
    """Whether a certificate belongs there: it stands below its folder as the customer's file stands below `records`."""
    return path.startswith(f"{FOLDER}/") and number_at(f"records{path.removeprefix(FOLDER)}") is not None


def _certificate(path: str, data: bytes | None) -> Certificate | None:
    """One that does not hold authorises nothing; `crm check` names it."""
    try:
        found = checked(parse(data, path), path, Certificate) if data else None
        return found if found and certificate_path(found.number) == path else None
    except CrmError:
        return None


def _why_not(papers: Papers, certificate: Certificate, judged: Judged) -> str | None:
    """Why a certificate destroys nothing; None when it does."""
    if judged.person is None:
        return judged.why or _("The signer is not in the team.")
    if not judged.may(*DESTROYERS):
        return _("{name} may not destroy.").format(name=judged.person)
    if not papers.lists(certificate):
        return _("No plan lists this customer.")
    if judged.alone or papers.approver(certificate):
        return None
    return _("Its plan is not approved.")


def _finding(issued: _Issued, why: str) -> Finding:
    said = _("A certificate that is not authorised destroys nothing (commit {hash}). {reason}")
    hint = _("`git log -p -- {path}` shows where it comes from.").format(path=issued.path)
    return Finding(said.format(reason=why, hash=issued.commit.hash[:12]), Where(issued.path), None, hint, damaged=True)
