"""Files that two sides changed apart and that a person has to decide on: in a merge that git began, or for a sync.

What is decided is remembered without any value (`choices`). When nothing is left, a merge is finished by a signed commit;
a sync goes on by itself. Files are written as git has them, sealed; values are opened only to be shown, masked.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from crmcli.errors import Conflict, CrmError, Invalid, NotFound, Where, invalid
from crmcli.model import plain
from crmcli.model.compare import Difference, differences
from crmcli.model.edits import Edits, apply, called, with_moves
from crmcli.model.identity import number_at
from crmcli.model.merge import Clash, Place
from crmcli.model.merge_choice import WHOLE, Side, agreed, at
from crmcli.model.spelling import quoted
from crmcli.store.files import remove, write_all
from crmcli.store.history import contents
from crmcli.store.merging import Joining, Unmerged, merge_base, unmerged
from crmcli.store.remote import remote_of
from crmcli.store.transaction import Desk, midway, writing
from crmcli.store.yamlread import parse
from crmcli.store.yamlwrite import render
from crmcli.text import _
from crmcli.usecases.change import message
from crmcli.usecases.check_staged import check_staged
from crmcli.usecases.choices import Choices
from crmcli.usecases.clash_names import path_of, place_of
from crmcli.usecases.deciders import refuse_unentitled
from crmcli.usecases.joined_keys import BothKeys, keys_of_both
from crmcli.usecases.joining import Settled, settle, taken_over, team_taken, united
from crmcli.usecases.records import change, opened_tree, validated
from crmcli.usecases.resolve import resolve
from crmcli.usecases.view import View, words
from crmcli.usecases.workplace import Workplace

SYNC, MERGE = "sync", "merge"
_HEADS = {"merge": "MERGE_HEAD", "cherry-pick": "CHERRY_PICK_HEAD", "revert": "REVERT_HEAD", "rebase": "REBASE_HEAD"}
Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing to decide, as it may be shown. field: None for a whole file, `why` says what is wrong with it."""

    path: str
    field: str | None = None
    base: str | None = None
    ours: str | None = None
    theirs: str | None = None
    why: str | None = None

    @property
    def number(self) -> str:
        """The customer's number, or the path of another file."""
        return number_at(self.path) or self.path


@dataclass(frozen=True)
class Resolved:
    """what: sync, merge, rebase …; None where nothing clashes; left: what is still to be decided; commit: of a merge that
    is finished; raised: whether the access file got a new serial."""

    what: str | None
    left: tuple[Shown, ...] = ()
    commit: str | None = None
    raised: bool = False


@dataclass(frozen=True)
class _Begun:
    what: str
    waiting: Sequence[Unmerged]
    parents: tuple[str, str]
    choices: Choices

    def one(self, work: Workplace, path: str) -> Unmerged:
        """The unmerged file at a path in the vault; NotFound otherwise."""
        for one in self.waiting:
            if one.path == work.vault.prefix + path:
                return one
        said = _("{path} does not clash.").format(path=path)
        raise NotFound(said, hint=_("`crm resolve` lists what does."), where=Where(path))


def clashing(work: Workplace, ref: str | None = None) -> Resolved:
    """What is to be decided, both sides opened as far as the reader may. NotFound where `ref` names nothing."""
    with writing(work.vault, "resolve") as desk, _begun(work, desk) as begun:
        if ref is not None and begun:
            begun.one(work, path_of(work, desk.git, begun.waiting, ref))
        if begun is None:
            if ref is not None:
                _known(work, ref)
            return Resolved(None)
        return Resolved(begun.what, tuple(_shown(work, desk, begun, _settled(work, desk, begun))))


def _known(work: Workplace, ref: str) -> None:
    if "/" not in ref:
        resolve(work, ref)
    elif not os.path.lexists(work.root / ref):
        raise NotFound(_("{path} is not there.").format(path=quoted(ref)), where=Where(ref))


def take(work: Workplace, ref: str, side: Side, fields: Sequence[str] = ()) -> Resolved:
    """Take one side's value of these fields, of all that clash without any, or of a whole file.

    Refused where only a manager or an admin may decide.
    """
    with writing(work.vault, "resolve") as desk, _begun(work, desk) as found:
        begun = _must(found)
        one = begun.one(work, path_of(work, desk.git, begun.waiting, ref))
        begun.choices.add(one, _sides(work, desk, begun, one, side, fields))
        return _go_on(work, desk, begun)


