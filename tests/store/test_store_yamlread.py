"""What is read, and what is refused with its line, field and hint."""

from contextlib import suppress

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from yaml_trees import CUSTOMER, MISREAD

from crmcli.errors import Invalid
from crmcli.store import yamlevents
from crmcli.store.yamlread import MAX_BYTES, MAX_MANY_BYTES, parse, parse_many


@pytest.fixture(params=["libyaml", "pure"])
def parser(request, monkeypatch):
    if request.param == "pure":
        monkeypatch.setattr(yamlevents, "Parser", yaml.BaseLoader)


def refused(data, read=parse):
    data = data.encode() if isinstance(data, str) else data
    with pytest.raises(Invalid) as caught:
        read(data, "records/x.yaml")
    error = caught.value
    assert error.kind == "invalid"
    assert error.hint
    assert error.where.path == "records/x.yaml"
    return error.message, error.where.line, error.where.field


BROKEN = {
    "no colon": ("a: b\nnonsense\nc: d\n", "without a colon", 2, None),
    "a colon in a value": ("a: b\nc: d: e\n", "colon stands where none can", 2, None),
    "an open quote": ('a: b\nc: "d\ne: f\n', "never closed", 2, None),
    "an open bracket": ("a: b\nc: [d\n", "", 2, None),
    "a stray escape": ('a: b\nc: "\\q"\n', "escape that does not exist", 2, None),
    "half a character": ('a: b\nc: "\\ud83d"\n', "", 2, (None, "c")),
    "a tab as indentation": ("a:\n\tb: c\n", "tab stands where spaces", 2, None),
    "a tab in a table": ("a:\n  b: c\n\td: e\n", "tab stands where spaces", 3, None),
    "a reserved sign": ("a: b\nc: @d\n", "Text cannot start with @", 2, None),
    "a backtick": ("a: `d\n", "cannot start with `", 1, None),
    "bad indentation": ("a:\n  b: c\n d: e\n", "does not fit the lines above", 3, None),
    "an entry among names": ("a: b\n- c\n", "does not fit the lines above", 2, None),
    "text after a quote": ('a: "b" c\n', "does not fit the lines above", 1, None),
    "a duplicate key": ("a: b\nc: d\na: e\n", "a is here twice; the first is on line 1", 3, "a"),
    "a duplicate in an entry": ("t:\n  - id: b\n    x: c\n    x: d\n", "x is here twice", 4, "t[1].x"),
    "a duplicate section": ("a:\n  - b\nc: d\na:\n  - e\n", "twice; the first is on line 1", 4, "a"),
    "an anchor": ("a: &x b\n", "Anchors are not allowed", 1, "a"),
    "an anchored list": ("a: b\nc: &x\n  - d\n", "Anchors are not allowed", 2, "c"),
    "an anchored entry": ("a:\n  - &x\n    b: c\n", "Anchors are not allowed", (2, 3), "a[1]"),
    "an anchored empty value": ("a: &x\n", "Anchors are not allowed", 1, "a"),
    "an anchored name": ("&x a: b\n", "Anchors are not allowed", 1, None),
    "an anchored document": ("&x\na: b\n", "Anchors are not allowed", (1, 2), None),
    "an alias": ("a: b\nc: *x\n", "Aliases are not allowed", 2, "c"),
    "an alias as name": ("*x : b\n", "Aliases are not allowed", 1, None),
    "an alias alone": ("*x\n", "Aliases are not allowed", 1, None),
    "a merge": ("a: b\n<<: *x\n", "Aliases are not allowed", 2, "<<"),
    "a tag": ("a: !!int 3\n", "Tags are not allowed", 1, "a"),
    "a custom tag": ("a: b\nc: !x d\n", "Tags are not allowed", 2, "c"),
    "a bare tag": ("a: ! d\n", "Tags are not allowed", 1, "a"),
    "a tagged list": ("a: !!set\n  - b\n", "Tags are not allowed", 1, "a"),
    "a tagged empty value": ("a: !!str\n", "Tags are not allowed", 1, "a"),
    "a tagged name": ("!!str a: b\n", "Tags are not allowed", 1, None),
    "an unknown tag handle": ("a: !e!x b\n", "tags are not allowed", 1, None),
    "a version directive": ("%YAML 1.1\n---\na: b\n", "directives are not allowed", 1, None),
    "a tag directive": ("%TAG ! tag:x,2000:\n---\na: b\n", "directives are not allowed", 1, None),
    "a future version": ("%YAML 3.0\n---\na: b\n", "directives and tags", (1, 2), None),
    "two documents": ("a: b\n---\nc: d\n", "second document", 2, None),
    "a list": ("- a\n", "not a customer", 1, None),
    "a word": ("\nhello\n", "not a customer", 2, None),
    "an empty document": ("---\n", "not a customer", (1, 2), None),
    "an empty file": ("", "empty", None, None),
    "only comments": ("# a\n\n", "empty", None, None),
    "an empty value": ("a: b\nc:\nd: e\n", "A value is expected", (2, 3), "c"),
    "an empty item": ("a:\n  - b\n  -\n", "A value is expected", (3, 4), "a[2]"),
    "an empty name": ("? \n: b\n", "name must have 1 to 100", 1, None),
    "an empty quoted name": ('a:\n  "": b\n', "name must have 1 to 100", 2, "a"),
    "a long name": ("k" * 101 + ": b\n", "name must have 1 to 100", 1, None),
    "a name on two lines": ('"a\\nb": c\n', "name must have 1 to 100", 1, None),
    "a list as name": ("[a]: b\n", "cannot be the name", 1, None),
    "a table as name": ("a: b\n? {c: d}\n: e\n", "cannot be the name", 2, None),
    "too deep a table": ("a: {b: {c: {d: {e: {f: {g: {h: {i: j}}}}}}}}\n", "at most 8 levels", 1, "a.b.c.d.e.f.g.h"),
    "too deep a list": ("a: [[[[[[[[[[\n", "at most 8 levels", 1, "a[1][1][1][1][1][1][1]"),
    "conflict markers": ("a: b\n<<<<<<< HEAD\nc: d\n=======\nc: e\n>>>>>>> other\n", "Unresolved merge", 2, None),
    "what is left of a conflict": ("a: b\n=======\nc: e\n", "Unresolved merge", 2, None),
    "the common ancestor": ("a: b\r\n||||||| merged\r\nc: e\r\n", "Unresolved merge", 2, None),
    "the end of a conflict": ("a: b\n>>>>>>> other\n", "Unresolved merge", 2, None),
    "a NUL byte": ("a: b\nc: d\0e\n", "U+0000", 2, None),
    "an escape sequence": ("a: b\nc: \x1b[31m\n", "U+001B", 2, None),
    "a delete character": ("a: b\x7f\n", "U+007F", 1, None),
    "a C1 control": ("a: b\nc: \x9b\n", "U+009B", 2, None),
    "a next line": ("a: b\x85c: d\n", "U+0085", 1, None),
    "a line separator": ("a: b\n\nc: \u2028\n", "U+2028", 3, None),
    "a paragraph separator": ("a: \u2029\n", "U+2029", 1, None),
    "a lone carriage return": ("a: b\n# x\rc: d\n", "U+000D", 2, None),
    "a mark in the middle": ("a: b\nc: \ufeffd\n", "U+FEFF", 2, None),
    "a mark at the start": ("\ufeffa: b\n", "byte order mark", 1, None),
    "a noncharacter": ("a: \uffff\n", "U+FFFF", 1, None),
    "UTF-16 with a mark": ("a: b\n".encode("utf-16"), "UTF-16", 1, None),
    "UTF-16 without": ("a: b\n".encode("utf-16-be"), "UTF-16", 1, None),
    "little UTF-16 without": ("a: b\n".encode("utf-16-le"), "UTF-16", 1, None),
    "GB18030": ("a: b\nname: 王芳\n".encode("gb18030"), "Not UTF-8: byte 0xCD in column 7", 2, None),
    "a cut character": ("a: 王".encode()[:-1], "Not UTF-8: byte 0xE7 in column 4", 1, None),
    "an encoded surrogate": (b"a: \xed\xa0\x80\n", "Not UTF-8: byte 0xED in column 4", 1, None),
    "a NUL byte in a short file": (b"a: \0\n", "U+0000", 1, None),
    "a large file": (b"a: " + b"x" * MAX_BYTES, "too large: at most 1048576 bytes", None, None),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_doubtful_input_is_refused_with_its_place(case, parser):
    data, words, line, field = BROKEN[case]
    message, at, where = refused(data)
    assert words in message
    assert at in (line if isinstance(line, tuple) else (line,))
    assert where in (field if isinstance(field, tuple) else (field,))


def test_an_alias_bomb_is_refused_at_once(parser):
    bomb = "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n"
    assert refused(bomb) == ("Anchors are not allowed: a & starts one.", 1, "a")


AS_THEY_STAND = """\
a: NO
b: 0123
c: 1e3
d: 1:30
e: 2024-05-10
f: ~
on: null
<<: x
=: =
g: 'it''s'
h: ""
i: [y, 1.50]
j: {k: .inf}
"""


def test_scalars_are_the_strings_that_stand_there(parser):
    tree = parse(AS_THEY_STAND.encode(), "x").tree
    assert tree == {
        **{"a": "NO", "b": "0123", "c": "1e3", "d": "1:30", "e": "2024-05-10", "f": "~", "on": "null", "<<": "x"},
        **{"=": "=", "g": "it's", "h": "", "i": ["y", "1.50"], "j": {"k": ".inf"}},
    }


@pytest.mark.parametrize("text", MISREAD, ids=ascii)
def test_every_escape_is_read_as_the_character_it_stands_for(text, parser):
    escaped = "".join(f"\\U{ord(character):08x}" for character in text)
    assert parse(f'a: "{escaped}"\n'.encode(), "x").tree == {"a": text}


def test_headers_and_ends_of_documents_are_fine(parser):
    assert parse(b"# head\n---\na: b\n...\n", "x").tree == {"a": "b"}


def test_windows_line_ends_change_nothing(parser):
    assert parse(CUSTOMER.replace("\n", "\r\n").encode(), "x").tree == parse(CUSTOMER.encode(), "x").tree


def test_markers_within_a_text_are_no_conflict(parser):
    assert parse(b"a: |-\n  <<<<<<< x\n  =======\n", "x").tree == {"a": "<<<<<<< x\n======="}
    assert parse(b"a: x ======= y\n#=======\n", "x").tree == {"a": "x ======= y"}


@pytest.mark.parametrize("text", [CUSTOMER, "# head\n" + CUSTOMER])
def test_every_key_and_item_has_its_line(text, parser):
    lines = parse(text.encode(), "x").lines
    shift = text.startswith("#")
    assert {path: line - shift for path, line in lines.items() if path[0] in ("id", "tags", "remarks", "transactions")} == {
        ("id",): 1, ("tags",): 6, ("tags", 0): 7, ("tags", 1): 8, ("remarks",): 11, ("transactions",): 20,
        ("transactions", 0): 21, ("transactions", 0, "id"): 21, ("transactions", 0, "on"): 22,
        ("transactions", 0, "product"): 23, ("transactions", 0, "lines"): 24, ("transactions", 0, "lines", 0): 25,
        ("transactions", 0, "lines", 0, "sku"): 25, ("transactions", 0, "lines", 0, "notes"): 26,
        ("transactions", 0, "lines", 0, "notes", 0): 27, ("transactions", 0, "amount"): 28,
    }  # fmt: skip


MANY = [
    "name: a\n---\nname: b\n",
    "- name: a\n- name: b\n",
    "---\nname: a\n...\n---\n- name: b\n",
    "\ufeffname: a\n---\nname: b\n",
    "[{name: a}, {name: b}]",
]


@pytest.mark.parametrize("text", MANY)
def test_many_customers_come_as_documents_or_lists(text, parser):
    assert [source.tree for source in parse_many(text.encode(), "x")] == [{"name": "a"}, {"name": "b"}]


def test_each_of_many_knows_its_lines(parser):
    sources = parse_many(b"- name: a\n  tags: [x]\n-\n  name: b\n---\nname: c\n", "x")
    assert [source.lines[("name",)] for source in sources] == [1, 4, 6]
    assert sources[0].lines[("tags", 0)] == 2


@pytest.mark.parametrize(
    ("data", "words", "line", "field"),
    [
        ("name: a\n---\nname: b\nname: c\n", "twice; the first is on line 3", 4, "name"),
        ("- name: a\n- b\n", "not a customer", 2, None),
        ("name: a\n---\n", "not a customer", (2, 3), None),
        ("- name: a\n- &x\n  name: b\n", "Anchors", (2, 3), None),
        ("&x\n- name: a\n", "Anchors", (1, 2), None),
        ("", "empty", None, None),
        ("[]\n", "empty", None, None),
        (b"a: " + b"x" * MAX_MANY_BYTES, "too large", None, None),
    ],
)
def test_one_bad_customer_among_many_is_refused_with_its_place(data, words, line, field, parser):
    message, at, where = refused(data, parse_many)
    assert words in message
    assert at in (line if isinstance(line, tuple) else (line,))
    assert where == field


SIGNS = st.text(st.sampled_from("ab \n:-#[]{}\"'\\|>&*!%?,\t~\r"), max_size=40)


@settings(max_examples=300, deadline=None)
@given(data=st.one_of(st.binary(max_size=60), SIGNS.map(str.encode)))
def test_any_bytes_are_read_or_refused_never_anything_else(data):
    for read in (parse, parse_many):
        with suppress(Invalid):
            read(data, "x")
