"""The rule of erasure: an authorised certificate and a live salt here ⇒ the salt is destroyed (FORMAT.md, section 8).

Looked after whenever a vault is opened and after each destruction, so that whatever was interrupted is finished, and
what others destroyed is destroyed here as soon as their certificate arrives. Every version of a certificate in the
history counts, also one that was changed or deleted later. What is not authorised destroys nothing and is named for as
long as it stands; once it was deleted, no later approval authorises it any more.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from crmcli.errors import Finding, Where
from crmcli.model.certificate import FOLDER, Certificate
from crmcli.model.team import Role
from crmcli.store import history as past
from crmcli.store.git import GitError
from crmcli.store.history import Commit
from crmcli.store.private import read_private, write_private
from crmcli.store.salts import Salts
from crmcli.store.walks import leads_to
from crmcli.text import _
from crmcli.usecases.certificate_versions import certificate_of, is_certificates
from crmcli.usecases.erasure_papers import Papers
from crmcli.usecases.keyring import Keyring
from crmcli.usecases.trust import judge
from crmcli.usecases.trust_judged import Judged
from crmcli.usecases.workplace import Workplace

DESTROYERS: tuple[Role, ...] = ("manager", "legal", "admin")
FEW = 50  # certificates that are asked for by their names
SEEN = "erased"  # up to which commit the certificates were looked at, and which salts were destroyed then


@dataclass(frozen=True)
class Erased:
    """What was done: the numbers whose salts were destroyed here just now, and certificates that authorise nothing."""

    numbers: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class _Issued:
    """A version of a certificate, None for one that can't be read, and the commit that brought it; `ends`: those that
    deleted it."""

    commit: Commit
    path: str
    certificate: Certificate | None
    ends: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Verdicts:
    """The customers whom some certificate entitles to destroy, and what is wrong with certificates that are the only
    ones of theirs."""

    authorised: frozenset[str]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Doubts:
    """What is wrong with certificates, as far as it was asked.

    why         commit and path → why the version that it brought authorises nothing
    void        the paths where none that was authorised ever stood
    standing    those of them where one stands
    taken_back  commit and path → a deletion, of versions that authorise nothing alone
    """

    why: Mapping[tuple[str, str], str]
    void: frozenset[str] = frozenset()
    standing: frozenset[str] = frozenset()
    taken_back: frozenset[tuple[str, str]] = frozenset()


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
    waiting = _waiting(store, _issued(work, _log(work, seen if before == gone else ""))[0])
    verdicts = _verdicts(work, work.keyring, waiting)
    names = {one.certificate.uid: one.certificate.number for one in waiting if one.certificate}
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
    if work.keyring is None:
        return Verdicts(frozenset(), ())
    return _verdicts(work, work.keyring, _issued(work, _log(work, ""))[0])


def doubts(work: Workplace, paths: Collection[str], tip: str = "HEAD") -> Doubts:
    """What is wrong with these certificates in the history of HEAD and of `tip`, as if it was merged."""
    keyring, head = work.keyring, work.vault.git().head()
    if keyring is None or not paths:
        return Doubts({})
    also = () if tip in ("HEAD", head) else (tip,)
    work = replace(work, vault=replace(work.vault, also=also))
    commits = _commits(work, "HEAD", *also, paths=tuple(paths) if len(paths) <= FEW else (FOLDER,))
    issued, gone = _issued(work, commits, paths)
    whys = {(one.commit.hash, one.path): why for one, why in _told(work, keyring, issued)} if issued else {}
    good = {place for place, why in whys.items() if why is None}
    kept = {(name, path) for path, name in gone for one, at in good if at == path and leads_to(work.vault, name, one)}
    void = {path for _name, path in whys} - {path for _name, path in good}
    stands = work.vault.git().stands(f"{tip}:./{path}" for path in void) if void else ()
    standing = frozenset(path for path, blob in zip(void, stands, strict=True) if blob)
    # What claims nothing about keys, from before the vault was sealed, is judged by nobody and stays.
    judged = {path for _name, path in whys} - set(work.certified_open)
    taken = frozenset((name, path) for path, name in gone if path in judged) - kept
    return Doubts({place: why for place, why in whys.items() if why}, frozenset(void), standing, taken)


def _waiting(store: Salts, issued: Sequence[_Issued]) -> list[_Issued]:
    """Those of customers who are not in the ledger, or of whom something is left although they are."""
    gone, left = (store.ledger(), store.live()) if issued else (set(), set())
    uids = ((one, one.certificate.uid) for one in issued if one.certificate)
    return [one for one, uid in uids if uid not in gone or uid in left]


def _verdicts(work: Workplace, keyring: Keyring, issued: Sequence[_Issued]) -> Verdicts:
    if not issued:
        return Verdicts(frozenset(), ())
    told = [(one, one.certificate.uid, why) for one, why in _told(work, keyring, issued) if one.certificate]
    good = frozenset(uid for _one, uid, why in told if why is None)
    # A merge, or somebody's later edit, brings once more what another commit has authorised.
    return Verdicts(good, tuple(_finding(one, why) for one, uid, why in told if why and uid not in good))


def _told(work: Workplace, keyring: Keyring, issued: Sequence[_Issued]) -> Iterator[tuple[_Issued, str | None]]:
    """Each with why it destroys nothing; None when it does."""
    judged = judge(work.vault, keyring.trusted, [one.commit.hash for one in issued])
    papers = Papers(work, [one.certificate for one in issued if one.certificate])
    return ((one, _why_not(papers, one, by)) for one, by in zip(issued, judged, strict=True))


Deleted = tuple[str, str]  # the path and the commit


def _issued(
    work: Workplace, commits: Sequence[Commit], paths: Collection[str] | None = None
) -> tuple[list[_Issued], list[Deleted]]:
    """Every version of certificates, all or these, that these commits brought, and what they deleted."""
    pairs = {(one.hash, path): one for one in commits for path in one.paths if is_certificates(path)}
    pairs = {place: one for place, one in pairs.items() if paths is None or place[1] in paths}
    found = dict(zip(pairs, past.blobs(work.vault, list(pairs)) if pairs else (), strict=True))
    gone = [(path, name) for (name, path), data in found.items() if data is None]
    versions = [_Issued(pairs[place], place[1], certificate_of(place[1], found[place])) for place in found]
    kept = [one for one in versions if found[one.commit.hash, one.path] is not None and not _is_of_old(work, one)]
    return [replace(one, ends=_ends(work, one, gone)) for one in kept], gone


def _is_of_old(work: Workplace, issued: _Issued) -> bool:
    """Whether it is from before the vault was sealed: it claims nothing about keys."""
    found = issued.certificate
    return found is not None and found.method != "key-destroyed" and issued.path in work.certified_open


def _ends(work: Workplace, issued: _Issued, gone: Sequence[Deleted]) -> frozenset[str]:
    """The commits that deleted the certificate."""
    ended = (name for path, name in gone if path == issued.path)
    return frozenset(name for name in ended if leads_to(work.vault, name, issued.commit.hash))


def _log(work: Workplace, seen: str) -> list[Commit]:
    """What touched certificates since the commit `seen`; all of it where git doesn't know that one."""
    try:
        return _commits(work, f"{seen}..HEAD" if seen else "HEAD")
    except GitError:
        return _commits(work, "HEAD")


