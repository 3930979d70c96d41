"""The salts of one vault's customers, and the ledger of those whose salts were destroyed: `salts` (FORMAT.md, 5).

The file has lines of exactly 80 bytes. It only grows, and a salt is overwritten where it stands; both are durable on
return, and one process at a time does either. Reading needs no lock: a line half overwritten counts as purged, a rest
shorter than a line as never written. Lines are checked as they are read; what is no such line is Damaged, never guessed.
Knows nothing of what salts are for: whether an id is that of its salt, the caller tells.
"""

import fcntl
import os
import re
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from crmcli.errors import Conflict, Damaged, Invalid, Where
from crmcli.model.identity import SYMBOL
from crmcli.store.files import cannot_write, fsync_folder
from crmcli.store.private import make_private, read_private
from crmcli.text import _

NAME = "salts"
Entry = tuple[str, str, bytes]  # uid, salt id, the 32 bytes
_LENGTH, _SALT = 80, 36  # of a line; where its salt begins
_GONE, _NO_ID = "=" * 43, "=" * 8
# The last character of 32 bytes in base64 carries two bits that are zero.
_LINE = re.compile(
    rf"(?P<uid>{SYMBOL}{{26}}) (?:(?P<id>{SYMBOL}{{8}}) (?P<salt>[A-Za-z0-9_-]{{42}}[AEIMQUYcgkosw048])"
    rf"|(?:{SYMBOL}{{8}}|{_NO_ID}) (?=[^\n]*=)[A-Za-z0-9_=-]{{43}})\n".encode()
)
_PATIENCE, _PAUSE = 60.0, 0.01  # seconds: for another process to end; between two tries
_FEW = 8  # lookups before an index of all lines is made


class Salts:
    """The salts in `folder` (`<data>/<vault id>`), which need not exist. What other processes do is seen at the next
    call; only an overwriting within the same tick of the file system's clock can be missed: see `refresh`.

    Raises Damaged (kind "salts", with the line) where the file is not made of such lines, Refused (kind "not-private")
    where it is a link, no plain file or unreadable, and when writing Failure (kind "disk") and Conflict (kind "busy").
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._state: tuple[int, ...] | None = None
        self._read = _Lines(self.path, b"")

    def of(self, uid: str) -> dict[str, bytes]:
        """The live salts of one customer by id, none when there are none."""
        lines = self._lines()
        found: dict[str, bytes] = {}
        for at in lines.of(uid):
            entry = lines.entry(at)
            if entry and found.setdefault(entry[1], entry[2]) != entry[2]:
                raise _damaged(self.path, at)
        return found

    def purged(self, uid: str) -> bool:
        """Whether the ledger has this customer."""
        lines = self._lines()
        return any(lines.entry(at) is None for at in lines.of(uid))

    def knows(self, salt_id: str) -> bool:
        """Whether a salt with this id is or was here, whoever's it is."""
        return salt_id in self._lines().ids

    def live(self) -> set[str]:
        """All customers of whose salts anything is left, be it half a one that a killed `destroy` had begun with."""
        return {uid for uid, salt in self._lines().salts if salt != _GONE}

    def ledger(self) -> set[str]:
        """All customers with a salt that was destroyed, or begun to be."""
        return {uid for uid, salt in self._lines().salts if "=" in salt}

    def all_live(self) -> Iterator[Entry]:
        """Every live salt, in the order in which they were added."""
        lines = self._lines()
        return (entry for at in lines.places() if (entry := lines.entry(at)))

    def gone(self) -> str:
        """A digest of the ledger; another one where anything was destroyed since, or an older file was put back."""
        lines, found, at = self._lines(), [], -1
        while (at := lines.data.find(b"=\n", at + 1)) >= 0:
            found.append(lines.data[at - _LENGTH + 2 : at - _LENGTH + 2 + _SALT])
        return sha256(b"".join(sorted(found))).hexdigest()

    def refresh(self) -> None:
        """Forget what was read, so that the next call reads the file again."""
        self._state = None

    def add(self, entries: Iterable[Entry]) -> int:
        """Add these salts; the number of those that were added. What is there is skipped, and customers in the ledger:
        who made a salt may seal with it only if it counts here. Invalid for what is no uid, id or 32 bytes."""
        wanted = {entry[:2]: _line(*entry) for entry in entries}
        if not wanted:
            return 0
        with _writing(self.path) as descriptor:
            self.refresh()
            known = self._lines()
            new = [line for (uid, salt_id), line in wanted.items() if not _bars(known, uid, salt_id)]
            self._write(descriptor, known, (), new)
        return len(new)

    def destroy(self, uids: Iterable[str]) -> list[str]:
        """Overwrite every salt of these customers and so enter them in the ledger, also those who never had a salt here;
        those of whom anything was left until now, each once."""
        wanted = {uid: _line(uid, _NO_ID, None) for uid in uids}
        if not wanted:
            return []
        with _writing(self.path) as descriptor:
            self.refresh()
            known = self._lines()
            places = {uid: known.of(uid) for uid in wanted}
            left = {uid: [at for at in places[uid] if known.left(at)] for uid in wanted}
            new = [line for uid, line in wanted.items() if not places[uid]]
            self._write(descriptor, known, [at for ats in left.values() for at in ats], new)
        return [uid for uid in wanted if left[uid]]

    def _lines(self) -> "_Lines":
        """What the file has now, read again only if it changed."""
        state = _state(self.path)  # before reading: what changes meanwhile is read the next time
        if not state or state != self._state:
            self._read = _Lines(self.path, read_private(self.path) or b"")
            self._state = state
        return self._read

    def _write(self, descriptor: int, known: "_Lines", gone: Sequence[int], new: Sequence[str]) -> None:
        """Overwrite, cut off the rest of an interrupted addition, add. What a killed process wrote is made durable, too."""
        try:
            if not known.end:  # while no line is there, nobody knows whether the file's name is durable
                fsync_folder(self.path.parent)
            for at in gone:
                _put(descriptor, _GONE.encode(), at + _SALT)
            if os.fstat(descriptor).st_size > known.end:
                os.ftruncate(descriptor, known.end)
            _append(descriptor, "".join(new).encode(), known.end)
            os.fsync(descriptor)
        finally:
            self.refresh()


