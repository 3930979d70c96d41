"""The shape of a customer file once read: nested dict, list and str, with the line of every key and item.

Promises that every scalar is exactly the string that stands in the file. Holds no logic.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Node = str | list["Node"] | dict[str, "Node"]
Tree = dict[str, Node]
Path = tuple[str | int, ...]

MAX_BYTES = 1 << 20
MAX_MANY_BYTES = 8 << 20
MAX_DEPTH = 8
MAX_KEY = 100


@dataclass(frozen=True, slots=True)
class Source:
    """One document.

    tree   what it says
    lines  the way to every key and item (`("tags", 0)`) → its 1-based line
    """

    tree: Tree
    lines: Mapping[Path, int]
