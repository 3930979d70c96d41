"""Comments in hand-edited files stay with what they speak of."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from yaml_trees import CUSTOMER, trees

from crmcli.errors import Invalid
from crmcli.store.comments import comments_of
from crmcli.store.yamlread import parse
from crmcli.store.yamlwrite import render

COMMENTED = """\
# VIP of the north
# do not call before ten
id: C1
name: 王芳  # née 王
# how to reach her
phone: "+8613800138000" # mobile
tags: # all checked
  # the first
  - vip # since May
  # the second
  - "123"
  # after the last tag
# where else she is known
external:
  # the shop's number
  shop: "00004"
remarks: |- # keep short
  one
  # no comment
# what was said
interactions:
  # the first call
  - id: I1
    # in the morning
    at: "2024-05-10T09:30+08:00"
    summary: a # b
    # channel: call
  # the second call
  - id: I2
    summary: "a # no comment" # but this is
    # end of the second
  # end of all calls
# what was sold
transactions:
  - id: S1
    product: 会员卡 # for life
# the end
# the very end
"""


def rewritten(text, change=None):
    """The text after reading it, changing the tree, and writing it with its comments."""
    data = text.encode()
    tree = parse(data, "x").tree
    if change:
        change(tree)
    return render(tree, comments_of(data, "x")).decode()


def without(*lines):
    kept = [line for line in COMMENTED.splitlines() if line.strip() not in lines]
    assert len(kept) == len(COMMENTED.splitlines()) - len(lines)
    return "".join(f"{line}\n" for line in kept)


def test_a_canonical_file_with_comments_is_written_as_it_stands():
    assert rewritten(COMMENTED) == COMMENTED


def test_comments_are_no_values():
    bare = render(parse(COMMENTED.encode(), "x").tree).decode()
    kept = {line for line in bare.splitlines() if "#" in line}
    assert kept == {"  # no comment", '    summary: "a # no comment"'}
    assert yaml.load(bare, yaml.BaseLoader) == yaml.load(COMMENTED, yaml.BaseLoader)


def test_a_file_without_comments_has_none():
    found = comments_of(CUSTOMER.encode() + b'last: "# no"\n', "x")
    assert not found
    assert found.line is None


def test_the_first_comment_is_known_by_its_line():
    assert comments_of(b"a: b\nc: '# d'\ne: f # g\n# h\n", "x").line == 3


def grow(tree):
    tree["tags"].append("new")
    tree["interactions"].append({"id": "I3", "at": "x"})
    tree["transactions"].insert(0, {"id": "S0", "product": "a"})


def test_comments_stay_above_their_section_when_the_one_before_grows():
    grown = rewritten(COMMENTED, grow)
    assert '  - "123"\n  - new\n  # after the last tag\n# where else she is known\nexternal:\n' in grown
    assert (
        "    # end of the second\n  - id: I3\n    at: x\n  # end of all calls\n# what was sold\ntransactions:\n"
        in grown
    )
    assert "transactions:\n  - id: S0\n    product: a\n  - id: S1\n    product: 会员卡 # for life\n# the end\n" in grown


def shrink(tree):
    del tree["tags"][1]
    del tree["interactions"][1]


def test_comments_stay_above_their_section_when_the_one_before_shrinks():
    gone = ['- "123"', "# the second", "# the second call", "- id: I2", "# end of the second"]
    assert rewritten(COMMENTED, shrink) == without(*gone, 'summary: "a # no comment" # but this is')


def test_an_entry_takes_its_comments_along_when_the_first_goes():
    gone = ["# the first call", "- id: I1", "# in the morning", 'at: "2024-05-10T09:30+08:00"', "summary: a # b"]
    assert rewritten(COMMENTED, lambda tree: tree["interactions"].pop(0)) == without(*gone, "# channel: call")
    assert rewritten(COMMENTED, lambda tree: tree["tags"].pop(0)) == without("# the first", "- vip # since May")


def test_a_section_takes_its_own_comments_along_and_no_others():
    gone = [
        "tags: # all checked",
        "# the first",
        "- vip # since May",
        "# the second",
        '- "123"',
        "# after the last tag",
    ]
    assert rewritten(COMMENTED, lambda tree: tree.pop("tags")) == without(*gone)
    gone = ["# what was sold", "transactions:", "- id: S1", "product: 会员卡 # for life"]
    assert rewritten(COMMENTED, lambda tree: tree.pop("transactions")) == without(*gone)


def test_an_entry_added_first_leaves_the_comments_where_they_were():
    changed = rewritten(COMMENTED, lambda tree: tree["interactions"].insert(0, {"id": "I0"}))
    assert changed == COMMENTED.replace("interactions:\n", "interactions:\n  - id: I0\n")


def test_the_head_stays_at_the_head():
    def lead(tree):
        items = list(tree.items())
        tree.clear()
        tree.update({"uid": "U", **dict(items[1:])})

    assert rewritten(COMMENTED, lead) == COMMENTED.replace("id: C1\n", "uid: U\n", 1)


def test_a_changed_value_keeps_its_comment():
    def change(tree):
        tree["phone"] = "+86"
        tree["remarks"] = "short: now"
        tree["tags"] = "none"

    changed = rewritten(COMMENTED, change)
    assert 'phone: "+86" # mobile\n' in changed
    assert 'remarks: "short: now" # keep short\n' in changed
    assert "tags: none # all checked\n" in changed
    assert "the first\n" not in changed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b#c # d\n", "a: b#c # d\n"),
        ("a: 'b # c' # d\n", 'a: "b # c" # d\n'),
        ('a: "b \\" # c" # d\n', 'a: "b \\" # c" # d\n'),
        ("a: b\t# c\n", "a: b\t# c\n"),
        ("a: b # c\r\n# d\r\ne: f\r\n", "a: b # c\n# d\ne: f\n"),
        ("a: b # c # d  \n", "a: b # c # d\n"),
        ("--- # a\n# b\n\nc: d\n... # e\n", "# a\n# b\nc: d\n# e\n"),
        ("a: b\n# c", "a: b\n# c\n"),
        ("a: |\n  b # c\n # d\n\n# e\nf: g\n", "a: |\n  b # c\n# d\n# e\nf: g\n"),
        ("a: > # b\n  c\n  # d\n# e\n", "a: | # b\n  c # d\n# e\n"),
        ("a: |-  # b\n  c\n  d", "a: |-  # b\n  c\n  d\n"),
        ("a: [b, c] # d\ne: {f: g} # h\n", "a: # d\n  - b\n  - c\ne: # h\n  f: g\n"),
        ("a: [ # b\n  c, # d\n  # e\n  f\n  # g\n] # h\ni: j\n", "a: # b\n  - c # d\n  # e\n  - f\n# g\n# h\ni: j\n"),
        ("a: # b\n  # c\n  d # e\nf: g\n", "# c\n# e\na: d # b\nf: g\n"),
        ('a: "b\n  # c\n  d" # e\nf: g\n', 'a: "b # c d" # e\nf: g\n'),
        ("a:\n- b\n# c\n- d\n# e\nf: g\n", "a:\n  - b\n  # c\n  - d\n# e\nf: g\n"),
        ("a:\n  - # b\n    id: c\n  -\n    # d\n    id: e\n", "a:\n  # b\n  - id: c\n  # d\n  - id: e\n"),
        ("a: b\n    # c\nd: e\n", "a: b\n# c\nd: e\n"),
        ("a:\n      b: c\n      # d\n   # e\nf: g\n", "a:\n  b: c\n  # d\n# e\nf: g\n"),
        ("  # a\nb:\n  c: d\n  # e\n", "# a\nb:\n  c: d\n  # e\n"),
        ("a:\n  - [b, c] # d\n  # e\n  - [f]\n", "a:\n  - - b # d\n    - c\n  # e\n  - - f\n"),
        ("? a # b\n: c # d\n", "# d\na: c # b\n"),
    ],
)
def test_hand_written_comments_find_their_canonical_place(text, expected):
    assert rewritten(text) == expected
    assert rewritten(expected) == expected


def test_items_that_look_alike_keep_their_own_comments():
    text = "a:\n  - b # one\n  - b # two\n  - id: c # three\n  - id: c # four\n  - x: z # five\n"
    assert rewritten(text) == text


def test_comments_of_empty_and_broken_files():
    assert not comments_of(b"# nothing else\n", "x")
    with pytest.raises(Invalid) as caught:
        comments_of(b'# a\nb: "c\n', "x")
    assert caught.value.where.line == 2


def sprinkled(data, text):
    """The text with comments at random places between lines and, where no block of text stands, beside them."""
    lines, margin, count = [], None, 0
    for line in text.splitlines():
        if data.draw(st.booleans()) and margin is None:
            lines.append(" " * data.draw(st.integers(0, 6)) + f"#{count}")
            count += 1
        indent = len(line) - len(line.lstrip(" "))
        if margin is not None and line and indent <= margin:
            margin = None
        header = margin is None and line.endswith((" |", " |-"))
        if margin is None and data.draw(st.booleans()):
            lines.append(f"{line} #{count}")
            count += 1
        else:
            lines.append(line)
        margin = indent if header else margin
    return "\n".join(lines) + "\n", count


@settings(max_examples=150, deadline=None)
@given(tree=st.one_of(trees, st.just(parse(CUSTOMER.encode(), "x").tree)), data=st.data())
def test_no_comment_is_lost_and_twice_is_as_good_as_once(tree, data):
    text, count = sprinkled(data, render(tree).decode())
    assert parse(text.encode(), "x").tree == tree
    once = rewritten(text)
    assert parse(once.encode(), "x").tree == tree
    assert rewritten(once) == once
    found = comments_of(once.encode(), "x")
    lines = [line for part in (found.above, found.below) for lines in part.values() for line in lines]
    words = [*lines, *(words.strip() for words in found.beside.values())]
    assert sorted(words) == sorted(f"#{number}" for number in range(count))


@settings(max_examples=80, deadline=None)
@given(before=trees, after=trees, data=st.data())
def test_comments_never_change_what_is_written(before, after, data):
    text, _count = sprinkled(data, render(before).decode())
    written = render(after, comments_of(text.encode(), "x"))
    assert parse(written, "x").tree == after
