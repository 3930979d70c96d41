"""What a customer was on a day and did in a period, read from the dossier's dates. Pure.

An entry of the purchase list with an amount of zero or more is a purchase, one below zero a return. Sales are purchases
less returns, in one currency.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TypeVar

from crmcli.model.dossier import Dossier
from crmcli.model.entries import ClassMove, StatusMove, TierMove, Transaction
from crmcli.model.identity import parse_number
from crmcli.reports.period import Period

WITH_US = ("lead", "active")
Move = TypeVar("Move", StatusMove, TierMove, ClassMove)


def entered(dossier: Dossier) -> date:
    """The day of the customer's number."""
    return day_of(dossier.id)


@cache
def day_of(number: str) -> date:
    """The day that a customer number was given."""
    return parse_number(number)[0]


def name_of(dossier: Dossier) -> str:
    """The person's or the company's name; empty where the file has none."""
    return dossier.name or dossier.company or ""


def status_on(dossier: Dossier, day: date) -> str:
    """The status at the end of a day: a lead before the first move, as it stands where no move is known."""
    if not dossier.status_history:
        return dossier.status
    found = last_move(dossier.status_history, day)
    return found.status if found else "lead"


def tier_on(dossier: Dossier, day: date) -> str | None:
    """The tier at the end of a day: none before the first move, as it stands where no move is known."""
    if not dossier.tier_history:
        return dossier.tier
    found = last_move(dossier.tier_history, day)
    return found.tier if found else None


def last_move(moves: Sequence[Move], day: date) -> Move | None:
    """The latest move up to a day; of several on one day the one written last."""
    known = [move for move in moves if move.date <= day]
    return max(reversed(known), key=lambda move: move.date, default=None)


def status_in(dossier: Dossier, period: Period) -> str:
    """The status at the period's end; as it stands now for a customer who was only entered later."""
    return status_on(dossier, period.last) if entered(dossier) <= period.last else dossier.status


def tier_in(dossier: Dossier, period: Period) -> str | None:
    """The tier at the period's end; as it stands now for a customer who was only entered later."""
    return tier_on(dossier, period.last) if entered(dossier) <= period.last else dossier.tier


def class_in(dossier: Dossier, scheme: str, period: Period) -> str | None:
    """The class in a scheme other than the tiers, by the same rule as the tier."""
    moves = [move for move in dossier.class_history if move.scheme == scheme]
    if not moves or entered(dossier) > period.last:
        return dossier.classes.get(scheme)
    found = last_move(moves, period.last)
    return found.to if found else None


def with_us(dossier: Dossier, day: date) -> bool:
    """Whether the customer was entered by that day and neither ended, churned nor archived at its end."""
    return entered(dossier) <= day and status_on(dossier, day) in WITH_US


def belongs(dossier: Dossier, period: Period) -> bool:
    """Whether the customer counts: with us when the period began, so since, entered in it, or bought or returned in it."""
    if any(sale.date in period for sale in dossier.transactions):
        return True
    moved = any(move.date in period and move.status in WITH_US for move in dossier.status_history)
    return with_us(dossier, period.eve) or entered(dossier) in period or (entered(dossier) <= period.last and moved)


def purchases(dossier: Dossier, period: Period) -> list[Transaction]:
    """The purchases of a period in every currency; returns are none."""
    return [sale for sale in dossier.transactions if sale.date in period and sale.amount >= 0]


def sales(dossier: Dossier, period: Period, currency: str) -> Decimal:
    """Purchases less returns of a period in one currency."""
    own = (sale.amount for sale in dossier.transactions if sale.date in period and sale.currency == currency)
    return sum(own, Decimal())
