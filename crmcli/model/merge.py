"""Three versions of one customer's plain tree into one, field by field: the common ancestor, ours and theirs.

Promises that the sides count alike, that no entry is lost, that no value comes out which did not go in, and that what
both sides changed apart is named, not guessed. Needs no keys: tokens are texts, equal where the value and its keys are.
Whether the merged tree is a valid customer is for the model to say. Pure: no I/O, no git.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from operator import eq
from typing import Any, NamedTuple

from crmcli.errors import ValueProblem
from crmcli.model.base import Part
from crmcli.model.derive import shape_of
from crmcli.model.dossier import Dossier
from crmcli.model.edits import MOVES, Tree
from crmcli.model.merge_order import Rank, united
from crmcli.model.sealed import is_token, token_of

Place = tuple[str, ...]
Same = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Clash:
    """One field that both sides changed apart; plain values as in the trees, None where it is not there.

    place  the keys from the top, an entry by its id: `("tier",)`, `("interactions", "I7K2M9QXA", "summary")`; the entry
           itself (`("interactions", "I7K2M9QXA")`) where one side deleted what the other changed
    """

    place: Place
    base: Any | None
    ours: Any | None
    theirs: Any | None


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged tree, keys in canonical order.

    tree     what both sides come to; ours where they clash
    clashes  in the order of the file; empty where the merge is done
    other    the same as `tree`, theirs where they clash
    """

    tree: Tree
    clashes: tuple[Clash, ...]
    other: Tree


def merge(base: Tree | None, ours: Tree, theirs: Tree, same: Same = eq) -> Merged:
    """The merge of two versions of a customer's file; `base` None where both sides added it.

    Mappings are merged by key, lists of entries by id, lists of texts as sets. Two uids are two customers: nothing of
    theirs is mixed, the clash is that of the uid alone.

    same  whether two different tokens of one field hold the same value, for who has keys; the higher sealed one is kept
    """
    was = base or {}
    if ours.get("uid") != theirs.get("uid"):
        return Merged(ours, (Clash(("uid",), was.get("uid"), ours.get("uid"), theirs.get("uid")),), theirs)
    found = _Merger(same, _contested(was, ours, theirs)).mapping((), (was, ours, theirs), Dossier)
    return Merged(found.tree or {}, found.clashes, found.other or {})


class _Sides(NamedTuple):
    """One node of the three trees."""

    base: Any
    ours: Any
    theirs: Any

    def of(self, key: str) -> "_Sides":
        """What stands under a key."""
        return _Sides(*(side.get(key) for side in self))


class _Both(NamedTuple):
    """One node of the merged tree, as `Merged`; None where it is gone."""

    tree: Any
    other: Any
    clashes: tuple[Clash, ...] = ()


@dataclass(frozen=True, slots=True)
class _Merger:
    """contested: the places where any difference is a clash, even if only one side differs from the ancestor."""

    same: Same
    contested: frozenset[Place]

    def mapping(self, place: Place, given: Sequence[Any], part: type[Part] | None) -> _Both:
        """Key by key; the keys of a part in the model's order."""
        sides = _Sides(*(side or {} for side in given))
        inner = _parts(part) if part else {}
        merged = {key: self._node((*place, key), sides.of(key), inner.get(key)) for key in _keys(sides)}
        order = _order(sides, merged, str)
        if part:
            canonical = {name: at for at, name in enumerate(part.model_fields)}
            order.sort(key=lambda key: canonical.get(key, len(canonical)))
        mine = {key: merged[key].tree for key in order if merged[key].tree is not None}
        other = {key: merged[key].other for key in order if merged[key].other is not None}
        return _Both(mine or None, other or None, _clashes(merged, order))

    def _node(self, place: Place, sides: _Sides, part: type[Part] | None) -> _Both:
        if all(side is None or isinstance(side, dict) for side in sides):
            return self.mapping(place, sides, part)
        lists = [_keyed(side) for side in sides]
        return self._value(place, sides) if None in lists else self._list(place, _Sides(*lists), part)

    def _list(self, place: Place, sides: _Sides, part: type[Part] | None) -> _Both:
        merged = {key: self._item((*place, key), sides.of(key), part) for key in _keys(sides)}
        order = _order(sides, merged, lambda key: (_when(merged[key]), key))
        mine = [merged[key].tree for key in order if merged[key].tree is not None]
        other = [merged[key].other for key in order if merged[key].other is not None]
        return _Both(mine or None, other or None, _clashes(merged, order))

    def _item(self, place: Place, sides: _Sides, part: type[Part] | None) -> _Both:
        """An item of a list; one that a side deleted is gone as a whole, or a clash as a whole."""
        base, ours, theirs = sides
        if base is None or (ours is None) == (theirs is None):
            return self._node(place, sides, part)
        return _Both(None, None) if self._alike(base, theirs if ours is None else ours) else _clash(place, sides)

    def _value(self, place: Place, sides: _Sides) -> _Both:
        base, ours, theirs = sides
        if place in self.contested and not self._alike(ours, theirs):
            return _clash(place, sides)
        if theirs in (ours, base):
            return _Both(ours, ours)
        if ours == base:
            return _Both(theirs, theirs)
        return self._resealed(sides) or _clash(place, sides)

    def _resealed(self, sides: _Sides) -> _Both | None:
        """Where three different tokens hold no more than two values: who changed the value, or the higher sealed one."""
        base, ours, theirs = sides
        if self._alike(ours, theirs):
            kept = max(ours, theirs, key=_height)
        elif self._alike(theirs, base) or self._alike(ours, base):
            kept = ours if self._alike(theirs, base) else theirs
        else:
            return None
        return _Both(kept, kept)

    def _alike(self, one: Any, two: Any) -> bool:
        """Whether two nodes are the same, whatever the keys they are sealed with."""
        if one == two:
            return True
        if isinstance(one, str) and isinstance(two, str):
            return is_token(one) and is_token(two) and self.same(one, two)
        return (
            isinstance(one, dict)
            and isinstance(two, dict)
            and one.keys() == two.keys()
            and all(self._alike(one[key], two[key]) for key in one)
        )


