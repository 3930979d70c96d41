"""One text with conflict markers holds both sides whole, and marks no more than what differs."""

import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from merge_world import customer, threes

from crmcli.model.merge import merge
from crmcli.model.merge_text import conflict_text
from crmcli.store.yamlwrite import render

LABELS = ("HEAD", "li.na/main")
lines = st.sampled_from([b"a\n", b"b\n", b"b\n", b"  c: d\n", b"\n", b"\r\n", "王\n".encode()])
texts = st.lists(lines, max_size=12).map(b"".join)


def _taken(text, side):
    """One side (0 ours, 1 theirs) of a text with markers, as git's own `checkout --ours` would have it."""
    kept, within = [], None
    for line in text.split(b"\n"):
        if line in (b"<<<<<<< HEAD", b"=======", b">>>>>>> li.na/main"):
            within = {b"<": 0, b"=": 1, b">": None}[line[:1]]
        elif within in (None, side):
            kept.append(line)
    return b"\n".join(kept)


@given(texts, texts)
@settings(max_examples=300, deadline=None)
def test_taking_one_side_gives_that_side(ours, theirs):
    text = conflict_text(ours, theirs, LABELS)
    assert (_taken(text, 0), _taken(text, 1)) == (ours, theirs)
    assert (b"<<<<<<<" in text) == (ours != theirs)


@given(threes())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_merged_file_holds_both_sides(three):
    found = merge(*three)
    ours, theirs = render(found.tree), render(found.other)
    text = conflict_text(ours, theirs, LABELS)
    assert (_taken(text, 0), _taken(text, 1)) == (ours, theirs)
    assert bool(found.clashes) == (b"<<<<<<<" in text)


def test_only_what_differs_stands_between_markers():
    long = "first line\n<<<<<<< HEAD\n=======\nlast line"
    ours = customer(name="a", phone="1", tier="gold", remarks=long)
    theirs = customer(name="a", phone="2", tier="new", remarks=long)
    assert (
        conflict_text(render(ours), render(theirs), LABELS).decode()
        == """\
id: C20240510001
uid: 4Z8K2M9QXA7PDR1TVW3BNC5GHJ
kind: individual
name: a
<<<<<<< HEAD
phone: "1"
=======
phone: "2"
>>>>>>> li.na/main
remarks: |-
  first line
  <<<<<<< HEAD
  =======
  last line
status: lead
<<<<<<< HEAD
tier: gold
=======
tier: new
>>>>>>> li.na/main
"""
    )


def test_what_one_side_lacks_is_marked_as_well():
    text = conflict_text(b"a: x\n", b"a: x\nb: y\n", LABELS)
    assert text == b"a: x\n<<<<<<< HEAD\n=======\nb: y\n>>>>>>> li.na/main\n"


def test_git_takes_the_markers_for_its_own(tmp_path):
    def git(*args):
        return subprocess.run(["git", *args], cwd=tmp_path, capture_output=True, text=True, check=False)

    git("init", "-q")
    (tmp_path / "a.yaml").write_bytes(b"a: x\n")
    git("add", "a.yaml")
    (tmp_path / "a.yaml").write_bytes(conflict_text(b"a: x\n", b"a: y\n", LABELS))
    assert "leftover conflict marker" in git("diff", "--check").stdout


def test_a_text_without_an_end_is_refused():
    with pytest.raises(ValueError):
        conflict_text(b"a: x", b"a: y\n", LABELS)
