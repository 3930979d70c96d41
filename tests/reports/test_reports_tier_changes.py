"""Tier changes of a period and the notices that tell customers of them."""

from datetime import date

import pytest
from report_world import codes_only, customer, days, house, in_words, table

from crmcli.reports.notices import Change, notice
from crmcli.reports.tier_changes import changed, tier_changes

SPRING = days("2024-03-01", "2024-05-31")
GAINS = {"gold": {"zh": "九折", "en": "10% off"}}


def wang(*tiers):
    return customer("C20240110001", tiers=tiers, name="王示例")


def test_every_move_of_the_period_with_what_was_before():
    one = wang("2024-02-29 new", "2024-03-01 gold", "2024-03-02 gold", "2024-05-31 silver", "2024-06-01 gold")
    report = tier_changes([one], SPRING, codes_only(), GAINS)
    assert [(row["date"], row["old"], row["new"]) for row in table(report, "changes").rows] == [
        ("2024-03-01", "new", "gold"),
        ("2024-05-31", "gold", "silver"),
    ]


def test_reasons_of_people_and_of_rules_are_told():
    one = wang("2024-03-01 gold")
    move = one.tier_history[0].model_copy(update={"reason": "review", "rule": "spend:>=1 (spend 2.00)"})
    report = tier_changes([one.model_copy(update={"tier_history": [move]})], SPRING, in_words(), {})
    (row,) = table(report, "changes").rows
    assert (row["old"], row["new"], row["reason"], row["rule"]) == ("none", "Gold", "Review", "spend:>=1 (spend 2.00)")


@pytest.mark.parametrize(
    ("tiers", "told"),
    [
        (("2024-03-01 new",), (None, "new", "2024-03-01")),
        (("2024-02-01 new", "2024-03-01 gold"), ("new", "gold", "2024-03-01")),
        (("2024-02-01 new", "2024-03-01 gold", "2024-03-02 silver"), ("new", "silver", "2024-03-02")),
        (("2024-02-01 new", "2024-03-01 gold", "2024-05-02 gold"), ("new", "gold", "2024-03-01")),
        (("2024-02-01 new", "2024-03-01 gold", "2024-03-02 new"), None),
        (("2024-02-01 new", "2024-06-01 gold"), None),
        (("2024-02-01 new",), None),
        (("2024-02-01 new", "2024-03-03 -"), ("new", None, "2024-03-03")),
        ((), None),
    ],
)
def test_one_notice_for_what_has_changed_in_the_end(tiers, told):
    found = changed(wang(*tiers), SPRING)
    assert (found and (found.old, found.new, found.since.isoformat())) == told


@pytest.mark.parametrize(
    ("old", "new", "zh", "en"),
    [
        ("silver", "gold", "升为“金卡”", "thank you for your loyalty!"),
        ("gold", "silver", "调整为“银卡”", "has changed from Gold to Silver"),
        (None, "new", "为“新客户”", "tier is New"),
        ("gold", None, "不再享有“金卡”", "Gold has ended"),
    ],
)
def test_notices_in_both_languages(old, new, zh, en):
    change = Change("王示例", old, new, date(2024, 5, 1))
    said = notice(change, house(), "zh")
    assert said.startswith("尊敬的王示例：")
    assert zh in said
    assert "2024年5月1日" in said
    assert "权益" not in said
    assert en in notice(change, house(), "en")
    assert ("升" in said) == ((old, new) == ("silver", "gold"))


def test_a_notice_names_the_benefits_of_the_house():
    report = tier_changes([wang("2024-03-01 gold")], SPRING, codes_only(), GAINS)
    (row,) = table(report, "notices").rows
    assert "您可享受以下权益：九折。" in row["notice_zh"]
    assert "Your benefits: 10% off." in row["notice_en"]
