"""Clear text in a sealed file is named by place and level, whoever looks and whatever keys they lack."""

from typing import Any

import pytest

from crmcli.model.catalog import CatalogField
from crmcli.model.custom import CustomField
from crmcli.model.derive import catalog
from crmcli.model.fields import Level
from crmcli.model.team import with_levels
from crmcli.rules.clear_text import clear_text, comment
from crmcli.store.yamlread import parse

PATH = "records/2024/05/C20240510001.yaml"


def token(level: str = "internal", body: str = "A" * 64) -> str:
    return f"ENC[1,{level}.1,7K2M9QXA,{body}]"


INTERNAL, CONFIDENTIAL, RESTRICTED = token("internal"), token("confidential"), token("restricted")
SEALED = f"""\
id: C20240510001
uid: 4Z8K2M9QXA7PDR1TVW3BNC5GHJ
kind: individual
name: {INTERNAL}
phone: {CONFIDENTIAL}
region: 北京市/朝阳区
status: active
tags:
  - vip
external:
  shop: {INTERNAL}
classes:
  value: a
custom:
  shoe: {CONFIDENTIAL}
  colour: red
collection:
  purpose: {INTERNAL}
  basis: consent
bank:
  account: {RESTRICTED}
interactions:
  - id: I7K2M9QXA
    at: "2024-05-10T09:30+08:00"
    channel: call
    summary: {INTERNAL}
"""
LABELS: dict[str, Any] = {"type": "line", "zh": "示例", "en": "Sample"}
CUSTOM = {"shoe": CustomField(**LABELS), "colour": CustomField(**LABELS, level=Level.OPEN)}
FIELDS = catalog(CUSTOM)


def wrong(text: str, fields: tuple[CatalogField, ...] = FIELDS) -> list[tuple[str | None, int | None, str, str | None]]:
    source = parse(text.encode(), PATH)
    found = clear_text(source.tree, source.lines, fields, PATH)
    assert all(one.where.path == PATH and one.damaged and one.severity == "error" and one.hint for one in found)
    return [(one.where.field, one.where.line, one.message, one.expected) for one in found]


def test_a_file_sealed_as_declared_is_in_order() -> None:
    assert wrong(SEALED) == []


@pytest.mark.parametrize(
    ("sealed", "clear", "field", "level"),
    [
        (f"name: {INTERNAL}", "name: SECRET", "name", "internal"),
        (f"phone: {CONFIDENTIAL}", "phone: SECRET", "phone", "confidential"),
        (f"shop: {INTERNAL}", "shop: SECRET", "external.shop", "internal"),
        (f"purpose: {INTERNAL}", "purpose: SECRET", "collection.purpose", "internal"),
        (f"account: {RESTRICTED}", "account: SECRET", "bank.account", "restricted"),
        (f"summary: {INTERNAL}", "summary: SECRET", "interactions.I7K2M9QXA.summary", "internal"),
        (f"shoe: {CONFIDENTIAL}", "shoe: SECRET", "custom.shoe", "confidential"),
        ("  colour: red", "  unheard: SECRET", "custom.unheard", "confidential"),
        ("status: active", "nickname: SECRET", "nickname", "confidential"),
        ("  basis: consent", "  nickname: SECRET", "collection.nickname", "confidential"),
        ("    channel: call", "    nickname: SECRET", "interactions.I7K2M9QXA.nickname", "confidential"),
        ("  - vip", "  - id: X\n    nickname: SECRET", "tags.X.nickname", "confidential"),
        ("status: active", "status:\n  hidden: SECRET", "status.hidden", "confidential"),
        (f"name: {INTERNAL}", f'name: " {INTERNAL}"', "name", "internal"),
        (f"name: {INTERNAL}", "name: |-\n  SECRET\n  more", "name", "internal"),
    ],
)
def test_clear_text_is_named_and_never_told(sealed: str, clear: str, field: str, level: str) -> None:
    text = SEALED.replace(sealed, clear)
    said = [one for one in wrong(text) if one[0] == field]
    line = text[: text.index(clear)].count("\n") + clear.count("\n  ", 0, clear.find("SECRET")) + 1
    line = line if "|-" not in clear else text[: text.index(clear)].count("\n") + 1
    assert said == [(field, line, f"Clear text in a sealed field (level {level}).", None)]
    assert "SECRET" not in repr(wrong(text))


def test_an_entry_without_an_id_is_named_by_its_place() -> None:
    text = SEALED.replace("  - id: I7K2M9QXA\n    at", "  - at").replace(f"summary: {INTERNAL}", "summary: SECRET")
    assert [one[0] for one in wrong(text)] == ["interactions.1.summary"]


@pytest.mark.parametrize("broken", ["ENC[", token(body="A" * 63), token("secret"), token() + " ", token(body="!" * 64)])
def test_a_malformed_token_is_named(broken: str) -> None:
    text = SEALED.replace(f"name: {INTERNAL}", f'name: "{broken}"')
    assert [one[:3] for one in wrong(text)] == [("name", 4, "This is not a well-formed sealed value.")]


def test_a_lower_level_than_declared_is_named_and_a_higher_one_is_fine() -> None:
    lower = SEALED.replace(f"phone: {CONFIDENTIAL}", f"phone: {INTERNAL}")
    said = "The value is sealed for internal, lower than the field's level."
    assert wrong(lower) == [("phone", 5, said, "confidential")]
    assert wrong(SEALED.replace(f"phone: {CONFIDENTIAL}", f"phone: {RESTRICTED}")) == []
    assert wrong(SEALED.replace("region: 北京市/朝阳区", f"region: {INTERNAL}")) == []


def test_what_files_are_found_by_is_never_sealed() -> None:
    for old in ("4Z8K2M9QXA7PDR1TVW3BNC5GHJ", "active", "individual"):
        assert [one[2] for one in wrong(SEALED.replace(old, INTERNAL))] == ["This value is never sealed."]
    entry = wrong(SEALED.replace("id: I7K2M9QXA", f"id: {INTERNAL}"))
    assert [one[2] for one in entry] == ["This value is never sealed."]


def test_a_level_raised_by_the_vault_counts() -> None:
    named = {field.name: field for field in FIELDS}
    raised = with_levels(named, {"region": Level.INTERNAL, "phone": Level.RESTRICTED})
    assert [one[0] for one in wrong(SEALED, tuple(raised.values()))] == ["phone", "region"]


def test_a_comment_is_damage_with_a_way_out() -> None:
    found = comment(PATH, 3)
    assert (str(found.where), found.damaged) == (f"{PATH}:3", True)
    assert "remarks" in str(found.hint)
