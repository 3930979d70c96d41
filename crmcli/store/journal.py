"""What a write is about to do, made durable before it is done, so that the next command can finish it or take it back.

Lies in the vault's private folder inside the git dir: never in the work tree, never committed, readable by its owner
alone. It holds paths and hashes; bytes only of hand edits that no commit has, and only while the write lasts.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from pathlib import Path

from crmcli.errors import Damaged, Where
from crmcli.store.files import private_folder, remove, temporary, write_all, write_atomic
from crmcli.text import _

NAME = "intent.json"
KEPT = "kept"  # folder of hand edits that stand in no commit
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Step:
    """One path of a write; each hash is git's for a blob, None where there is no file.

    head   in the commit before
    index  in git's index before
    old    in the work tree before
    new    after the write
    """

    path: str
    head: str | None
    index: str | None
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Intent:
    """One write: its id, its verb, the vault's place in the work tree, the commit it starts from (None in an empty
    repository) and its steps."""

    id: str
    verb: str
    prefix: str
    head: str | None
    steps: tuple[Step, ...]


def blob_hash(content: bytes, algorithm: str) -> str:
    """The name git gives these bytes (gitformat: "blob", size, NUL, content) by sha1 or sha256."""
    return hashlib.new(algorithm, b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def begin(state: Path, intent: Intent, kept: Mapping[str, bytes]) -> None:
    """Make the intent durable, after the bytes that only the work tree has (by hash)."""
    private_folder(state)
    if kept:
        write_all(state, [(f"{KEPT}/{name}", content) for name, content in kept.items()], 0o600)
    said = {
        "format": _FORMAT,
        "id": intent.id,
        "verb": intent.verb,
        "prefix": intent.prefix,
        "head": intent.head,
        "steps": [astuple(step) for step in intent.steps],
    }
    write_atomic(state, NAME, json.dumps(said, ensure_ascii=True).encode(), 0o600)


def pending(state: Path) -> bool:
    """Whether a write was begun and not ended."""
    return (state / NAME).exists()


def load(state: Path) -> Intent | None:
    """The write that was begun and not ended, or None. Damaged when the file is not what `begin` wrote."""
    try:
        said = json.loads((state / NAME).read_bytes())
        if said["format"] != _FORMAT:
            raise ValueError
        steps = tuple(Step(*step) for step in said["steps"])
        return Intent(said["id"], said["verb"], said["prefix"], said["head"], steps)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as cause:
        path = str(state / NAME)
        raise Damaged(
            _("The journal of an interrupted write cannot be read: {path}.").format(path=path),
            hint=_("Look at `git status`, then delete that file."),
            where=Where(path),
            kind="journal",
        ) from cause


def kept(state: Path, name: str) -> bytes | None:
    """The bytes of a hand edit that `begin` kept, or None."""
    try:
        return (state / KEPT / name).read_bytes()
    except FileNotFoundError:
        return None


def end(state: Path) -> None:
    """Forget the write. Its intent goes first: what was kept must outlive it."""
    remove(state, NAME)
    sweep(state)


def sweep(state: Path) -> None:
    """Remove what a write left that was killed before its intent stood, or after it was forgotten."""
    temporary(state, NAME).unlink(missing_ok=True)
    if (state / KEPT).is_dir():
        shutil.rmtree(state / KEPT)
