"""Two clones gave the same number to two customers: the one not yet published takes the next free number.

Only the number and the place of the file change: `former` keeps the old number, the uid and every sealed value stay as
they are, byte for byte. A number that the others have published never changes. Needs no keys.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crmcli.errors import Conflict, CrmError, Finding, Where
from crmcli.model.identity import certificate_path, number_at, parse_number, record_path
from crmcli.store.comments import comments_of
from crmcli.store.git import Git
from crmcli.store.history import contents
from crmcli.store.merging import merge_base
from crmcli.store.message import Message
from crmcli.store.numbers import numbers_of_days
from crmcli.store.records import FOLDER
from crmcli.store.transaction import Change, Desk
from crmcli.store.yamlread import parse
from crmcli.store.yamlwrite import render
from crmcli.text import _, n_
from crmcli.usecases.change import message
from crmcli.usecases.former import MOVED, OP
from crmcli.usecases.purge_papers import ledger, plans
from crmcli.usecases.workplace import Workplace

Tree = dict[str, Any]
NAMED = 5  # files that a refusal names
_RAW = ("--raw", "-z", "--no-renames", "--no-relative", "--no-abbrev", "--diff-filter=A")
_LOG = ("-c", "log.follow=false", "-c", "log.showRoot=true", "log", "--format=", "--full-history", "-m")


@dataclass(frozen=True, slots=True)
class Collision:
    """A customer's file of ours whose number the others have given to somebody else. `theirs`: the commit that says so;
    `blob`: git's hash of our file."""

    number: str
    path: str
    uid: str | None
    blob: str
    theirs: str


@dataclass(frozen=True)
class Renumbered:
    """The numbers, the old and the new, and what is to be said: plans that name an old one."""

    numbers: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()


def collisions(work: Workplace, desk: Desk, theirs: str) -> tuple[Collision, ...]:
    """Our files, by number, whose number the history of the commit `theirs` has given to a customer with another uid,
    on file there, destroyed or taken back. A fixed number of git processes."""
    git, prefix = desk.git, work.vault.prefix
    ours = git.head()
    base = merge_base(git, ours, theirs) if ours else None
    if ours is None or base is None or base in (ours, theirs):
        return ()
    added = _added(git, prefix, "diff-tree", "-r", *_RAW, base, ours)
    mine = {path: blobs[-1] for path, blobs in added.items() if number_at(path)}
    given = _added(git, prefix, *_LOG, *_RAW, f"{ours}..{theirs}") if mine else {}
    rivals = {path: found for path in mine if (found := _rivals(given, path)) and mine[path] not in found}
    uids = _uids(git, {blob for path, found in rivals.items() for blob in (mine[path], *found)})
    return tuple(
        Collision(path.rsplit("/", 1)[-1].removesuffix(".yaml"), path, uids[mine[path]], mine[path], theirs)
        for path, found in sorted(rivals.items())
        if uids[mine[path]] not in {uids[blob] for blob in found} - {None}
    )


def _added(git: Git, prefix: str, *command: str) -> dict[str, list[str]]:
    """Path in the vault → git's hashes of the files that were added there, below `records`."""
    listed = git.run(*command, "--", f":(top,literal){prefix}{FOLDER}").decode("utf-8", "surrogateescape").split("\0")
    found: dict[str, list[str]] = {}
    for facts, path in zip(listed[:-1:2], listed[1::2], strict=True):
        found.setdefault(path.removeprefix(prefix), []).append(facts.split(" ")[3])
    return found


def _rivals(given: Mapping[str, Sequence[str]], path: str) -> tuple[str, ...]:
    """The files and certificates that were added under the number of this path."""
    number = number_at(path) or ""
    return (*given.get(path, ()), *given.get(certificate_path(number), ()))


def _uids(git: Git, blobs: Iterable[str]) -> dict[str, str | None]:
    """The uid in each file; None where it can't be told."""
    names = sorted(blobs)
    return dict(zip(names, map(_uid, contents(git, names) if names else ()), strict=True))


