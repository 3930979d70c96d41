"""Meet the other clones at the remote: fetch, verify, take in salts, merge, apply certificates, publish.

Each step leaves a whole vault, and the next sync goes on from there; what was fetched counts for nothing until it is
verified. Never changes a published commit, never pushes clear text, never drops what only this clone has.
"""

from dataclasses import dataclass, replace
from typing import Any

from crmcli.errors import Conflict, Damaged, Finding, ProblemsFound
from crmcli.store.remote import Fetched, Pushed, Remote, fetch, push, remember, remote_of
from crmcli.store.spans import commits_of
from crmcli.store.transaction import Desk, writing
from crmcli.text import _
from crmcli.usecases.brought_files import unfit
from crmcli.usecases.erasure import erase_certified
from crmcli.usecases.exchange import Taken, packed, read_salts, salts_commit, take_in
from crmcli.usecases.exchange_keys import acknowledge
from crmcli.usecases.incoming import rolled_back, verify_incoming
from crmcli.usecases.joining import Contest, join
from crmcli.usecases.meeting import deleted, findings_on, follow_sealed, refuse_unrelated
from crmcli.usecases.membership import refuse_stranger_at
from crmcli.usecases.outgoing import refused_by_others, scan_outgoing
from crmcli.usecases.records import findings_of
from crmcli.usecases.renumber import collisions, renumber
from crmcli.usecases.signers import makers_of
from crmcli.usecases.workplace import Workplace

TRIES = 5  # how often to begin again when others publish in between