def _commits(work: Workplace, *span: str, paths: Sequence[str] = (FOLDER,)) -> list[Commit]:
    return past.log(work.vault, "--full-history", "-m", "--diff-filter=AMD", *span, paths=paths)


def _why_not(papers: Papers, issued: _Issued, judged: Judged) -> str | None:
    """Why a certificate destroys nothing; None when it does."""
    certificate = issued.certificate
    if certificate is None:
        return _("It is not a valid certificate.")
    if judged.person is None:
        return judged.why or _("The signer is not in the team.")
    if not judged.may(*DESTROYERS):
        return _("{name} may not destroy.").format(name=judged.person)
    if certificate.method != "key-destroyed":
        return _("In a sealed vault the key is destroyed.")
    if not papers.lists(certificate):
        return _("No plan lists this customer.")
    if judged.alone or papers.approver(certificate, issued.ends):
        return None
    return _("Its plan is not approved.")


def _finding(issued: _Issued, why: str) -> Finding:
    said = _("A certificate that is not authorised destroys nothing (commit {hash}). {reason}")
    hint = _("An admin takes it back: `crm undo {commit}`. `git log -p -- {path}` shows where it comes from.")
    hint = hint.format(commit=issued.commit.hash[:12], path=issued.path)
    return Finding(said.format(reason=why, hash=issued.commit.hash[:12]), Where(issued.path), None, hint, damaged=True)
