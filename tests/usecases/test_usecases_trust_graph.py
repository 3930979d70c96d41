"""Ancestors told from a list of commits are those that git tells."""

from itertools import combinations

from conftest import git
from hypothesis import given, settings
from hypothesis import strategies as st
from trust_world import World, new_world

from crmcli.usecases.trust_graph import Bases, bits, forebears, heirs
from crmcli.usecases.trust_history import Step, history_of

# For each commit after the first, how far back its parents are.
SHAPES = st.lists(st.lists(st.integers(0, 6), min_size=1, max_size=2), min_size=3, max_size=12)


def made(world: World, shape: list[list[int]]) -> list[str]:
    tree = git(world.root, "hash-object", "-t", "tree", "-w", "--stdin").strip()
    line = "x <x@example.invalid> 1800000000 +0800"
    names: list[str] = []
    for turn, back in enumerate([[], *shape]):
        parents = list(dict.fromkeys(names[max(0, len(names) - 1 - one)] for one in back))
        head = [f"tree {tree}", *(f"parent {one}" for one in parents), f"author {line}", f"committer {line}"]
        names.append(world.write(("\n".join([*head, "", f"turn {turn}\n"])).encode()))
    return names


@settings(max_examples=15, deadline=None)
@given(shape=SHAPES)
def test_ancestors_and_merge_bases_are_gits(shape: list[list[int]], tmp_path_factory) -> None:
    world = new_world(tmp_path_factory.mktemp("graph"))
    names = made(world, shape)
    tips = [f"{name}^0" for name in names]
    top = git(
        world.root, "commit-tree", f"{names[0]}^{{tree}}", *(word for one in tips for word in ("-p", one)), "-m", "x"
    )
    steps: dict[str, Step] = history_of(world.vault, top.strip())
    have, had = forebears(steps, names), heirs(steps, names)
    graph = Bases(steps)
    for name in names:
        before = set(git(world.root, "rev-list", name).split())
        assert {names[place] for place in bits(have[name])} == before
        assert {one for one in names if had[one] >> names.index(name) & 1} == before
    for one, other in combinations(names, 2):
        told = git(world.root, "merge-base", "--all", one, other, check=False).split()
        assert sorted(graph.of(one, [other])) == sorted(told)
    *others, last = names[-3:]
    assert sorted(graph.of(last, others)) == sorted(git(world.root, "merge-base", "--all", last, *others).split())
