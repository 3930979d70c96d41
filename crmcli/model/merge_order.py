"""One order out of three: of the entries, tags and keys that two sides of a merge leave.

Promises that both sides count alike, that what stands in the same order on both keeps it, that a side which alone
changed the order has its way, and that merging the result with either side again changes nothing. Pure.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from heapq import merge as interleaved
from typing import Any

Rank = Callable[[str], Any]


def united(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str], rank: Rank) -> list[str]:
    """All that stands in `ours` or `theirs`, each once.

    What only one side has stays behind what it stands behind there; where both added in one place, `rank` (different
    for different names) decides who comes first.
    """
    both = set(ours) & set(theirs)
    mine, other = _only(ours, both), _only(theirs, both)
    spine = mine if mine == other else _winner(base, mine, other)
    return _filled(spine, ours, theirs, rank) if spine is not None else _loosened(ours, theirs, rank)


def _only(names: Iterable[str], wanted: set[str]) -> list[str]:
    return [name for name in names if name in wanted]


def _winner(base: Sequence[str], ours: list[str], theirs: list[str]) -> list[str] | None:
    """The side whose order counts; None where they agree on all that was there before and differ in what both added."""
    known = set(base) & set(ours)
    was, mine, other = (_only(names, known) for names in (base, ours, theirs))
    if mine == other:
        return None
    if was in (mine, other):
        return theirs if mine == was else ours
    return ours if mine < other else theirs  # any rule serves that doesn't ask which side is which


def _filled(spine: list[str], ours: Sequence[str], theirs: Sequence[str], rank: Rank) -> list[str]:
    mine, other = _runs(spine, ours), _runs(spine, theirs)
    found: list[str] = []
    for anchor in (None, *spine):
        found += [anchor] if anchor is not None else []
        found += interleaved(mine.get(anchor, ()), other.get(anchor, ()), key=rank)
    return found


def _runs(spine: list[str], names: Sequence[str]) -> dict[str | None, list[str]]:
    """What stands behind each of the spine, and (None) before the first of it."""
    anchors, anchor = set(spine), None
    runs: dict[str | None, list[str]] = {}
    for name in names:
        if name in anchors:
            anchor = name
        else:
            runs.setdefault(anchor, []).append(name)
    return runs


def _loosened(ours: Sequence[str], theirs: Sequence[str], rank: Rank) -> list[str]:
    """By rank, as far as it keeps the order of every two that stand in the same order on both sides."""
    at = {name: place for place, name in enumerate(theirs)}
    ranks = {name: rank(name) for name in (*ours, *theirs)}
    both = [name for name in ours if name in at]
    alone = deque(sorted(set(ours).symmetric_difference(theirs), key=rank))
    found: list[str] = []
    while both:
        chosen = min(_firsts(both, at), key=ranks.__getitem__)
        while alone and ranks[alone[0]] < ranks[chosen]:
            found.append(alone.popleft())
        both.remove(chosen)
        found.append(chosen)
    return [*found, *alone]


def _firsts(names: list[str], at: dict[str, int]) -> list[str]:
    """Those that have none before them both in `names` and by `at`."""
    found: list[str] = []
    for name in names:
        if not found or at[name] < at[found[-1]]:
            found.append(name)
    return found
