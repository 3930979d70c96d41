"""Two histories of one vault made one, by meaning: what both sides changed in a customer's file is united field by field.

Works on commits alone; the work tree follows when the caller carries the branch to the result. House rules, plans and
the access file are never united: changed on both sides, they clash. Of certificates only the devices retired on both sides
are (`certificate_versions`). One that is authorised always wins over the file it ends, that of the customer with its uid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crmcli.errors import Conflict, CrmError
from crmcli.model.identity import certificate_path, number_at
from crmcli.model.keys import PATH as KEYS
from crmcli.model.merge import Clash, Merged, merge
from crmcli.model.merge_choice import WHOLE, Side, agreed, at
from crmcli.model.sealed import Sealed
from crmcli.model.team import PATH as ACCESS
from crmcli.sealing.leaves import leaves
from crmcli.store.comments import comments_of
from crmcli.store.git import Git
from crmcli.store.history import contents
from crmcli.store.merging import Joining, Unmerged, merge_base
from crmcli.store.records import uid_of
from crmcli.store.transaction import Desk
from crmcli.store.yamlread import parse
from crmcli.store.yamlwrite import render
from crmcli.text import _
from crmcli.usecases.certificate_versions import united as united_versions
from crmcli.usecases.change import message
from crmcli.usecases.choices import Choice, Choices
from crmcli.usecases.erasure import doubts
from crmcli.usecases.joined_keys import BothKeys, keys_of_both
from crmcli.usecases.merge_file import comments_of_both
from crmcli.usecases.records import record_of
from crmcli.usecases.workplace import Workplace

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Contest:
    """A path that both sides changed apart and nobody has settled: its clashes; none where the file as a whole clashes.

    why  in words, where it is not for the clashes
    """

    path: str
    clashes: tuple[Clash, ...] = ()
    why: str | None = None


@dataclass(frozen=True)
class Joined:
    """commit: what HEAD becomes (None: it has all already, or there are contests); united: customers' files of both."""

    commit: str | None
    united: tuple[str, ...] = ()
    contests: tuple[Contest, ...] = ()


@dataclass
class Settled:
    """Files that git left unmerged: texts by path from the top (None: no file), customers united, what is undecided.

    keys  those of both sides, where they differ
    """

    keys: BothKeys | None = None
    texts: dict[str, bytes | None] = field(default_factory=dict)
    united: list[str] = field(default_factory=list)
    contests: list[Contest] = field(default_factory=list)


def join(work: Workplace, desk: Desk, theirs: str) -> Joined:
    """The commit that has all of HEAD and of `theirs`: one of the two, or a signed merge of both, with what a person
    decided (`choices`). Conflict where the two have no commit in common."""
    git = desk.git
    ours = git.head() or theirs
    base = merge_base(git, ours, theirs)
    if base is None:
        hint = _("Another vault's remote? `git remote -v` shows the address.")
        raise Conflict(_("What is there has nothing in common with this vault."), hint=hint, kind="unrelated")
    if base in (ours, theirs):
        return Joined(theirs if base == ours != theirs else None)
    with Joining(desk.vault, git, ours, theirs, base) as joining:
        settled = settle(work, git, joining.unmerged(), joining.parents, Choices(work.vault))
        if settled.contests:
            return Joined(None, contests=tuple(settled.contests))
        carried = settled.keys.carried(git, joining.env) if settled.keys else {}
        joining.settle({**carried, **settled.texts})
        said = message("sync", f"sync: merge {theirs[:12]}", settled.united)
        return Joined(joining.commit(said, work.stamp), tuple(settled.united))


def settle(
    work: Workplace, git: Git, waiting: Sequence[Unmerged], parents: tuple[str, str], choices: Choices
) -> Settled:
    """What becomes of files that both parents changed apart, as far as it follows from them or was decided."""
    found = Settled(keys_of_both(work, git, parents, team_taken(work, waiting, choices)))
    blobs = [blob for one in waiting for blob in (one.base, one.ours, one.theirs, choices.of(one).text) if blob]
    data = dict(zip(blobs, contents(git, blobs), strict=True))
    ended = _ended(work, git, parents, waiting, data)
    for one in waiting:
        path, choice = one.path.removeprefix(work.vault.prefix), choices.of(one)
        number = number_at(path)
        paper = united_versions(path, *(data[blob] if blob else None for blob in (one.ours, one.theirs)))
        if number and number in ended:
            found.texts[one.path] = None
        elif paper:
            found.texts[one.path] = paper
        elif choice.text and data[choice.text]:
            _take(found, one.path, path, data[choice.text])
        elif WHOLE in choice.sides:
            blob = one.ours if choice.sides[WHOLE] == "ours" else one.theirs
            _take(found, one.path, path, data[blob] if blob else None)
        elif number is None or one.ours is None or one.theirs is None:
            found.contests.append(_whole(path, one))
        else:
            _unite(
                work, found, path, [data[blob] if blob else None for blob in (one.base, one.ours, one.theirs)], choice
            )
    _raise_serial(work, git, found, waiting, parents, choices)
    return found


def team_taken(work: Workplace, waiting: Sequence[Unmerged], choices: Choices) -> Side | None:
    """Whose team a person decided to take; None where there is nothing to decide, or nobody has."""
    place = work.vault.prefix + ACCESS
    return next((choices.of(one).sides.get(WHOLE) for one in waiting if one.path == place), None)


