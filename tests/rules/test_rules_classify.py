"""Who moves where: classes made of cut points divide everyone exactly once; a gap or an overlap is always named."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.index.build import build
from crmcli.index.query import compile_query
from crmcli.index.rows import Row
from crmcli.index.search import search
from crmcli.model.classification import Classification
from crmcli.model.metrics import METRICS, shares_above
from crmcli.rules.classify import LONGEST, Kept, Move, Overlap, Rule, Standing, decide, reason
from crmcli.store.yamlread import parse

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
DEFAULTS = Path(__file__).parents[2] / "schemas/classification.yaml"
amounts = st.decimals(-100, 100_000, places=2)
cuts = st.lists(amounts, min_size=2, max_size=6, unique=True).map(sorted)


def rules_of(queries: Sequence[str], metrics: Sequence[dict[str, str]]) -> list[Rule]:
    """Rules named r0, r1, … with whom the index finds for them among customers named 0, 1, …"""
    rows = [Row(str(place), "", {}, one) for place, one in enumerate(metrics)]
    with build(METRICS, rows, {}) as index:
        found = []
        for place, query in enumerate(queries):
            compiled = compile_query(query, METRICS, {}, now=NOW)
            hits = search(index, compiled, columns=compiled.fields, limit=0)
            found.append(Rule(f"r{place}", query, {hit.number: hit.values for hit in hits}))
    return found


def spending(spends: Sequence[Decimal]) -> list[dict[str, str]]:
    return [{"spend": format(spend, "f")} for spend in spends]


def slices(points: Sequence[Decimal]) -> list[str]:
    """Queries that cover every amount once."""
    inner = [f"spend:[{low} TO {high}}}" for low, high in pairwise(points)]
    return [f"spend:<{points[0]}", *inner, f"spend:>={points[-1]}"]


def everyone(count: int) -> dict[str, Standing]:
    return {str(place): Standing() for place in range(count)}


@given(cuts, st.lists(amounts, min_size=1, max_size=20))
def test_slices_between_cut_points_divide_everyone_exactly_once(points: list[Decimal], spends: list[Decimal]) -> None:
    spends = [*spends, *points]
    found = decide("s", rules_of(slices(points), spending(spends)), everyone(len(spends)), TODAY)
    assert found.sound
    assert {move.number: move.after for move in found.moves} == {
        str(place): f"r{sum(spend >= point for point in points)}" for place, spend in enumerate(spends)
    }


@given(cuts, st.data())
def test_who_falls_into_a_gap_is_named(points: list[Decimal], data: st.DataObject) -> None:
    queries = slices(points)
    missing = data.draw(st.integers(0, len(queries) - 1))
    del queries[missing]
    inside = [points[0] - 1, *points][missing]
    found = decide("s", rules_of(queries, spending([inside])), everyone(1), TODAY)
    assert (found.sound, found.nowhere, found.moves) == (False, ("0",), ())


@given(cuts, st.data())
def test_whom_two_classes_claim_is_named_with_both(points: list[Decimal], data: st.DataObject) -> None:
    inside = data.draw(st.sampled_from(points))
    queries = [*slices(points), f"spend:{inside}"]
    found = decide("s", rules_of(queries, spending([inside])), everyone(1), TODAY)
    both = (f"r{points.index(inside) + 1}", f"r{len(queries) - 1}")
    assert (found.sound, found.overlaps, found.moves) == (False, (Overlap("0", both),), ())


@given(st.lists(st.tuples(amounts, st.integers(0, 40)), min_size=1, max_size=30))
def test_the_schemes_that_ship_divide_everyone_exactly_once(customers: list[tuple[Decimal, int]]) -> None:
    schemes = Classification.model_validate(parse(DEFAULTS.read_bytes(), "").tree).schemes
    edges = [(Decimal(spend), orders) for spend in (0, 5000, 20000, 50000) for orders in (0, 1, 2, 19, 20)]
    customers = [*customers, *edges, *((spend - Decimal("0.01"), orders) for spend, orders in edges)]
    shares = shares_above(spend for spend, _orders in customers)
    metrics = [
        {"spend": format(spend, "f"), "orders": str(orders), "share_above": shares[spend]}
        for spend, orders in customers
    ]
    assert list(schemes) == ["tier", "abc"]
    for scheme in schemes.values():
        queries = [one.query for one in scheme.classes.values()]
        assert decide("s", rules_of(queries, metrics), everyone(len(customers)), TODAY).sound


def gold(*numbers: str) -> list[Rule]:
    return [Rule("gold", "spend:>=20000", {number: {"spend": "21300.00"} for number in numbers})]


def test_a_move_says_from_to_and_what_the_rule_saw() -> None:
    found = decide(
        "tier", gold("1", "2", "3"), {"1": Standing("silver"), "2": Standing("gold"), "3": Standing()}, TODAY
    )
    seen = {"spend": "21300.00"}
    assert found.moves == (
        Move("1", "tier", "silver", "gold", "spend:>=20000", seen),
        Move("3", "tier", None, "gold", "spend:>=20000", seen),
    )
    assert found.moves[0].reason == "spend:>=20000 (spend 21300.00)"


def test_members_outside_of_the_people_do_not_count() -> None:
    assert decide("tier", gold("1", "2"), {"2": Standing("gold")}, TODAY).moves == ()


@pytest.mark.parametrize(("days", "kept"), [(1, True), (0, True), (-1, False)])
def test_what_a_person_fixed_holds_through_its_last_day(days: int, kept: bool) -> None:
    until = TODAY + timedelta(days=days)
    found = decide("tier", gold("1"), {"1": Standing("silver", until)}, TODAY)
    assert found.kept == ((Kept("1", "tier", "silver", until, "gold"),) if kept else ())
    assert bool(found.moves) is not kept


def test_a_day_without_a_class_fixes_nothing() -> None:
    assert decide("tier", gold("1"), {"1": Standing(None, TODAY)}, TODAY).moves


def test_a_gap_is_named_even_for_whom_a_person_fixed() -> None:
    assert decide("tier", gold(), {"1": Standing("silver", TODAY)}, TODAY).nowhere == ("1",)


@given(st.text(min_size=1, max_size=400), st.dictionaries(st.text(max_size=50), st.text(max_size=300), max_size=5))
def test_a_reason_is_never_longer_than_a_history_keeps(query: str, seen: dict[str, str]) -> None:
    assert len(reason(query, seen)) <= LONGEST


def test_a_reason_stands_on_one_line_and_says_what_is_missing() -> None:
    assert reason("q", {"need": "two\nlines", "last_contact": ""}) == "q (need two lines, last_contact —)"
