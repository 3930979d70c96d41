"""Why a customer is in its classes: each query, whether it holds, what it saw, and what follows. Changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from crmcli.index.build import Index, build
from crmcli.index.query import compile_query
from crmcli.rules.classify import Rule, Seen, Standing, decide
from crmcli.usecases.classification import Ready, schemes_of
from crmcli.usecases.classify import archived, seen, standing
from crmcli.usecases.lookup import rows
from crmcli.usecases.records import Record, read, read_all
from crmcli.usecases.resolve import resolve
from crmcli.usecases.rule_queries import named_fields
from crmcli.usecases.workplace import Workplace

Verdict = Literal["moves", "stays", "kept", "archived", "apart", "overlap", "nowhere"]


@dataclass(frozen=True)
class Tried:
    """One class and whether the customer meets its query, with the values that the query looks at."""

    name: str
    query: str
    holds: bool
    seen: Seen


@dataclass(frozen=True)
class Explained:
    """What one scheme says of the customer.

    verdict  moves, stays; kept (a person fixed it), archived (never touched), apart (not among those the scheme divides),
             overlap (several classes), nowhere (none)
    rule     the class the rules give, None for none or several
    """

    scheme: Ready
    standing: Standing
    verdict: Verdict
    rule: str | None
    classes: tuple[Tried, ...]


@dataclass(frozen=True)
class Explanation:
    """A customer and what each scheme says of it."""

    record: Record
    schemes: tuple[Explained, ...]


def explain(work: Workplace, ref: str, only: str | None = None) -> Explanation:
    """Why the customer `ref` names is in its classes, or will move."""
    schemes = schemes_of(work, only)
    record = read(work, resolve(work, ref))
    with build(work.queryable, rows(work, read_all(work).records), work.house.codes) as index:
        return Explanation(record, tuple(_told(work, index, record, scheme) for scheme in schemes))


def _told(work: Workplace, index: Index, record: Record, scheme: Ready) -> Explained:
    itself = compile_query(f"number:{record.number}", work.queryable, work.house.codes, now=work.now)
    values = seen(work, index, itself, *scheme.classes.values())[record.number]
    tried = []
    for name, compiled in scheme.classes.items():
        mine = {field: values[field] for field in named_fields(work, compiled)}
        holds = record.number in seen(work, index, compiled)
        tried.append(Tried(name, scheme.about.classes[name].query, holds, mine))
    apart = record.number not in seen(work, index, scheme.among)
    stands = standing(scheme, record)
    verdict, rule = _verdict(work, record, stands, tried, apart=apart)
    return Explained(scheme, stands, verdict, rule, tuple(tried))


def _verdict(
    work: Workplace, record: Record, stands: Standing, tried: Sequence[Tried], *, apart: bool
) -> tuple[Verdict, str | None]:
    held = [one.name for one in tried if one.holds]
    rule = held[0] if len(held) == 1 else None
    if archived(record) or apart:
        return "archived" if archived(record) else "apart", rule
    rules = [Rule(one.name, one.query, {record.number: one.seen} if one.holds else {}) for one in tried]
    found = decide("", rules, {record.number: stands}, work.today)
    said: dict[Verdict, Sequence[object]] = {
        "moves": found.moves,
        "kept": found.kept,
        "overlap": found.overlaps,
        "nowhere": found.nowhere,
    }
    return next((verdict for verdict, who in said.items() if who), "stays"), rule
