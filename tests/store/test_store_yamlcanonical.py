"""The fast reader never disagrees with the YAML parser."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yaml_trees import CUSTOMER, trees

from crmcli.errors import Invalid
from crmcli.store.yamlbytes import text_of
from crmcli.store.yamlcanonical import canonical_source
from crmcli.store.yamlevents import documents
from crmcli.store.yamlread import parse
from crmcli.store.yamltree import MAX_BYTES
from crmcli.store.yamlwrite import render

PIECES = ["  ", "\n  ", "- ", ": ", " #", "|-", "---\n", "a", "0", "王", "\r\n", "\\u", ""]
PATCHES = st.sampled_from([*" \n\t:#-?'\"\\|>&*!%@[]{},.~=", *PIECES])


def agrees(text):
    """What the fast reader made of it, after checking it against the parser."""
    try:
        text_of(text.encode(), "x", MAX_BYTES)
    except Invalid:
        return None
    fast = canonical_source(text)
    if fast is not None:
        parsed = documents(text, "x", many=False)[0]
        assert fast == parsed
        assert str(fast) == str(parsed)
    return fast


@settings(max_examples=100, deadline=None)
@given(tree=trees)
def test_written_trees_are_read_alike_with_their_lines(tree):
    agrees(render(tree).decode())


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_altered_text_is_read_alike_or_left_to_the_parser(data):
    text = data.draw(st.one_of(st.just(CUSTOMER), trees.map(lambda tree: render(tree).decode())))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(PATCHES) + text[at + data.draw(st.integers(0, 2)) :]
    agrees(text)


def test_a_canonical_customer_takes_the_fast_way():
    assert agrees(CUSTOMER) is not None


OTHERWISE = [
    *(
        "a: b",
        "",
        "\n",
        "x\n",
        "\na: b\n",
        "a: b\n\n",
        "a:\n",
        "a:\n  b\n",
        "a:\nb: c\n",
        "a: b\n  c\n",
        "a:  b\n",
        "a: b \n",
    ),
    *(
        "a: b # c\n",
        "# c\na: b\n",
        "a: \tb\n",
        "a: b\r\n",
        "---\na: b\n",
        "a: b\n...\n",
        "a: b\na: c\n",
        "a: b\n c: d\n",
    ),
    *("a: 'b'\n", "a: [b]\n", "a: b: c\n", "a: &b c\n", "a: !!str c\n", "a: *b\n", "a: -\n", "%a: b\n", "? a\n: b\n"),
    *('a: "b" # "c"\n', 'a: "\\/"\n', 'a: "\\ud800"\n', 'a: "\\q"\n', 'a: "b\n', 'a: "b"c\n', '"a: b\n', '"a" : b\n'),
    *(
        "a: >\n  b\n",
        "a: |+\n  b\n",
        "a: |\n  b\n\n",
        "a: |2\n  b\n",
        "a: |\n   b\n",
        "a: |-\n",
        "a: |-\n  b\n\n",
        "a: |-\n b\n",
        "a: |\n\n  b\n",
    ),
    *(
        "- a\n",
        "- a: b\n",
        "a:\n- b\n",
        "a:\n  -  b\n",
        "a:\n  - - b\n",
        "a:\n  -\n    b: c\n",
        "a: b\n- c\n",
        'a:\n  - "b"c\n',
    ),
    *("a:\n    b: c\n", "a:\n  - b\n    c\n", "a:\n  - b: c\n   d: e\n", "a:\n  - b\n  c: d\n", "a:\n  b: c\n  - d\n"),
]


@pytest.mark.parametrize("text", OTHERWISE)
def test_other_ways_of_writing_are_left_to_the_parser(text):
    assert agrees(text) is None


@pytest.mark.parametrize(("depth", "known"), [(8, True), (9, False)])
def test_too_deep_a_table_is_left_to_the_parser(depth, known):
    text = "".join("  " * level + "a:\n" for level in range(depth - 1)) + "  " * (depth - 1) + "a: b\n"
    assert (canonical_source(text) is not None) == known


@pytest.mark.parametrize(("lists", "known"), [(3, True), (4, False)])
def test_too_deep_an_entry_is_left_to_the_parser(lists, known):
    inner = "".join("    " * level + "  - a:\n" for level in range(lists - 1))
    text = "a:\n" + inner + "    " * (lists - 1) + "  - b: c\n"
    assert (canonical_source(text) is not None) == known


@pytest.mark.parametrize("text", ["k" * 101 + ": a\n", "a:\n  - " + "k" * 101 + ": a\n", '"' + "k" * 101 + '": a\n'])
def test_too_long_a_name_is_left_to_the_parser(text):
    assert canonical_source(text) is None
    assert canonical_source(text.replace("kk", "k", 1)) is not None


def test_the_parser_reads_what_the_fast_reader_leaves():
    assert parse(CUSTOMER.replace("\n", "\r\n").encode(), "x") == parse(CUSTOMER.encode(), "x")
