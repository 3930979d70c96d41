"""How every write goes: lock, recover, read, decide, then one commit of only what was decided. A dry run stops before.

A plan is made by a function that gets the desk (None in a dry run) and returns what to write; nothing else writes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crmcli.errors import Finding
from crmcli.model.compare import Difference, differences
from crmcli.model.identity import number_at
from crmcli.store.files import read_file
from crmcli.store.history import blobs
from crmcli.store.transaction import Change, Desk, Message, writing
from crmcli.usecases.certificates import refuse_destroyed
from crmcli.usecases.notes import sealed_note
from crmcli.usecases.pending_erasure import tell_of_plans
from crmcli.usecases.records import opened_tree
from crmcli.usecases.view import View
from crmcli.usecases.workplace import Workplace

NAMED = 50  # customers whom a commit message names


@dataclass(frozen=True)
class Plan:
    """What a write would do: the files, the commit's message, the customers, and what should be said about it."""

    changes: Sequence[Change]
    message: Message
    numbers: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    adopt: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a write did. `commit` is None when nothing had to change, or in a dry run, which has a `preview` instead."""

    commit: str | None
    numbers: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    dry_run: bool = False
    preview: tuple[tuple[str, Difference], ...] = ()


def carry_out(work: Workplace, verb: str, plan: Callable[[Desk | None], Plan], *, dry_run: bool) -> Outcome:
    """Make the plan under the lock and commit it; in a dry run make it without the lock and write nothing.

    Refused, kind "not-in-team", for somebody whose commits nobody would trust.
    """
    if work.keyring:
        work.keyring.refuse_stranger()
    if dry_run:
        made = plan(None)
        refuse_destroyed(work, made.changes)
        tell_of_plans(work, made.changes)
        sealed_note(work, made.message, made.changes)
        return Outcome(None, made.numbers, made.findings, made.data, dry_run=True, preview=_preview(work, made))
    with writing(work.vault, verb) as desk:
        if work.keyring:
            work.keyring.refresh(work.vault)
            work.keyring.refuse_stranger()
        made = plan(desk)
        refuse_destroyed(work, made.changes)
        said = sealed_note(work, made.message, made.changes)
        tell_of_plans(work, made.changes)
        if work.keyring:
            work.keyring.keep()
        commit = desk.commit(made.changes, said, work.stamp, adopt=made.adopt)
        return Outcome(commit, made.numbers, made.findings, made.data)


def _preview(work: Workplace, made: Plan) -> tuple[tuple[str, Difference], ...]:
    """What the plan would do, field by field, masked. Hand edits that it takes in are compared with HEAD."""
    paths = [change.path for change in made.changes]
    olds = blobs(work.vault, [("HEAD", path) for path in paths]) if made.adopt else map(_on_disk(work), paths)
    told = []
    for change, old in zip(made.changes, olds, strict=True):
        found = differences(opened_tree(work, old, change.path), opened_tree(work, change.content, change.path))
        told += [(number_at(change.path) or change.path, one) for one in found]
    return View(work).differences(told)


def _on_disk(work: Workplace) -> Callable[[str], bytes | None]:
    return lambda path: read_file(work.root, path)


@dataclass(frozen=True, slots=True)
class Why:
    """The reason a person gave: a code from the house's list, and a note in their own words."""

    reason: str | None = None
    note: str | None = None


def message(op: str, subject: str, numbers: Sequence[str], why: Why | None = None, **trailers: str) -> Message:
    """The commit message of an operation; subjects and codes only, never a customer's value."""
    why = why or Why()
    lines = [("Crm-Op", op), *(("Crm-Record", number) for number in numbers[:NAMED])]
    if why.reason:
        lines.append(("Crm-Reason", why.reason))
    if why.note:
        lines.append(("Crm-Note", why.note))
    lines += [(f"Crm-{name.title()}", value) for name, value in trailers.items()]
    return Message(subject, tuple(lines))
