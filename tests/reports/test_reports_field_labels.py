"""What people call a field, from its dotted name: the labels of `crm show`, in both languages."""

from collections.abc import Iterator

import pytest

from crmcli.model.custom import CustomField
from crmcli.model.derive import catalog
from crmcli.reports.field_labels import FieldLabels
from crmcli.text import set_language

CUSTOM = {"card": CustomField.model_validate({"zh": "会员卡号", "en": "Card", "type": "text", "level": "internal"})}


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    set_language("en")
    yield
    set_language("en")


@pytest.mark.parametrize(
    ("dotted", "en", "zh"),
    [
        ("id", "Number", "客户编号"),
        ("owner", "Owner", "跟进人"),
        ("tags.v.i.p", "Tags", "标签"),
        ("external.shop", "External ids: shop", "外部编号：shop"),
        ("bank.account", "Bank details: Account number", "银行信息：银行账号"),
        ("custom.card", "Custom fields: Card", "自定义字段：会员卡号"),
        ("interactions.I7K2M9QXA.summary", "Interactions I7K2M9QXA: Summary", "沟通记录 I7K2M9QXA：沟通内容"),
        ("holds.H7K2M9QXA.released", "Legal holds H7K2M9QXA: Released on", "法律保留 H7K2M9QXA：解除日期"),
    ],
)
def test_a_field_has_its_label_with_its_group_and_entry(dotted: str, en: str, zh: str) -> None:
    labels = FieldLabels(catalog(CUSTOM))
    assert labels.of(dotted) == en
    set_language("zh")
    assert labels.of(dotted).replace(": ", "：") == zh


@pytest.mark.parametrize(
    "dotted", ["nonsense", "custom.gone", "bank.none", "bank.name.more", "interactions.summary", "interactions.I7.none"]
)
def test_an_unknown_field_keeps_its_name(dotted: str) -> None:
    assert FieldLabels(catalog()).of(dotted) == dotted
