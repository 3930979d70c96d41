"""`crm import --as`: purchases, interactions and other entries find their customers, once where that can be told."""

from pathlib import Path

import pytest
from import_vault import PEOPLE, Desk, counts

from crmcli.errors import Invalid

WANG = "individual,王芳,13800138000,北京市/朝阳区,store"
LI = "individual,李雷,13900139000,上海市/浦东新区,referral"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.take(PEOPLE, WANG, LI, name="people.csv")
    return made


def test_purchases_find_their_customer_by_any_spelling_of_the_key(desk: Desk) -> None:
    outcome = desk.take(
        "电话,日期,产品,数量,单价",
        "+86 138 0013 8000,2024/5/10,会员卡,2,199.00",
        "13800138000,2024年5月11日,会员卡,1,199.00",
        as_="transactions",
    )
    first, second = desk.trees()[0]["transactions"]
    assert (first["date"], first["amount"], first["currency"]) == ("2024-05-10", "398.00", "CNY")
    assert second["date"] == "2024-05-11"
    assert counts(outcome, "updated", "entries_added") == [1, 2]


def test_identical_purchases_are_two(desk: Desk) -> None:
    row = "13800138000,2024-05-10,CD,1,10"
    desk.take("phone,date,product,quantity,amount", row, row, as_="sale", key="phone")
    assert len(desk.trees()[0]["transactions"]) == 2


def test_an_order_number_makes_a_row_come_in_once(desk: Desk) -> None:
    headings = "phone,date,product,amount,订单号"
    desk.take(headings, "13800138000,2024-05-10,CD,10,A-1", as_="transactions")
    ids = [one["id"] for one in desk.trees()[0]["transactions"]]
    outcome = desk.take(
        headings,
        "13800138000,2024-05-10,CD,10, A-1 ",
        "13800138000,2024-05-11,CD,12,A-2",
        "13900139000,2024-05-10,CD,10,A-1",
        as_="transactions",
    )
    assert counts(outcome, "entries_added", "entries_updated", "entries_skipped") == [2, 0, 1]
    changed = desk.take(headings, "13800138000,2024-05-10,CD,99,A-1", as_="transactions")
    assert counts(changed, "entries_added", "entries_updated", "entries_skipped") == [0, 1, 0]
    first = desk.trees()[0]["transactions"][0]
    assert (first["id"], first["amount"]) == (ids[0], "99")


def test_the_same_line_of_an_order_twice_in_a_file_is_one_purchase_and_said(desk: Desk) -> None:
    row = "13800138000,2024-05-10,CD,10,A-1"
    outcome = desk.take("phone,date,product,amount,external", row, row, as_="transactions")
    assert counts(outcome, "entries_added", "entries_skipped", "entries_repeated") == [1, 0, 1]
    assert [one.severity for one in outcome.findings if "line 3" in one.message] == ["warning"]


def test_the_lines_of_one_order_all_come_in_and_only_once(desk: Desk) -> None:
    headings = "phone,date,product,quantity,price,订单号,交易备注"
    lines = (
        "13800138000,2024-05-10,咖啡,1,30,O9,",
        "13800138000,2024-05-10,蛋糕,1,30,O9,",
        "13800138000,2024-05-10,咖啡,2,30,O9,",
        "13800138000,2024-05-10,咖啡,2,30.00,O9,赠品",
    )
    outcome = desk.take(headings, *lines, as_="transactions")
    first = desk.trees()[0]["transactions"]
    assert counts(outcome, "entries_added", "entries_repeated") == [4, 0]
    assert [one["product"] for one in first] == ["咖啡", "蛋糕", "咖啡", "咖啡"]
    assert [one["amount"] for one in first] == ["30", "30", "60", "60.00"]
    again = desk.take(headings, *lines, as_="transactions", again=True)
    assert counts(again, "entries_added", "entries_updated", "entries_skipped") == [0, 0, 4]
    assert desk.trees()[0]["transactions"] == first


def test_a_row_corrects_the_line_of_its_product_and_adds_one_of_another(desk: Desk) -> None:
    headings = "phone,date,product,amount,订单号"
    desk.take(headings, "13800138000,2024-05-10,咖啡,30,O9", as_="transactions")
    outcome = desk.take(
        headings, "13800138000,2024-05-10,蛋糕,25,O9", "13800138000,2024-05-11,咖啡,28,O9", as_="transactions"
    )
    assert counts(outcome, "entries_added", "entries_updated") == [1, 1]
    found = [(one["product"], one["amount"]) for one in desk.trees()[0]["transactions"]]
    assert found == [("咖啡", "28"), ("蛋糕", "25")]


