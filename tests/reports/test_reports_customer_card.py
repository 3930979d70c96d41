"""The customer card: every field of the kind in both languages, blanks to fill in, gaps marked."""

import pytest
from report_world import house

from crmcli.model.derive import catalog
from crmcli.model.metrics import METRICS
from crmcli.reports.customer_card import BLANK, customer_card
from crmcli.reports.render_markdown import render
from crmcli.reports.values import Look, Table
from crmcli.text import set_language

FIELDS = (*catalog(house().custom), *METRICS)
TREE = {
    "id": "C20240110001",
    "uid": "4Z8K2M9QXA7PDR1TVW3BNC5GHJ",
    "kind": "individual",
    "name": "王示例",
    "status": "active",
    "tags": ["vip", "手冲"],
    "transactions": [{"id": "S00000001", "date": "2024-05-01", "product": "豆", "amount": "9", "currency": "CNY"}],
}


@pytest.fixture(params=["en", "zh"])
def tongue(request):
    set_language(request.param)
    yield request.param
    set_language("en")


def made(tree=TREE, lacking=("phone",)):
    gaps = [field for field in FIELDS if field.name in lacking]
    return customer_card(tree, FIELDS, {"orders": "1", "gaps": "1"}, house().label, gaps)


def lines(card):
    return {head: text for part in card.sections if not isinstance(part.lines, Table) for head, text in part.lines}


def test_every_field_of_the_kind_has_both_labels(tongue):
    card = made()
    heads = {*lines(card)} | {
        c.label for part in card.sections if isinstance(part.lines, Table) for c in part.lines.columns
    }
    for field in FIELDS:
        wanted = field.only in (None, "individual") and field.name != "uid" and not field.metric
        if wanted and not (field.noun and field.key[1] == "id"):
            assert any(field.zh in head and field.en in head for head in heads), field.name
        if field.only == "enterprise":
            assert f"{field.en} {field.zh}" not in heads


def test_what_is_known_stands_and_the_rest_is_blank(tongue):
    shown = lines(made())
    zh = tongue == "zh"
    assert shown["姓名 Name" if zh else "Name 姓名"] == "王示例"
    assert shown["标签 Tags" if zh else "Tags 标签"] == "vip, 手冲"
    assert shown["状态 Status" if zh else "Status 状态"] == ("活跃" if zh else "Active")
    assert shown["联系电话 Phone" if zh else "Phone 联系电话"] == f"{BLANK} {'（待补）' if zh else '(missing)'}"
    assert shown["电子邮箱 E-mail" if zh else "E-mail 电子邮箱"] == BLANK
    assert shown["曾用编号 Former numbers" if zh else "Former numbers 曾用编号"] == "—"


def test_a_list_that_is_lacking_is_marked_and_an_empty_one_has_a_line():
    card = made(TREE | {"kind": "enterprise"}, lacking=("contact.name",))
    titles = {part.title: part.lines for part in card.sections if isinstance(part.lines, Table)}
    contacts = titles["Contacts 联系人 (missing)"]
    assert [set(row.values()) for row in contacts.rows] == [{BLANK}]
    assert titles["Transactions 交易记录"].rows[0]["product"] == "豆"


def test_programs_get_the_file_and_what_is_empty():
    data = made().data
    assert data["name"] == "王示例"
    assert data["gaps"] == ["phone"]
    assert {"phone", "email"} <= set(data["empty"])
    assert not {"name", "company", "uid"} & set(data["empty"])
    assert data["metrics"] == {"orders": "1"}


def test_markdown_prints_blanks():
    shown = render(made(), Look())
    assert "- **E-mail 电子邮箱**: " + BLANK.replace("_", "\\_") in shown
    assert "## Contacts 联系人\n\n|" in shown
