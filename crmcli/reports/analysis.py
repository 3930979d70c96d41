"""Customer analysis report 客户信息分析报告 (R56): key rates, distributions, who is worth most, who may be lost. Pure.

Every rate stands beside the two numbers it is made of; the notes say in words how it comes about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from crmcli.model.dossier import Dossier
from crmcli.reports.analysis_notes import notes
from crmcli.reports.currencies import other_currencies
from crmcli.reports.distribution import distributions
from crmcli.reports.figures import average, money, percent
from crmcli.reports.period import Period
from crmcli.reports.standing import WITH_US, belongs, entered, purchases, sales, status_on, with_us
from crmcli.reports.values import Report, Table
from crmcli.reports.watched import at_risk, listed, most_valuable
from crmcli.reports.wording import Wording, number, row, text
from crmcli.text import label


@dataclass(frozen=True, slots=True)
class Rate:
    """`part` of `whole`."""

    part: int
    whole: int

    @property
    def percent(self) -> str:
        """In percent with one decimal; empty where there is no whole."""
        return percent(self.part, self.whole)


def title() -> str:
    """The report's title."""
    return label(en="Customer analysis", zh="客户信息分析报告")


def analysis(
    dossiers: Sequence[Dossier], period: Period, wording: Wording, *, days: int = 180, top: int = 10
) -> Report:
    """The report for a period.

    days  without a purchase for so long a customer is at risk
    top   so many high-value and at-risk customers are listed; 0 for all
    """
    members = [one for one in dossiers if belongs(one, period)]
    valuable = most_valuable(dossiers, period, wording.currency)
    risky = at_risk(dossiers, period, wording.currency, days)
    tables = (
        _figures(dossiers, members, period, wording, len(risky)),
        other_currencies(members, period, wording),
        *distributions(members, period, wording),
        listed(valuable, top, label(en="High-value customers", zh="高价值客户"), "high_value", wording),
        listed(risky, top, label(en="Customers at risk", zh="流失预警客户"), "at_risk", wording),
    )
    return Report("analysis", title(), tables, notes(wording.currency, days, top), period.iso)


def conversion(dossiers: Sequence[Dossier], period: Period) -> Rate:
    """Of the leads without a purchase at the start and those entered in the period, who bought or became active."""
    before = Period(period.first.min, period.eve)
    base = [
        one
        for one in dossiers
        if entered(one) in period
        or (with_us(one, period.eve) and status_on(one, period.eve) == "lead" and not purchases(one, before))
    ]
    return Rate(sum(_converted(one, period) for one in base), len(base))


def _converted(dossier: Dossier, period: Period) -> bool:
    bought = bool(purchases(dossier, Period(period.first.min, period.last)))
    moved = any(move.status == "active" and move.date <= period.last for move in dossier.status_history)
    return bought or moved or status_on(dossier, period.last) == "active"


def repurchase(dossiers: Sequence[Dossier], period: Period) -> Rate:
    """Of the customers who bought in the period, who did so twice or more."""
    counts = [len(purchases(one, period)) for one in dossiers]
    return Rate(sum(count >= 2 for count in counts), sum(count >= 1 for count in counts))


def churn(dossiers: Sequence[Dossier], period: Period) -> Rate:
    """Of the customers active at the start, who was ended, churned or archived at the end."""
    active = [one for one in dossiers if entered(one) <= period.eve and status_on(one, period.eve) == "active"]
    return Rate(sum(status_on(one, period.last) not in WITH_US for one in active), len(active))


def orders(dossiers: Sequence[Dossier], period: Period, currency: str) -> tuple[Decimal, int]:
    """Sales and number of purchases of the period in one currency: their quotient is the average order value."""
    count = sum(sale.currency == currency for one in dossiers for sale in purchases(one, period))
    return sum((sales(one, period, currency) for one in dossiers), Decimal()), count


def _figures(
    dossiers: Sequence[Dossier], members: Sequence[Dossier], period: Period, wording: Wording, risky: int
) -> Table:
    sold, count = orders(dossiers, period, wording.currency)
    bought = repurchase(dossiers, period)
    on_file = sum(entered(one) <= period.last for one in dossiers)
    new = sum(entered(one) in period for one in dossiers)
    own, unit = wording.own, wording.currency
    rows = (
        _figure(own("on_file", en="Customers on file at the end", zh="期末在档客户数"), str(on_file)),
        _figure(own("customers", en="Customers of the period", zh="本期客户数"), str(len(members))),
        _figure(own("entered", en="Entered in the period", zh="本期新建档客户数"), str(new)),
        _figure(own("buyers", en="Customers who bought", zh="本期购买客户数"), str(bought.whole)),
        _figure(
            own("purchases", en="Purchases", zh="购买次数"), str(sum(len(purchases(one, period)) for one in members))
        ),
        _figure(own("own_purchases", en=f"Purchases in {unit}", zh=f"{unit} 购买次数"), str(count)),
        _figure(own("sales", en="Sales", zh="销售额"), money(sold), unit),
        _figure(own("average_order", en="Average order value", zh="客单价"), average(sold, count), unit),
        _rate(own("conversion", en="Conversion", zh="转化率"), conversion(dossiers, period)),
        _rate(own("repurchase", en="Repurchase", zh="复购率"), bought),
        _rate(own("churn", en="Churn", zh="流失率"), churn(dossiers, period)),
        _figure(own("at_risk", en="Customers at risk at the end", zh="期末流失预警客户数"), str(risky)),
    )
    columns = (
        text("figure", en="Figure", zh="指标"),
        number("value", en="Value", zh="数值"),
        text("unit", en="Unit", zh="单位"),
        number("part", en="Customers", zh="客户数"),
        number("whole", en="of", zh="占"),
    )
    return Table(columns, rows, "figure", label(en="Key figures", zh="主要指标"), "figures")


def _figure(name: str, value: str, unit: str = "") -> dict[str, str]:
    return row(figure=name, value=value, unit=unit)


def _rate(name: str, rate: Rate) -> dict[str, str]:
    return row(figure=name, value=rate.percent, unit="%", part=rate.part, whole=rate.whole)
