"""Amounts, quantities, whole numbers and currencies."""

from datetime import date
from decimal import Decimal

import pytest
from babel.core import get_global
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.errors import ValueProblem
from crmcli.model.amounts import (
    CURRENCIES,
    parse_amount,
    parse_currency,
    parse_integer,
    parse_quantity,
    print_amount,
)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("199.00", "199.00"),
        ("1,234.50", "1234.50"),
        ("12,345,678", "12345678"),
        ("１，２３４．５０", "1234.50"),
        ("+5", "5"),
        ("-20.5", "-20.5"),
        ("\u22127", "-7"),
        ("007", "7"),
        ("-0.00", "0.00"),
        ("-0", "0"),
        ("999999999999999.999999", "999999999999999.999999"),
    ],
)
def test_amounts_keep_their_fraction_digits(text: str, canonical: str) -> None:
    assert print_amount(parse_amount(text, None)) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "1e400",
        "1E5",
        "NaN",
        "inf",
        "¥199",
        "199元",
        "1,23",
        "1,2345",
        ",123",
        "1.",
        ".5",
        "1.2.3",
        "--1",
        "1 000",
        "٣",
        "1" * 16,
        "0.1234567",
        "0x10",
        "1_000",
    ],
)
def test_other_amounts_are_refused(text: str) -> None:
    with pytest.raises(ValueProblem) as refused:
        parse_amount(text, None)
    assert refused.value.expected


@settings(deadline=None)
@given(st.decimals(min_value=-(10**15) + 1, max_value=10**15 - 1, places=6))
def test_every_amount_survives_printing_exactly(amount: Decimal) -> None:
    read = parse_amount(print_amount(amount), None)
    assert (read, print_amount(read)) == (amount, print_amount(amount))
    assert not print_amount(amount).startswith("-0.000000")


def test_zero_has_no_sign() -> None:
    assert not parse_amount("-0.0", None).is_signed()
    assert print_amount(Decimal("-0.0")) == "0.0"


def test_a_quantity_is_above_zero() -> None:
    assert parse_quantity("0.5", None) == Decimal("0.5")
    for bad in ("0", "-1", "0.00"):
        with pytest.raises(ValueProblem, match="not a quantity"):
            parse_quantity(bad, None)


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("120", 120), ("1,200", 1200), ("０４", 4), ("+3", 3)])
def test_whole_numbers(text: str, number: int) -> None:
    assert parse_integer(text, None) == number


@pytest.mark.parametrize("text", ["-1", "1.0", "1e3", "x", "1" * 16, "1,2", "²"])
def test_other_whole_numbers_are_refused(text: str) -> None:
    with pytest.raises(ValueProblem, match="not a whole number"):
        parse_integer(text, None)


@pytest.mark.parametrize(
    ("text", "code"),
    [("CNY", "CNY"), ("usd", "USD"), ("ＥＵＲ", "EUR"), ("rmb", "CNY"), ("人民币", "CNY"), ("元", "CNY")],
)
def test_currencies(text: str, code: str) -> None:
    assert parse_currency(text, None) == code


@pytest.mark.parametrize("text", ["XYZ", "CN", "DEM", "XAU", "¥", "dollar"])
def test_currencies_nobody_pays_with_are_refused(text: str) -> None:
    with pytest.raises(ValueProblem, match="not a currency in use"):
        parse_currency(text, None)


def test_an_unknown_currency_names_the_nearest() -> None:
    with pytest.raises(ValueProblem) as refused:
        parse_currency("CNX", None)
    assert "CNY" in str(refused.value.hint)


def test_every_currency_in_use_somewhere_is_known() -> None:
    """CLDR's dates of use; what ended lately may be on either side."""
    used = {
        code: end
        for spans in get_global("territory_currencies").values()
        for code, _start, end, tender in spans
        if tender and (end is None or date(*end) > date(2025, 1, 1))
    }
    assert {code for code, end in used.items() if end is None} - CURRENCIES == set()
    # SVC and VED are in ISO 4217 but not in daily use.
    assert CURRENCIES - set(used) <= {"SVC", "VED"}
