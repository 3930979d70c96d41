"""What a refused text looks like to people, and which typing habits disappear."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.errors import ValueProblem
from crmcli.model.spelling import compact, nearest, quoted


def test_full_width_forms_and_every_dash_become_ascii() -> None:
    assert compact("\u3000Ａ１＠．\u2013\uff0d\u2212\ufeff") == "A1@.---"


def test_empty_and_too_long_are_refused() -> None:
    with pytest.raises(ValueProblem, match="empty"):
        compact(" \u3000\n")
    with pytest.raises(ValueProblem, match="too long: 201"):
        compact("x" * 201)


def test_unseen_characters_are_shown_escaped() -> None:
    assert quoted("a\x1b[31m\u202eb\n") == "“a\\x1b[31m\\u202eb\\n”"


@settings(deadline=None)
@given(st.text(max_size=300))
def test_a_quoted_text_is_short_and_printable(text: str) -> None:
    shown = quoted(text)
    assert len(shown) <= 62
    assert all(character.isprintable() or character.isspace() for character in shown)
    assert "\n" not in shown


def test_a_long_text_ends_in_an_ellipsis() -> None:
    assert quoted("x" * 61) == "“" + "x" * 59 + "…”"
    assert quoted("x" * 60) == "“" + "x" * 60 + "”"


def test_nearest_offers_only_what_is_close() -> None:
    assert nearest("golld", ["gold", "silver"]) == ["gold"]
    assert nearest("zzz", ["gold", "silver"]) == []
