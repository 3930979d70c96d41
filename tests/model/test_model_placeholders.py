"""Placeholders come back as the values they stand for, at their own place alone; whatever else people do is named."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import Invalid
from crmcli.model.placeholders import Kept, placeheld, restored
from crmcli.model.sealed import Sealed
from crmcli.text import set_language

TOKEN = Sealed("ENC[1,restricted.1,7K2M9QXA," + "A" * 64 + "]")
TREE = {
    "id": "C20240510001",
    "phone": "+8613800138000",
    "birthday": TOKEN,
    "tags": ["vip", "vip too"],
    "contacts": [
        {"id": "K11111111", "name": "甲", "phone": "+8613800138001"},
        {"id": "K22222222", "name": "乙", "phone": "+8613800138002", "note": TOKEN},
    ],
}
MASKS = {("phone",): "138****8000", ("contacts", 0, "phone"): "138****8001", ("contacts", 1, "phone"): "138****8002"}
TEXT = st.one_of(st.text(max_size=6), st.text("⟨⟩* unchagd", max_size=12), st.builds(lambda: TOKEN))


@st.composite
def trees(draw: st.DrawFn) -> dict[str, Any]:
    entry = st.dictionaries(st.sampled_from("abc"), TEXT, max_size=3)
    entries = [
        {"id": f"I{number}", **draw(entry)} for number in draw(st.lists(st.integers(0, 9), unique=True, max_size=3))
    ]
    flat = draw(st.dictionaries(st.sampled_from("xyz"), st.one_of(TEXT, entry), max_size=3))
    loose = draw(st.lists(st.one_of(TEXT, entry), max_size=3))
    return {**flat, "entries": entries, "loose": loose}


def places(node: Any, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(node, str):
        return [] if place[-1] == "id" else [place]
    pairs = node.items() if isinstance(node, dict) else enumerate(node)
    return [found for key, value in pairs for found in places(value, (*place, key))]


@st.composite
def masked_trees(draw: st.DrawFn) -> tuple[dict[str, Any], dict[tuple[str | int, ...], str]]:
    tree = draw(trees())
    there = places(tree)
    chosen = draw(st.sets(st.sampled_from(there))) if there else set()
    return tree, {place: draw(st.text("⟨⟩*1 ", max_size=5)) for place in chosen}


def edited() -> tuple[dict[str, Any], Kept]:
    set_language("en")
    return placeheld(TREE, MASKS)


def refused(tree: dict[str, Any], kept: Kept) -> list[str | None]:
    with pytest.raises(Invalid) as caught:
        restored(tree, kept, {}, "a.yaml")
    assert all(finding.hint for finding in caught.value.findings)
    return [finding.where.field for finding in caught.value.findings]


@given(masked_trees())
def test_what_is_handed_out_and_taken_back_untouched_is_the_same(given: tuple[dict[str, Any], Any]) -> None:
    tree, masks = given
    shown, kept = placeheld(tree, masks)
    back = restored(shown, kept)
    assert back == tree
    assert [type(text) for text in _flat(back)] == [type(text) for text in _flat(tree)]
    assert TOKEN not in _flat(shown)


@given(masked_trees(), st.randoms())
def test_entries_and_items_may_change_places(given: tuple[dict[str, Any], Any], chance: Any) -> None:
    tree, masks = given
    shown, kept = placeheld(tree, masks)
    order = {name: list(range(len(tree[name]))) for name in ("entries", "loose")}
    for places_ in order.values():
        chance.shuffle(places_)
    mixed = {**shown, **{name: [shown[name][at] for at in ats] for name, ats in order.items()}}
    assert restored(mixed, kept) == {**tree, **{name: [tree[name][at] for at in ats] for name, ats in order.items()}}


@given(masked_trees())
def test_entries_and_values_may_go(given: tuple[dict[str, Any], Any]) -> None:
    tree, masks = given
    shown, kept = placeheld(tree, masks)
    for name in tree:
        assert restored({key: value for key, value in shown.items() if key != name}, kept) == {
            key: value for key, value in tree.items() if key != name
        }
    assert restored({**shown, "entries": shown["entries"][1:]}, kept)["entries"] == tree["entries"][1:]


def test_masks_and_levels_show_values_do_not() -> None:
    tree, _kept = edited()
    assert tree["phone"] == "⟨unchanged 138****8000⟩"
    assert tree["birthday"] == "⟨sealed restricted⟩"
    assert tree["contacts"][1]["note"] == "⟨sealed restricted⟩"
    assert tree["contacts"][0]["name"] == "甲"
    assert tree["tags"] == TREE["tags"]


def test_a_new_value_is_a_new_value() -> None:
    tree, kept = edited()
    tree["phone"] = "+8613900139000"
    assert restored(tree, kept) == {**TREE, "phone": "+8613900139000"}


@pytest.mark.parametrize(
    "text",
    [
        "⟨unchanged 138****8001⟩",
        "⟨unchanged 138****8000",
        "unchanged 138****8000⟩",
        "unchanged 138****8000",
        "138****8000",
        "⟨⟩",
        "⟨unchanged 138****8000⟩ ",
        "⟨sealed restricted⟩",
    ],
)
def test_an_altered_placeholder_is_named(text: str) -> None:
    tree, kept = edited()
    tree["phone"] = text
    assert refused(tree, kept) == ["phone"]


def test_a_placeholder_elsewhere_is_named() -> None:
    tree, kept = edited()
    tree["tags"] = ["vip", "⟨unchanged 138****8000⟩"]
    tree["contacts"][0]["phone"], tree["contacts"][1]["phone"] = (one["phone"] for one in reversed(tree["contacts"]))
    tree["contacts"].append({**tree["contacts"][1], "id": "K33333333"})
    assert refused(tree, kept) == [
        "tags[2]",
        "contacts[1].phone",
        "contacts[2].phone",
        "contacts[3].phone",
        "contacts[3].note",
    ]


def test_the_line_in_the_edited_text_is_named() -> None:
    tree, kept = edited()
    tree["phone"] = "⟨?⟩"
    with pytest.raises(Invalid) as caught:
        restored(tree, kept, {("id",): 1, ("phone",): 2}, "a.yaml")
    assert str(caught.value.where) == "a.yaml:2: phone"


def test_where_nothing_is_hidden_the_signs_mean_nothing() -> None:
    tree, kept = placeheld({"note": "⟨unchanged⟩"}, {})
    assert restored({**tree, "name": "⟨"}, kept) == {"note": "⟨unchanged⟩", "name": "⟨"}


def test_a_value_that_looks_like_a_placeholder_stays_a_value() -> None:
    set_language("en")
    tree, kept = placeheld({"phone": "1", "note": "⟨unchanged *⟩"}, {("phone",): "*"})
    assert tree == {"phone": "⟨⟨unchanged *⟩⟩", "note": "⟨unchanged *⟩"}
    assert restored(tree, kept) == {"phone": "1", "note": "⟨unchanged *⟩"}


def _flat(node: Any) -> list[str]:
    if isinstance(node, str):
        return [node]
    return [text for one in (node.values() if isinstance(node, dict) else node) for text in _flat(one)]
