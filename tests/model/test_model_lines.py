"""Text people write: one line, many lines, tags, keys, flags."""

import unicodedata

import pytest

from crmcli.errors import ValueProblem
from crmcli.model.lines import line, parse_flag, parse_key, parse_tag, parse_text, print_flag


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  王芳 \n", "王芳"),
        ("\ufeff王\u3000芳\u3000", "王\u3000芳"),
        ("e\u0301", "é"),
        ("[red]Bob[/red]", "[red]Bob[/red]"),
        ("👩‍👧 母女", "👩‍👧 母女"),
        ("ＡＢＣ", "ＡＢＣ"),
        ("x" * 200, "x" * 200),
    ],
)
def test_a_line_is_kept_as_written_but_for_outer_space_and_nfc(text: str, kept: str) -> None:
    assert line(200)(text, None) == kept
    assert unicodedata.is_normalized("NFC", kept)


@pytest.mark.parametrize(
    "character",
    [*"\x00\x07\x08\t\n\r\x0b\x1b\x1f\x7f\x85\x9f", "\u2028", "\u2029", "\u202e", "\u2066", "\ud800", "\uffff"],
    ids=ascii,
)
def test_a_line_refuses_characters_that_hide_or_break_text(character: str) -> None:
    with pytest.raises(ValueProblem) as refused:
        line(200)(f"a{character}b", None)
    assert refused.value.expected == "one line of text"
    assert character not in refused.value.message
    assert "character 2" in str(refused.value.hint)


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "\u200d\u2060", "\u3000\n"], ids=ascii)
def test_nothing_to_see_is_empty(text: str) -> None:
    with pytest.raises(ValueProblem, match="empty"):
        line(200)(text, None)
    with pytest.raises(ValueProblem, match="empty"):
        parse_text(text, None)


def test_the_limit_counts_characters_and_is_named() -> None:
    with pytest.raises(ValueProblem, match="61 characters") as refused:
        line(60)("王" * 61, None)
    assert refused.value.expected == "at most 60 characters"


def test_text_keeps_lines_and_tabs_and_unifies_line_ends() -> None:
    assert parse_text("一\r\n\t二\n\n三\n", None) == "一\n\t二\n\n三"
    assert parse_text("x" * 10_000, None) == "x" * 10_000
    for bad in ("a\rb", "a\x00b", "a\u2028b", "a\ud800", "x" * 10_001):
        with pytest.raises(ValueProblem):
            parse_text(bad, None)


@pytest.mark.parametrize("bad", ["a b", "a,b", "a，b", 'a"b', "a'b", "“a”", "a\u3000b", "a\u00a0b", "x" * 41])
def test_a_tag_can_stand_in_a_list(bad: str) -> None:
    assert parse_tag(" 重要-客户 ", None) == "重要-客户"
    with pytest.raises(ValueProblem):
        parse_tag(bad, None)


def test_a_key_is_a_short_word_in_lower_case() -> None:
    assert parse_key(" Shop ", None) == "shop"
    assert parse_key("a" + "9_-" * 13, None)
    for bad in ("9a", "_a", "a b", "商店", "a.b", "a" * 41):
        with pytest.raises(ValueProblem):
            parse_key(bad, None)


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("yes", True),
        ("Y", True),
        ("TRUE", True),
        ("是", True),
        ("no", False),
        ("n", False),
        ("False", False),
        ("否", False),
    ],
)
def test_a_flag_reads_both_languages(text: str, flag: bool) -> None:
    assert parse_flag(text, None) is flag
    assert parse_flag(print_flag(flag), None) is flag


@pytest.mark.parametrize("text", ["maybe", "1", "on", "ja"])
def test_a_flag_refuses_the_rest(text: str) -> None:
    with pytest.raises(ValueProblem, match="neither yes nor no"):
        parse_flag(text, None)
