"""Percentages, amounts and periods: shares always make up the whole, halves go up, months stay months."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.reports.figures import average, change, money, percent, shares
from crmcli.reports.period import Period, last_full, so_far

AMOUNTS = st.decimals("-9999999", "9999999", places=2)
DAYS = st.dates(date(1950, 1, 1), date(2150, 1, 1))


@given(st.lists(AMOUNTS, min_size=1, max_size=30))
def test_shares_make_up_the_whole_and_are_off_by_less_than_a_tenth(parts):
    found, whole = shares(parts), Fraction(sum(parts))
    if whole <= 0:
        assert set(found) == {""}
        return
    assert sum(map(Decimal, found)) == 100
    for part, share in zip(parts, found, strict=True):
        assert abs(Fraction(share) - Fraction(part) * 100 / whole) < Fraction(1, 10)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30))
def test_nothing_has_no_share(counts):
    found = shares(counts)
    assert all(share in ("0.0", "") for count, share in zip(counts, found, strict=True) if not count)


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ([1, 1, 1], ("33.4", "33.3", "33.3")),
        ([4, 1], ("80.0", "20.0")),
        ([2, 2, 2], ("33.4", "33.3", "33.3")),
        ([Decimal("-1"), Decimal("3")], ("-50.0", "150.0")),
        ([0, 0], ("", "")),
        ([], ()),
    ],
)
def test_shares_by_hand(parts, found):
    assert shares(parts) == found


@pytest.mark.parametrize(
    ("part", "whole", "found"), [(1152, 2357, "48.9"), (1, 8, "12.5"), (1, 2000, "0.1"), (3, 0, "")]
)
def test_a_percentage_rounds_half_up(part, whole, found):
    assert percent(part, whole) == found


@pytest.mark.parametrize(
    ("now", "before", "found"), [("150", "100", "50.0"), ("50", "100", "-50.0"), ("5", "0", ""), ("0", "-3", "")]
)
def test_change_needs_something_before(now, before, found):
    assert change(Decimal(now), Decimal(before)) == found


@pytest.mark.parametrize(("amount", "shown"), [("3", "3.00"), ("0", "0.00"), ("-0.00", "0.00"), ("1.2345", "1.2345")])
def test_money_has_two_decimals_or_what_the_file_has(amount, shown):
    assert money(Decimal(amount)) == shown


def test_an_average_rounds_half_a_cent_up():
    assert (average(Decimal("0.05"), 2), average(Decimal("244091.94"), 6919), average(Decimal(1), 0)) == (
        "0.03",
        "35.28",
        "",
    )


@pytest.mark.parametrize(
    ("first", "last", "before"),
    [
        ("2026-03-01", "2026-03-31", ("2026-02-01", "2026-02-28")),
        ("2024-01-01", "2024-12-31", ("2023-01-01", "2023-12-31")),
        ("2026-01-01", "2026-03-31", ("2025-10-01", "2025-12-31")),
        ("2026-03-02", "2026-03-31", ("2026-01-31", "2026-03-01")),
        ("2026-03-01", "2026-03-30", ("2026-01-30", "2026-02-28")),
        ("2026-03-05", "2026-03-05", ("2026-03-04", "2026-03-04")),
    ],
)
def test_the_period_before_is_of_equal_length(first, last, before):
    assert Period(date.fromisoformat(first), date.fromisoformat(last)).before.iso == before


@given(DAYS, st.integers(0, 900))
def test_the_period_before_ends_where_this_one_begins(first, length):
    period = Period(first, first + timedelta(length))
    assert period.before.last == period.eve
    assert period.before.first <= period.before.last
    assert period.before.last in period.before
    assert first not in period.before


@pytest.mark.parametrize(
    ("span", "today", "now", "full"),
    [
        ("month", "2026-01-15", ("2026-01-01", "2026-01-15"), ("2025-12-01", "2025-12-31")),
        ("quarter", "2026-05-01", ("2026-04-01", "2026-05-01"), ("2026-01-01", "2026-03-31")),
        ("year", "2024-02-29", ("2024-01-01", "2024-02-29"), ("2023-01-01", "2023-12-31")),
    ],
)
def test_usual_spans(span, today, now, full):
    day = date.fromisoformat(today)
    assert so_far(span, day).iso == now
    assert last_full(span, day).iso == full
