"""What a person decided where two versions of a customer clash, put into both, so that they clash there no more. Pure."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Literal

from crmcli.model.edits import Tree
from crmcli.model.merge import Place

Side = Literal["ours", "theirs"]
WHOLE = ""  # stands for the file as a whole


def agreed(ours: Tree, theirs: Tree, sides: Mapping[str, Side]) -> tuple[Tree, Tree]:
    """Both versions with the chosen side's value at each of these places (`tier`, `interactions.I7K2M9QXA.summary`)."""
    mine, other = deepcopy(ours), deepcopy(theirs)
    for name, side in sides.items():
        place = tuple(name.split("."))
        source, target = (mine, other) if side == "ours" else (other, mine)
        _put(target, source, place)
    return mine, other


def at(tree: Tree | None, place: Place) -> Any:
    """What stands at a place, an entry by its id; None for nothing."""
    node: Any = tree
    for part in place:
        node = _items(node).get(part)
    return node


def _put(target: Any, source: Any, place: Place) -> None:
    """Make what stands at the place in one tree stand there in the other."""
    first, *rest = place
    if isinstance(source, list) or isinstance(target, list):
        _put_item(target, source, first, rest)
        return
    found = source.get(first)
    if found is None:
        target.pop(first, None)
    elif rest and target.get(first) is not None:
        _put(target[first], found, tuple(rest))
        if not target[first]:
            del target[first]
    else:
        target[first] = deepcopy(found)


def _put_item(target: list[Any], source: list[Any], name: str, rest: list[str]) -> None:
    mine, other = _items(target), _items(source)
    if name not in other:
        target[:] = [item for key, item in mine.items() if key != name]
    elif rest and name in mine:
        _put(mine[name], other[name], tuple(rest))
    elif name in mine:
        target[list(mine).index(name)] = deepcopy(other[name])
    else:  # where it stood: before the first of those that come after it
        later = list(other)[list(other).index(name) :]
        place = next((n for n, key in enumerate(mine) if key in later), len(target))
        target.insert(place, deepcopy(other[name]))


def _items(node: Any) -> dict[str, Any]:
    if isinstance(node, list):
        return {str(item.get("id")) if isinstance(item, dict) else str(item): item for item in node}
    return node if isinstance(node, dict) else {}
