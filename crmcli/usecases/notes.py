"""The notes of commits: a person's own words about one customer, sealed in a sealed vault like the customer's values."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crmcli.errors import CrmError, Invalid, ValueProblem
from crmcli.model.identity import number_at, record_path
from crmcli.model.sealed import is_token
from crmcli.store.history import Commit, blobs
from crmcli.store.transaction import Change, Message
from crmcli.store.yamlread import parse
from crmcli.text import _
from crmcli.usecases.workplace import Workplace

NOTE = "Crm-Note"


def sealed_note(work: Workplace, said: Message, changes: Sequence[Change]) -> Message:
    """The message as it may enter git. Invalid for a note about no customer or several: it is sealed with one's key."""
    note = next((text for name, text in said.trailers if name == NOTE), None)
    if note is None or not work.sealed:
        return said
    sealed = _token(work, [change.content for change in changes if number_at(change.path) and change.content], note)
    trailers = tuple((name, sealed if name == NOTE else text) for name, text in said.trailers)
    return replace(said, trailers=trailers)


def seal_note(work: Workplace, contents: Sequence[bytes], note: str) -> str:
    """A note as it may enter git, about the one customer whose file has these contents; the key it is sealed with is
    durable. Called under the lock. Raises as `sealed_note`."""
    if work.keyring is None:
        return note
    work.keyring.refresh(work.vault)
    sealed = _token(work, contents, note)
    work.keyring.keep()
    return sealed


def _token(work: Workplace, contents: Sequence[bytes], note: str) -> str:
    if len(contents) != 1:
        raise Invalid(
            _("A note is sealed with the key of one customer; this change is not about one alone."),
            kind="usage",
            hint=_("Leave --note out; --reason CODE can be given."),
        )
    return work.sealer.seal_note(parse(contents[0], "").tree, note)


def opened_notes(work: Workplace, commits: Sequence[Commit]) -> dict[str, str]:
    """The notes of these commits by hash, as their reader may see them; those in clear stand as they are."""
    told = {commit.hash: note for commit in commits if (note := commit.trailer(NOTE))}
    sealed = [commit for commit in commits if is_token(told.get(commit.hash, ""))]
    if not sealed or not work.sealed:
        return told
    trees = _trees(work, sealed)
    opened = {
        commit.hash: work.sealer.open_note(tree, told[commit.hash]) for commit, tree in zip(sealed, trees, strict=True)
    }
    return {**told, **opened}


def _trees(work: Workplace, commits: Sequence[Commit]) -> list[Mapping[str, Any]]:
    """The file of the customer each commit is about, as of that commit."""
    found = blobs(work.vault, [(commit.hash, _about(commit)) for commit in commits])
    return [_tree(data) for data in found]


def _about(commit: Commit) -> str:
    """The customer's file that a commit changed, or that an event names; empty for none."""
    changed = next((path for path in commit.paths if number_at(path)), "")
    try:
        return changed or record_path(commit.trailer("Crm-Record") or "")
    except ValueProblem:
        return ""


def _tree(data: bytes | None) -> Mapping[str, Any]:
    try:
        return parse(data, "").tree if data else {}
    except CrmError:
        return {}
