"""What can be counted from a dossier: orders, spend, first and last dates. Pure; amounts of other currencies stay apart.

`share_above` compares a customer with all others, so it is there only where all of them are at hand.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from crmcli.model.catalog import CatalogField
from crmcli.model.dossier import Dossier
from crmcli.model.fields import Level
from crmcli.model.profile import Score


def _metric(name: str, kind: str, zh: str, en: str, example: str) -> CatalogField:
    return CatalogField(name, kind, Level.OPEN, zh, en, (), metric=True, assigned=True, example=example)  # type: ignore[arg-type]


METRICS: tuple[CatalogField, ...] = (
    _metric("orders", "integer", "购买次数", "Purchases", "2"),
    _metric("spend", "amount", "累计消费", "Total spend", "398.00"),
    _metric("average_order", "amount", "平均客单价", "Average order value", "199.00"),
    _metric("first_purchase", "date", "首次购买", "First purchase", "2024-01-02"),
    _metric("last_purchase", "date", "最近购买", "Last purchase", "2024-05-10"),
    _metric("last_contact", "date", "最近联系", "Last contact", "2024-05-10"),
    _metric("score_total", "integer", "评分合计", "Score", "75"),
    _metric("gaps", "integer", "缺项", "Gaps", "1"),
    _metric("share_above", "amount", "消费更多者的销售占比(%)", "Share of those who spent more (%)", "79.50"),
)
POPULATION = frozenset({"share_above"})  # what follows from all customers together
_SALE = ("sale.date", "sale.amount", "sale.currency")
SOURCES: Mapping[str, tuple[str, ...]] = {  # the fields each is counted from
    **dict.fromkeys(("orders", "spend", "average_order", "first_purchase", "last_purchase", "share_above"), _SALE),
    "last_contact": ("interaction.at",),
    "score_total": tuple(f"score.{name}" for name in Score.model_fields),
    "gaps": (),
}


def metrics_over(fields: Mapping[str, CatalogField]) -> tuple[CatalogField, ...]:
    """The metrics, each at the highest level among the fields it is counted from."""
    return tuple(replace(one, level=_level(SOURCES[one.name], fields)) for one in METRICS)


def _level(sources: Iterable[str], fields: Mapping[str, CatalogField]) -> Level:
    return max((fields[name].level for name in sources), key=lambda level: level.rank, default=Level.OPEN)


def spend_by_currency(dossier: Dossier) -> dict[str, Decimal]:
    """The sum of all purchases in each currency."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for sale in dossier.transactions:
        sums[sale.currency] += sale.amount
    return dict(sums)


def measure(dossier: Dossier, currency: str) -> dict[str, str]:
    """The metrics as canonical strings; spend counts the vault's currency alone. A purchase is a
    transaction of zero or more; one below zero is a return, which lowers the spend. `gaps` is left to the rules."""
    purchases = [sale for sale in dossier.transactions if sale.amount >= 0]
    days = sorted(sale.date.isoformat() for sale in purchases)
    spend = sum((sale.amount for sale in dossier.transactions if sale.currency == currency), Decimal())
    own = sum(1 for sale in purchases if sale.currency == currency)
    contacts = [entry.at.date().isoformat() for entry in dossier.interactions]
    found = {"orders": str(len(days)), "spend": format(spend, "f")}
    if own:
        found["average_order"] = format((spend / own).quantize(Decimal("0.01")), "f")
    if days:
        found |= {"first_purchase": days[0], "last_purchase": days[-1]}
    if contacts:
        found["last_contact"] = max(contacts)
    if dossier.score is not None:
        found["score_total"] = str(sum(getattr(dossier.score, name) or 0 for name in type(dossier.score).model_fields))
    return found


def shares_above(spends: Iterable[Decimal]) -> dict[Decimal, str]:
    """For each spend the percent of all sales that customers who spent more have made: "0.00" for the greatest.

    All sales are the spends above zero; whoever spent nothing, or got more back, has all of them above: "100.00". Cut
    to two decimals, never rounded up: 79.999 stays below 80.
    """
    counted = Counter(spends)
    total = sum((spend * count for spend, count in counted.items() if spend > 0), Decimal())
    shares, above = dict[Decimal, str](), Decimal()
    for spend in sorted(counted, reverse=True):
        hundredths = above * 10_000 // total if spend > 0 else Decimal(10_000)
        shares[spend] = format((hundredths / 100).quantize(Decimal("0.01")), "f")
        above += spend * counted[spend]
    return shares