@dataclass(frozen=True)
class Synced:
    """What a sync did.

    taken, given  commits that came and went
    united        customers whose files were changed on both sides
    renumbered    customers' numbers, the old and the new
    salts         how many customers' keys came
    destroyed     customers whose keys were destroyed here by certificates that came
    contests      what a person has to decide first; nothing was merged or published then
    findings      what else is to be said
    """

    remote: str
    branch: str
    taken: int = 0
    given: int = 0
    united: tuple[str, ...] = ()
    renumbered: tuple[tuple[str, str], ...] = ()
    salts: int = 0
    destroyed: tuple[str, ...] = ()
    contests: tuple[Contest, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass
class _Run:
    """One sync in the making."""

    work: Workplace
    remote: Remote
    done: Synced
    salts: tuple[str, Taken] | None = None  # the file of salts taken in last: our key may have changed since

    def add(self, **found: Any) -> None:
        """Add to what was done."""
        self.done = replace(self.done, **{name: getattr(self.done, name) + value for name, value in found.items()})


def sync(work: Workplace, name: str | None = None) -> Synced:
    """Meet at the remote of that name, or the usual one.

    Failure kind "offline" where it can't be reached; Damaged, with every finding, where what stands there, or what
    would be published, is not to be trusted; Refused for somebody who is not of the team there; Conflict kind
    "uncommitted" where a hand edit is in the way, kind "busy" where others always were first. Local data is whole in
    each case.
    """
    git = work.vault.git()
    remote = remote_of(git, name)
    run = _Run(work, remote, Synced(remote.name, remote.branch))
    pushed: Pushed | None = None
    for _turn in range(TRIES):
        (known,) = git.stands([remote.seen])
        pushed = _meet(run, known, fetch(git, remote))
        if pushed is None or "behind" not in (pushed.branch, pushed.salts):
            break
    if pushed and pushed.branch == "refused":
        said = _("{remote} refused the branch.").format(remote=remote.name)
        raise Conflict(said, hint=pushed.words or None, kind="refused")
    if pushed and pushed.branch != "done":
        hint = _("Everything is kept; try again.")
        raise Conflict(_("Others published in between, {count} times.").format(count=TRIES), hint=hint, kind="busy")
    return _ended(run, pushed)


def _meet(run: _Run, known: str | None, fetched: Fetched) -> Pushed | None:
    """One meeting; None where it ends early. `known`: what was verified there before the fetch."""
    with writing(run.work.vault, "sync") as desk:
        (met,) = desk.git.stands([run.remote.seen])
        if met != known:  # another sync of this clone was first
            fetched = fetch(desk.git, run.remote)
        if fetched.tip:
            refuse_unrelated(desk.git, fetched.tip)
        if run.work.keyring:
            run.work.keyring.refresh(run.work.vault)
        elif _sealed_meanwhile(run, desk, fetched.tip):
            return None
        _verify(run, desk, fetched)
        _refuse_stranger(run, fetched)
        salts = _take_salts(run, fetched)
        if fetched.tip and not _take(run, desk, fetched.tip):
            return None
        _apply(run, desk)
        return _publish(run, desk, fetched, met, salts)


def _sealed_meanwhile(run: _Run, desk: Desk, tip: str | None) -> bool:
    """Whether the others sealed the vault: what was opened as an open one publishes nothing then."""
    ours = desk.git.head()
    if not follow_sealed(desk, tip) or tip is None:
        return False
    said = _("The vault was sealed meanwhile; it is taken in, and nothing was published.")
    told = Finding(said, hint=_("`crm sync` again."), severity="warning")
    run.add(taken=_count(desk, ours, tip), findings=(told,))
    return True


def _verify(run: _Run, desk: Desk, fetched: Fetched) -> None:
    """Damaged where anything that came is not to be trusted: none of it is taken."""
    if fetched.tip is None:
        return
    wrong = verify_incoming(run.work, fetched.tip, run.remote.name) if run.work.sealed else ()
    if wrong:
        said = _("What stands at {remote} is not to be trusted; nothing of it was taken.")
        raise Damaged(said.format(remote=run.remote.name), findings=wrong, kind="incoming")
    (known,) = desk.git.stands([run.remote.seen])
    behind = rolled_back(run.work, known, fetched.tip)
    run.add(findings=(behind,) if behind else ())
    gone = deleted(run.work.vault, desk.git, fetched.tip)
    by = makers_of(run.work, [one.commit for one in gone])
    run.add(findings=findings_on(tuple(replace(one, author=by.get(one.commit, one.author)) for one in gone)))


def _refuse_stranger(run: _Run, fetched: Fetched) -> None:
    """Refused for somebody who is not of the team as it stands at the remote: one who was let in there since is, one
    who was removed is not, whatever stands here."""
    if run.work.keyring:
        refuse_stranger_at(run.work, run.work.keyring, fetched.tip)


def _take_salts(run: _Run, fetched: Fetched) -> Taken | None:
    """The file of salts, taken in; None where there is none, or none that counts."""
    if fetched.salts is None or fetched.alias or run.work.keyring is None:
        return None
    if run.salts and run.salts[0] == fetched.salts:
        return run.salts[1]
    try:
        taken = take_in(run.work, read_salts(run.work, fetched.salts, fetched.tip), fetched.tip)
    except Damaged as error:
        run.add(findings=tuple(findings_of(error)))
        return None
    run.add(salts=taken.added, findings=taken.refused)
    run.salts = (fetched.salts, taken)
    return taken


def _take(run: _Run, desk: Desk, tip: str) -> bool:
    """Carry the branch to what has both sides; False where a person has to decide first."""
    ours = desk.git.head()
    renumbered = renumber(run.work, desk, collisions(run.work, desk, tip))
    run.add(renumbered=renumbered.numbers, findings=renumbered.findings)
    joined = join(run.work, desk, tip)
    if joined.contests:
        run.done = replace(run.done, contests=joined.contests)
        remember(desk.git, run.remote, tip)  # `crm resolve` decides on it
        return False
    if joined.commit:
        desk.move(joined.commit)
        broken = unfit(run.work, commits_of(run.work.vault, tip, [ours] if ours else []))
        run.add(findings=tuple(replace(one, severity="warning") for one in broken))
        run.add(taken=_count(desk, ours, tip), united=joined.united)
        if run.work.keyring:
            run.work.keyring.refresh(run.work.vault)
    remember(desk.git, run.remote, tip)  # not before it is in
    return True


def _apply(run: _Run, desk: Desk) -> None:
    """What the certificates that came demand of this device."""
    erased = erase_certified(run.work)
    run.add(destroyed=erased.numbers, findings=erased.findings)
    if run.work.keyring:
        acknowledge(run.work, desk)


def _publish(run: _Run, desk: Desk, fetched: Fetched, met: str | None, taken: Taken | None) -> Pushed:
    # A remote that is empty is a new one; one that was set back may lack what others had to refuse.
    wrong = refused_by_others(run.work, fetched.tip, [met] if met and not fetched.tip else [])
    if wrong:
        said = _("Others would have to refuse what would be published; nothing was.")
        raise Damaged(said, findings=(*run.done.findings, *wrong), kind="outgoing")
    wrong = scan_outgoing(run.work, fetched.tip)
    if wrong:
        said = _("Clear text would be published; nothing was.")
        raise Damaged(said, findings=wrong, kind="outgoing")
    wrong = tuple(unfit(run.work, commits_of(run.work.vault, "HEAD", [fetched.tip] if fetched.tip else [])))
    if wrong:
        said = _("Files that no crm can read would be published; nothing was.")
        hint = _("Mend them, then `crm commit` and `crm sync`; `crm check` looks at all files.")
        raise ProblemsFound(said, hint=hint, findings=wrong, kind="outgoing")
    head = desk.git.head() or ""
    data = packed(run.work, taken) if run.work.keyring else None
    salts = salts_commit(run.work, desk, data) if data else None
    if head == fetched.tip and salts is None:
        return Pushed("done", "done")
    pushed = push(desk.git, run.remote, head, salts=salts, over=fetched)
    if pushed.branch == "done":
        run.add(given=_count(desk, fetched.tip, head))
        remember(desk.git, run.remote, head)
    return pushed


def _count(desk: Desk, old: str | None, new: str) -> int:
    """How many commits `new` has that `old` has not."""
    span = [new, *([f"^{old}"] if old else [])]
    return int(desk.git.run("rev-list", "--count", *span, "--"))


def _ended(run: _Run, pushed: Pushed | None) -> Synced:
    if pushed and pushed.salts != "done" and run.work.keyring:
        said = _("{remote} does not take the file of customers' keys.").format(remote=run.remote.name)
        hint = _("`crm keys export --for PERSON FILE` hands them over.")
        said = "\n".join(words for words in (said, pushed.words) if words)
        run.add(findings=(Finding(said, hint=hint, severity="warning"),))
    return replace(run.done, findings=tuple(dict.fromkeys(run.done.findings)))  # each meeting may have said it
