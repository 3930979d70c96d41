"""Who changed what, when and why; files as they were; and taking a change back. History itself is never rewritten."""

from collections.abc import Sequence
from dataclasses import dataclass

from crmcli.errors import Conflict, NotFound, Refused, Where
from crmcli.model.certificate import FOLDER as PURGED
from crmcli.model.compare import Difference, differences
from crmcli.model.identity import number_at, record_path
from crmcli.model.team import PATH as TEAM
from crmcli.model.team import email_of, folded
from crmcli.store import history as past
from crmcli.store.history import Commit
from crmcli.store.transaction import Change, Desk
from crmcli.store.yamlread import parse
from crmcli.text import _
from crmcli.usecases.change import Outcome, Plan, Why, carry_out, message
from crmcli.usecases.erasure import doubts
from crmcli.usecases.former import moves_of, tenures
from crmcli.usecases.notes import opened_notes
from crmcli.usecases.records import change, opened_tree
from crmcli.usecases.resolve import named, resolve
from crmcli.usecases.reveal import entered, view_of
from crmcli.usecases.signers import with_signers
from crmcli.usecases.view import View
from crmcli.usecases.workplace import Workplace


@dataclass(frozen=True)
class Event:
    """One commit, its note, and what it changed in each customer's file when that was asked for."""

    commit: Commit
    numbers: tuple[str, ...]
    changes: tuple[tuple[str, Difference], ...] = ()
    note: str | None = None


def history(
    work: Workplace, ref: str | None = None, *, patch: bool = False, limit: int = 0, reveal: Why | None = None
) -> list[Event]:
    """The commits of the vault, or of one customer's file, newest first; with `patch` what each changed.

    A number finds the history even of a customer no longer on file. `reveal`: why masked values are shown in full, which is
    entered in the history.
    """
    if ref is None:
        most = [f"-{limit}"] if limit else []
        everything = _in_order(past.log(work.vault, *most), past.events(work.vault, "Crm-Op: "))
    else:
        everything = _of_customer(work, ref)
    listed = with_signers(work, everything[:limit] if limit else everything)
    notes = opened_notes(work, listed)
    view = view_of(work, reveal)
    told_of = [_event(work, view, commit, notes.get(commit.hash), patch=patch) for commit in listed]
    entered(work, view, reveal)
    return told_of


def _of_customer(work: Workplace, ref: str) -> list[Commit]:
    """What was done to one customer's file and told of it, also under the numbers they had before."""
    commits, events = _under_numbers(work, named(work, ref))
    if not commits:
        commits, events = _under_numbers(work, resolve(work, ref))
    return _in_order(commits, events)


def _under_numbers(work: Workplace, number: str) -> tuple[list[Commit], list[Commit]]:
    commits: dict[str, Commit] = {}
    events: list[Commit] = []
    for one in tenures(work, number):
        path = record_path(one.number)
        # Of two customers' pasts git by itself follows the one whose file stands; the merge of both belongs to neither.
        shared = one.span != ("HEAD",)
        log = past.log(work.vault, *one.span, paths=[path]) if shared else past.of_file(work.vault, path, *one.span)
        commits |= {commit.hash: commit for commit in log if commit.hash not in commits}
        events += past.events(work.vault, f"Crm-Record: {one.number}", span=one.span)
    return list(commits.values()), events


def _in_order(commits: list[Commit], events: list[Commit]) -> list[Commit]:
    """Both newest first as one, each commit once; where the clock says the same, changes stay in the order git gave them.
    A merge, which git shows without files, may be among both."""
    told = {commit.hash for commit in commits}
    both = [*commits, *(event for event in events if event.hash not in told)]
    return sorted(both, key=lambda commit: commit.at, reverse=True)


def undo(work: Workplace, name: str | None = None, *, why: Why, dry_run: bool = False) -> Outcome:
    """Take one commit's changes of customer files back with a new commit.

    Without a name: the last one that crm made for whoever works. Conflict where a file has changed since, or the commit
    also touched something that is no customer's file.
    """

    def plan(desk: Desk | None) -> Plan:
        commit = past.one(work.vault, name) if name else _last(work)
        changes = _reversed(work, commit)
        numbers = tuple(number for number in map(number_at, commit.paths) if number)
        said = message("undo", f"undo {commit.hash[:12]}: {commit.subject}"[:200], numbers, why, undoes=commit.hash)
        return Plan(
            changes, said, numbers, data={"undoes": commit.hash, "subject": commit.subject, "author": commit.author}
        )

    return carry_out(work, "undo", plan, dry_run=dry_run)


