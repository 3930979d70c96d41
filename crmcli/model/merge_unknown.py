"""Two versions of one customer's plain tree as one common ancestor, when it can't be told which of them it is. Pure."""

from typing import Any


def common(one: Any, other: Any, mark: str) -> Any:
    """What both have alike; `mark`, which neither side of a merge has, wherever they differ: a merge from there keeps
    what its sides have alike, and everything else clashes instead of passing for unchanged on one of them."""
    if one == other:
        return one
    if all(node is None or isinstance(node, dict) for node in (one, other)):
        mine, theirs = one or {}, other or {}
        return {key: common(mine.get(key), theirs.get(key), mark) for key in dict.fromkeys((*mine, *theirs))}
    mine, theirs = _entries(one), _entries(other)
    if mine is None or theirs is None:
        return mark
    names = dict.fromkeys((*mine, *theirs))
    return [{**common(mine.get(name), theirs.get(name), mark), "id": name} for name in names]


def _entries(node: Any) -> dict[str, Any] | None:
    """The entries of a list by id; None where it holds anything else."""
    items = [] if node is None else node
    if not isinstance(items, list) or not all(
        isinstance(item, dict) and isinstance(item.get("id"), str) for item in items
    ):
        return None
    return {item["id"]: item for item in items}
