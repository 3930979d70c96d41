"""E-mail addresses by their syntax."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.errors import ValueProblem
from crmcli.model.emails import parse_email


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("wang@example.com", "wang@example.com"),
        (" Wang.Fang@EXAMPLE.Com ", "Wang.Fang@example.com"),
        ("ｗａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ", "wang@example.com"),
        ("wang@例子。中国", "wang@例子.中国"),
        ("wang@xn--fsqu00a.xn--fiqs8s", "wang@例子.中国"),
        ("王芳@example.com", "王芳@example.com"),
        ("a+b=c!#$%&'*/?^_`{|}~-@mail.example.co.uk", "a+b=c!#$%&'*/?^_`{|}~-@mail.example.co.uk"),
        ("1@163.com", "1@163.com"),
        ("x" * 64 + "@example.com", "x" * 64 + "@example.com"),
    ],
)
def test_only_the_domain_is_lower_cased(text: str, canonical: str) -> None:
    assert parse_email(text, None) == canonical
    assert parse_email(canonical, None) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "wang",
        "@example.com",
        "wang@",
        "a@b",
        "a@localhost",
        "a b@example.com",
        "a@exa mple.com",
        "a@@example.com",
        ".a@example.com",
        "a.@example.com",
        "a..b@example.com",
        "a@-example.com",
        "a@example-.com",
        "a@example..com",
        "\u0301a@example.com",
        "a@.com",
        "a@example.com.",
        "a@1.2.3.4",
        "a@[1.2.3.4]",
        '"a b"@example.com',
        "<a@example.com>",
        "a@exa_mple.com",
        "x" * 65 + "@example.com",
        "a@" + "x" * 64 + ".com",
        "a@" + "x." * 130 + "com",
        "a" * 40 + "@" + ("x" * 60 + ".") * 4 + "com",
        "a@xn--a.com",
        "a@b.com,c@d.com",
        "mailto:a@example",
        "a\x00b@example.com",
        "a@example.c\u202eom",
        "a(b)@example.com",
    ],
)
def test_other_addresses_are_refused(text: str) -> None:
    with pytest.raises(ValueProblem, match=r"not an e-mail address") as refused:
        parse_email(text, None)
    assert refused.value.expected
    assert refused.value.hint


@settings(deadline=None)
@given(st.emails())
def test_common_addresses_are_read_as_the_reference_reads_them(text: str) -> None:
    try:
        expected = validate_email(text, check_deliverability=False, globally_deliverable=False, strict=True).normalized
    except EmailNotValidError:
        expected = None
    try:
        read = parse_email(text, None)
    except ValueProblem:
        read = None
    assert read == expected


ODD = st.text(alphabet="aZ0.-_+@ü例。.x \u0301（", min_size=1, max_size=12)


@settings(deadline=None)
@given(st.builds("{}@{}.com".format, ODD, ODD))
def test_odd_addresses_are_never_accepted_where_the_reference_refuses(text: str) -> None:
    try:
        read = parse_email(text, None)
    except ValueProblem:
        return
    assert validate_email(read, check_deliverability=False, globally_deliverable=False).normalized == read
