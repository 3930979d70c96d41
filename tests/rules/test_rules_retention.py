"""When a file may be destroyed: a table of calendar days, moves, holds and statutory terms, each with its reasons."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crmcli.errors import ValueProblem
from crmcli.model.dossier import Dossier
from crmcli.model.retention import Retention, Term, parse_term
from crmcli.rules.retention import Decision, due
from crmcli.store.yamlread import parse

DEFAULTS = Path(__file__).parents[2] / "schemas/retention.yaml"
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
TERMS = st.builds(Term, st.integers(1, 40), st.sampled_from("ymd"))


def policy(ended: str = "2y", churned: str | None = "1y") -> Retention:
    terms = {"ended": ended, **({"churned": churned} if churned else {})}
    rules = {name: {"zh": "规则", "en": "Rule", "clause": f"clause {name}", "after": name, "term": term}
             for name, term in terms.items()}  # fmt: skip
    return Retention.model_validate({"rules": rules})


def dossier(moves: str, **more: Any) -> Dossier:
    """A customer by the moves `ended 2024-05-10, archived 2024-05-12`; the last one is the status."""
    history = [
        {"id": f"H000000{place:02d}", "status": status, "date": day}
        for place, (status, day) in enumerate(move.split() for move in moves.split(", "))
    ]
    tree = {"id": "C20200101001", "uid": "4Z8K2M9QXA7PDR1TVW3BNC5GHJ", "kind": "individual", **more}
    return Dossier.model_validate({**tree, "status": history[-1]["status"], "status_history": history})


def hold(since: str, released: str | None = None, reason: str = "audit") -> dict[str, str]:
    return {"id": f"L{since.replace('-', '')}", "date": since, "reason": reason} | (
        {"released": released} if released else {}
    )


# the last move that counts, term, the last day kept, the first day it may go
CALENDAR = [
    ("2024-05-10", "2y", "2026-05-10", "2026-05-11"),
    ("2024-02-29", "1y", "2025-02-28", "2025-03-01"),
    ("2024-02-29", "4y", "2028-02-29", "2028-03-01"),
    ("2023-02-28", "1y", "2024-02-28", "2024-02-29"),
    ("2024-01-31", "1m", "2024-02-29", "2024-03-01"),
    ("2023-01-31", "1m", "2023-02-28", "2023-03-01"),
    ("2024-08-31", "18m", "2026-02-28", "2026-03-01"),
    ("2024-12-31", "12m", "2025-12-31", "2026-01-01"),
    ("2024-10-31", "1m", "2024-11-30", "2024-12-01"),
    ("2024-11-30", "1m", "2024-12-30", "2024-12-31"),
    ("2024-02-28", "90d", "2024-05-28", "2024-05-29"),
    ("2023-02-28", "90d", "2023-05-29", "2023-05-30"),
    ("2024-12-31", "1d", "2025-01-01", "2025-01-02"),
]


@pytest.mark.parametrize(("left", "term", "last", "first"), CALENDAR)
def test_the_last_day_is_kept_in_full_and_the_next_is_the_first(left: str, term: str, last: str, first: str) -> None:
    customer = dossier(f"ended {left}, archived {left}")
    said = (f"ended on {left}", f"ended: {term}, to {last}")
    day = date.fromisoformat(first)
    assert due(customer, policy(term), day - timedelta(days=1)) == Decision(
        "C20200101001", False, day, "ended", "clause ended", said, "term"
    )
    assert due(customer, policy(term), day) == Decision("C20200101001", True, day, "ended", "clause ended", said, None)


NO_TERM = "archived without a move to ended or churned: no term runs"
HELD = "held since 2025-01-01: audit"
RETURNED = "ended 2020-01-01, archived 2020-01-02, active 2021-01-01, churned 2023-03-01, archived 2023-03-02"
# moves, more fields, today, first day, what keeps it, reasons
LIVES = [
    ("lead 2020-01-01", {}, "2099-01-01", None, "status", ["not archived: lead"]),
    ("active 2020-01-01", {}, "2099-01-01", None, "status", ["not archived: active"]),
    ("ended 2020-01-01", {}, "2099-01-01", None, "status", ["not archived: ended"]),
    ("churned 2020-01-01", {}, "2099-01-01", None, "status", ["not archived: churned"]),
    ("archived 2020-01-01", {}, "2099-01-01", None, "no-end", [NO_TERM]),
    ("ended 2020-01-01, archived 2020-01-02, active 2021-01-01, archived 2022-01-01", {}, "2099-01-01",
     None, "no-end", [NO_TERM]),
    ("churned 2024-05-10, archived 2024-06-30", {}, "2025-05-10", "2025-05-11", "term",
     ["churned on 2024-05-10", "churned: 1y, to 2025-05-10"]),
    ("churned 2024-05-10, archived 2024-06-30", {}, "2025-05-11", "2025-05-11", None,
     ["churned on 2024-05-10", "churned: 1y, to 2025-05-10"]),
    (RETURNED, {}, "2024-03-01", "2024-03-02", "term", ["churned on 2023-03-01", "churned: 1y, to 2024-03-01"]),
    (RETURNED, {}, "2024-03-02", "2024-03-02", None, ["churned on 2023-03-01", "churned: 1y, to 2024-03-01"]),
    # Entered in another order than it happened, as after a merge.
    ("active 2021-01-01, ended 2020-01-01, ended 2022-02-02, archived 2022-02-02", {}, "2024-02-03", "2024-02-03", None,
     ["ended on 2022-02-02", "ended: 2y, to 2024-02-02"]),
    # Left, came back and left on one day: the order of the entries decides.
    ("ended 2022-02-02, active 2022-02-02, churned 2022-02-02, archived 2022-02-02", {}, "2023-02-03", "2023-02-03", None,
     ["churned on 2022-02-02", "churned: 1y, to 2023-02-02"]),
    ("ended 2020-01-01, archived 2020-01-01", {"retain_until": "2030-12-31"}, "2030-12-31", "2031-01-01", "statute",
     ["ended on 2020-01-01", "ended: 2y, to 2022-01-01", "kept by law until 2030-12-31"]),
    ("ended 2020-01-01, archived 2020-01-01", {"retain_until": "2030-12-31"}, "2031-01-01", "2031-01-01", None,
     ["ended on 2020-01-01", "ended: 2y, to 2022-01-01", "kept by law until 2030-12-31"]),
    ("ended 2020-01-01, archived 2020-01-01", {"retain_until": "2021-06-30"}, "2022-01-01", "2022-01-02", "term",
     ["ended on 2020-01-01", "ended: 2y, to 2022-01-01"]),
    ("ended 2020-01-01, archived 2020-01-01", {"holds": [hold("2025-01-01")]}, "2099-01-01", "2022-01-02", "hold",
     ["ended on 2020-01-01", "ended: 2y, to 2022-01-01", HELD]),
    ("ended 2020-01-01, archived 2020-01-01", {"holds": [hold("2025-01-01", "2026-01-01")]}, "2025-12-31",
     "2022-01-02", "hold", ["ended on 2020-01-01", "ended: 2y, to 2022-01-01", HELD]),
    ("ended 2020-01-01, archived 2020-01-01", {"holds": [hold("2025-01-01", "2026-01-01")]}, "2026-01-01",
     "2022-01-02", None, ["ended on 2020-01-01", "ended: 2y, to 2022-01-01"]),
    ("ended 2020-01-01, archived 2020-01-01",
     {"holds": [hold("2025-01-01", "2025-02-01"), hold("2025-01-15", reason="litigation")]}, "2026-01-01",
     "2022-01-02", "hold",
     ["ended on 2020-01-01", "ended: 2y, to 2022-01-01", "held since 2025-01-15: litigation"]),
]  # fmt: skip


@pytest.mark.parametrize(("moves", "more", "today", "first", "keeper", "reasons"), LIVES)
def test_moves_statutes_and_holds_decide_with_their_reasons(
    moves: str, more: dict[str, Any], today: str, first: str | None, keeper: str | None, reasons: list[str]
) -> None:
    found = due(dossier(moves, **more), policy(), date.fromisoformat(today))
    assert (found.due, found.kept_by, list(found.reasons)) == (keeper is None, keeper, reasons)
    assert found.on == (date.fromisoformat(first) if first else None)


def test_a_way_to_leave_without_a_rule_is_kept_for_ever() -> None:
    found = due(dossier("churned 2020-01-01, archived 2020-01-01"), policy(churned=None), date(2199, 1, 1))
    assert (found.due, found.kept_by) == (False, "no-rule")
    assert found.reasons == ("churned on 2020-01-01", "the policy has no rule for churned")


def test_reasons_name_codes_as_the_caller_has_them() -> None:
    def say(code_list: str, code: str) -> str:
        return f"{code_list}/{code}"

    held = {"holds": [{"id": "L7K2M9QXA", "date": "2025-01-01", "reason": "audit"}]}
    found = due(dossier("ended 2020-01-01, archived 2020-01-01", **held), policy(), date(2026, 1, 1), say)
    assert found.reasons[0] == "status/ended on 2020-01-01"
    assert found.reasons[-1] == "held since 2025-01-01: hold_reason/audit"
    assert due(dossier("lead 2020-01-01"), policy(), date(2026, 1, 1), say).reasons == ("not archived: status/lead",)


def test_the_default_policy_is_two_years_after_the_end_and_one_after_churn() -> None:
    found = Retention.model_validate(parse(DEFAULTS.read_bytes(), "retention.yaml").tree)
    assert {rule.after: str(rule.term) for rule in found.rules.values()} == {"ended": "2y", "churned": "1y"}
    assert found.approval.role == "legal"


@given(DAYS, TERMS)
def test_nothing_goes_before_its_day_and_everything_from_then_on(left: date, term: Term) -> None:
    customer = dossier(f"ended {left}, archived {left}")
    first = due(customer, policy(str(term)), left).on
    assert first is not None
    assert first > left + timedelta(days=term.count if term.unit == "d" else term.count * 28)
    judged = [due(customer, policy(str(term)), first + timedelta(days=shift)).due for shift in (-400, -1, 0, 1, 4000)]
    assert judged == [False, False, True, True, True]


@given(DAYS, DAYS, TERMS)
def test_who_left_later_is_never_due_earlier(one: date, other: date, term: Term) -> None:
    assert term.last_day(min(one, other)) <= term.last_day(max(one, other))


@given(TERMS)
def test_a_term_is_written_as_it_is_read(term: Term) -> None:
    assert parse_term(str(term), None) == term


@pytest.mark.parametrize(
    "text", ["", "0y", "-1y", "2", "y", "2w", "1.5y", "101y", "1201m", "36501d", "2y3m", "two years"]
)
def test_an_impossible_term_is_refused(text: str) -> None:
    with pytest.raises(ValueProblem):
        parse_term(text, None)


@pytest.mark.parametrize(
    ("text", "term"), [("100y", Term(100, "y")), (" 18M ", Term(18, "m")), ("36500d", Term(36500, "d"))]
)
def test_terms_up_to_a_hundred_years_hold(text: str, term: Term) -> None:
    assert parse_term(text, None) == term


def test_a_policy_without_rules_is_refused() -> None:
    with pytest.raises(ValidationError, match="no rule"):
        Retention.model_validate({"rules": {}})