def _contested(base: Tree, ours: Tree, theirs: Tree) -> frozenset[Place]:
    """Fields beside a history that each side went on with by itself.

    Who ended a customer and took it back has said something about the status, though it is what it was.
    """

    def went_on(history: str) -> bool:
        known, mine, other = (set(_keyed(tree.get(history)) or ()) for tree in (base, ours, theirs))
        return bool(mine - other - known and other - mine - known)

    return frozenset((name,) for name, (history, _letter) in MOVES.items() if went_on(history))


@cache
def _parts(part: type[Part]) -> Mapping[str, type[Part]]:
    """The parts and the kinds of entries within a part, by key."""
    shapes = {name: shape_of(info) for name, info in part.model_fields.items()}
    return {
        name: shape[1] for name, shape in shapes.items() if isinstance(shape, tuple) and shape[0] in ("part", "entries")
    }


def _keyed(node: Any) -> dict[str, Any] | None:
    """The items of a list by what tells them apart, texts by themselves, entries by id; None where something doesn't."""
    if node is None:
        return {}
    if not isinstance(node, list):
        return None
    named = ((item.get("id") if isinstance(item, dict) else item, item) for item in node)
    found = {name: item for name, item in named if isinstance(name, str)}
    return found if len(found) == len(node) else None


def _keys(sides: _Sides) -> Iterable[str]:
    return dict.fromkeys(chain(*sides))


def _order(sides: _Sides, merged: Mapping[str, _Both], rank: Rank) -> list[str]:
    """The keys that are left on either side, in order."""
    kept = {key for key, both in merged.items() if both.tree is not None or both.other is not None}
    base, ours, theirs = ([key for key in side if key in kept] for side in sides)
    return united(base, ours, theirs, rank)


def _clashes(merged: Mapping[str, _Both], order: Iterable[str]) -> tuple[Clash, ...]:
    return tuple(chain.from_iterable(merged[key].clashes for key in order))


def _clash(place: Place, sides: _Sides) -> _Both:
    return _Both(sides.ours, sides.theirs, (Clash(place, *sides),))


def _when(both: _Both) -> str:
    """The day or moment of an entry, for sorting; empty for texts and for entries without one."""
    return min(_moment(entry) for entry in (both.tree, both.other) if entry is not None)


def _moment(entry: Any) -> str:
    said = entry.get("at") or entry.get("date") if isinstance(entry, dict) else None
    try:
        moment = datetime.fromisoformat(said) if isinstance(said, str) else None
        return moment.astimezone(UTC).isoformat() if moment and moment.tzinfo else str(said or "")
    except (ValueError, OverflowError):
        return str(said)  # sealed, or nothing that holds


def _height(token: str) -> tuple[int, int, str]:
    """What a token is kept by: its level, so that none is lowered, then its generation."""
    try:
        found = token_of(token)
    except ValueProblem:
        return -1, 0, token
    return found.level.rank, found.generation, token