class _Lines:
    """The whole lines of the file as they were at one moment; places are those of their first characters."""

    def __init__(self, path: Path, data: bytes) -> None:
        self.path, self.data = path, data
        self.end = len(data) // _LENGTH * _LENGTH
        self._asked = 0
        for column, char in ((26, b" "), (35, b" "), (79, b"\n")):
            if data[column : self.end : _LENGTH] != char * (self.end // _LENGTH):
                raise _damaged(path, next(at for at in self.places() if not _LINE.match(data, at)))
        if b"\n" in data[self.end :]:  # no addition breaks off after the end of its line
            raise _damaged(path, self.end)

    def places(self) -> range:
        """Of all lines."""
        return range(0, self.end, _LENGTH)

    @cached_property
    def salts(self) -> list[tuple[str, str]]:
        """Every line's customer and salt as they stand there, unchecked but fast."""
        text = self.data.decode("latin-1")
        return [(text[at : at + 26], text[at + _SALT : at + _LENGTH - 1]) for at in self.places()]

    @cached_property
    def ids(self) -> set[str]:
        """The id of every salt, unchecked but fast."""
        text = self.data.decode("latin-1")
        return {text[at + _SALT - 9 : at + _SALT - 1] for at in self.places()}

    def of(self, uid: str) -> list[int]:
        """The places of one customer's lines."""
        self._asked += 1
        return self._search(uid) if self._asked <= _FEW else self._index.get(uid, [])

    def _search(self, uid: str) -> list[int]:
        part, found, at = f"{uid} ".encode(), [], -1
        while (at := self.data.find(part, at + 1, self.end)) >= 0:
            found += [] if at % _LENGTH else [at]  # only where a line begins: "" is nobody's uid
        return found

    @cached_property
    def _index(self) -> dict[str, list[int]]:
        index: dict[str, list[int]] = {}
        for at, (uid, _salt) in zip(self.places(), self.salts, strict=True):
            index.setdefault(uid, []).append(at)
        return index

    def entry(self, at: int) -> Entry | None:
        """The live salt in this line, None in a line of the ledger. Damaged."""
        line = _LINE.match(self.data, at)
        if line is None:
            raise _damaged(self.path, at)
        if line["id"] is None:
            return None
        return line["uid"].decode(), line["id"].decode(), urlsafe_b64decode(line["salt"] + b"=")

    def left(self, at: int) -> bool:
        """Whether this line has a salt, or a part of one. Damaged."""
        return self.entry(at) is not None or not self.data.startswith(_GONE.encode(), at + _SALT)


def _bars(known: _Lines, uid: str, salt_id: str) -> bool:
    """Whether this salt must not be added: it is there, or its customer is in the ledger."""
    return any(entry is None or entry[1] == salt_id for entry in map(known.entry, known.of(uid)))


def _state(path: Path) -> tuple[int, ...]:
    """What differs once the file was changed; () where none can be seen."""
    try:
        found = path.lstat()
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _line(uid: str, salt_id: str, salt: bytes | None) -> str:
    line = f"{uid} {salt_id} {_GONE if salt is None else urlsafe_b64encode(salt).decode().rstrip('=')}\n"
    if not _LINE.fullmatch(line.encode()):
        raise Invalid(_("This is not a customer's key: {uid} {id}").format(uid=uid, id=salt_id), kind="salts")
    return line


@contextmanager
def _writing(path: Path) -> Iterator[int]:
    """While the block runs no other process writes; a descriptor of the file, which is made where it is missing."""
    make_private(path.parent)
    try:
        descriptor = _locked(path)
        try:
            yield descriptor
        finally:
            os.close(descriptor)
    except OSError as cause:
        raise cannot_write(path, cause) from cause


def _locked(path: Path) -> int:
    """The file itself is locked: a lock file of its own would need room on a full disk, destroying needs none."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Somebody may have swept the file away between our opening and locking: then we hold a ghost.
            held = os.path.samestat(os.fstat(descriptor), path.lstat())
        except (BlockingIOError, FileNotFoundError):
            held = False
        if held:
            return descriptor
        os.close(descriptor)
        time.sleep(_PAUSE)
    raise Conflict(
        _("Another crm is writing {path}.").format(path=path),
        hint=_("Try again when it has ended; if it hangs, end that process."),
        where=Where(str(path)),
        kind="busy",
    )


def _append(descriptor: int, data: bytes, end: int) -> None:
    """All of it or, as far as the system lets us, nothing."""
    try:
        _put(descriptor, data, end)
    except OSError:
        with suppress(OSError):
            os.ftruncate(descriptor, end)
        raise


def _put(descriptor: int, data: bytes, at: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, at)
        view, at = view[written:], at + written


def _damaged(path: Path, at: int) -> Damaged:
    return Damaged(
        _("The file of customers' keys is damaged."),
        hint=_("Move it away; then `crm keys import FILE` brings the keys back from a key kit."),
        where=Where(str(path), at // _LENGTH + 1),
        kind="salts",
    )