def _event(work: Workplace, view: View, commit: Commit, note: str | None, *, patch: bool) -> Event:
    numbers = tuple(number for number in map(number_at, commit.paths) if number)
    changes = view.differences(_changes(work, commit, numbers)) if patch else ()
    return Event(commit, numbers, changes, note)


def _changes(work: Workplace, commit: Commit, numbers: tuple[str, ...]) -> list[tuple[str, Difference]]:
    before = {move.new: move.old for move in moves_of(commit)}
    numbers = tuple(number for number in numbers if number in before or number not in before.values())
    news = past.blobs(work.vault, [(commit.hash, record_path(number)) for number in numbers])
    parent = f"{commit.hash}^" if before else _parent(commit)
    old_paths = [record_path(before.get(number, number)) for number in numbers]
    olds = past.blobs(work.vault, [(parent, path) for path in old_paths]) if parent else [None] * len(numbers)
    found = []
    for number, old, new in zip(numbers, olds, news, strict=True):
        found += [(number, difference) for difference in differences(opened_tree(work, old), opened_tree(work, new))]
    return found


def _last(work: Workplace) -> Commit:
    """The newest commit that crm made on customers' files for whoever works, with all that it touched."""
    mine = folded(email_of(work.vault.git().ident()))
    for commit in past.log(work.vault, "-200", "--no-merges", paths=["records"]):
        if commit.trailer("Crm-Op") and folded(commit.email) == mine:
            return past.one(work.vault, commit.hash)
    raise NotFound(
        _("There is nothing to undo."), hint=_("`crm history` lists the changes of all; name the one to undo.")
    )


def _parent(commit: Commit) -> str:
    return commit.parents[0] if commit.parents else ""


def _reversed(work: Workplace, commit: Commit) -> list[Change]:
    papers = [path for path in commit.paths if path.startswith(f"{PURGED}/")]
    if papers and not _is_forged(work, commit, papers):
        if TEAM in commit.paths:  # certificates name the devices that it retired
            said = _("Commit {hash} changed the team.").format(hash=commit.hash[:12])
            raise Conflict(said, hint=_("`crm team` changes it again."))
        said = _("Commit {hash} destroyed customer files; that cannot be undone.")
        raise Refused(said.format(hash=commit.hash[:12]), kind="destroyed")
    if papers and work.keyring and not work.keyring.access.may(work.keyring.me or "", "admin"):
        raise Refused(_("Only an admin takes back a certificate."), where=Where(papers[0]), kind="not-admin")
    if len(commit.parents) != 1 or not commit.paths or not all(map(number_at, set(commit.paths).difference(papers))):
        raise Conflict(
            _("Commit {hash} is not only about customer files.").format(hash=commit.hash[:12]),
            hint=_("`git revert` takes it back."),
        )
    triple = [
        past.blobs(work.vault, [(rev, path) for path in commit.paths]) for rev in (_parent(commit), commit.hash, "HEAD")
    ]
    for path, old, made, now in zip(commit.paths, *triple, strict=True):
        if past.OVERSIZE in (old, made, now):
            parse(past.OVERSIZE, path)  # refuses it
        if made != now:
            raise Conflict(
                _("{number} has changed since commit {hash}.").format(number=number_at(path), hash=commit.hash[:12]),
                hint=_("Undo the later change first; `crm history {number}` lists them.").format(
                    number=number_at(path)
                ),
            )
    return [_put_back(work, path, old, now) for path, old, now in zip(commit.paths, triple[0], triple[2], strict=True)]


def _is_forged(work: Workplace, commit: Commit, papers: Sequence[str]) -> bool:
    """Whether all that it says of destruction are certificates that authorise nothing, and that none stood for before."""
    found = doubts(work, papers)
    before = work.vault.git().stands(f"{commit.hash}^:./{path}" for path in papers)
    return not any(before) and all((commit.hash, path) in found.why and path in found.standing for path in papers)


def _put_back(work: Workplace, path: str, old: bytes | None, now: bytes | None) -> Change:
    """The version before, by the bytes; what stood in it in clear is sealed on the way."""
    if not work.sealed or path.startswith(f"{PURGED}/"):
        return Change(path, old)
    before, after = (parse(data, path).tree if data else {} for data in (now, old))
    work.sealer.refuse_above(before, after)
    opened = work.sealer.open(after, path)
    return change(work, opened.tree, now) if opened.clear else Change(path, old)
