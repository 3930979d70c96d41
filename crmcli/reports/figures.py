"""Amounts, averages and percentages as a report prints them. Exact decimals; never a float.

Percentages have one decimal. Shares of one whole always add up to 100.0 (largest remainder method, Hamilton 1792).
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

Number = int | Decimal
CENT, TENTH = Decimal("0.01"), Decimal("0.1")


def shares(parts: Sequence[Number]) -> tuple[str, ...]:
    """The percentage of each part in their sum; empty texts where the sum is not above zero."""
    whole = Fraction(sum(parts, Decimal()))
    if whole <= 0:
        return ("",) * len(parts)
    exact = [Fraction(part) * 1000 / whole for part in parts]
    floors = [tenths.numerator // tenths.denominator for tenths in exact]
    order = sorted(range(len(parts)), key=lambda place: floors[place] - exact[place])
    raised = set(order[: 1000 - sum(floors)])
    return tuple(str(Decimal(floor + (place in raised)).scaleb(-1)) for place, floor in enumerate(floors))


def percent(part: Number, whole: Number) -> str:
    """`part` of `whole` in percent, half rounded up; empty where there is no whole above zero."""
    return str(_divided(Decimal(part) * 100, Decimal(whole), TENTH)) if whole > 0 else ""


def change(now: Decimal, before: Decimal) -> str:
    """By how many percent a figure has grown; empty where there was nothing above zero before."""
    return percent(now - before, before)


def money(amount: Decimal) -> str:
    """An amount with two decimals, more only where the file has more."""
    exponent = amount.as_tuple().exponent
    shown = amount.quantize(CENT) if isinstance(exponent, int) and exponent > -2 else amount
    return format(shown if shown else shown.copy_abs(), "f")


def average(total: Decimal, count: int) -> str:
    """An amount for each, half a cent rounded up; empty for none."""
    return format(_divided(total, Decimal(count), CENT), "f") if count else ""


def _divided(part: Decimal, whole: Decimal, step: Decimal) -> Decimal:
    found = (part / whole).quantize(step, rounding=ROUND_HALF_UP)
    return found if found else found.copy_abs()
