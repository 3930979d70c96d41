"""Plain trees → the canonical bytes of a customer file.

Promises one way to write each tree (block style, two spaces a step, no folding, UTF-8, LF) and that `yamlread.parse`,
as well as any YAML 1.1 or 1.2 parser, reads the same strings back. Never orders keys, never opens a file.
"""

from functools import lru_cache

from crmcli.errors import Invalid
from crmcli.store.comments import Comments, woven
from crmcli.store.yamlscalar import is_block, is_name, is_plain, quoted
from crmcli.store.yamltree import MAX_BYTES, MAX_DEPTH, Node, Tree
from crmcli.text import _


def render(tree: Tree, comments: Comments | None = None) -> bytes:
    """`tree` in the given order of keys, with `comments` put back where their places still exist.

    ValueError for what has no place in a file: empty dict or list, lone surrogates, unfit keys, too deep nesting.
    Invalid when the result is larger than `parse` reads.
    """
    pieces: list[str] = []
    _write_mapping(tree, 0, "", pieces)
    if comments:
        pieces = woven(tree, pieces, comments)
    data = ("\n".join(pieces) + "\n").encode()
    if len(data) > MAX_BYTES:
        message = _("The customer file would be too large: {size} bytes; at most {limit} are kept.")
        raise Invalid(
            message.format(size=len(data), limit=MAX_BYTES),
            hint=_("Shorten the text, or keep it as an attachment."),
        )
    return data


def _write_mapping(tree: dict[str, Node], indent: int, lead: str, pieces: list[str]) -> None:
    """One piece for each key; `lead` stands before the first one in place of the margin."""
    _check(tree, indent)
    margin = " " * indent
    for key, node in tree.items():
        if isinstance(node, str):
            pieces.append(f"{lead}{_name(key)}: {_scalar(node, indent)}")
        else:
            pieces.append(f"{lead}{_name(key)}:")
            _write_collection(node, indent + 2, margin + "  ", pieces)
        lead = margin


def _write_sequence(items: list[Node], indent: int, lead: str, pieces: list[str]) -> None:
    _check(items, indent)
    margin = " " * indent
    for item in items:
        if isinstance(item, str):
            pieces.append(f"{lead}- {_scalar(item, indent)}")
        else:
            _write_collection(item, indent + 2, f"{lead}- ", pieces)
        lead = margin


def _write_collection(node: list[Node] | dict[str, Node], indent: int, lead: str, pieces: list[str]) -> None:
    if isinstance(node, dict):
        _write_mapping(node, indent, lead, pieces)
    else:
        _write_sequence(node, indent, lead, pieces)


def _check(node: list[Node] | dict[str, Node], indent: int) -> None:
    if not node:
        raise ValueError("an empty list or table is left out, not written")
    if indent > 2 * MAX_DEPTH - 2:
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels")


def _scalar(text: str, indent: int) -> str:
    if is_plain(text):
        return text
    if not is_block(text):
        return quoted(text)
    margin = "\n" + " " * (indent + 2)
    header, body = ("|", text[:-1]) if text.endswith("\n") else ("|-", text)
    return header + "".join(margin + line if line else "\n" for line in body.split("\n"))


@lru_cache(maxsize=1024)
def _name(key: str) -> str:
    if not is_name(key):
        raise ValueError(f"not fit for a key: {key!r}")
    return key if is_plain(key) else quoted(key)
