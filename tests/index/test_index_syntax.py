"""What the language does not have is refused in words, at the character; what is too large for the database too."""

import contextlib

import pytest
from index_world import CODES, FIELDS, NOW, ask, world

from crmcli.errors import Invalid
from crmcli.index.query import compile_query


@pytest.fixture(scope="module")
def index():
    with world() as opened:
        yield opened


REFUSED = [
    ("teir:gold", 1, "teir", "tier"),
    ("basis:consent", 1, "basis", "collection.basis"),
    ("王芳 teir:gold", 4, "teir", "tier"),
    ("http://example.com", 1, "http", '"'),
    ("10:30", 1, "10", '"'),
    ("smith~", 6, "~", "quotes"),
    ("smith^2", 6, "^", "quotes"),
    ("/smith/", 1, "Regular", "quotes"),
    ("name:/smith/", 6, "Regular", "quotes"),
    ("s*th", 2, "wildcard", "138*"),
    ("*th", 1, "wildcard", "138*"),
    ("sm?th", 3, "wildcard", "138*"),
    ("name:w?", 7, "wildcard", ""),
    ("spend>100", 6, "colon", "spend:>"),
    ("tier=gold", 5, "colon", "tier:"),
    ("spend:>abc", 8, "abc", "100"),
    ("spend:1e5", 7, "1e5", "100"),
    ("spend:1*", 7, "spend", "range"),
    ("last_purchase:<yesterday", 16, "yesterday", "now-90d"),
    ("last_purchase:2024-02-30", 15, "2024-02-30", "2024-05-10"),
    ("last_purchase:<now-99999y", 16, "now-99999y", ""),
    ("tier:>gold", 6, "order", ""),
    ("name:[a TO b]", 6, "order", ""),
    (">5", 1, "field", "spend:>100"),
    ("[1 TO 5]", 1, "field", "spend:>100"),
    ("tier:glod", 6, "glod", "gold"),
    ("phone:138", 7, "138", "138*"),
    ("custom.newsletter:maybe", 19, "maybe", "yes"),
    ("(tier:gold", 11, "early", ""),
    ("tier:gold)", 10, ")", ""),
    ("tier:", 6, "early", ""),
    ("tier:gold AND", 14, "early", ""),
    ('"王芳', 1, "closed", ""),
    ("name:“王芳", 6, "closed", ""),
    ("王\\", 2, "\\", ""),
    ("tier:gold && 王", 11, "&&", "AND"),
    ("a || b", 3, "||", "OR"),
    ("!vip", 1, "!", "NOT"),
    ("😀", 1, "😀", ""),
    ('""', 1, "nothing", ""),
    ("interaction:call", 13, "entry", ":*"),
    ("name:(tier:gold)", 7, "brackets", ""),
    ("\udcff", 1, "readable", ""),
]


@pytest.mark.parametrize(("query", "at", "said", "hint"), REFUSED, ids=[ascii(row[0]) for row in REFUSED])
def test_refuses_in_words_and_points_at_the_character(query, at, said, hint):
    with pytest.raises(Invalid) as refusal:
        compile_query(query, FIELDS, CODES, now=NOW)
    assert said in refusal.value.message
    assert f"character {at})" in refusal.value.message
    assert hint in (refusal.value.hint or "")
    assert refusal.value.exit == 2


def test_the_caret_stands_below_the_character_also_after_wide_ones():
    with pytest.raises(Invalid) as refusal:
        compile_query("王芳 teir:gold", FIELDS, CODES, now=NOW)
    lines = (refusal.value.hint or "").splitlines()
    assert lines[-2:] == ["王芳 teir:gold", "\u3000\u3000 ^"]


def test_a_long_query_shows_the_part_around_the_place():
    with pytest.raises(Invalid) as refusal:
        compile_query("王 " * 200 + "teir:x", FIELDS, CODES, now=NOW)
    line, caret = (refusal.value.hint or "").splitlines()[-2:]
    assert line[caret.index("^") :].startswith("teir")
    assert len(line) < 80


@pytest.mark.parametrize(
    "query", ["(" * 3000, "-" * 3000 + "a", "a " * 3000, "x" * 30000, "(" * 29 + "a" + ")" * 29, "-(a b " * 29]
)
def test_queries_too_large_to_run_are_refused_or_run(index, query):
    with contextlib.suppress(Invalid):
        ask(index, query)


def test_the_deepest_allowed_query_runs(index):
    deep = "tag:vip"
    refused = 0
    for _ in range(30):
        deep = f"-(status:lead OR (interaction.channel:call AND {deep}))"
        try:
            ask(index, deep)
        except Invalid:
            refused += 1
    assert 20 <= refused <= 26


def test_many_alternatives_run(index):
    assert set(ask(index, f"number:({' '.join(f'C{n}' for n in range(450))} C20240510001)")) == {"wang"}
