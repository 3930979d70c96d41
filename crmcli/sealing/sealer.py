"""Sealing between the model and the store: plain trees in, trees that may enter git out, and back.

An open vault (`sealing: false`) seals nothing. Tokens never stand in it: one that does came from a sealed vault and is
named, since no key here opens it. This layer never reads or writes files.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from crmcli.errors import Damaged, Finding, Refused, Where
from crmcli.text import _

TOKEN = "ENC["  # noqa: S105 - the first characters of every sealed value, not a password


class Sealer(Protocol):
    """What the use cases need of sealing, whatever the vault's kind."""

    def seal(self, tree: Mapping[str, Any]) -> dict[str, Any]:
        """The tree as it may enter git."""

    def open(self, tree: Mapping[str, Any], path: str) -> dict[str, Any]:
        """The tree as its reader may see it; Damaged for a value that is not what it must be."""


class OpenSealer:
    """The sealer of an open vault: everything stays as it is."""

    def seal(self, tree: Mapping[str, Any]) -> dict[str, Any]:
        """The same tree."""
        return dict(tree)

    def open(self, tree: Mapping[str, Any], path: str) -> dict[str, Any]:
        """The same tree; Damaged where it holds a token."""
        if _holds_token(tree):
            field = next(field for field, value in _texts(tree, "") if value.startswith(TOKEN))
            finding = Finding(_("A sealed value in an open vault."), Where(path, None, field))
            raise Damaged(finding.message, where=finding.where, findings=[finding])
        return dict(tree)


def sealer_for(*, sealing: bool) -> Sealer:
    """The sealer of a vault by its setting; a sealed vault needs a program that can seal."""
    if sealing:
        raise Refused(_("This vault is sealed; this version of crm reads open vaults only."), hint=_("Update crm."))
    return OpenSealer()


def _holds_token(node: Any) -> bool:
    """Whether any value is a token: asked of every file read, so without the way to it."""
    if isinstance(node, str):
        return node.startswith(TOKEN)
    return any(map(_holds_token, node.values() if isinstance(node, Mapping) else node))


def _texts(node: Any, field: str) -> list[tuple[str, str]]:
    if isinstance(node, str):
        return [(field, node)]
    pairs = node.items() if isinstance(node, Mapping) else enumerate(node, 1)
    return [found for key, value in pairs for found in _texts(value, f"{field}.{key}" if field else str(key))]
