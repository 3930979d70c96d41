"""The share of those who spent more, against its definition."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.model.metrics import METRICS, POPULATION, shares_above

amounts = st.decimals(-1000, 1_000_000, places=2)


@given(st.lists(amounts, min_size=1, max_size=50))
def test_the_share_is_what_customers_who_spent_more_made_of_all_sales(spends: list[Decimal]) -> None:
    total = sum((Fraction(spend) for spend in spends if spend > 0), Fraction())
    shares = shares_above(spends)
    for spend in spends:
        above = sum((Fraction(other) for other in spends if other > max(spend, 0)), Fraction())
        exact = above * 100 / total if total else Fraction(100)
        exact = exact if spend > 0 else Fraction(100)
        assert Fraction(shares[spend]) <= exact < Fraction(shares[spend]) + Fraction(1, 100)


@pytest.mark.parametrize(
    ("spends", "shares"),
    [
        (["60", "20", "20", "0"], ["0.00", "60.00", "60.00", "100.00"]),
        (["0", "0.00"], ["100.00", "100.00"]),
        (["50", "-50"], ["0.00", "100.00"]),
        (["3999.9999", "1000"], ["0.00", "79.99"]),
        (["7", "7.00"], ["0.00", "0.00"]),
    ],
)
def test_shares_at_the_edges(spends: list[str], shares: list[str]) -> None:
    found = shares_above(map(Decimal, spends))
    assert [found[Decimal(spend)] for spend in spends] == shares


def test_nobody_has_no_shares() -> None:
    assert shares_above([]) == {}


def test_what_compares_all_customers_is_a_metric() -> None:
    assert {field.name for field in METRICS} >= POPULATION
