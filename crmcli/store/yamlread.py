"""YAML bytes → plain trees of strings. The one door for everything that reads customer files.

Promises that a scalar is the string that stands in the file, whatever YAML would make of it, and that doubtful input is
refused with file, line, field and a hint. Never opens a file.
"""

from typing import TYPE_CHECKING

from crmcli.late import late
from crmcli.store.yamlbytes import text_of
from crmcli.store.yamlcanonical import canonical_source
from crmcli.store.yamltree import MAX_BYTES, MAX_MANY_BYTES, Node, Source, Tree

if TYPE_CHECKING:
    from crmcli.store import yamlevents
else:
    yamlevents = late("crmcli.store.yamlevents")  # needed for what is not in canonical form

__all__ = ["MAX_BYTES", "MAX_MANY_BYTES", "Node", "Source", "Tree", "parse", "parse_many"]

_MARK = b"\xef\xbb\xbf"


def parse(data: bytes, path: str) -> Source:
    """The one customer in `data`; `path` is for messages only. Invalid for anything doubtful, with its place."""
    text = text_of(data, path, MAX_BYTES)
    return canonical_source(text) or yamlevents.documents(text, path, many=False)[0]


def parse_many(data: bytes, path: str) -> list[Source]:
    """All customers in what a person hands in: one mapping, several documents, or lists of mappings. At least one.

    A byte order mark at the start, as some editors leave it, is passed over. Invalid as in `parse`.
    """
    return yamlevents.documents(text_of(data.removeprefix(_MARK), path, MAX_MANY_BYTES), path, many=True)
