"""Numbers people count with: decimal amounts, quantities, whole numbers, and the currency of an amount.

Amounts are exact decimals that keep the fraction digits as given. Never a float, never an exponent.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from crmcli.errors import ValueProblem
from crmcli.model.spelling import compact, did_you_mean, nearest, quoted
from crmcli.text import _

AMOUNT = r"^-?[0-9]{1,15}([.][0-9]{1,6})?$"
PERCENT = r"^-?(100(\.0{1,6})?|[0-9]{1,2}(\.[0-9]{1,6})?)$"
QUANTITY = r"^[0-9]{1,15}([.][0-9]{1,6})?$"
INTEGER = r"^[0-9]{1,15}$"
CURRENCY = r"^[A-Z]{3}$"

_WHOLE = r"(?P<whole>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)"
_AMOUNT = re.compile(rf"(?P<sign>[+-]?){_WHOLE}(?:[.](?P<fraction>[0-9]+))?")
_INTEGER = re.compile(rf"[+]?{_WHOLE}")

# ISO 4217 list one, the codes of money people pay with; without funds, metals and test codes.
# BGN ended with 2025; what was paid in it before stands.
_IN_USE = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY
COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK
MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF
SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU
UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = frozenset(_IN_USE.split())
_SAID = {"RMB": "CNY", "人民币": "CNY", "元": "CNY"}


def parse_amount(text: str, context: Any) -> Decimal:
    """A decimal of at most 15 whole and 6 fraction digits: `199.00`, `1,234.5`, `-20`."""
    typed = compact(text)
    found = _AMOUNT.fullmatch(typed)
    if not found:
        raise _not_amount(text)
    whole, fraction = found["whole"].replace(",", "").lstrip("0") or "0", found["fraction"] or ""
    if len(whole) > 15 or len(fraction) > 6:
        raise ValueProblem(
            _("{value} has too many digits.").format(value=quoted(text)),
            expected=_("at most 15 digits before the point and 6 after it"),
        )
    amount = Decimal(f"{whole}.{fraction}" if fraction else whole)
    return amount.copy_negate() if found["sign"] == "-" and amount else amount


def parse_quantity(text: str, context: Any) -> Decimal:
    """An amount above zero."""
    return _number(text, _("{value} is not a quantity."), _("a number above zero"), lambda quantity: quantity > 0)


def parse_percent(text: str, context: Any) -> Decimal:
    """An amount from -100 to 100; losses are negative."""
    typed = text.strip().removesuffix("%").removesuffix("％")
    return _number(typed, _("{value} is not a percentage."), _("a number from -100 to 100"), lambda it: abs(it) <= 100)


def _number(text: str, said: str, expected: str, fits: Callable[[Decimal], bool]) -> Decimal:
    """A decimal that is no amount of money: what is wrong is told without a word on currencies."""
    if not _AMOUNT.fullmatch(compact(text)) or not fits(number := parse_amount(text, None)):
        raise ValueProblem(said.format(value=quoted(text)), expected=expected)
    return number


def print_amount(amount: Decimal) -> str:
    """Plain digits with the fraction digits as given; ValueProblem for what `parse_amount` would not read."""
    # Guards against spelling out a huge exponent.
    if not amount.is_finite() or not -30 <= amount.adjusted() <= 30:
        raise _not_amount(str(amount))
    return format(amount if amount else amount.copy_abs(), "f")


def parse_integer(text: str, context: Any) -> int:
    """A whole number from zero up, of at most 15 digits."""
    found = _INTEGER.fullmatch(compact(text))
    digits = found["whole"].replace(",", "").lstrip("0") or "0" if found else ""
    if not digits or len(digits) > 15:
        raise ValueProblem(
            _("{value} is not a whole number.").format(value=quoted(text)),
            expected=_("at most 15 digits, no fraction, not below zero"),
        )
    return int(digits)


def parse_currency(text: str, context: Any) -> str:
    """An ISO 4217 code of a currency in use."""
    typed = compact(text).upper()
    code = _SAID.get(typed, typed)
    if code not in CURRENCIES:
        raise ValueProblem(
            _("{value} is not a currency in use.").format(value=quoted(text)),
            expected=_("three letters of ISO 4217, for example CNY"),
            hint=did_you_mean(nearest(typed, sorted(CURRENCIES))),
        )
    return code


def _not_amount(text: str) -> ValueProblem:
    return ValueProblem(
        _("{value} is not an amount.").format(value=quoted(text)),
        expected=_("digits with a decimal point, for example 1234.50"),
        hint=_("Leave out currency signs and exponents; the currency is a field of its own."),
    )
