"""The CDNOW sample reported on: the published rates come out, and every total equals one that pandas works out alone."""

import os
import sys
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from conftest import isolated
from import_vault import NOW, opened

from crmcli.reports.values import Report
from crmcli.usecases.classify import classify
from crmcli.usecases.import_ import Wanted as Import
from crmcli.usecases.import_ import import_file
from crmcli.usecases.report import Wanted, make
from crmcli.usecases.workplace import Workplace, open_workplace

sys.path.insert(0, str(Path(__file__).parent.parent))
import cdnow

Made = Callable[..., Report]
WHOLE = (date(1997, 1, 1), date(1998, 6, 30))
Q2 = (date(1997, 4, 1), date(1997, 6, 30))
RULES = """\
schemes:
  tier:
    zh: 分级
    en: Tiers
    writes: tier
    classes:
      gold:
        query: "spend:>=500"
      silver:
        query: "spend:[100 TO 500}"
      new:
        query: "spend:<100"
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """The sample imported and classified, all on one day long after the purchases."""
    folder = tmp_path_factory.mktemp("cdnow")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in isolated(tmp_path_factory.mktemp("home")).items():
            patch.setenv(name, value)
        work = opened(folder / "vault", currency="USD")
        customers, purchases = cdnow.write(folder)
        import_file(work, customers, Import(key="external.shop", incomplete=True))
        import_file(work, purchases, Import("transactions", key="external.shop"))
        (work.root / "schemas/classification.yaml").write_text(RULES, encoding="utf-8")
        work = open_workplace(work.root, dict(os.environ), NOW, turned=True, exact=True)
        classify(work, apply=True)
        yield work


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """The sample as pandas reads it: customer, day, amount in cents."""
    frame = pd.read_csv(cdnow.SAMPLE, sep=r"\s+", header=None, dtype=str, names=["all", "who", "day", "cds", "amount"])
    frame["day"] = pd.to_datetime(frame["day"], format="%Y%m%d")
    frame["cents"] = (frame["amount"].astype(float) * 100).round().astype(int)
    spend = frame.groupby("all")["cents"].sum()
    tier = pd.cut(spend, [-1, 9_999, 49_999, 10**9], labels=["new", "silver", "gold"])
    return frame.assign(tier=frame["all"].map(tier.astype(str)))


@pytest.fixture(scope="module")
def report(shop: Workplace) -> Made:
    """`report("analysis", Q2)`: as programs get it, each made once."""

    @cache
    def made(name: str, period: tuple[date, date], **more: int) -> Report:
        value = make(shop, name, Wanted(first=period[0], last=period[1], people=False, **more)).value
        assert isinstance(value, Report)
        return value

    return made


def rows(made: Report, name: str) -> dict[str, dict[str, str]]:
    (found,) = [one for one in made.tables if one.name == name]
    first = found.columns[0].name
    return {row[first]: dict(row) for row in found.rows}


def within(table: pd.DataFrame, period: tuple[date, date]) -> pd.DataFrame:
    return table[table["day"].between(*map(pd.Timestamp, period))]


def dollars(cents: int) -> str:
    return format(Decimal(int(cents)) / 100, ".2f")


def test_published_rates(report: Made):
    figures = rows(report("analysis", WHOLE), "figures")
    repurchase = figures["repurchase"]
    assert (repurchase["value"], repurchase["part"], repurchase["whole"]) == ("48.9", "1152", "2357")
    assert (figures["sales"]["value"], figures["purchases"]["value"]) == ("244091.94", "6919")
    assert figures["average_order"]["value"] == "35.28"


@pytest.mark.parametrize("period", [WHOLE, Q2])
def test_key_figures_equal_those_of_pandas(report: Made, table: pd.DataFrame, period: tuple[date, date]):
    sold = within(table, period)
    counts = sold.groupby("all").size()
    figures = rows(report("analysis", period), "figures")
    assert figures["buyers"]["value"] == str(len(counts))
    assert figures["repurchase"]["part"] == str((counts >= 2).sum())
    assert figures["repurchase"]["value"] == format((counts >= 2).mean() * 100, ".1f")
    assert figures["sales"]["value"] == dollars(sold["cents"].sum())
    assert figures["average_order"]["value"] == format(sold["cents"].mean() / 100, ".2f")


@pytest.mark.parametrize("period", [WHOLE, Q2])
def test_totals_by_class_equal_those_of_pandas(report: Made, table: pd.DataFrame, period: tuple[date, date]):
    sold = within(table, period).groupby("tier")
    found = rows(report("analysis", period), "by_tier")
    assert set(found) == {*sold.groups, "total"}
    for tier, part in sold:
        row = found[tier]
        assert row["customers"] == str(part["all"].nunique())
        assert row["purchases"] == str(len(part))
        assert row["sales"] == dollars(part["cents"].sum())
        share = part["cents"].sum() / within(table, period)["cents"].sum() * 100
        assert abs(float(row["sales_share"]) - share) < 0.1
    (region,) = [row for name, row in rows(report("regions", period), "regions").items() if name == "none"]
    assert region["sales"] == dollars(within(table, period)["cents"].sum())
    for tier, _part in sold:
        assert region[f"tier_{tier}"] == found[tier]["sales_share"]


def test_the_quarter_before_equals_that_of_pandas(report: Made, table: pd.DataFrame):
    total = rows(report("increase", Q2), "sales")["total"]
    before = within(table, (date(1997, 1, 1), date(1997, 3, 31)))
    assert total["sales"] == dollars(within(table, Q2)["cents"].sum())
    assert total["sales_before"] == dollars(before["cents"].sum())
    change = within(table, Q2)["cents"].sum() / before["cents"].sum() * 100 - 100
    assert total["change"] == format(change, ".1f")


def test_those_at_risk_equal_those_of_pandas(report: Made, table: pd.DataFrame):
    last = table.groupby("all")["day"].max()
    quiet = (pd.Timestamp(WHOLE[1]) - last).dt.days >= 180
    made = report("analysis", WHOLE, days=180, top=0)
    assert rows(made, "figures")["at_risk"]["value"] == str(quiet.sum()) == str(len(rows(made, "at_risk")))


def test_everyone_was_entered_in_the_month_of_the_import(report: Made):
    total = rows(report("increase", (date(2026, 11, 1), date(2026, 11, 30))), "customers")["total"]
    assert (total["opening"], total["added"], total["removed"], total["current"]) == ("0", "2357", "0", "2357")