def test_a_customer_who_is_missing_rejects_the_row_or_is_made(desk: Desk) -> None:
    lines = ("external.shop,name,date,product,amount", "9,赵六,2024-05-10,CD,10", "9,,2024-05-11,CD,12")
    with pytest.raises(Invalid) as caught:
        desk.take(*lines, as_="transactions", key="external.shop")
    assert "--create" in (caught.value.findings[0].hint or "")
    outcome = desk.take(*lines, as_="transactions", key="external.shop", create=True)
    made = desk.trees()[2]
    assert (made["kind"], made["name"], made["external"], len(made["transactions"])) == (
        "individual",
        "赵六",
        {"shop": "9"},
        2,
    )
    assert counts(outcome, "added", "entries_added") == [1, 2]


def test_columns_of_the_customer_change_nobody_on_file(desk: Desk) -> None:
    lines = ("phone,name,date,product,amount", "13800138000,别人,2024-05-10,CD,10")
    outcome = desk.take(*lines, as_="transactions", key="phone")
    assert desk.trees()[0]["name"] == "王芳"
    assert [(one.where.field, one.severity) for one in outcome.findings] == [("name", "warning")]


def test_a_purchase_without_a_day_is_rejected_not_dated_today(desk: Desk) -> None:
    lines = ("phone,date,product,amount", "13800138000,,CD,10", "13800138000,2024-05-10,CD,10")
    outcome = desk.take(*lines, as_="transactions")
    assert counts(outcome, "entries_added", "rejected") == [1, 1]
    assert desk.rejected()[0]["line"] == "2"
    assert "transactions[1].date" in desk.rejected()[0]["reason"]


def test_only_the_bad_rows_of_a_customer_are_rejected(desk: Desk) -> None:
    outcome = desk.take(
        "phone,date,product,amount",
        "13800138000,2024-05-10,CD,10",
        "13800138000,2024-02-30,CD,10",
        "13800138000,2024-05-12,CD,1e400",
        "13800138000,2024-05-13,CD,13",
        as_="transactions",
    )
    assert [one["date"] for one in desk.trees()[0]["transactions"]] == ["2024-05-10", "2024-05-13"]
    assert counts(outcome, "entries_added", "rejected") == [2, 2]
    assert [row["line"] for row in desk.rejected()] == ["3", "4"]
    assert "2024-02-30" in desk.rejected()[0]["reason"]


def test_interactions_come_in_with_chinese_headings_in_gb18030(desk: Desk) -> None:
    desk.take(
        "客户编号;时间;沟通方式;沟通内容",
        "C20261122002;2024-05-10 09:30;电话;询问新品，“没有”折扣",
        as_="interactions",
        encoding="gb18030",
    )
    (entry,) = desk.trees()[1]["interactions"]
    assert (entry["at"], entry["channel"]) == ("2024-05-10T09:30+08:00", "call")


def test_an_entrys_own_field_wins_over_the_customers_of_the_same_name(desk: Desk) -> None:
    desk.take("客户编号,日期,产品,金额,备注", "C20261122001,2024-05-10,CD,10,生日", as_="transactions")
    assert desk.trees()[0]["transactions"][0]["remarks"] == "生日"


def test_every_noun_can_be_imported(desk: Desk) -> None:
    desk.take("客户编号,姓名,电话,职位", "C20261122001,李示例,13700137000,经理", as_="contacts", key="number")
    (contact,) = desk.trees()[0]["contacts"]
    assert (contact["name"], contact["phone"], contact["position"]) == ("李示例", "+8613700137000", "经理")


def test_which_customer_must_be_clear(desk: Desk) -> None:
    with pytest.raises(Invalid) as none:
        desk.take("date,product,amount", "2024-05-10,CD,10", as_="transactions")
    with pytest.raises(Invalid) as several:
        desk.take("phone,name,date,product,amount", "1,x,2024-05-10,CD,10", as_="transactions")
    assert "--key" in (none.value.hint or "")
    assert "--key" in (several.value.hint or "")


def test_an_unknown_subject_names_the_nearest(desk: Desk) -> None:
    with pytest.raises(Invalid) as caught:
        desk.take("phone", "1", as_="transaction")
    assert "transactions" in (caught.value.hint or "")
