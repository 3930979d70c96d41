"""How little of a value shows until it is revealed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.model.derive import catalog
from crmcli.model.fields import Mask
from crmcli.model.house import CustomFields
from crmcli.model.masks import mask, masked
from crmcli.model.sealed import Sealed

SIGNS = st.characters(exclude_categories=("Cs",), exclude_characters="*@;")


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("phone", "+8613800138000", "+86138****8000"),
        ("phone", "+12025550123", "+120****0123"),
        ("phone", "+861000000001;ext=801", "+8610****0001"),
        ("phone", "+85212345", "****2345"),
        ("email", "wang@example.com", "w***@example.com"),
        ("email", "w@example.com", "***@example.com"),
        ("email", "王芳@例子.公司", "王***@例子.公司"),
        ("tail", "11010519491231002X", "****002X"),
        ("tail", "6222000000000000000", "****0000"),
        ("tail", "123", "****3"),
        ("tail", "1", "****"),
        ("head", "北京示例商贸有限公司", "北***"),
        ("head", "王", "***"),
        ("head", "", "***"),
    ],
)
def test_a_mask_shows_what_its_kind_says(kind: Mask, value: str, shown: str) -> None:
    assert mask(kind, value) == shown


@given(st.sampled_from(["tail", "head"]), st.text(SIGNS))
def test_of_a_short_value_never_more_than_half_shows(kind: Mask, value: str) -> None:
    shown = mask(kind, value).strip("*")
    assert len(shown) <= min(4, len(value) // 2)
    assert value.startswith(shown) or value.endswith(shown)


@given(st.text(SIGNS, min_size=1), st.sampled_from(["example.com", "例子.公司"]))
def test_of_an_address_only_the_first_letter_and_the_domain_show(local: str, domain: str) -> None:
    assert mask("email", f"{local}@{domain}") in (f"{local[:1]}***@{domain}", f"***@{domain}")
    assert len(local) > 1 or mask("email", f"{local}@{domain}") == f"***@{domain}"


@given(st.from_regex(r"\+[1-9][0-9]{4,14}", fullmatch=True), st.sampled_from(["", ";ext=801"]))
def test_the_middle_of_a_phone_number_is_hidden_whatever_its_length(number: str, extension: str) -> None:
    head, stars, tail = mask("phone", number + extension).partition("****")
    assert stars
    assert (number.startswith(head), number.endswith(tail)) == (True, True)
    assert len(number) - len(head) - len(tail) >= 4 or len(head) + len(tail) <= len(number) // 2


@given(st.text(SIGNS, min_size=8))
def test_how_much_is_hidden_does_not_show(value: str) -> None:
    assert (len(mask("tail", value)), len(mask("head", value))) == (8, 4)


def test_every_phone_and_e_mail_has_a_mask_and_the_other_identifying_values_too() -> None:
    fields = {field.name: field for field in catalog()}
    assert {name: field.mask for name, field in fields.items() if field.mask} == {
        "phone": "phone",
        "email": "email",
        "messenger": "head",
        "id_number": "tail",
        "bank.holder": "head",
        "bank.account": "tail",
        "contact.phone": "phone",
        "contact.email": "email",
    }


def test_a_custom_field_is_masked_by_its_type_or_as_it_declares() -> None:
    declared = CustomFields.model_validate(
        {
            "fields": {
                "second_phone": {"type": "phone", "zh": "甲", "en": "A"},
                "card": {"type": "line", "zh": "乙", "en": "B", "mask": "tail"},
                "size": {"type": "line", "zh": "丙", "en": "C"},
            }
        }
    )
    fields = {field.name: field.mask for field in catalog(declared.fields) if field.name.startswith("custom.")}
    assert fields == {"custom.second_phone": "phone", "custom.card": "tail", "custom.size": None}


def test_masks_are_told_by_their_place_in_the_tree_and_a_sealed_value_has_none() -> None:
    tree = {
        "id": "C20240510001",
        "phone": "+8613800138000",
        "id_number": Sealed("ENC[1,restricted.1,7K2M9QXA,AAAA]"),
        "name": "王芳",
        "bank": {"account": "6222000000001234"},
        "contacts": [{"id": "P1", "name": "李"}, {"id": "P2", "phone": "+8613900139000", "email": "li@example.com"}],
    }
    assert masked(tree, catalog()) == {
        ("phone",): "+86138****8000",
        ("bank", "account"): "****1234",
        ("contacts", 1, "phone"): "+86139****9000",
        ("contacts", 1, "email"): "l***@example.com",
    }
