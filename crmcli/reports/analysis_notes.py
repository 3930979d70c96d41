"""What the figures of the customer analysis mean, in words."""

from crmcli.reports.currencies import note
from crmcli.reports.regions import members_note
from crmcli.text import label


def notes(currency: str, days: int, top: int) -> tuple[str, ...]:
    """The notes in the language in force."""
    return (_purchases(), note(currency), _order_value(currency), *_rates(), members_note(), *_lists(days, top))


def _purchases() -> str:
    return label(
        en="A purchase is an entry of the purchase list with an amount of zero or more: gifts and samples at zero "
        "count. An entry below zero is a return: it lowers sales and is no purchase. Purchases count in every "
        "currency.",
        zh="购买一次指交易记录中金额不小于零的一条，金额为零的（赠品、样品）也计一次；金额为负的是退货，冲减销售额，"
        "不计次数。购买次数不分币种。",
    )


def _order_value(currency: str) -> str:
    return label(
        en=f"Average order value = sales / purchases, both of the period and in {currency}; purchases at zero lower "
        "it.",
        zh=f"客单价 = 本期销售额 / 本期购买次数，均只计 {currency}；金额为零的购买也计入次数。",
    )


def _rates() -> tuple[str, ...]:
    return (
        label(
            en="Conversion: of the customers who were leads without any purchase when the period began, or were "
            "entered in it, those who by its end have bought or become active.",
            zh="转化率 = 期初为潜在且从未购买的客户与本期新建档客户中，至期末已购买或已转为活跃的客户数 / "
            "这些客户总数。",
        ),
        label(
            en="Repurchase: of the customers who bought in the period, in any currency, those with two purchases or "
            "more in it.",
            zh="复购率 = 本期购买两次及以上的客户数 / 本期购买过的客户数（不分币种）。",
        ),
        label(
            en="Churn: of the customers who were active when the period began, those who at its end are ended, "
            "churned or archived.",
            zh="流失率 = 期初活跃的客户中期末已终止、流失或归档的客户数 / 期初活跃的客户数。",
        ),
    )


def _lists(days: int, top: int) -> tuple[str, ...]:
    shown = label(en=f"the first {top}", zh=f"前 {top} 名") if top else label(en="all", zh="全部")
    return (
        label(
            en="Shares are rounded by largest remainder, so that each whole is 100.0. Tier and stage are those at "
            "the end of the period (of customers entered later: the present ones).",
            zh="占比按最大余数法取整，合计恰为 100.0。等级和阶段以期末为准（事后建档的客户按当前值）。",
        ),
        label(
            en="High-value customers: leads and active customers with the highest spend up to the end of the period; "
            f"{shown}.",
            zh=f"高价值客户：期末为潜在或活跃的客户中，截至期末累计消费最高的，列{shown}。",
        ),
        label(
            en=f"At risk: leads and active customers who have bought before, and nothing for {days} days or more when "
            f"the period ends; {shown}, by spend.",
            zh=f"流失预警客户：期末为潜在或活跃、曾购买过但截至期末已连续 {days} 天及以上未购买的客户，"
            f"按累计消费列{shown}。",
        ),
    )
