"""Who belongs in which class, and why (R41, R42, R44). Pure: members, standing and the day in, moves out.

A scheme's classes must exclude each other and cover everyone: who is in several, or in none, is named and not moved.
A class that a person fixed until a day holds through that day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

LONGEST = 200  # characters a history keeps of a reason
NOTHING = "—"
Seen = Mapping[str, str]  # field → value as written, "" where there is none


@dataclass(frozen=True, slots=True)
class Rule:
    """A class of a scheme: its query, and who meets it with the values that the query looks at."""

    name: str
    query: str
    members: Mapping[str, Seen]


@dataclass(frozen=True, slots=True)
class Standing:
    """A customer's class as it stands, and until when a person fixed it."""

    current: str | None = None
    until: date | None = None

    def fixed(self, today: date) -> bool:
        """Whether rules have no say yet."""
        return self.current is not None and self.until is not None and self.until >= today


@dataclass(frozen=True, slots=True)
class Move:
    """A customer goes from one class (None: from none) to another by a rule, and the values it saw."""

    number: str
    scheme: str
    before: str | None
    after: str
    query: str
    seen: Seen

    @property
    def reason(self) -> str:
        """`spend:>=20000 (spend 21300.00)`, on one line of at most 200 characters."""
        return reason(self.query, self.seen)


@dataclass(frozen=True, slots=True)
class Kept:
    """A customer whose class a person fixed; `rule` is the class the rules would give."""

    number: str
    scheme: str
    current: str
    until: date
    rule: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """A customer that several classes claim, in their order."""

    number: str
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decisions:
    """What the rules of one scheme say; whoever is in the right class already is in none of these."""

    scheme: str
    moves: tuple[Move, ...]
    kept: tuple[Kept, ...]
    overlaps: tuple[Overlap, ...]
    nowhere: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether every customer is in exactly one class."""
        return not (self.overlaps or self.nowhere)


def decide(scheme: str, rules: Sequence[Rule], people: Mapping[str, Standing], today: date) -> Decisions:
    """Divide `people`, by number, by the rules of a scheme; members outside of `people` don't count."""
    moves, kept, overlaps, nowhere = list[Move](), list[Kept](), list[Overlap](), list[str]()
    for number, standing in people.items():
        held = [rule for rule in rules if number in rule.members]
        if not held:
            nowhere.append(number)
        elif len(held) > 1:
            overlaps.append(Overlap(number, tuple(rule.name for rule in held)))
        elif standing.current and standing.until and standing.fixed(today):
            kept.append(Kept(number, scheme, standing.current, standing.until, held[0].name))
        elif held[0].name != standing.current:
            moves.append(_move(number, scheme, standing, held[0]))
    return Decisions(scheme, tuple(moves), tuple(kept), tuple(overlaps), tuple(nowhere))


def _move(number: str, scheme: str, standing: Standing, rule: Rule) -> Move:
    return Move(number, scheme, standing.current, rule.name, rule.query, rule.members[number])


def reason(query: str, seen: Seen) -> str:
    """A query and the values it saw; what doesn't fit is cut from the query first."""
    told = ", ".join(f"{name} {' '.join(value.split()) or NOTHING}" for name, value in seen.items())
    told = f" ({_cut(told, LONGEST // 2)})" if told else ""
    return _cut(query, LONGEST - len(told)) + told


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
