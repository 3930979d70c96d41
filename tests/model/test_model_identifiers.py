"""Identity card numbers and unified social credit codes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from crmcli.errors import ValueProblem
from crmcli.model.identifiers import credit_check, id_check, parse_credit_code, parse_id_number

ID = "11010519491231002X"
CODE = "91350211M000100Y46"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (ID, ID),
        ("11010519491231002x", ID),
        ("110105 19491231 002X", ID),
        ("１１０１０５１９４９１２３１００２Ｘ", ID),
        ("360426199101010071", "360426199101010071"),
    ],
)
def test_identity_card_numbers(text: str, number: str) -> None:
    assert parse_id_number(text, None) == number


def test_a_division_no_table_knows_is_no_error() -> None:
    seventeen = "33011319900307001"
    assert parse_id_number(seventeen + id_check(seventeen), None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("110105194912310021", "check digit"),
        ("11010519491231020X", "check digit"),
        ("11010519490231002X", "date of birth"),
        ("11010518491231002X", "date of birth"),
        ("110105491231002", "old kind"),
        ("1101051949123100", "16 characters"),
        ("11010519491231X02X", "not an identity card number"),
        ("01010519491231002X", "not an identity card number"),
    ],
)
def test_other_identity_card_numbers_are_refused_without_repeating_them(text: str, words: str) -> None:
    with pytest.raises(ValueProblem, match=words) as refused:
        parse_id_number(text, None)
    assert refused.value.expected
    assert text[:14] not in f"{refused.value.message} {refused.value.expected} {refused.value.hint}"


@settings(deadline=None)
@given(st.from_regex(r"[1-9][0-9]{16}", fullmatch=True).filter(str.isascii))
def test_the_check_digit_is_the_one_of_the_reference(seventeen: str) -> None:
    assert id_check(seventeen) == ric.calc_check_digit(seventeen + "0")


@pytest.mark.parametrize("text", [CODE, CODE.lower(), "9135 0211 M000 100Y 46", "９１３５０２１１Ｍ０００１００Ｙ４６"])
def test_credit_codes(text: str) -> None:
    assert parse_credit_code(text, None) == CODE


def test_codes_of_village_collectives_begin_with_a_letter() -> None:
    seventeen = "N2340123MF0000001"
    assert parse_credit_code(seventeen + credit_check(seventeen), None).startswith("N2")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("91350211M000100Y47", "check digit"),
        ("91350211M000010Y46", "check digit"),
        ("91350211M000100Y4", "not a unified social credit code"),
        ("91350211M0O0100Y46", "not a unified social credit code"),
        ("913502XXM000100Y46", "not a unified social credit code"),
        ("350211198001011234", "not a unified social credit code|check digit"),
    ],
)
def test_other_credit_codes_are_refused(text: str, words: str) -> None:
    with pytest.raises(ValueProblem, match=words):
        parse_credit_code(text, None)


def test_a_letter_that_looks_like_a_digit_gets_a_hint() -> None:
    with pytest.raises(ValueProblem) as refused:
        parse_credit_code("91350211MO00100Y46", None)
    assert "I, O, S, V and Z" in str(refused.value.hint)


@settings(deadline=None)
@given(st.from_regex(r"[1-9][1-9][0-9]{6}[0-9A-HJ-NP-RTUW-Y]{9}", fullmatch=True).filter(str.isascii))
def test_the_check_character_is_the_one_of_the_reference(seventeen: str) -> None:
    assert credit_check(seventeen) == uscc.calc_check_digit(seventeen)
    assert parse_credit_code(seventeen + credit_check(seventeen), None) == uscc.validate(
        seventeen + credit_check(seventeen)
    )
