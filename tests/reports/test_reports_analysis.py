"""Every rate and list of the customer analysis against a world counted by hand."""

import pytest
from report_world import chosen, codes_only, customer, days, line, table

from crmcli.reports.analysis import Rate, analysis, churn, conversion, repurchase

MAY = days("2024-05-01", "2024-05-31")
OLD = "C20240110001"


@pytest.mark.parametrize(
    ("one", "rate"),
    [
        (customer(OLD, "2024-01-10 lead"), (0, 1)),
        (customer(OLD, "2024-01-10 lead", "2024-05-31 active"), (1, 1)),
        (customer(OLD, "2024-01-10 lead", "2024-06-01 active"), (0, 1)),
        (customer(OLD, "2024-01-10 lead", sales=("2024-05-02 0",)), (1, 1)),
        (customer(OLD, "2024-01-10 lead", sales=("2024-05-02 -5",)), (0, 1)),
        (customer(OLD, "2024-01-10 lead", sales=("2024-04-30 5", "2024-05-02 5")), (0, 0)),
        (customer(OLD, "2024-01-10 lead", "2024-04-30 active"), (0, 0)),
        (customer(OLD, "2024-01-10 lead", "2024-04-30 churned"), (0, 0)),
        (customer("C20240510001", "2024-05-10 lead"), (0, 1)),
        (customer("C20240510001", "2024-05-10 lead", "2024-05-12 active", "2024-05-20 ended"), (1, 1)),
        (customer("C20240510001", status="active"), (1, 1)),
        (customer("C20240601001", "2024-06-01 active"), (0, 0)),
    ],
)
def test_conversion(one, rate):
    assert conversion([one], MAY) == Rate(*rate)


@pytest.mark.parametrize(
    ("sales", "rate"),
    [
        ((), (0, 0)),
        (("2024-05-01 5",), (0, 1)),
        (("2024-05-01 5", "2024-05-01 5"), (1, 1)),
        (("2024-05-01 5", "2024-05-31 0"), (1, 1)),
        (("2024-05-01 5", "2024-05-31 5 USD"), (1, 1)),
        (("2024-05-01 5", "2024-05-31 -5"), (0, 1)),
        (("2024-04-30 5", "2024-05-31 5", "2024-06-01 5"), (0, 1)),
    ],
)
def test_repurchase(sales, rate):
    assert repurchase([customer(OLD, sales=sales)], MAY) == Rate(*rate)


@pytest.mark.parametrize(
    ("moves", "rate"),
    [
        (("2024-01-10 active",), (0, 1)),
        (("2024-01-10 lead",), (0, 0)),
        (("2024-01-10 active", "2024-05-01 churned"), (1, 1)),
        (("2024-01-10 active", "2024-05-31 ended", "2024-05-31 archived"), (1, 1)),
        (("2024-01-10 active", "2024-05-02 churned", "2024-05-20 active"), (0, 1)),
        (("2024-01-10 active", "2024-06-01 churned"), (0, 1)),
        (("2024-01-10 active", "2024-04-30 churned"), (0, 0)),
    ],
)
def test_churn(moves, rate):
    assert churn([customer(OLD, *moves)], MAY) == Rate(*rate)


def world():
    return [
        customer(OLD, "2024-01-10 active", industry="retail", sales=("2024-05-02 10", "2024-05-03 0", "2024-05-04 -1")),
        customer("C20240110002", "2024-01-10 active", sales=("2024-05-05 6", "2024-05-06 8 USD", "2023-12-03 100")),
        customer("C20240110003", "2024-01-10 active", sales=("2023-12-03 40",)),
        customer("C20240110004", "2024-01-10 active", sales=("2023-12-04 41",)),
        customer("C20240110005", "2024-01-10 active", "2024-05-20 churned", sales=("2023-01-01 500",)),
        customer("C20240110006", "2024-01-10 active", "2024-02-01 archived", sales=("2023-01-01 600",)),
        customer("C20240510001", "2024-05-10 lead"),
    ]


def test_key_figures():
    report = analysis(world(), MAY, codes_only())
    found = {row["figure"]: chosen(dict(row), "value", "part", "whole") for row in table(report, "figures").rows}
    assert found == {
        "on_file": ("7", "", ""),
        "customers": ("6", "", ""),
        "entered": ("1", "", ""),
        "buyers": ("2", "", ""),
        "purchases": ("4", "", ""),
        "own_purchases": ("3", "", ""),
        "sales": ("15.00", "", ""),
        "average_order": ("5.00", "", ""),
        "conversion": ("0.0", "0", "1"),
        "repurchase": ("100.0", "2", "2"),
        "churn": ("20.0", "1", "5"),
        "at_risk": ("1", "", ""),
    }


def test_who_has_spent_most_among_those_still_there():
    report = analysis(world(), MAY, codes_only(), top=2)
    assert [chosen(dict(row), "number", "spend", "sales") for row in table(report, "high_value").rows] == [
        ("C20240110002", "106.00", "6.00"),
        ("C20240110004", "41.00", "0.00"),
    ]
    everyone = table(analysis(world(), MAY, codes_only(), top=0), "high_value").rows
    assert [row["number"][-1] for row in everyone] == ["2", "4", "3", "1"]


def test_at_risk_is_whoever_bought_before_and_nothing_for_so_many_days():
    def risky(days):
        rows = table(analysis(world(), MAY, codes_only(), days=days), "at_risk").rows
        return [(row["number"][-1], row["days"]) for row in rows]

    assert risky(180) == [("3", "180")]
    assert risky(179) == [("4", "179"), ("3", "180")]
    assert risky(181) == []


def test_distributions_hold_everyone_once():
    report = analysis(world(), MAY, codes_only())
    for name in ("by_kind", "by_industry", "by_region", "by_tier", "by_status"):
        *rows, total = table(report, name).rows
        assert sum(int(row["customers"]) for row in rows) == int(total["customers"]) == 6
    shown = line(report, "by_industry", "retail")
    assert chosen(shown, "customers", "customer_share", "purchases", "sales", "sales_share") == (
        "1", "16.7", "2", "9.00", "60.0"
    )  # fmt: skip
    assert {row["value"]: row["customers"] for row in table(report, "by_status").rows} == {
        "lead": "1",
        "active": "4",
        "churned": "1",
        "total": "6",
    }


def test_status_and_tier_are_those_of_the_period():
    one = customer(OLD, "2024-01-10 active", "2024-07-01 churned", tiers=("2024-05-31 gold", "2024-06-01 silver"))
    report = analysis([one], MAY, codes_only())
    assert table(report, "by_status").rows[0]["value"] == "active"
    assert table(report, "by_tier").rows[0]["value"] == "gold"


def test_a_customer_entered_later_counts_by_what_they_bought_and_as_they_are_now():
    late = customer(
        "C20260110001", "2026-01-10 active", tiers=("2026-01-10 gold",), sales=("2024-05-02 5", "2024-05-03 5")
    )
    report = analysis([late], MAY, codes_only())
    assert line(report, "by_tier", "gold")["sales"] == "10.00"
    assert chosen(line(report, "figures", "on_file"), "value") == ("0",)
    assert chosen(line(report, "figures", "repurchase"), "part", "whole") == ("1", "1")


def test_an_empty_vault_has_no_rates():
    report = analysis([], MAY, codes_only())
    assert chosen(line(report, "figures", "repurchase"), "value", "part", "whole") == ("", "0", "0")
    assert chosen(line(report, "figures", "average_order"), "value") == ("",)