def _take(found: Settled, place: str, path: str, data: bytes | None) -> None:
    """Take a version as a whole; what can't be sealed with the keys that stay waits for somebody who can."""
    try:
        found.texts[place] = taken_over(found.keys, path, data)
    except CrmError as error:
        found.contests.append(Contest(path, why=error.message))


def taken_over(keys: BothKeys | None, path: str, data: bytes | None) -> bytes | None:
    """A version of a file, with the keys that stay. Raises as `BothKeys.taken_over`."""
    if keys is None or not keys.torn or data is None or number_at(path) is None:
        return data
    return render(keys.taken_over(parse(data, path).tree, path))


def _raise_serial(
    work: Workplace, git: Git, found: Settled, waiting: Sequence[Unmerged], parents: tuple[str, str], choices: Choices
) -> None:
    """An access file that was decided on gets a serial above both, and the key file comes from its side, clash or not:
    the two belong together. So it is where both made the same change, and only the keys clash, wrapped twice."""
    place, keys = (work.vault.prefix + path for path in (ACCESS, KEYS))
    decided = {one.path: choices.of(one).sides.get(WHOLE) for one in waiting if one.path in (place, keys)}
    side = decided.get(place, decided.get(keys))
    both = contents(git, [f"{parent}:{place}" for parent in parents]) if side else []
    if not side or not all(both) or found.texts.get(place, b"") is None:
        return
    serial = str(max(int(str(parse(data or b"", ACCESS).tree["serial"])) for data in both) + 1)
    taken = both[0 if side == "ours" else 1] or b""
    found.texts[place] = render({**parse(taken, ACCESS).tree, "serial": serial}, comments_of(taken, ACCESS))
    (found.texts[keys],) = contents(git, [f"{parents[0 if side == 'ours' else 1]}:{keys}"])
    found.contests = [contest for contest in found.contests if contest.path != KEYS]


def _ended(
    work: Workplace,
    git: Git,
    parents: tuple[str, str],
    waiting: Sequence[Unmerged],
    data: Mapping[str, bytes | None],
) -> set[str]:
    """The numbers of destroyed customers among these, by a certificate on either side; that of another customer who was
    given the same number ends nobody."""
    files: dict[str, list[bytes | None]] = {}
    for one in waiting:
        number = number_at(one.path.removeprefix(work.vault.prefix))
        if number:
            files[number] = [data[blob] for blob in (one.base, one.ours, one.theirs) if blob]
    names = [f"{side}:./{certificate_path(number)}" for number in files for side in parents]
    papers = iter(contents(git, names) if names else ())
    certified = {number: {uid_of(next(papers)) for _side in parents} - {None} for number in files}
    uids = {number: {uid_of(text) for text in texts} - {None} for number, texts in files.items()}
    ended = {number for number in files if uids[number] and uids[number] <= certified[number]}
    # One that is not authorised never wins over the file.
    forged = doubts(work, list(map(certificate_path, ended)), parents[1])
    return {number for number in ended if certificate_path(number) not in forged.void}


def _whole(path: str, one: Unmerged) -> Contest:
    if one.ours is None or one.theirs is None:
        return Contest(path, why=_("It was deleted on one side and changed on the other."))
    return Contest(path, why=_("It was changed on both sides; a person has to unite it."))


def _unite(work: Workplace, found: Settled, path: str, three: list[bytes | None], choice: Choice) -> None:
    try:
        base, *both = (parse(data, path).tree if data else None for data in three)
        merged = united(work, path, base, *agreed(both[0] or {}, both[1] or {}, choice.sides), found.keys)
        if merged.clashes:
            found.contests.append(Contest(path, merged.clashes))
            return
        kept = None if work.sealed else comments_of_both(path, three[1] or b"", three[2] or b"")
        text = render(merged.tree, kept)
        record_of(work, path, text, parse(text, path).tree, {})
    except CrmError as error:
        found.contests.append(Contest(path, why=error.message))
        return
    found.texts[work.vault.prefix + path] = text
    found.united.append(number_at(path) or path)


def united(
    work: Workplace, path: str, base: Tree | None, ours: Tree, theirs: Tree, keys: BothKeys | None = None
) -> Merged:
    """The merge of one file. Where tokens clash, whoever can open them may see that one side's value is not another:
    it was only sealed anew. Only what clashes when opened, too, is a clash then."""
    if keys:
        work, (ours, theirs) = keys.work, [keys.taken_over(tree, path) for tree in (ours, theirs)]
    merged = merge(base, ours, theirs)
    if not merged.clashes or work.keyring is None:
        return merged
    opened = [work.sealer.open(tree, path).tree if tree else None for tree in (base, ours, theirs)]
    again = merge(opened[0], opened[1] or {}, opened[2] or {})
    clashes = tuple(Clash(one.place, *(at(tree, one.place) for tree in (base, ours, theirs))) for one in again.clashes)
    return Merged(work.sealer.seal(again.tree, _stood(again.tree, theirs)), clashes, {})


def _stood(tree: Tree, theirs: Tree) -> dict[str, str]:
    """What stood where the values of a merge stand, by field path: theirs, but what nobody here may open comes whole from
    whichever side the merge took it."""
    texts = {leaf.path: leaf.text for leaf in leaves(tree)}
    was = {leaf.path: leaf.text for leaf in leaves(theirs) if leaf.path in texts}
    return was | {path: text for path, text in texts.items() if isinstance(text, Sealed)}
