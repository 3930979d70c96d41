"""Customers by region 客户区域分析表 (R55): how many, what they buy, and which class of customer buys it. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Literal

from crmcli.model.divisions import is_municipality
from crmcli.model.dossier import Dossier
from crmcli.model.regions import region_parts
from crmcli.reports.currencies import note, other_currencies
from crmcli.reports.figures import money, shares
from crmcli.reports.period import Period
from crmcli.reports.standing import belongs, sales, tier_in
from crmcli.reports.values import Column, Report, Table
from crmcli.reports.wording import Wording, number, row, text
from crmcli.text import label

Depth = Literal["province", "city", "district"]
DEPTHS: tuple[Depth, ...] = ("province", "city", "district")
Place = str | None


def title() -> str:
    """The report's title."""
    return label(en="Customers by region", zh="客户区域分析表")


def regions(dossiers: Sequence[Dossier], period: Period, wording: Wording, depth: Depth = "province") -> Report:
    """The report for a period, a line a province, city or district."""
    members = [one for one in dossiers if belongs(one, period)]
    tables = (_table(members, period, wording, depth), other_currencies(members, period, wording))
    return Report("regions", title(), tables, _notes(depth, wording.currency), period.iso)


def place_of(region: str | None, depth: Depth) -> Place:
    """The region cut to a depth; a municipality is its own city: 北京市/朝阳区 by city is 北京市."""
    if region is None:
        return None
    parts = region_parts(region)
    if depth == "district":
        return region
    return "/".join(parts[:1] if depth == "province" or is_municipality(parts) else parts[:2])


def _table(members: Sequence[Dossier], period: Period, wording: Wording, depth: Depth) -> Table:
    tiers = (*wording.house.codes.get("tier", ()), None)
    counts = Counter(place_of(one.region, depth) for one in members)
    sold: dict[Place, dict[str | None, Decimal]] = defaultdict(lambda: dict.fromkeys(tiers, Decimal()))
    for one in members:
        sold[place_of(one.region, depth)][tier_in(one, period)] += sales(one, period, wording.currency)
    places = sorted(counts, key=lambda place: (place is None, -counts[place], place or ""))
    sums = [sum(sold[place].values(), Decimal()) for place in places]
    parts = zip(shares([counts[place] for place in places]), shares(sums), strict=True)
    rows = [
        _line(wording.code("region", place), counts[place], sums[at], both, sold[place])
        for at, (place, both) in enumerate(zip(places, parts, strict=True))
    ]
    whole = sum(sums, Decimal())
    by_tier = {tier: sum((sold[place][tier] for place in places), Decimal()) for tier in tiers}
    rows.append(_line(wording.total(), len(members), whole, (*shares([len(members)]), *shares([whole])), by_tier))
    return Table(_columns(tiers, wording), tuple(rows), "region", _heading(depth), "regions")


def _line(
    name: str, count: int, sold: Decimal, both: Sequence[str], by_tier: Mapping[str | None, Decimal]
) -> dict[str, str]:
    cells = row(region=name, customers=count, customer_share=both[0], sales=money(sold), sales_share=both[1])
    parts = zip(by_tier, shares(list(by_tier.values())), strict=True)
    return cells | {_tier_column(tier): share for tier, share in parts if share}


def _tier_column(tier: str | None) -> str:
    return f"tier_{tier or 'none'}"


def _columns(tiers: Sequence[str | None], wording: Wording) -> tuple[Column, ...]:
    by_tier = [
        Column(_tier_column(tier), f"{replace(wording, people=True).code('tier', tier)} (%)", numeric=True)
        for tier in tiers
    ]
    return (
        text("region", en="Region", zh="地区"),
        number("customers", en="Customers", zh="客户数"),
        number("customer_share", en="Share (%)", zh="占客户总数(%)"),
        wording.sales("sales", en="Sales", zh="销售额"),
        number("sales_share", en="Share of sales (%)", zh="占销售总额(%)"),
        *by_tier,
    )


def _heading(depth: Depth) -> str:
    if depth == "province":
        return label(en="By province", zh="按省级")
    return label(en="By city", zh="按市级") if depth == "city" else label(en="By district", zh="按区县")


def members_note() -> str:
    """Whom a report counts, in words."""
    return label(
        en="Customers counted: those who were leads or active when the period began, became so or were entered in "
        "it, or have a purchase or return in it. Whoever had ended, churned or been archived before and bought "
        "nothing is not among them. Destroyed customers are no longer on file.",
        zh="统计范围：期初状态为潜在或活跃、本期内转为潜在或活跃、本期内建档、或本期内有交易的客户；"
        "期初前已终止、流失或归档且本期无交易的不计。已销毁的客户已不在档。",
    )


def _notes(depth: Depth, currency: str) -> tuple[str, ...]:
    return (
        members_note(),
        label(
            en="Region: the customer's region as on file, cut to the level of the report; a municipality (北京市, "
            "上海市, 天津市, 重庆市) is its own city.",
            zh="地区：按档案中的所在地区归到本表级别；直辖市本身即为市级。",
        ),
        label(
            en="Share = customers of the region / all customers. Share of sales = sales of the region / all sales.",
            zh="占客户总数 = 该地区客户数 / 客户总数；占销售总额 = 该地区销售额 / 销售总额。",
        ),
        label(
            en="Under each tier: the part of that region's sales that customers of the tier make. The tier is that "
            "at the end of the period (of customers entered later: the present one).",
            zh="各等级栏：该等级客户的销售额占该地区销售额的比例。等级以期末为准（事后建档的客户按当前等级）。",
        ),
        label(
            en="Percentages are rounded by largest remainder, so that each whole is 100.0; where sales are not above "
            "zero there are none.",
            zh="百分比按最大余数法取整，各项合计恰为 100.0；销售额不大于零时不计算比例。",
        ),
        note(currency),
    )
