"""Brings an interrupted or failed write to an end: done where HEAD has it, taken back where HEAD does not.

Decides path by path from what stands there now, so it also holds after people have committed, reset or edited by hand
in between, and may be run any number of times. Bytes that neither HEAD nor the write explains are somebody's work and
stay untouched. The caller holds the lock.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from crmcli.errors import Conflict, Invalid
from crmcli.store import journal, stale
from crmcli.store.files import read_file, remove, temporary, write_all
from crmcli.store.git import Git
from crmcli.store.journal import Intent, Step, blob_hash
from crmcli.store.vault import Vault
from crmcli.text import _

_NOT_A_FILE = "not a file"  # equals no hash


@dataclass(frozen=True, slots=True)
class Settled:
    """How a write ended: `done` or taken back, the commit HEAD is on, and paths a person edited since, left alone."""

    done: bool
    head: str | None
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Standing:
    """A step and what is there now: in HEAD, in the index, in the work tree."""

    step: Step
    head: str | None
    index: str | None
    tree: str | None

    @property
    def ours_uncommitted(self) -> bool:
        """The work tree holds what the write wrote, and HEAD doesn't."""
        return self.tree == self.step.new != self.head

    @property
    def before(self) -> str | None:
        """What belongs in the work tree when the write is not to be: the hand edit it found, or what HEAD has now."""
        return self.step.old if self.head == self.step.head else self.head

    @property
    def entry(self) -> str | None:
        """What belongs in the index, likewise."""
        return self.step.index if self.head == self.step.head else self.head


def recover(vault: Vault, git: Git) -> str | None:
    """End the write that a crash interrupted; what happened, in words, or None when there was nothing to do."""
    intent = journal.load(vault.state)
    if intent is None:
        journal.sweep(vault.state)
        return None
    if intent.prefix != vault.prefix:
        raise Conflict(
            _("An interrupted write in {folder} is unfinished; that vault has the same id.").format(
                folder=intent.prefix or "."
            ),
            hint=_("Run `crm commit` there, or give one of the two another id in schemas/vault.yaml."),
            kind="journal",
        )
    stale.clear(vault, git)
    settled = settle(vault, git, intent)
    done, back = _("The interrupted {verb} was complete."), _("The interrupted {verb} was taken back.")
    said = (done if settled.done else back).format(verb=intent.verb)
    if settled.left:
        said += " " + _("Edited by hand since and left alone: {paths}.").format(paths=", ".join(settled.left))
    return said


def settle(vault: Vault, git: Git, intent: Intent) -> Settled:
    """Bring files and index to where HEAD says the write stands, then forget the intent."""
    head, standings = _look(vault, git, intent.steps)
    # A write without files is a mere event: if HEAD moved, whoever moved it, nothing of it can be left over.
    done = all(one.head == one.step.new for one in standings) if standings else head != intent.head
    for step in intent.steps:
        temporary(vault.root, step.path).unlink(missing_ok=True)
    restored = [one for one in standings if one.ours_uncommitted and one.before != one.tree]
    _restore(vault, git, restored)
    entries = [one for one in standings if one.index == one.step.new and one.head != one.index != one.entry]
    _restore_index(vault, git, entries)
    if restored or entries:
        git.run("update-index", "-q", "--refresh", check=False)
    journal.end(vault.state)
    known = [one for one in standings if one.tree in (one.head, one.step.old, one.step.new)]
    left = () if done else tuple(one.step.path for one in standings if one not in known)
    return Settled(done, head, left)


def work_tree_hash(vault: Vault, path: str) -> str | None:
    """git's name for what stands at a path of the work tree; None for nothing."""
    try:
        content = read_file(vault.root, path)
    except Invalid:
        return _NOT_A_FILE
    return None if content is None else blob_hash(content, vault.algorithm)


def _look(vault: Vault, git: Git, steps: Iterable[Step]) -> tuple[str | None, list[_Standing]]:
    steps = list(steps)
    head, *found = git.stands(["HEAD", *(name for step in steps for name in names_of(step.path))])
    pairs = zip(found[::2], found[1::2], strict=True)
    stands = zip(steps, pairs, strict=True)
    return head, [_Standing(step, *pair, work_tree_hash(vault, step.path)) for step, pair in stands]


def names_of(path: str) -> tuple[str, str]:
    """How git calls a path in HEAD and in the index."""
    return f"HEAD:./{path}", f":./{path}"


def _restore(vault: Vault, git: Git, standings: Iterable[_Standing]) -> None:
    """Put back what was there. Last first: the first path of a write may be what the others are found by."""
    for one in reversed(list(standings)):
        if one.before is None:
            remove(vault.root, one.step.path)
        else:
            kept = journal.kept(vault.state, one.before)
            content = git.blob(one.before) if kept is None else kept
            write_all(vault.root, [(one.step.path, content)])


def _restore_index(vault: Vault, git: Git, standings: Iterable[_Standing]) -> None:
    entries = []
    for one in standings:
        executable = (vault.root / one.step.path).is_file() and (vault.root / one.step.path).stat().st_mode & 0o100
        mode = "0" if one.entry is None else "100755" if executable else "100644"
        entries.append((mode, one.entry or "0" * len(one.step.new or one.head or ""), vault.prefix + one.step.path))
    if entries:
        git.set_entries(entries)