def _uid(data: bytes | None) -> str | None:
    try:
        found = parse(data or b"", "").tree.get("uid")
    except CrmError:
        return None
    return found if isinstance(found, str) else None


def renumber(work: Workplace, desk: Desk, found: Sequence[Collision]) -> Renumbered:
    """Give each of these customers the next free number of its day, all in one commit. Their old places are free then.

    Conflict, kind "uncommitted", where one of the files is not as in HEAD; Invalid for one that can't be read.
    """
    if not found:
        return Renumbered()
    _refuse_changed(work, found)
    texts = contents(desk.git, [one.blob for one in found])
    trees = [parse(data or b"", one.path).tree for one, data in zip(found, texts, strict=True)]
    # Last, since a number is spent once it is handed out, whatever comes of it.
    numbers = _next(desk, found)
    changes = [Change(one.path, None) for one in found]
    for one, data, tree, number in zip(found, texts, trees, numbers, strict=True):
        changes.append(_moved(work, one, data or b"", tree, number))
    pairs = tuple((one.number, number) for one, number in zip(found, numbers, strict=True))
    desk.commit(changes, _said(pairs), work.stamp)
    return Renumbered(pairs, _stale(work, found, dict(pairs)))


def _refuse_changed(work: Workplace, found: Sequence[Collision]) -> None:
    changed = set(work.vault.changed_by_hand([FOLDER]))
    dirty = [one for one in found if one.path in changed]
    if dirty:
        count, paths = len(dirty), ", ".join(one.path for one in dirty[:NAMED]) + (" …" if len(dirty) > NAMED else "")
        said = n_("{paths} has uncommitted changes.", "{count} files have uncommitted changes: {paths}.", count)
        raise Conflict(
            said.format(count=count, paths=paths),
            hint=_("`crm commit` takes them in; `git restore --staged --worktree PATH` drops them."),
            where=Where(dirty[0].path),
            kind="uncommitted",
        )


def _next(desk: Desk, found: Sequence[Collision]) -> list[str]:
    """A free number for each, of the same day and in the same order."""
    days = [parse_number(one.number)[0] for one in found]
    free = numbers_of_days(desk, Counter(days), *{one.theirs for one in found})
    streams = {day: iter(numbers) for day, numbers in free.items()}
    return [next(streams[day]) for day in days]


def _moved(work: Workplace, one: Collision, data: bytes, tree: Tree, number: str) -> Change:
    """The file at its new place: nothing is opened, so what is sealed stays as it is."""
    former = tree.get("former")
    known = former if isinstance(former, list) else []
    first = {"id": number, "uid": tree.get("uid", ""), "former": [*known, one.number]}
    moved = {**first, **{name: value for name, value in tree.items() if name not in first}}
    kept = comments_of(data, one.path) if b"#" in data and not work.sealed else None
    return Change(record_path(number), render(moved, kept))


def _said(pairs: Sequence[tuple[str, str]]) -> Message:
    subject = f"renumber {pairs[0][0]}: {pairs[0][1]}" if len(pairs) == 1 else f"renumber {len(pairs)} customers"
    said = message(OP, subject, [number for pair in pairs for number in pair])
    return Message(said.subject, (*said.trailers, *((MOVED, f"{old} {new}") for old, new in pairs)))


def _stale(work: Workplace, found: Sequence[Collision], pairs: Mapping[str, str]) -> tuple[Finding, ...]:
    """That plans not carried out yet mean one of these customers by the old number."""
    meant = {(one.number, one.uid) for one in found}
    naming = [
        (one, [item.number for item in one.plan.items if (item.number, item.uid) in meant]) for one in plans(work)[0]
    ]
    done = ledger(work).carried_out if any(numbers for _one, numbers in naming) else frozenset()
    said = _("{plan} lists {number}, who is {new} now; it can't be carried out for this customer.")
    hint = _("`crm purge plan`, or the request made once more, makes a new plan.")
    return tuple(
        Finding(said.format(plan=one.path, number=number, new=pairs[number]), Where(one.path), None, hint, "warning")
        for one, numbers in naming
        if one.mark not in done
        for number in numbers
    )
