"""The one way to write: lock, recover, journal, files, commit of exactly the named paths, done; or all taken back.

Promises that a commit holds nothing that was not asked for, that what else is dirty, staged or half-staged stays so,
that a hand edit is never overwritten, and that a crash anywhere leaves the old state or the new one for `settle`.

The commit is made from a scratch copy of git's index in which everything staged by others is put back to HEAD.
(`git commit --only` does the same inside, but compares each index entry with each path: 10,000 new customers beside
100,000 take it 17 s, this way half a second. `commit-tree` would skip hooks and signing.)
"""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from crmcli.errors import Conflict, CrmError, Failure, Where
from crmcli.store import journal, landing, scratch, settle, signing, stale
from crmcli.store.committing import commit
from crmcli.store.files import place, read_file, remove, write_all
from crmcli.store.git import Git, GitError
from crmcli.store.journal import Intent, Step, blob_hash
from crmcli.store.lock import Lock
from crmcli.store.message import Message, Stamp
from crmcli.store.settle import names_of
from crmcli.store.vault import Vault
from crmcli.text import _, n_

__all__ = ["Change", "Desk", "Message", "Stamp", "needs_recovery", "recover", "writing"]

_NAMED = 5  # paths a message names
_SAID = 20  # lines of git's or a hook's own words
_MANY_LOOSE = 4  # files in one of git's 256 folders of loose objects: about a thousand in all

