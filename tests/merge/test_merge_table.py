"""What comes of every kind of change (ancestor, ours, theirs), for every field, list and table that the model has."""

import pytest
from merge_world import FIELDS, LISTS, SHAPES, UID, canonical, customer, entry_id, place_of, token, with_value

from crmcli.model.edits import MOVES
from crmcli.model.fields import Level
from crmcli.model.merge import Clash, merge
from crmcli.store.yamlread import parse
from crmcli.store.yamlwrite import render

CLASH = "clash"
CLEAR, SEALED = ("a", "b", "c"), tuple(map(token, "abc"))
# What happens to one value: ancestor, ours, theirs → what comes of it (None: not there). Either side may be ours.
VALUE_ROWS = {
    "neither has it": (None, None, None, None),
    "neither changes it": ("a", "a", "a", "a"),
    "one gives it": (None, "a", None, "a"),
    "both give the same": (None, "a", "a", "a"),
    "both give different ones": (None, "a", "b", CLASH),
    "one changes it": ("a", "b", "a", "b"),
    "both change it alike": ("a", "b", "b", "b"),
    "both change it apart": ("a", "b", "c", CLASH),
    "one clears it": ("a", None, "a", None),
    "both clear it": ("a", None, None, None),
    "one clears what the other changes": ("a", None, "b", CLASH),
}
LIST_ROWS = {
    "one adds": ("a", "ab", "a", "ab"),
    "both add": ("a", "ad", "ac", "acd"),
    "both add the same": ("a", "ab", "ab", "ab"),
    "both begin it": ("", "b", "a", "ab"),
    "one removes": ("ab", "b", "ab", "b"),
    "both remove": ("abc", "ab", "bc", "b"),
    "one removes, the other adds": ("ab", "a", "abc", "ac"),
    "both remove all": ("a", "", "", ""),
    "one orders it anew, the other adds": ("abc", "cba", "abcd", "cdba"),
    "one puts something between": ("ac", "abc", "acd", "abcd"),
}
SINGLES = [
    field
    for field in FIELDS.values()
    if (not field.many or field.table)
    and field.key[-1] != "uid"
    and not (field.key[0] in LISTS and field.key[-1] == "id")
]
MANY = [field for field in FIELDS.values() if field.many and not field.table]


@pytest.mark.parametrize("field", SINGLES, ids=lambda field: field.name)
def test_a_field(field):
    for what, row in VALUE_ROWS.items():
        for letters in (CLEAR, SEALED):
            *sides, wanted = (dict(zip("abc", letters, strict=True)).get(item, item) for item in row)
            for base, ours, theirs in (sides, (sides[0], sides[2], sides[1])):
                _expect(field, (base, ours, theirs), wanted, what)


def _expect(field, sides, wanted, what):
    found = merge(*(with_value(field, side) for side in sides))
    clashes = (Clash(place_of(field), *sides),) if wanted == CLASH else ()
    mine, other = sides[1:] if clashes else (wanted, wanted)
    assert found.clashes == clashes, what
    assert render(found.tree) == render(with_value(field, mine)), what
    assert render(found.other) == render(with_value(field, other)), what


@pytest.mark.parametrize("row", LIST_ROWS.values(), ids=LIST_ROWS)
@pytest.mark.parametrize("field", MANY, ids=lambda field: field.name)
def test_a_list_of_texts(field, row):
    base, ours, theirs, wanted = (_listed(field.key[0], letters) for letters in row)
    for found in (merge(base, ours, theirs), merge(base, theirs, ours)):
        assert not found.clashes
        assert render(found.tree) == render(found.other) == render(wanted)


def _listed(name, letters):
    return customer(**({name: [*letters]} if letters else {}))


@pytest.mark.parametrize("field", [field for field in FIELDS.values() if field.table], ids=lambda field: field.name)
def test_rows_of_a_table(field):
    base, ours, theirs, wanted = (
        customer(**{field.key[0]: {key: key for key in keys}}) for keys in ("ab", "abd", "bc", "bcd")
    )
    assert render(merge(base, ours, theirs).tree) == render(merge(base, theirs, ours).tree) == render(wanted)


def _entry(kind, number, **more):
    when = {name: "2024-05-10" for name in ("at", "date") if name in kind.model_fields}
    return canonical({"id": entry_id(kind, number), **when, **more}, kind)


def _own(kind):
    return [name for name in kind.model_fields if name not in ("id", "at", "date")]


