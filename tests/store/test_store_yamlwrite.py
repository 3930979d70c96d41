"""What is written: canonical, and the same strings for every reader."""

import io

import pytest
import yaml
from hypothesis import example, given, settings
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString
from yaml_trees import CUSTOMER, MISREAD, keys, texts, trees

from crmcli.errors import Invalid
from crmcli.store.yamlevents import documents
from crmcli.store.yamlread import parse
from crmcli.store.yamlscalar import is_block, is_name, is_plain
from crmcli.store.yamltree import MAX_BYTES, MAX_DEPTH
from crmcli.store.yamlwrite import render

# The bytes differ from ruamel's in two ways. Lists directly within lists, which no field has, are `- - a` here and
# `-   - a` there (the generated trees hold none). And these characters, which hide or reorder what stands on the line,
# are escaped here and stand as they are there.
ONLY_ESCAPED_HERE = {
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2066, 0x206A)),
    *map(chr, range(0xFDD0, 0xFDF0)),
}
ONLY_ESCAPED_HERE |= {chr(plane << 16 | end) for plane in range(1, 17) for end in (0xFFFE, 0xFFFF)}


def everywhere(text):
    """The text as value, as item, in an entry, and as key where it can be one."""
    tree = {"value": text, "list": [text, {"id": text, "again": text}], "table": {"below": text}}
    return tree | {text: "key"} if is_name(text) else tree


def as_ruamel(node, key=False):
    if isinstance(node, dict):
        return CommentedMap((as_ruamel(name, key=True), as_ruamel(value)) for name, value in node.items())
    if isinstance(node, list):
        return CommentedSeq(as_ruamel(item) for item in node)
    if is_plain(node):
        return node
    return LiteralScalarString(node) if is_block(node) and not key else DoubleQuotedScalarString(node)


def written_by_ruamel(tree):
    emitter = YAML()
    emitter.width = 1 << 30
    emitter.indent(mapping=2, sequence=4, offset=2)
    emitter.allow_unicode = True
    emitter.allow_duplicate_keys = True
    stream = io.BytesIO()
    emitter.dump(as_ruamel(tree), stream)
    return stream.getvalue()


def shown(node):
    """Every text in the tree, keys included."""
    if isinstance(node, str):
        return {node}
    parts = [*node, *node.values()] if isinstance(node, dict) else node
    return set().union(*map(shown, parts))


def same_for_all(tree):
    data = render(tree)
    assert parse(data, "x").tree == tree
    assert documents(data.decode(), "x", many=False)[0].tree == tree
    assert yaml.load(data, yaml.CSafeLoader) == tree
    assert yaml.safe_load(data.decode()) == tree
    assert YAML(typ="safe", pure=True).load(data.decode()) == tree


@pytest.mark.parametrize("text", MISREAD, ids=ascii)
def test_a_misread_text_comes_back_as_itself_wherever_it_stands(text):
    same_for_all(everywhere(text))


@settings(max_examples=120, deadline=None)
@given(text=texts)
def test_any_text_comes_back_as_itself_wherever_it_stands(text):
    same_for_all(everywhere(text))


@settings(max_examples=80, deadline=None)
@given(tree=trees)
@example(tree={"list": [["a", ["NO"]], [{"id": "x", "more": [["y"]]}], "z"]})
def test_any_tree_comes_back_as_itself_in_its_order(tree):
    same_for_all(tree)
    assert str(parse(render(tree), "x").tree) == str(tree)


@settings(max_examples=80, deadline=None)
@given(tree=trees)
@example(tree={text: text for text in MISREAD if is_name(text)})
@example(tree={"list": MISREAD, "entries": [{"a": text} for text in MISREAD]})
def test_the_bytes_are_those_of_the_round_trip_emitter(tree):
    def cleaned(text):
        return "".join(c for c in text if c not in ONLY_ESCAPED_HERE)

    def clean(node):
        if isinstance(node, dict):
            return {cleaned(key) or "k": clean(value) for key, value in node.items()}
        return [clean(item) for item in node] if isinstance(node, list) else cleaned(node)

    tree = clean(tree)
    assert render(tree) == written_by_ruamel(tree)