def put(work: Workplace, ref: str, values: Mapping[str, str]) -> Resolved:
    """Give fields that clash another value than either side's. Conflict where other fields of the file still clash: the
    value is kept nowhere but in the finished file."""
    with writing(work.vault, "resolve") as desk, _begun(work, desk) as found:
        begun = _must(found)
        one = begun.one(work, path_of(work, desk.git, begun.waiting, ref))
        text = _text_with(work, desk, begun, one, values)
        name = desk.git.run("hash-object", "-w", "--no-filters", "--stdin", stdin=text).decode().strip()
        begun.choices.add(one, {}, name)
        return _go_on(work, desk, begun)


@contextmanager
def _begun(work: Workplace, desk: Desk) -> Iterator[_Begun | None]:
    """What waits: in git's own index, else for the next sync."""
    choices, head = Choices(work.vault), desk.git.head() or ""
    what, waiting = midway(work.vault), unmerged(desk.git)
    if what or waiting:
        (other,) = desk.git.stands([_HEADS.get(what or "", "HEAD")])
        yield _Begun(what or MERGE, waiting, (head, other or head), choices)
        return
    try:
        remote = remote_of(desk.git, None)
    except CrmError:
        yield None
        return
    (tip,) = desk.git.stands([remote.seen])
    base = merge_base(desk.git, head, tip) if tip else None
    if tip is None or base is None or base in (head, tip):
        yield None
        return
    with Joining(desk.vault, desk.git, head, tip, base) as joining:
        yield _Begun(SYNC, joining.unmerged(), (head, tip), choices)


def _must(begun: _Begun | None) -> _Begun:
    if begun is None:
        raise NotFound(_("Nothing clashes."), kind="no-clash")
    return begun


def _settled(work: Workplace, desk: Desk, begun: _Begun) -> Settled:
    return settle(work, desk.git, begun.waiting, begun.parents, begun.choices)


def _clashes(work: Workplace, desk: Desk, begun: _Begun, one: Unmerged, choices: Choices) -> list[str]:
    """The places of a customer's file that clash; none for a file that can only be taken as a whole."""
    settled = settle(work, desk.git, [one], begun.parents, choices)
    return [".".join(clash.place) for contest in settled.contests for clash in contest.clashes]


def _sides(
    work: Workplace, desk: Desk, begun: _Begun, one: Unmerged, side: Side, fields: Sequence[str]
) -> dict[str, Side]:
    path = one.path.removeprefix(work.vault.prefix)
    refuse_unentitled(work, desk.git, begun.parents, path, before_sync=begun.what == SYNC)
    places = _clashes(work, desk, begun, one, Choices.none(work.vault))
    if places == ["uid"]:
        said = _("These are two customers with one number; neither may be lost.")
        hint = _("`git merge --abort`, then `crm sync`: it gives one of them a new number.")
        raise Conflict(said, where=Where(path, field="uid"), hint=hint, kind="two-customers")
    names = [place_of(work, path, name, places) for name in fields]
    left = _clashes(work, desk, begun, one, begun.choices)  # what was decided field by field stays so
    return dict.fromkeys(names or left or places or [WHOLE], side)


def _text_with(work: Workplace, desk: Desk, begun: _Begun, one: Unmerged, values: Mapping[str, str]) -> bytes:
    """The finished file with these values, sealed."""
    path, values = one.path.removeprefix(work.vault.prefix), called(values, work.fields)
    if number_at(path) is None or one.ours is None or one.theirs is None:
        raise Invalid(_("Only fields of a customer can be given a value."), where=Where(path))
    base, ours, theirs = _three(desk, one)
    both = agreed(parse(ours or b"", path).tree, parse(theirs or b"", path).tree, begun.choices.of(one).sides)
    keys = keys_of_both(work, desk.git, begun.parents, team_taken(work, begun.waiting, begun.choices))
    merged = united(work, path, parse(base, path).tree if base else None, *both, keys)
    left = [".".join(clash.place) for clash in merged.clashes if ".".join(clash.place) not in values]
    if left:
        said = _("{fields} still clash; a value can be given only to what is left.").format(fields=", ".join(left))
        raise Conflict(said, where=Where(path), hint=_("Take a side there first: --take ours or --take theirs."))
    work = keys.work if keys else work
    before = work.sealer.open(merged.tree, path).tree
    tree = apply(before, Edits(set=values), work.fields)
    status = work.house.codes.get("status", {})
    after = with_moves(before, plain.write(validated(work, tree, path)), work.today, status)
    text = change(work, after, old=ours, was=render(merged.tree)).content or b""
    if work.keyring:
        work.keyring.keep()
    return text


