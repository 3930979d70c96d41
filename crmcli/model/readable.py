"""What is left of a customer for a reader who can't open every value: dossier and plain tree without the sealed ones.

Rules, figures and the index work on this, so that none of them meets a token where a date belongs. Pure.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from crmcli.model.base import Part
from crmcli.model.sealed import Sealed

Some = TypeVar("Some", bound=Part)


def readable(part: Some) -> Some:
    """The part with each sealed value as if it were absent; a text that can't be absent is empty.

    An entry whose date or amount is sealed says nothing that could be counted: it is left out.
    """
    return _readable(part) or part


def readable_tree(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The plain tree without its sealed values and without what is empty then."""
    found = {key: _rest(value) for key, value in tree.items()}
    return {key: value for key, value in found.items() if value or value == tree[key]}


def holds_sealed(node: Any) -> bool:
    """Whether any value of a plain tree is sealed."""
    if isinstance(node, str):
        return isinstance(node, Sealed)
    return any(map(holds_sealed, node.values() if isinstance(node, Mapping) else node))


def _rest(node: Any) -> Any:
    if isinstance(node, Sealed):
        return None
    if isinstance(node, Mapping):
        return readable_tree(node)
    return [_rest(item) for item in node if not isinstance(item, Sealed)] if isinstance(node, list) else node


def _readable(part: Some) -> Some | None:
    """The part without sealed values, itself where it has none; None for one that cannot be without them."""
    changed: dict[str, Any] = {}
    for name, value in part.__dict__.items():
        if isinstance(value, Sealed):
            info = type(part).model_fields[name]
            if info.is_required() and info.annotation is not str:
                return None
            changed[name] = "" if info.is_required() else info.get_default(call_default_factory=True)
        elif isinstance(value, Part | list | dict):
            kept = _within(value)
            if kept is not value:
                changed[name] = kept
    return part.model_copy(update=changed) if changed else part


def _within(value: Any) -> Any:
    """What is readable of a group, a list or a table; the value itself where all of it is."""
    if isinstance(value, Part):
        return _readable(value)
    if isinstance(value, dict):
        return (
            {key: text for key, text in value.items() if not isinstance(text, Sealed)}
            if _any(value.values())
            else value
        )
    kept = [_readable(item) if isinstance(item, Part) else item for item in value]
    same = all(one is other for one, other in zip(kept, value, strict=True))
    return value if same and not _any(kept) else [one for one in kept if not (one is None or isinstance(one, Sealed))]


def _any(values: Iterable[Any]) -> bool:
    return any(isinstance(value, Sealed) for value in values)
