"""Who descends from whom in a history, without asking git: each answer takes one pass over commits that stand parents first.

Sets of marked commits are the bits of a number: bit n stands for the n-th of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush

from crmcli.usecases.trust_history import Step


def heirs(steps: Mapping[str, Step], marked: Sequence[str]) -> dict[str, int]:
    """Commit → those of the marked ones that have it in their history, itself among them."""
    found = dict.fromkeys(steps, 0)
    for n, name in enumerate(marked):
        found[name] |= 1 << n
    for name in reversed(list(steps)):
        for parent in steps[name].parents:
            found[parent] |= found[name]
    return found


def forebears(steps: Mapping[str, Step], marked: Sequence[str]) -> dict[str, int]:
    """Commit → those of the marked ones that it has in its history, itself among them."""
    places = {name: 1 << n for n, name in enumerate(marked)}
    found: dict[str, int] = {}
    for name, step in steps.items():
        bits = places.get(name, 0)
        for parent in step.parents:
            bits |= found[parent]
        found[name] = bits
    return found


def bits(number: int) -> Iterator[int]:
    """The places of the bits that are set."""
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest


class Bases:
    """The newest common ancestors of commits."""

    def __init__(self, steps: Mapping[str, Step]) -> None:
        self._steps = steps
        self._places = {name: n for n, name in enumerate(steps)}
        self._names = list(steps)

    def of(self, one: str, others: Iterable[str]) -> list[str]:
        """The newest commits that `one` has and that any of the others has."""
        # Newest first by place, so that a commit comes up only when all that is to be known of it is.
        colours = {self._places[one]: 1}
        for place in map(self._places.__getitem__, others):
            colours[place] = colours.get(place, 0) | 2
        waiting = [-place for place in colours]
        heapify(waiting)
        found = []
        while any(colours[-place] < _PASSED for place in waiting):
            place = -heappop(waiting)
            colour = colours[place]
            if colour == _BOTH:
                found.append(self._names[place])
                colour |= _PASSED
            for parent in map(self._places.__getitem__, self._steps[self._names[place]].parents):
                if parent not in colours:
                    heappush(waiting, -parent)
                colours[parent] = colours.get(parent, 0) | colour
        return found


_BOTH, _PASSED = 3, 4
