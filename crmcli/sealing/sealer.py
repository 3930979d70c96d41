"""Sealing between the model and the store: plain trees in, trees that may enter git out, and back.

An open vault (`sealing: false`) seals nothing. Tokens never stand in it: one that does came from a sealed vault and is
named, since no key here opens it. This layer never reads or writes files.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from crmcli.errors import Damaged, Finding, Where
from crmcli.model.findings import Lines, line_of
from crmcli.model.sealed import is_token
from crmcli.sealing.leaves import Tree, leaves
from crmcli.text import _

Missing = Literal["level", "salt", "destroyed"]


@dataclass(frozen=True, slots=True)
class Opened:
    """A tree as its reader may see it.

    tree      values that could not be opened stay tokens (`Sealed`)
    damaged   values that are not what they must be, each with its field
    clear     values that stand in clear though they must be sealed
    missing   why other values stayed sealed: the reader's level, no salt here, or the salt is destroyed
    """

    tree: Tree
    damaged: tuple[Finding, ...] = ()
    clear: tuple[Finding, ...] = ()
    missing: frozenset[Missing] = frozenset()


class Sealer(Protocol):
    """What the use cases need of sealing, whatever the vault's kind.

    missing    why any value that it was to open stayed sealed
    destroyed  the files of which values stayed sealed for ever
    """

    missing: set[Missing]
    destroyed: set[str]

    def seal(self, tree: Mapping[str, Any], was: Mapping[str, Any] | None = None, *, renew: bool = False) -> Tree:
        """The tree as it may enter git.

        was    the sealed tree of the version before: what did not change keeps its token
        renew  bring everything to today's levels and newest keys, and take in what stood in clear
        """

    def open(self, tree: Mapping[str, Any], path: str | None, lines: Lines | None = None) -> Opened:
        """The tree as its reader may see it; `path` and `lines` (of each key) tell where a finding is."""

    def refuse_above(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Refused where one sealed tree differs from another in a value above the reader's level."""

    def seal_note(self, tree: Mapping[str, Any], text: str) -> str:
        """The words of a commit about this customer, as they may enter git. `tree`: the customer's sealed tree."""

    def open_note(self, tree: Mapping[str, Any], text: str) -> str:
        """The words of a commit about this customer, as its reader may see them."""


class OpenSealer:
    """The sealer of an open vault: everything stays as it is."""

    def __init__(self) -> None:
        self.missing: set[Missing] = set()
        self.destroyed: set[str] = set()

    def seal(self, tree: Mapping[str, Any], was: Mapping[str, Any] | None = None, *, renew: bool = False) -> Tree:
        """The same tree."""
        return dict(tree)

    def open(self, tree: Mapping[str, Any], path: str | None, lines: Lines | None = None) -> Opened:
        """The same tree; Damaged where it holds a token."""
        if _holds_token(tree):
            found = next(leaf for leaf in leaves(tree) if is_token(leaf.text))
            where = Where(path, line_of(found.place, lines or {}), found.path)
            finding = Finding(_("A sealed value in an open vault."), where)
            raise Damaged(finding.message, where=finding.where, findings=[finding])
        return Opened(dict(tree))

    def refuse_above(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Nothing is above anybody's level."""

    def seal_note(self, tree: Mapping[str, Any], text: str) -> str:
        """The same words."""
        return text

    def open_note(self, tree: Mapping[str, Any], text: str) -> str:
        """The same words."""
        return text


def _holds_token(node: Any) -> bool:
    """Whether any value is a token: asked of every file read, so without the way to it."""
    if isinstance(node, str):
        return is_token(node)
    return any(map(_holds_token, node.values() if isinstance(node, Mapping) else node))