def _entry_rows(kind):
    """Kind of change → entries of the ancestor, of ours, of theirs, and what comes of it."""
    first, *_between, last = _own(kind)
    one, two, three = (_entry(kind, number, **{first: "a"}) for number in (1, 2, 3))
    changed, also = one | {first: "b"}, canonical(one | {last: "z"}, kind)
    return {
        "one adds": ([one], [one, two], [one], [one, two]),
        "both add": ([one], [one, three], [one, two], [one, two, three]),
        "both add the same": ([one], [one, two], [one, two], [one, two]),
        "both begin it": ([], [two], [one], [one, two]),
        "one changes": ([one, two], [changed, two], [one, two], [changed, two]),
        "both change alike": ([one], [changed], [changed], [changed]),
        "both change different fields": ([one], [changed], [also], [also | {first: "b"}]),
        "one changes, the other adds": ([one], [changed], [one, two], [changed, two]),
        "one deletes": ([one, two], [two], [one, two], [two]),
        "both delete": ([one, two, three], [one, two], [two, three], [two]),
        "both delete the same": ([one], [], [], []),
        "one deletes, the other adds": ([one, two], [two], [one, two, three], [two, three]),
        "one puts one between": ([one, three], [one, two, three], [one, three], [one, two, three]),
        "one orders anew, the other changes": ([one, two], [two, one], [changed, two], [two, changed]),
    }


@pytest.mark.parametrize("name", LISTS)
def test_entries(name):
    for what, row in _entry_rows(LISTS[name]).items():
        base, ours, theirs, wanted = (customer(**({name: items} if items else {})) for items in row)
        for found in (merge(base, ours, theirs), merge(base, theirs, ours)):
            assert not found.clashes, what
            assert render(found.tree) == render(found.other) == render(wanted), what


@pytest.mark.parametrize("name", LISTS)
def test_an_entry_deleted_on_one_side_and_changed_on_the_other(name):
    kind = LISTS[name]
    one, two, three = (_entry(kind, number, **{_own(kind)[0]: "a"}) for number in (1, 2, 3))
    changed = one | {_own(kind)[0]: "b"}
    base, ours, theirs = (
        customer(**{name: [one, two]}),
        customer(**{name: [two, three]}),
        customer(**{name: [changed, two]}),
    )
    found = merge(base, ours, theirs)
    assert found.clashes == (Clash((name, one["id"]), one, None, changed),)
    assert (found.tree, found.other) == (ours, customer(**{name: [changed, two, three]}))
    assert merge(base, theirs, ours).clashes == (Clash((name, one["id"]), one, changed, None),)


@pytest.mark.parametrize("name", [name for name, kind in LISTS.items() if {"at", "date"} & kind.model_fields.keys()])
def test_what_both_sides_added_stands_by_its_day(name):
    kind, when = LISTS[name], "at" if "at" in LISTS[name].model_fields else "date"
    days = {number: f"2024-05-1{day}" for number, day in {1: 9, 2: 1, 3: 0, 4: 2}.items()}
    one, two, three, four = (_entry(kind, number, **{when: day}) for number, day in days.items())
    base = customer(**{name: [one]})
    ours, theirs = customer(**{name: [one, two, four]}), customer(**{name: [one, three]})
    assert merge(base, ours, theirs).tree[name] == merge(base, theirs, ours).tree[name] == [one, three, two, four]


def test_moments_are_compared_across_offsets():
    kind = LISTS["interactions"]
    early, late = _entry(kind, 2, at="2024-05-10T09:00+08:00"), _entry(kind, 1, at="2024-05-10T02:00+00:00")
    found = merge(None, customer(interactions=[late]), customer(interactions=[early]))
    assert found.tree["interactions"] == [early, late]


def test_every_field_of_the_model_is_in_these_tables():
    apart = {("uid",), *((name, "id") for name in LISTS)}
    assert {field.key for field in FIELDS.values()} == {field.key for field in (*SINGLES, *MANY)} | apart
    shapes = {shape[0] for shape in SHAPES.values() if isinstance(shape, tuple)}
    assert shapes == {"part", "entries", "list", "table"}


def test_two_customers_are_never_mixed():
    base, ours = customer(name="a"), customer(name="b", phone="c")
    theirs = customer(email="d") | {"uid": UID[::-1]}
    for was in (None, base):
        found = merge(was, ours, theirs)
        assert found.clashes == (Clash(("uid",), UID if was else None, UID, UID[::-1]),)
        assert (found.tree, found.other) == (ours, theirs)


