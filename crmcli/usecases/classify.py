"""Divide the customers by the house's schemes: who moves, from, to, why; written in one commit when asked to.

Archived customers are never touched; a tier that a person fixed until a day holds through that day.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from crmcli.errors import Finding, Invalid, invalid
from crmcli.index.build import Index, build
from crmcli.index.query import Compiled
from crmcli.index.search import search
from crmcli.model import plain
from crmcli.model.dossier import Dossier
from crmcli.model.entries import ClassMove, TierMove
from crmcli.model.identity import new_entry_id
from crmcli.model.metrics import POPULATION
from crmcli.rules.classify import Decisions, Move, Rule, Standing, decide
from crmcli.store.transaction import Change, Desk, Message
from crmcli.text import _
from crmcli.usecases.change import Plan, carry_out, message
from crmcli.usecases.classification import Ready, schemes_of
from crmcli.usecases.lookup import rows
from crmcli.usecases.records import Record, change, read_all
from crmcli.usecases.rule_queries import named_fields
from crmcli.usecases.workplace import Workplace

Tree = dict[str, Any]
SHOWN = 5


@dataclass(frozen=True)
class Classified:
    """What the schemes say of the customers on file. `commit` is None when nothing was written."""

    schemes: tuple[Ready, ...]
    decisions: tuple[Decisions, ...]
    records: Mapping[str, Record]
    unread: tuple[Finding, ...]
    commit: str | None = None

    @property
    def moves(self) -> tuple[Move, ...]:
        """All moves, scheme by scheme."""
        return tuple(move for decisions in self.decisions for move in decisions.moves)

    @property
    def unsound(self) -> tuple[Finding, ...]:
        """Classes that overlap, and customers in none, each with the line of the rule file."""
        return tuple(found for pair in zip(self.schemes, self.decisions, strict=True) for found in _unsound(*pair))


def classify(work: Workplace, only: str | None = None, *, apply: bool = False, dry_run: bool = False) -> Classified:
    """Decide by all schemes or the one named; with `apply` write the moves, each with its date and reason.

    Invalid where the rules don't hold; with `apply` also where classes overlap or leave someone out.
    """
    schemes = schemes_of(work, only)
    if not apply:
        return judge(work, schemes)

    def plan(desk: Desk | None) -> Plan:
        found = judge(work, schemes)
        _refuse_unsound(found)
        moves = _by_number(found.moves)
        changes = [_written(work, found, number, mine) for number, mine in moves.items()]
        return Plan(changes, _said(found), tuple(moves), data={"judged": found})

    outcome = carry_out(work, "classify", plan, dry_run=dry_run)
    found: Classified = outcome.data["judged"]
    return replace(found, commit=outcome.commit)


def judge(work: Workplace, schemes: Sequence[Ready]) -> Classified:
    """What the schemes say of the customers as they stand on file; changes nothing."""
    reading = read_all(work)
    with build(work.queryable, rows(work, reading.records), work.house.codes) as index:
        decisions = tuple(_decided(work, index, reading.records, scheme) for scheme in schemes)
    return Classified(tuple(schemes), decisions, {one.number: one for one in reading.records}, reading.findings)


def _decided(work: Workplace, index: Index, records: Sequence[Record], scheme: Ready) -> Decisions:
    among = {hit.number for hit in search(index, scheme.among, columns=(), limit=0)}
    rules = [
        Rule(name, scheme.about.classes[name].query, seen(work, index, compiled, compiled))
        for name, compiled in scheme.classes.items()
    ]
    people = {one.number: standing(scheme, one) for one in records if one.number in among and not archived(one)}
    return decide(scheme.name, rules, people, work.today)


def seen(work: Workplace, index: Index, who: Compiled, *whats: Compiled) -> dict[str, Mapping[str, str]]:
    """Number → the values of the fields that queries name, for everyone whom `who` finds."""
    columns = dict.fromkeys(name for compiled in whats for name in named_fields(work, compiled))
    return {hit.number: hit.values for hit in search(index, who, columns=tuple(columns), limit=0)}


def standing(scheme: Ready, record: Record) -> Standing:
    """A customer's class in a scheme as it stands; only a tier can be fixed by a person."""
    dossier = record.dossier
    return Standing(dossier.tier, dossier.tier_until) if scheme.tiers else Standing(dossier.classes.get(scheme.name))


