"""Customers and sales by region, counted by hand; shares make up the whole."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_world import chosen, codes_only, customer, days, in_words, line, table

from crmcli.reports.regions import place_of, regions

YEAR = days("2024-01-01", "2024-12-31")
PLACES = ["北京市/朝阳区", "北京市/海淀区", "广东省/深圳市/南山区", "广东省/广州市/天河区", "广东省", None]


def world():
    gold, silver = ("2024-02-01 gold",), ("2023-02-01 gold", "2024-12-31 silver")
    return [
        customer("C20230110001", region="北京市/朝阳区", tiers=gold, sales=("2024-05-01 300", "2023-05-01 9999")),
        customer("C20230110002", region="北京市/海淀区", tiers=silver, sales=("2024-12-31 100",)),
        customer("C20230110003", region="广东省/深圳市/南山区", sales=("2024-01-01 50", "2024-02-01 -50")),
        customer("C20230110004", "2023-01-10 active", "2023-06-01 ended", region="广东省/广州市/天河区"),
        customer("C20230110005", "2023-01-10 active", "2023-06-01 archived", sales=("2024-03-01 100",)),
        customer("C20250110001", region="广东省"),
    ]


def test_by_province():
    report = regions(world(), YEAR, codes_only())
    names = ("customers", "customer_share", "sales", "sales_share", "tier_gold", "tier_silver", "tier_none")
    rows = {row["region"]: chosen(dict(row), *names) for row in table(report, "regions").rows}
    assert rows == {
        "北京市": ("2", "50.0", "400.00", "80.0", "75.0", "25.0", "0.0"),
        "广东省": ("1", "25.0", "0.00", "0.0", "", "", ""),
        "none": ("1", "25.0", "100.00", "20.0", "0.0", "0.0", "100.0"),
        "total": ("4", "100.0", "500.00", "100.0", "60.0", "20.0", "20.0"),
    }
    assert list(rows)[-2:] == ["none", "total"]


@pytest.mark.parametrize(
    ("region", "province", "city", "district"),
    [
        ("北京市/朝阳区", "北京市", "北京市", "北京市/朝阳区"),
        ("广东省/深圳市/南山区", "广东省", "广东省/深圳市", "广东省/深圳市/南山区"),
        ("广东省/深圳市", "广东省", "广东省/深圳市", "广东省/深圳市"),
        ("湖北省/仙桃市", "湖北省", "湖北省/仙桃市", "湖北省/仙桃市"),
        ("香港特别行政区", "香港特别行政区", "香港特别行政区", "香港特别行政区"),
        (None, None, None, None),
    ],
)
def test_depth(region, province, city, district):
    assert [place_of(region, depth) for depth in ("province", "city", "district")] == [province, city, district]


def test_archived_customers_count_where_they_buy():
    assert line(regions(world(), YEAR, codes_only()), "regions", "none")["customers"] == "1"


def test_who_came_back_counts_even_without_buying():
    back = customer("C20230110001", "2023-01-10 active", "2023-06-01 ended", "2024-03-01 active", region="广东省")
    gone = customer("C20230110002", "2023-01-10 active", "2023-06-01 ended", "2024-03-01 archived", region="广东省")
    assert line(regions([back, gone], YEAR, codes_only()), "regions", "广东省")["customers"] == "1"


def test_people_read_labels():
    shown = table(regions(world(), YEAR, in_words()), "regions")
    assert [shown.rows[-2]["region"], shown.rows[-1]["region"]] == ["Not stated", "Total"]
    assert [column.label for column in shown.columns][-3:] == ["Gold (%)", "Diamond (%)", "No tier (%)"]


SALES = st.lists(st.integers(-500, 5000), max_size=3)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), SALES), min_size=1, max_size=12))
def test_shares_of_any_world_make_up_the_whole(people):
    dossiers = [
        customer(
            f"C20240110{at + 1:03d}",
            tiers=(f"2024-01-11 {('gold', 'silver', 'new')[at % 3]}",) if at % 4 else (),
            sales=tuple(f"2024-02-02 {Decimal(cents) / 100}" for cents in sold),
            **({"region": place} if place else {}),
        )
        for at, (place, sold) in enumerate(people)
    ]
    *rows, total = table(regions(dossiers, YEAR, codes_only()), "regions").rows
    assert sum(int(row["customers"]) for row in rows) == int(total["customers"]) == len(people)
    assert sum(Decimal(row["sales"]) for row in rows) == Decimal(total["sales"])
    assert sum(Decimal(row["customer_share"]) for row in rows) == 100
    sold = [Decimal(row["sales_share"]) for row in rows if "sales_share" in row]
    assert sum(sold) == (100 if Decimal(total["sales"]) > 0 else 0)
    for row in (*rows, total):
        by_tier = [Decimal(share) for name, share in row.items() if name.startswith("tier_")]
        assert sum(by_tier) == (100 if Decimal(row["sales"]) > 0 else 0)