@pytest.mark.parametrize("name", MOVES)
def test_what_each_side_moved_by_itself_is_a_clash_though_one_came_back_to_where_it_was(name):
    history, letter = MOVES[name]

    def stood(value, *moves):
        entries = [{"id": f"{letter}{number:08d}", "date": "2024-05-10", name: to} for number, to in moves]
        return customer(
            **{name: value, history: [{"id": f"{letter}00000009", "date": "2024-05-01", name: "a"}, *entries]}
        )

    base, there_and_back, away = stood("a"), stood("a", (1, "b"), (3, "a")), stood("c", (2, "c"))
    found = merge(base, there_and_back, away)
    assert found.clashes == (Clash((name,), "a", "a", "c"),)
    assert [move["id"][-1] for move in found.tree[history]] == ["9", "1", "2", "3"]
    assert not merge(base, stood("c", (1, "c")), away).clashes


def test_a_part_cleared_on_one_side_and_changed_on_the_other_clashes_where_it_changed():
    base = customer(collection={"purpose": "a", "basis": "a"})
    found = merge(base, customer(), customer(collection={"purpose": "a", "basis": "b"}))
    assert found.clashes == (Clash(("collection", "basis"), "a", None, "b"),)
    assert (found.tree, found.other) == (customer(), customer(collection={"basis": "b"}))


def test_both_added_the_file():
    ours, theirs = customer(name="a", tags=["x"]), customer(name="b", phone="c", tags=["y"])
    found = merge(None, ours, theirs)
    assert found.clashes == (Clash(("name",), None, "a", "b"),)
    assert found.tree == customer(name="a", phone="c", tags=["x", "y"])


OLD, NEW, RAISED = token("a", 1), token("a", 2), token("a", 1, Level.RESTRICTED)
RESEALED = {
    "one side anew": (OLD, NEW, OLD, NEW),
    "both sides anew": (OLD, NEW, token("a", 3), token("a", 3)),
    "anew here, raised there": (OLD, NEW, RAISED, RAISED),
    "anew here, changed there": (OLD, NEW, token("b"), token("b")),
    "anew here, cleared there": (OLD, NEW, None, None),
    "both changed": (OLD, token("b"), token("c"), CLASH),
}


@pytest.mark.parametrize("row", RESEALED.values(), ids=RESEALED)
def test_a_token_whose_value_others_can_compare(row):
    letters = {token(text, number): text for text in "abc" for number in (1, 2, 3)} | {RAISED: "a"}
    field, (*sides, wanted) = FIELDS["phone"], row
    for base, ours, theirs in (sides, (sides[0], sides[2], sides[1])):
        trees = [with_value(field, side) for side in (base, ours, theirs)]
        found = merge(*trees, lambda one, two: letters[one] == letters[two])
        assert bool(found.clashes) == (wanted == CLASH)
        assert found.tree == with_value(field, ours if wanted == CLASH else wanted)


def test_an_entry_that_was_only_sealed_anew_can_be_deleted():
    kind = LISTS["interactions"]
    base, anew = (customer(interactions=[_entry(kind, 1, summary=text)]) for text in (OLD, NEW))
    assert [clash.place for clash in merge(base, customer(), anew).clashes] == [("interactions", entry_id(kind, 1))]
    assert merge(base, customer(), anew, lambda one, two: True) == merge(base, customer(), base)


def test_without_keys_no_token_is_compared_with_a_clear_text():
    field = FIELDS["phone"]
    asked = []
    found = merge(*(with_value(field, text) for text in ("a", OLD, "b")), lambda *pair: bool(asked.append(pair)))
    assert [clash.place for clash in found.clashes] == [("phone",)]
    assert not asked


@pytest.mark.parametrize("items", [["x", "x"], [{"summary": "x"}], [["x"]], "x"])
def test_a_list_that_is_none_is_one_value(items):
    base, side = customer(tags=["a"]), {**customer(), "tags": items}
    assert merge(base, side, base).tree == merge(base, base, side).tree == side
    assert merge(base, side, customer(tags=["b"])).clashes == (Clash(("tags",), ["a"], items, ["b"]),)


def test_keys_that_the_model_does_not_know_stay_behind_those_it_knows():
    base, ours, theirs = customer(), {"later": "a", **customer()}, {**customer(phone="b"), "zeal": {"x": "y"}}
    wanted = {**customer(phone="b"), "later": "a", "zeal": {"x": "y"}}
    assert render(merge(base, ours, theirs).tree) == render(merge(base, theirs, ours).tree) == render(wanted)


def test_the_keys_come_out_in_canonical_order():
    shuffled = dict(reversed(customer(name="a", phone="b", bank={"account": "c", "name": "d"}).items()))
    shuffled["bank"] = dict(reversed(shuffled["bank"].items()))
    found = merge(customer(), shuffled, customer(tier="e"))
    wanted = customer(name="a", phone="b", tier="e", bank={"account": "c", "name": "d"})
    assert render(found.tree) == render(wanted)
    assert parse(render(found.tree), "x").tree == found.tree