def archived(record: Record) -> bool:
    """Whether the customer's file is closed."""
    return record.dossier.status == "archived"


def _by_number(moves: Sequence[Move]) -> dict[str, list[Move]]:
    found: dict[str, list[Move]] = {}
    for move in moves:
        found.setdefault(move.number, []).append(move)
    return found


def _written(work: Workplace, found: Classified, number: str, moves: Sequence[Move]) -> Change:
    record, tiers = found.records[number], {scheme.name for scheme in found.schemes if scheme.tiers}
    tree = dict(record.tree)
    for move in moves:
        tree |= (_tier if move.scheme in tiers else _class)(tree, move, work.today)
    # Where a tier moves by rule, the day until which a person had fixed it is over.
    over = {"tier_until"} if any(move.scheme in tiers for move in moves) else set()
    return change(work, {key: tree[key] for key in Dossier.model_fields if key in tree.keys() - over}, record.data)


def _tier(tree: Tree, move: Move, today: date) -> Tree:
    entry = {"id": new_entry_id(TierMove.letter), "date": today.isoformat(), "tier": move.after, "rule": move.reason}
    told = plain.write(TierMove.model_validate(entry))
    return {"tier": move.after, "tier_history": [*tree.get("tier_history", ()), told]}


def _class(tree: Tree, move: Move, today: date) -> Tree:
    entry = {"id": new_entry_id(ClassMove.letter), "date": today.isoformat(), "scheme": move.scheme, "to": move.after}
    told = plain.write(ClassMove.model_validate({**entry, "rule": move.reason}))
    classes = {**tree.get("classes", {}), move.scheme: move.after}
    return {"classes": classes, "class_history": [*tree.get("class_history", ()), told]}


def _said(found: Classified) -> Message:
    names, count = ", ".join(scheme.name for scheme in found.schemes), len(found.moves)
    subject = f"classify {names}: {count} {'move' if count == 1 else 'moves'}"
    return message("classify", subject, tuple(_by_number(found.moves)))


def _refuse_unsound(found: Classified) -> None:
    if found.unsound:
        raise invalid(found.unsound)
    compared = [scheme for scheme in found.schemes if POPULATION.intersection(scheme.fields)]
    if found.unread and compared:
        raise Invalid(
            _("{scheme} compares all customers, and some files can't be read.").format(scheme=compared[0].name),
            findings=found.unread,
            hint=_("Mend them first; `crm check` lists them."),
        )


def _unsound(scheme: Ready, decisions: Decisions) -> Iterator[Finding]:
    hint = _("Classes exclude each other and cover everyone.")
    claimed: dict[tuple[str, ...], list[str]] = {}
    for overlap in decisions.overlaps:
        claimed.setdefault(overlap.classes, []).append(overlap.number)
    for classes, numbers in claimed.items():
        said = _("{scheme}: {classes} overlap: {customers}.")
        said = said.format(scheme=scheme.name, classes=", ".join(classes), customers=_some(numbers))
        yield Finding(said, scheme.where("classes", classes[-1], "query"), hint=hint)
    if decisions.nowhere:
        said = _("{scheme}: in no class: {customers}.").format(scheme=scheme.name, customers=_some(decisions.nowhere))
        yield Finding(said, scheme.where("classes"), hint=hint)


def _some(numbers: Sequence[str]) -> str:
    shown = ", ".join(numbers[:SHOWN])
    rest = len(numbers) - SHOWN
    return _("{shown} and {count} more").format(shown=shown, count=rest) if rest > 0 else shown