# What git leaves in its folder while it waits for a person to finish something.
_MIDWAY = (
    ("MERGE_HEAD", "merge"),
    ("CHERRY_PICK_HEAD", "cherry-pick"),
    ("REVERT_HEAD", "revert"),
    ("rebase-merge", "rebase"),
    ("rebase-apply/applying", "am"),
    ("rebase-apply", "rebase"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """New bytes for one path (relative to the vault, posix); None deletes it."""

    path: str
    content: bytes | None


@contextmanager
def writing(vault: Vault, verb: str) -> Iterator["Desk"]:
    """The right to write, for one process at a time: takes the lock, ends what a crash interrupted, hands out a desk.
    Conflict kind "busy" after the vault's patience."""
    with Lock(vault.lock_path, verb, vault.patience) as descriptor:
        git = vault.git(descriptor)
        desk = Desk(vault, git, verb, settle.recover(vault, git))
        yield desk
    if desk.wrote:
        _tidy(vault)


def recover(vault: Vault) -> str | None:
    """End what a crash interrupted and say what happened; None when there was nothing."""
    with Lock(vault.lock_path, "recover", vault.patience) as descriptor:
        return settle.recover(vault, vault.git(descriptor))


def needs_recovery(vault: Vault) -> bool:
    """Whether a write was begun and not ended: it may be running right now, or have been killed."""
    return journal.pending(vault.state)


def midway(vault: Vault) -> str | None:
    """What git waits for a person to finish: merge, rebase …; None for nothing."""
    return next((what for name, what in _MIDWAY if (vault.git_dir / name).exists()), None)


class Desk:
    """The place of one writer. `recovered` says, in words for people, what a crash had left; None for nothing."""

    def __init__(self, vault: Vault, git: Git, verb: str, recovered: str | None) -> None:
        self.vault, self.git, self.verb, self.recovered = vault, git, verb, recovered
        self.wrote = False

    def commit(self, changes: Sequence[Change], message: Message, stamp: Stamp, *, adopt: bool = False) -> str | None:
        """Write the changes and commit exactly them; the commit's hash, or None when HEAD has all of it already.

        `adopt` takes in what people changed by hand at these very paths. Conflict: kind "uncommitted" (hand edits in
        the way), "midway" (merge, rebase …), "git-busy", "hook" or "git" (the commit was refused: all is as before).
        Refused kind "signing": it could not be signed, likewise.
        Invalid kind "no-identity". Failure where the disk or git fails.
        """
        self._may_write()
        head, steps = self._steps(changes)
        if not adopt:
            _refuse_dirty(steps)
        moving = tuple(step for step in steps if step.new != step.head or step.new != step.old)
        if not moving:
            return None
        contents = {change.path: change.content for change in changes}
        intent = Intent(secrets.token_hex(8), self.verb, self.vault.prefix, head, moving)
        return self._carry_out(intent, contents, lambda: self._commit(intent, message, stamp))

    def event(self, message: Message, stamp: Stamp) -> str:
        """A commit that changes no file, whatever is staged; its hash. Raises as `commit` does."""
        self._may_write()
        intent = Intent(secrets.token_hex(8), self.verb, self.vault.prefix, self.git.head(), ())
        return self._carry_out(intent, {}, lambda: self._commit(intent, message, stamp)) or ""

    def move(self, commit: str) -> None:
        """Carry the branch, its files and the index from HEAD to a commit that builds on it. Raises as `commit` does;
        Conflict kind "outside" where it changes files outside the vault, Refused kind "not-a-file" where it brings
        anything but files."""
        self._may_write()
        there = landing.between(self.vault, self.git, self.git.head(), commit)
        contents = dict(zip(there, landing.contents_of(self.git, there.values()), strict=True))
        head, steps = self._steps([Change(path, content) for path, content in contents.items()])
        _refuse_dirty(steps)
        intent = Intent(secrets.token_hex(8), self.verb, self.vault.prefix, head, tuple(steps))
        entries = [entry.indexed(self.vault.prefix + path) for path, entry in there.items()]
        self._carry_out(intent, contents, lambda: landing.land(self.git, commit, head, entries))

    def conclude(self, message: Message, stamp: Stamp) -> str:
        """Finish a merge that git began, with git's own index as it stands; the commit's hash. Raises as `commit`."""
        self.git.ident()
        stale.await_index(self.vault)
        self.wrote = True
        try:
            commit(self.vault, self.git, message, stamp, {}, empty=True)
        except GitError as cause:
            raise _refusal(cause) from cause
        return self.git.head() or ""

    def _may_write(self) -> None:
        what = midway(self.vault)
        if what:
            raise Conflict(
                _("A {what} is in progress in this repository.").format(what=what),
                hint=_(
                    "`crm resolve` decides what clashes; `git {what} --continue` finishes it, `git {what} --abort` drops it."
                ).format(what=what),
                kind="midway",
            )
        self.git.ident()
        stale.await_index(self.vault)

    def _steps(self, changes: Sequence[Change]) -> tuple[str | None, list[Step]]:
        for change in changes:
            place(self.vault.root, change.path)
        names = [name for change in changes for name in names_of(change.path)]
        head, *found = self.git.stands(["HEAD", *names])
        stands = zip(found[::2], found[1::2], strict=True)
        return head, [self._step(change, *pair) for change, pair in zip(changes, stands, strict=True)]

    def _step(self, change: Change, head: str | None, index: str | None) -> Step:
        old = read_file(self.vault.root, change.path)
        return Step(change.path, head, index, self._hash(old), self._hash(change.content))

    def _hash(self, content: bytes | None) -> str | None:
        return None if content is None else blob_hash(content, self.vault.algorithm)

    def _carry_out(self, intent: Intent, contents: Mapping[str, bytes | None], land: Callable[[], None]) -> str | None:
        journal.begin(self.vault.state, intent, self._only_here(intent))
        self.wrote = True
        try:
            self._write(intent, contents)
            if not intent.steps or any(step.new != step.head for step in intent.steps):
                land()
        except BaseException as cause:
            if isinstance(cause, GitError) and cause.killed:
                stale.clear(self.vault, self.git)
            settled = self._settle(intent)
            if isinstance(cause, GitError) and settled.done and intent.steps:
                return settled.head  # it landed before git complained
            if isinstance(cause, GitError):
                raise _refusal(cause) from cause
            raise
        return self._finish(intent)

    def _only_here(self, intent: Intent) -> dict[str, bytes]:
        """Hand edits about to be overwritten that no commit has, by hash."""
        lost = [step for step in intent.steps if step.old not in (None, step.head, step.new)]
        read = ((step, read_file(self.vault.root, step.path)) for step in lost)
        return {step.old: content for step, content in read if step.old and content is not None}

    def _write(self, intent: Intent, contents: Mapping[str, bytes | None]) -> None:
        turning = [step.path for step in intent.steps if step.old != step.new]
        fresh = [(path, content) for path in turning if (content := contents[path]) is not None]
        write_all(self.vault.root, fresh)
        for path in turning:
            if contents[path] is None:
                remove(self.vault.root, path)
        if intent.steps:
            self.git.stage(step.path for step in intent.steps)

    def _commit(self, intent: Intent, message: Message, stamp: Stamp) -> None:
        copy = scratch.make(self.vault, self.git, intent.head, [step.path for step in intent.steps])
        env = {"GIT_INDEX_FILE": str(copy.path), "GIT_OPTIONAL_LOCKS": "1"}
        commit(self.vault, self.git, message, stamp, env, empty=not intent.steps)
        scratch.install(self.vault, copy)
        scratch.drop(self.vault)

    def _finish(self, intent: Intent) -> str | None:
        """Look whether HEAD has it. A hook may have rewritten what was committed: HEAD's version is then the one."""
        head, changed = self.git.last_commit()
        due = {self.vault.prefix + step.path: step.new for step in intent.steps if step.new != step.head}
        if due.items() <= changed.items():
            journal.end(self.vault.state)
        else:
            self._settle(intent)
        if head != intent.head:
            return head
        if all(step.new == step.head for step in intent.steps) and intent.steps:
            return None
        raise Failure(_("git made no commit and gave no reason."), kind="git")

    def _settle(self, intent: Intent) -> settle.Settled:
        scratch.drop(self.vault)
        return settle.settle(self.vault, self.git, intent)


def _refuse_dirty(steps: Sequence[Step]) -> None:
    dirty = [step.path for step in steps if not step.old == step.head == step.index]
    if dirty:
        shown = ", ".join(dirty[:_NAMED]) + (" …" if len(dirty) > _NAMED else "")
        count = len(dirty)
        raise Conflict(
            n_("{paths} has uncommitted changes.", "{count} files have uncommitted changes: {paths}.", count).format(
                paths=shown, count=count
            ),
            hint=_("`crm commit` takes them in; `git restore --staged --worktree PATH` drops them."),
            where=Where(dirty[0]),
            kind="uncommitted",
        )


def _refusal(cause: GitError) -> CrmError:
    """A commit that git or a hook turned down, in their own words."""
    words = [line for line in cause.stderr.splitlines() if line.strip()]
    if found := signing.refusal(words):
        return found
    git = not words or any(line.startswith(("fatal:", "error:")) for line in words)
    message = (
        _("git refused the commit; everything is as before.")
        if git
        else _("A hook refused the commit; everything is as before.")
    )
    return Conflict(message, hint="\n".join(words[-_SAID:]) or None, kind="git" if git else "hook")


def _tidy(vault: Vault) -> None:
    """git's housekeeping, without the lock and only when there is a heap: it may go on in the background."""
    heap = vault.common_dir / "objects" / "17"
    if heap.is_dir() and sum(1 for _file in heap.iterdir()) >= _MANY_LOOSE:
        vault.git().tidy()
