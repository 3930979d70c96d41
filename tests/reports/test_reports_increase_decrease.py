"""Who came and went, counted by hand; opening + added - removed = current whatever happened."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_world import chosen, codes_only, customer, days, line, table

from crmcli.reports.increase_decrease import Removed, counted, counted_removed, increase

MAY = days("2024-05-01", "2024-05-31")
COUNTS = ("opening", "added", "returned", "removed", "current")


def count(*moves: str, number: str = "C20240110001") -> tuple[int, ...]:
    found = counted(customer(number, *moves), MAY)
    return tuple(int(getattr(found, name)) for name in COUNTS)


@pytest.mark.parametrize(
    ("moves", "found"),
    [
        (("2024-01-10 lead",), (1, 0, 0, 0, 1)),
        ((), (1, 0, 0, 0, 1)),
        (("2024-01-10 active", "2024-04-30 ended"), (0, 0, 0, 0, 0)),
        (("2024-01-10 active", "2024-05-01 ended"), (1, 0, 0, 1, 0)),
        (("2024-01-10 active", "2024-05-31 churned"), (1, 0, 0, 1, 0)),
        (("2024-01-10 active", "2024-06-01 churned"), (1, 0, 0, 0, 1)),
        (("2024-01-10 active", "2024-05-02 ended", "2024-05-20 active"), (1, 0, 0, 0, 1)),
        (("2024-01-10 active", "2024-05-02 ended", "2024-05-02 active"), (1, 0, 0, 0, 1)),
        (("2024-01-10 active", "2024-03-01 ended", "2024-05-20 active"), (0, 1, 1, 0, 1)),
        (("2024-01-10 active", "2024-03-01 ended", "2024-05-20 active", "2024-05-25 ended"), (0, 0, 0, 0, 0)),
        (("2024-01-10 active", "2024-03-01 ended", "2024-05-20 archived"), (0, 0, 0, 0, 0)),
    ],
)
def test_a_customer_of_before(moves, found):
    assert count(*moves) == found


@pytest.mark.parametrize(
    ("number", "moves", "found"),
    [
        ("C20240501001", ("2024-05-01 lead",), (0, 1, 0, 0, 1)),
        ("C20240531001", ("2024-05-31 lead",), (0, 1, 0, 0, 1)),
        ("C20240601001", ("2024-06-01 lead",), (0, 0, 0, 0, 0)),
        ("C20240510001", ("2024-05-10 active", "2024-05-12 ended"), (0, 1, 0, 1, 0)),
        ("C20240510001", ("2020-01-01 active", "2021-01-01 ended"), (0, 1, 0, 1, 0)),
        ("C20240601001", ("2020-01-01 active",), (0, 0, 0, 0, 0)),
    ],
)
def test_a_customer_entered_in_the_period_or_later(number, moves, found):
    assert count(*moves, number=number) == found


@pytest.mark.parametrize(
    ("gone", "found"),
    [
        ("2024-04-30", (0, 0)),
        ("2024-05-01", (1, 1)),
        ("2024-05-02", (1, 1)),
        ("2024-05-31", (1, 1)),
        ("2024-06-01", (1, 0)),
    ],
)
def test_a_destroyed_customer_is_with_us_until_the_day_they_left(gone, found):
    made = counted_removed(Removed("C20240110001", date.fromisoformat(gone)), MAY)
    assert (int(made.opening), int(made.removed)) == found


DAY = st.dates(date(2024, 4, 20), date(2024, 6, 10))
MOVES = st.lists(st.tuples(DAY, st.sampled_from(["lead", "active", "ended", "churned", "archived"])), max_size=5)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(DAY, MOVES), max_size=6), st.lists(st.tuples(DAY, DAY), max_size=4))
def test_opening_added_removed_and_current_always_agree(people, destroyed):
    dossiers = [
        customer(f"C{day:%Y%m%d}{at + 1:03d}", *(f"{on} {status}" for on, status in moves))
        for at, (day, moves) in enumerate(people)
    ]
    gone = [Removed(f"C{day:%Y%m%d}{at + 500:03d}", on) for at, (day, on) in enumerate(destroyed)]
    rows = table(increase(dossiers, gone, MAY, codes_only()), "customers").rows
    for row in rows:
        opening, added, removed, current, net = (int(row[k]) for k in ("opening", "added", "removed", "current", "net"))
        assert opening + added - removed == current
        assert net == current - opening
    for name in (*COUNTS, "net"):
        assert int(rows[-1][name]) == sum(int(row[name]) for row in rows[:-1])


def world():
    return [
        customer("C20240110001", "2024-01-10 active", relation="direct", sales=("2024-04-03 100", "2024-05-03 60")),
        customer("C20240402001", "2024-04-02 active", relation="direct", sales=("2024-04-30 50", "2024-05-31 90.5")),
        customer("C20240501001", "2024-05-01 active", relation="indirect", sales=("2024-05-10 30", "2024-05-11 -10")),
        customer("C20260101001", "2026-01-01 active", sales=("2024-05-04 7", "2024-05-05 8 USD", "2024-03-31 999")),
    ]


def test_sales_of_old_and_new_customers_in_both_periods():
    report = increase(world(), [], MAY, codes_only())
    names = ("sales", "from_old", "from_new", "sales_before", "before_from_old", "before_from_new", "change")
    assert chosen(line(report, "sales", "direct"), *names) == (
        "150.50", "150.50", "0.00", "150.00", "100.00", "50.00", "0.3"
    )  # fmt: skip
    assert chosen(line(report, "sales", "indirect"), *names[:4]) == ("20.00", "0.00", "20.00", "0.00")
    assert chosen(line(report, "sales", "none"), *names[:3]) == ("7.00", "0.00", "7.00")
    assert chosen(line(report, "sales", "total"), *names) == (
        "177.50", "150.50", "27.00", "150.00", "100.00", "50.00", "18.3"
    )  # fmt: skip


def test_other_currencies_stand_apart():
    report = increase(world(), [], MAY, codes_only())
    assert [dict(row) for row in table(report, "currencies").rows] == [
        {"currency": "USD", "purchases": "1", "sales": "8.00", "average_order": "8.00"}
    ]


def test_a_file_still_there_counts_and_not_its_certificate():
    known = customer("C20240110001", "2024-01-10 active")
    report = increase([known], [Removed("C20240110001", date(2024, 5, 5))], MAY, codes_only())
    assert chosen(line(report, "customers", "total"), *COUNTS) == ("1", "0", "0", "0", "1")


def test_the_closing_of_one_period_is_the_opening_of_the_next():
    dossiers, june = world(), days("2024-06-01", "2024-06-30")
    may_end = line(increase(dossiers, [], MAY, codes_only()), "customers", "total")["current"]
    assert line(increase(dossiers, [], june, codes_only()), "customers", "total")["opening"] == may_end