def _three(desk: Desk, one: Unmerged) -> list[bytes | None]:
    blobs = [blob for blob in (one.base, one.ours, one.theirs) if blob]
    data = dict(zip(blobs, contents(desk.git, blobs), strict=True))
    return [data[blob] if blob else None for blob in (one.base, one.ours, one.theirs)]


def _go_on(work: Workplace, desk: Desk, begun: _Begun) -> Resolved:
    """Remember; write what is decided where git waits; finish a merge when nothing is left."""
    settled = _settled(work, desk, begun)
    begun.choices.keep(begun.waiting)
    left = tuple(_shown(work, desk, begun, settled))
    raised = team_taken(work, begun.waiting, begun.choices) is not None
    if begun.what == SYNC:
        return Resolved(SYNC, left, raised=raised)
    _write(work, desk, settled)
    if left or begun.what != MERGE or unmerged(desk.git):
        return Resolved(begun.what, left, raised=raised)
    wrong = check_staged(work.vault.top, work.vault.env).findings
    if wrong:
        raise invalid(wrong)
    said = message("merge", f"merge: {begun.parents[1][:12]}", settled.united)
    return Resolved(MERGE, (), desk.conclude(said, work.stamp), raised)


def _write(work: Workplace, desk: Desk, settled: Settled) -> None:
    carried = settled.keys.carried(desk.git) if settled.keys else {}
    inside = {path.removeprefix(work.vault.prefix): text for path, text in {**carried, **settled.texts}.items()}
    write_all(work.root, [(path, text) for path, text in inside.items() if text is not None])
    for path, text in inside.items():
        if text is None:
            remove(work.root, path)
    desk.git.stage(inside)


def _shown(work: Workplace, desk: Desk, begun: _Begun, settled: Settled) -> Iterator[Shown]:
    """What is left, field by field."""
    work, keys = settled.keys.work if settled.keys else work, settled.keys
    view = View(work)
    for contest in settled.contests:
        if not contest.clashes:
            yield Shown(contest.path, why=contest.why)
            continue
        texts = [_openable(keys, contest.path, data) for data in _three(desk, begun.one(work, contest.path))]
        three = [opened_tree(work, data, contest.path) for data in texts]
        for clash in contest.clashes:
            yield _row(view, contest.path, clash, three)


def _openable(keys: BothKeys | None, path: str, data: bytes | None) -> bytes | None:
    """A version with the keys that stay, to be shown; as it is where that can't be."""
    try:
        return taken_over(keys, path, data)
    except CrmError:
        return data


def _row(view: View, path: str, clash: Clash, three: Sequence[Tree]) -> Shown:
    base, ours, theirs = (at(tree, clash.place) for tree in three)
    number, name = number_at(path) or path, ".".join(clash.place)
    told = [_told(view, number, clash.place, base, side) for side in (base, ours, theirs)]
    return Shown(path, name, *told)


def _told(view: View, number: str, place: Place, base: Any, side: Any) -> str | None:
    """A value as people read it; of an entry what a side changed in it, or that it is gone."""
    name = ".".join(place)
    if side is None or isinstance(side, str):
        gone = side is None and isinstance(base, dict)
        return _("(deleted)") if gone else words(view.difference(number, Difference(name, None, side)).new)
    found = differences(base if isinstance(base, dict) else {}, side if isinstance(side, dict) else {name: side})
    seen = (view.difference(number, replace(one, field=f"{name}.{one.field}")) for one in found)
    return "; ".join(f"{one.field.removeprefix(name + '.')}: {words(one.new) or '–'}" for one in seen) or _(
        "(unchanged)"
    )
