"""The customers that a period's end turns the eye to: those who spent most, and buyers who have gone quiet. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crmcli.model.dossier import Dossier
from crmcli.reports.figures import money
from crmcli.reports.period import Period
from crmcli.reports.standing import WITH_US, name_of, purchases, sales, status_in, tier_in
from crmcli.reports.values import Table
from crmcli.reports.wording import Wording, number, row, text


@dataclass(frozen=True, slots=True)
class Watched:
    """A customer who is still one at the period's end, with what they bought up to then (`sold`: in the period)."""

    dossier: Dossier
    status: str
    tier: str | None
    spend: Decimal
    sold: Decimal
    purchases: int
    last: date
    quiet: int


def most_valuable(dossiers: Sequence[Dossier], period: Period, currency: str) -> list[Watched]:
    """Everyone who has spent more than nothing, those who spent most first; equals by number."""
    found = [one for one in _buyers(dossiers, period, currency) if one.spend > 0]
    return sorted(found, key=lambda one: (-one.spend, one.dossier.id))


def at_risk(dossiers: Sequence[Dossier], period: Period, currency: str, days: int) -> list[Watched]:
    """Buyers without a purchase for `days` days or more at the period's end; those who spent most first."""
    found = [one for one in _buyers(dossiers, period, currency) if one.quiet >= days]
    return sorted(found, key=lambda one: (-one.spend, one.dossier.id))


def listed(found: Sequence[Watched], top: int, title: str, name: str, wording: Wording) -> Table:
    """The first `top` of them (all for 0) as a table."""
    columns = (
        text("number", en="Number", zh="客户编号"),
        text("name", en="Name", zh="客户名称"),
        text("status", en="Status", zh="状态"),
        text("tier", en="Tier", zh="等级"),
        wording.sales("spend", en="Spend up to the end", zh="累计消费"),
        number("sales", en="in the period", zh="其中本期"),
        number("purchases", en="Purchases", zh="购买次数"),
        text("last_purchase", en="Last purchase", zh="最近购买"),
        number("days", en="Days since", zh="距今天数"),
    )
    return Table(columns, tuple(_line(one, wording) for one in found[: top or None]), "number", title, name)


def _buyers(dossiers: Sequence[Dossier], period: Period, currency: str) -> list[Watched]:
    """Customers with a purchase up to the period's end who are leads or active there."""
    ever = Period(period.first.min, period.last)
    made = []
    for one in dossiers:
        bought, status = purchases(one, ever), status_in(one, period)
        if bought and status in WITH_US:
            last = max(sale.date for sale in bought)
            spent, sold = sales(one, ever, currency), sales(one, period, currency)
            quiet = (period.last - last).days
            made.append(Watched(one, status, tier_in(one, period), spent, sold, len(bought), last, quiet))
    return made


def _line(one: Watched, wording: Wording) -> dict[str, str]:
    return row(
        number=one.dossier.id,
        name=name_of(one.dossier),
        status=wording.code("status", one.status),
        tier=wording.code("tier", one.tier) if one.tier else "",
        spend=money(one.spend),
        sales=money(one.sold),
        purchases=one.purchases,
        last_purchase=one.last.isoformat(),
        days=one.quiet,
    )
