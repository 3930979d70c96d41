"""Phone numbers as people write them, as E.164."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.errors import ValueProblem
from crmcli.model.phones import parse_phone


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("13800138000", "+8613800138000"),
        ("138 0013 8000", "+8613800138000"),
        ("138-0013-8000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("＋８６１３８００１３８０００", "+8613800138000"),
        ("008613800138000", "+8613800138000"),
        ("0086-138-0013-8000", "+8613800138000"),
        ("8613800138000", "+8613800138000"),
        ("(+86)13800138000", "+8613800138000"),
        ("tel:+86-13800138000", "+8613800138000"),
        ("16012345678", "+8616012345678"),
        ("19412345678", "+8619412345678"),
        ("010-12345678", "+861012345678"),
        ("(010) 1234 5678", "+861012345678"),
        ("+86 010-12345678", "+861012345678"),
        ("+86-10-12345678", "+861012345678"),
        ("0571-88888888", "+8657188888888"),
        ("400-800-8820", "+864008008820"),
        ("010-12345678转12", "+861012345678;ext=12"),
        ("010-12345678 分机：12", "+861012345678;ext=12"),
        ("010-12345678 ext. 12", "+861012345678;ext=12"),
        ("010-12345678x0012", "+861012345678;ext=0012"),
        ("+861012345678;ext=12", "+861012345678;ext=12"),
        ("+44 20 8366 1177", "+442083661177"),
        ("0044 20 8366 1177", "+442083661177"),
        ("+852 2123 4567", "+85221234567"),
        ("+1 (650) 253-0000", "+16502530000"),
        ("+39 06 1234 5678", "+390612345678"),
    ],
)
def test_numbers_become_e164(text: str, canonical: str) -> None:
    assert parse_phone(text, None) == canonical
    assert parse_phone(canonical, None) == canonical


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1380013800a", "contains letters"),
        ("1-800-FLOWERS", "contains letters"),
        ("王芳13800138000", "contains letters"),
        ("010-12345678转前台", "extension"),
        ("010-12345678转", "extension"),
        ("010-12345678;ext=" + "1" * 11, "extension"),
        ("1380013800", "not a valid"),
        ("138001380000", "not a valid"),
        ("12345678", "not a valid"),
        ("10012345678", "not a valid"),
        ("0571-8888888", "not a valid"),
        ("110", "not a valid"),
        ("+999 123456789", "not a valid"),
        ("+", "not a valid"),
        ("138*0013*8000", "not a valid"),
        ("13800138000/13900139000", "not a valid"),
        ("13800138000;13900139000", "not a valid"),
        ("++8613800138000", "not a valid"),
    ],
)
def test_other_numbers_are_refused_in_clear_words(text: str, words: str) -> None:
    with pytest.raises(ValueProblem, match=words) as refused:
        parse_phone(text, None)
    assert refused.value.expected


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_the_example_number_of_every_country_round_trips(region: str) -> None:
    for kind in phonenumbers.PhoneNumberType.values():
        example = phonenumbers.example_number_for_type(region, kind)
        if example is None or not phonenumbers.is_valid_number(example):
            continue
        canonical = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        written = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        assert parse_phone(canonical, None) == canonical
        assert parse_phone(written, None) == canonical


@settings(deadline=None)
@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True).filter(str.isascii))
def test_every_eleven_digit_mobile_is_accepted(digits: str) -> None:
    assert parse_phone(digits, None) == f"+86{digits}"
