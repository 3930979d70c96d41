"""Codes from the house rules' lists, written as the code or as either label."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from crmcli.errors import ValueProblem
from crmcli.model.codes import code_parser


@dataclass
class Label:
    zh: str
    en: str


CHANNELS = {
    "call": Label("电话", "Phone call"),
    "visit": Label("上门拜访", "Visit"),
    "im": Label("即时通讯", "Instant message"),
}
RULES = SimpleNamespace(
    codes={"channel": CHANNELS, "many": {f"code-{n}": Label(f"码{n}", f"Code {n}") for n in range(13)}}
)
parse = code_parser("channel")


@pytest.mark.parametrize("text", ["call", "CALL", " Call ", "电话", "phone call", "ＰＨＯＮＥ　ＣＡＬＬ"])
def test_code_and_labels_lead_to_the_code(text: str) -> None:
    assert parse(text, RULES) == "call"


def test_an_unknown_word_names_the_nearest_and_what_is_allowed() -> None:
    with pytest.raises(ValueProblem, match="“vist”") as refused:
        parse("vist", RULES)
    assert refused.value.expected == "one of call (Phone call), visit (Visit), im (Instant message)"
    assert refused.value.hint == "Did you mean visit (Visit)?"


def test_a_chinese_slip_finds_its_neighbour_and_labels_follow_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crmcli.text._Current.language", "zh")
    with pytest.raises(ValueProblem) as refused:
        parse("上门拜坊", RULES)
    assert "visit (上门拜访)" in str(refused.value.hint)


def test_a_long_list_is_not_spelled_out() -> None:
    with pytest.raises(ValueProblem) as refused:
        code_parser("many")("xyz", RULES)
    assert refused.value.expected is None


def test_a_list_the_house_rules_lack_is_named() -> None:
    with pytest.raises(ValueProblem, match="no code list “grade”"):
        code_parser("grade")("good", RULES)


def test_without_house_rules_only_the_shape_is_checked() -> None:
    assert parse("Anything-goes_1", None) == "anything-goes_1"
    for bad in ("电话", "9x", "a b"):
        with pytest.raises(ValueProblem):
            parse(bad, None)