@settings(max_examples=80, deadline=None)
@given(tree=trees)
def test_writing_what_was_read_changes_no_byte(tree):
    data = render(tree)
    assert render(parse(data, "x").tree) == data


def test_a_canonical_customer_is_written_as_it_stands():
    assert render(parse(CUSTOMER.encode(), "x").tree).decode() == CUSTOMER


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("会员卡", "key: 会员卡\n"),
        ("a,b [c] {d} 'e' \"f\" g:h#i", "key: a,b [c] {d} 'e' \"f\" g:h#i\n"),
        ("4Z8K2M9QXA7PDR1TVW3BNC5GHJ", "key: 4Z8K2M9QXA7PDR1TVW3BNC5GHJ\n"),
        ("北京市/朝阳区", "key: 北京市/朝阳区\n"),
        ("NO", 'key: "NO"\n'),
        ("", 'key: ""\n'),
        ("n", 'key: "n"\n'),
        ("Y", 'key: "Y"\n'),
        ("a\u3000b", "key: a\u3000b\n"),
        ("\u3000a", 'key: "\u3000a"\n'),
        ("a\xa0", 'key: "a\xa0"\n'),
        ("a\tb\x00\x1b\x7f\x85", 'key: "a\\tb\\0\\e\\x7F\\N"\n'),
        ("\u2028\ufeff\u202e\ufdd0\U0001ffff", 'key: "\\L\\uFEFF\\u202E\\uFDD0\\U0001FFFF"\n'),
        ('say "hi" \\ bye: now', 'key: "say \\"hi\\" \\\\ bye: now"\n'),
        ("one\n\n  two", "key: |-\n  one\n\n    two\n"),
        ("one\ntwo\n", "key: |\n  one\n  two\n"),
        ("one\ntwo\n\n", 'key: "one\\ntwo\\n\\n"\n'),
        ("one \ntwo", 'key: "one \\ntwo"\n'),
        (" one\ntwo", 'key: " one\\ntwo"\n'),
        ("x " * 500 + "x", "key: " + "x " * 500 + "x\n"),
    ],
)  # fmt: skip
def test_text_takes_the_plainest_form_that_is_safe(text, line):
    assert render({"key": text}).decode() == line


def test_lists_and_entries_are_indented_by_two():
    tree = {"a": ["x", {"id": "1", "t": {"k": ["v"]}}], "b": [["p", "q"]]}
    expected = 'a:\n  - x\n  - id: "1"\n    t:\n      k:\n        - v\nb:\n  - - p\n    - q\n'
    assert render(tree).decode() == expected


def nested(depth):
    return {"a": nested(depth - 1)} if depth > 1 else {"a": "x"}


@pytest.mark.parametrize(
    "tree",
    [
        {}, {"a": {}}, {"a": []}, {"a": [{}]}, {"a": "\ud800"}, {"\udfff": "a"}, {"": "a"}, {"a" * 101: "a"},
        {"a\nb": "c"}, {"a\x85": "c"}, nested(MAX_DEPTH + 1),
    ],
)  # fmt: skip
def test_what_has_no_place_in_a_file_is_not_written(tree):
    with pytest.raises(ValueError):
        render(tree)


@pytest.mark.parametrize("key", ["k" * 100, "\U000e0001" * 100, "\x22" * 100])
def test_the_longest_keys_are_read_back(key):
    same_for_all({key: "a", "list": [{key: "b"}]})


@given(key=keys)
def test_any_fit_key_is_read_back(key):
    assert parse(render({key: {key: key}}), "x").tree == {key: {key: key}}


def test_the_deepest_tree_is_read_back():
    same_for_all(nested(MAX_DEPTH))


def test_more_than_can_be_read_is_refused_with_a_hint():
    render({"a": "x" * (MAX_BYTES - 4)})
    with pytest.raises(Invalid, match="too large: 1048577 bytes") as caught:
        render({"a": "x" * (MAX_BYTES - 3)})
    assert caught.value.hint
