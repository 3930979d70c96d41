"""Sales in currencies other than the vault's: listed apart in every report that counts sales, never added up."""

from collections.abc import Sequence
from decimal import Decimal

from crmcli.model.dossier import Dossier
from crmcli.reports.figures import average, money
from crmcli.reports.period import Period
from crmcli.reports.standing import purchases, sales
from crmcli.reports.values import Table
from crmcli.reports.wording import Wording, number, row, text
from crmcli.text import label


def other_currencies(dossiers: Sequence[Dossier], period: Period, wording: Wording) -> Table:
    """A line a currency: purchases, sales, average order value in the period."""
    found = {sale.currency for one in dossiers for sale in one.transactions if sale.date in period}
    columns = (
        text("currency", en="Currency", zh="币种"),
        number("purchases", en="Purchases", zh="购买次数"),
        number("sales", en="Sales", zh="销售额"),
        number("average_order", en="Average order value", zh="客单价"),
    )
    rows = tuple(_line(dossiers, period, code) for code in sorted(found - {wording.currency}))
    return Table(columns, rows, "currency", label(en="Other currencies", zh="其他币种"), "currencies")


def note(currency: str) -> str:
    """What counts as sales, in words."""
    return label(
        en=f"Sales are purchases less returns (entries with an amount below zero), by their date, in {currency} only; "
        "other currencies are listed apart and never added up.",
        zh=f"销售额为购买额减退货额（金额为负的交易记录），按交易日期归期，只统计 {currency}；其他币种单独列出，"
        "不折算、不相加。",
    )


def _line(dossiers: Sequence[Dossier], period: Period, currency: str) -> dict[str, str]:
    total = sum((sales(one, period, currency) for one in dossiers), Decimal())
    count = sum(sale.currency == currency for one in dossiers for sale in purchases(one, period))
    return row(currency=currency, purchases=count, sales=money(total), average_order=average(total, count))
