"""How the customers of a period spread over the values of one field, with what they buy. Pure."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import partial

from crmcli.model.dossier import Dossier
from crmcli.reports.figures import money, shares
from crmcli.reports.period import Period
from crmcli.reports.regions import place_of
from crmcli.reports.standing import class_in, purchases, sales, status_in, tier_in
from crmcli.reports.values import Column, Table
from crmcli.reports.wording import Wording, number, row, text
from crmcli.text import label

Of = Callable[[Dossier], str | None]


def distributions(members: Sequence[Dossier], period: Period, wording: Wording) -> tuple[Table, ...]:
    """Tables by kind, industry, region, tier, stage, and by each scheme that anyone is classified in."""
    every: tuple[tuple[str, str, Of], ...] = (
        ("kind", label(en="By kind", zh="按客户种类"), lambda one: one.kind),
        ("industry", label(en="By industry", zh="按行业"), lambda one: one.industry),
        ("region", label(en="By region", zh="按地区"), lambda one: place_of(one.region, "province")),
        ("tier", label(en="By tier", zh="按等级"), lambda one: tier_in(one, period)),
        ("status", label(en="By stage", zh="按阶段"), lambda one: status_in(one, period)),
        *_schemes(members, period),
    )
    return tuple(_table(name, title, of, members, period, wording) for name, title, of in every)


def _schemes(members: Sequence[Dossier], period: Period) -> Iterator[tuple[str, str, Of]]:
    for scheme in sorted({name for one in members for name in one.classes}):
        title = label(en=f"By class: {scheme}", zh=f"按分类：{scheme}")
        yield f"class_{scheme}", title, partial(class_in, scheme=scheme, period=period)


def _table(name: str, title: str, of: Of, members: Sequence[Dossier], period: Period, wording: Wording) -> Table:
    groups: dict[str | None, list[Dossier]] = {}
    for one in members:
        groups.setdefault(of(one), []).append(one)
    values = _ordered(groups, list(wording.house.codes.get(name, ())))
    sums = {value: _sales(groups[value], period, wording.currency) for value in values}
    parts = zip(shares([len(groups[value]) for value in values]), shares(list(sums.values())), strict=True)
    rows = [
        _line(wording.code(name, value), groups[value], sums[value], both, period)
        for value, both in zip(values, parts, strict=True)
    ]
    whole = sum(sums.values(), Decimal())
    rows.append(_line(wording.total(), members, whole, (*shares([len(members)]), *shares([whole])), period))
    return Table(_columns(wording), tuple(rows), "value", title, f"by_{name}")


def _columns(wording: Wording) -> tuple[Column, ...]:
    return (
        text("value", en="Value", zh="类别"),
        number("customers", en="Customers", zh="客户数"),
        number("customer_share", en="Share (%)", zh="占客户总数(%)"),
        number("purchases", en="Purchases", zh="购买次数"),
        wording.sales("sales", en="Sales", zh="销售额"),
        number("sales_share", en="Share of sales (%)", zh="占销售总额(%)"),
    )


def _ordered(groups: dict[str | None, list[Dossier]], codes: Sequence[str]) -> list[str | None]:
    """Codes in the order of their list; other values by number of customers; those without a value last."""
    known = {code: place for place, code in enumerate(codes)}
    rest = Counter({value: len(members) for value, members in groups.items()})
    return sorted(
        groups, key=lambda value: (value is None, known.get(value or "", len(known)), -rest[value], value or "")
    )


def _line(name: str, members: Sequence[Dossier], sold: Decimal, both: Sequence[str], period: Period) -> dict[str, str]:
    count = sum(len(purchases(one, period)) for one in members)
    return row(
        value=name,
        customers=len(members),
        customer_share=both[0],
        purchases=count,
        sales=money(sold),
        sales_share=both[1],
    )


def _sales(members: Sequence[Dossier], period: Period, currency: str) -> Decimal:
    return sum((sales(one, period, currency) for one in members), Decimal())
