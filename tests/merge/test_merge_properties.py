"""What holds for every merge: the sides count alike, nothing is lost or invented, merging again changes nothing."""

from copy import deepcopy

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from merge_world import LISTS, changed, customer, leaves, threes, token

from crmcli.model.merge import Clash, merge
from crmcli.model.merge_order import united
from crmcli.store.yamlwrite import render

many = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
orders = st.permutations("abcdef").flatmap(lambda names: st.integers(0, 6).map(lambda count: names[:count]))


def _ids(tree, name):
    return [item["id"] for item in tree.get(name, ())]


def _swapped(clashes):
    return tuple(Clash(one.place, one.base, one.theirs, one.ours) for one in clashes)


@given(threes())
@many
def test_the_sides_count_alike(three):
    base, ours, theirs = three
    one, two = merge(base, ours, theirs), merge(base, theirs, ours)
    event("clash" if one.clashes else "merged")
    assert (one.clashes, render(one.tree), render(one.other)) == (
        _swapped(two.clashes),
        render(two.other),
        render(two.tree),
    )
    if not one.clashes:
        assert render(one.tree) == render(two.tree) == render(one.other)


@given(changed(customer(), 4, 12).flatmap(lambda base: st.tuples(st.just(base), changed(base, 1, 6))))
@many
def test_a_change_of_one_side_is_taken_as_it_is(pair):
    base, side = pair
    for found in (merge(base, side, side), merge(base, base, side), merge(base, side, base), merge(None, side, side)):
        assert not found.clashes
        assert render(found.tree) == render(found.other) == render(side)


@given(threes())
@many
def test_no_entry_is_lost(three):
    base, ours, theirs = three
    found = merge(base, ours, theirs)
    for name in LISTS:
        mine, other, known = _ids(ours, name), _ids(theirs, name), _ids(base or {}, name)
        wanted = set(mine) & set(other) | {one for one in (*mine, *other) if one not in known}
        assert wanted <= set(_ids(found.tree, name))
        assert wanted <= set(_ids(found.other, name))
        assert len(set(_ids(found.tree, name))) == len(_ids(found.tree, name))


@given(threes())
@many
def test_no_value_comes_out_that_did_not_stand_there_on_a_side(three):
    base, ours, theirs = three
    found = merge(base, ours, theirs)
    mine, other = leaves(ours), leaves(theirs)
    for tree in (found.tree, found.other):
        for place, text in leaves(tree).items():
            assert text in (mine.get(place), other.get(place))


@given(threes())
@many
def test_what_only_one_side_changed_is_changed(three):
    base, ours, theirs = three
    found = merge(base, ours, theirs)
    was, mine, other, merged = leaves(base or {}), leaves(ours), leaves(theirs), leaves(found.tree)
    clashed = {one.place for one in found.clashes}
    for place in was.keys() | mine.keys() | other.keys():
        if not any(place[: len(part)] == part for part in clashed):
            assert merged.get(place) == (other if mine.get(place) == was.get(place) else mine).get(place)


@given(threes())
@many
def test_merging_the_result_with_a_side_again_changes_nothing(three):
    base, ours, theirs = three
    merged = merge(base, ours, theirs)
    if not merged.clashes:
        for side in (ours, theirs):
            again = merge(base, merged.tree, side)
            assert not again.clashes
            assert render(again.tree) == render(merged.tree)


@given(threes())
@many
def test_a_clash_says_what_stands_there(three):
    base, ours, theirs = three
    found = merge(base, ours, theirs)
    assert len({one.place for one in found.clashes}) == len(found.clashes)
    for one in found.clashes:
        assert one.ours != one.theirs
        assert (one.base, one.ours, one.theirs) == tuple(_at(tree, one.place) for tree in (base or {}, ours, theirs))
        assert (one.ours, one.theirs) == (_at(found.tree, one.place), _at(found.other, one.place))
    assert (found.tree == found.other) == (not found.clashes)


def _at(tree, place):
    for key in place:
        items = {item["id"]: item for item in tree} if isinstance(tree, list) else tree
        tree = items.get(key) if items else None
    return tree


@given(threes(), st.data())
@many
def test_who_has_keys_merges_what_was_sealed_anew_as_if_it_stood_in_clear(three, data):
    letters = {token(letter, generation): letter for letter in "abc" for generation in (1, 2, 3)}

    def opened(text):
        return letters.get(text, text)

    def sealed(text):
        return token(text, data.draw(st.integers(1, 3))) if text in ("a", "b", "c") else text

    base, ours, theirs = (_mapped(tree, opened) for tree in three)
    clear = merge(base, ours, theirs)
    anew = (_mapped(tree, sealed) for tree in (base, ours, theirs))
    found = merge(*anew, lambda one, two: opened(one) == opened(two))
    assert [one.place for one in found.clashes] == [one.place for one in clear.clashes]
    assert (_mapped(found.tree, opened), _mapped(found.other, opened)) == (clear.tree, clear.other)


def _mapped(node, change, key=None):
    """The node with every text changed but tags, which are never sealed."""
    if isinstance(node, dict):
        return {name: _mapped(item, change, name) for name, item in node.items()}
    if isinstance(node, list):
        return [item if key == "tags" else _mapped(item, change) for item in node]
    return change(node) if node is not None else None


@given(orders, orders, orders)
@many
def test_what_stands_in_one_order_on_both_sides_keeps_it(base, ours, theirs):
    order = united(base, ours, theirs, str)
    assert sorted(order) == sorted({*ours, *theirs})
    assert order == united(base, theirs, ours, str)
    both = [name for name in ours if name in theirs]
    for at, first in enumerate(both):
        for second in both[at + 1 :]:
            if theirs.index(first) < theirs.index(second):
                assert order.index(first) < order.index(second)


@given(orders, orders, orders)
@settings(max_examples=400, deadline=None)
def test_an_order_found_once_is_found_again(base, ours, theirs):
    base = [name for name in base if (name in ours) == (name in theirs)]  # what one side deleted is gone by now
    order = united(base, ours, theirs, str)
    assert united(base, order, ours, str) == united(base, theirs, order, str) == order


def test_a_merge_changes_neither_side():
    base = customer(tags=["vip"], collection={"purpose": "a"})
    ours, theirs = customer(tags=["vip", "new"]), customer(collection={"purpose": "b", "basis": "consent"})
    kept = deepcopy((base, ours, theirs))
    merge(base, ours, theirs)
    assert (base, ours, theirs) == kept
