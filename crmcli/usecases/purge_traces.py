"""What in some bytes is a trace of customers who were destroyed: a key of theirs, a version of their file, their number.

Keys are recognised by the digests in the certificates, versions by the uid that stands in them. Nothing personal is
needed to search, and nothing personal is told. Pure but for the parsing.
"""

import re
from base64 import urlsafe_b64decode
from binascii import unhexlify
from dataclasses import dataclass, field

from crmcli.errors import CrmError
from crmcli.model.certificate import Certificate
from crmcli.model.fields import Level
from crmcli.model.sealed import START, is_token
from crmcli.sealing.cipher import SALT, salt_digest
from crmcli.sealing.leaves import Levels, leaves
from crmcli.store.comments import comments_of
from crmcli.store.yamlread import parse

LENGTH = 43  # characters of 32 bytes in base64
_RUNS = re.compile(rb"[A-Za-z0-9+/_-]{43,}+")
_HEX = re.compile(rb"(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])")
_TOKENS = re.compile(rb"ENC\[1,[a-z]+\.[0-9]+,([0-9A-Z]{8}),[A-Za-z0-9_-]+\]")
_UIDS = re.compile(rb"^uid: *[\"']?([0-9A-Z]{26})\b", re.MULTILINE)
_WORDS = re.compile(rb"(?<![0-9A-Za-z])[0-9A-Z]{26}(?![0-9A-Za-z])")
_NUMBERS = re.compile(rb"C[0-9]{11,}")
_RECORD = re.compile(rb"^(?:id: *[\"']?C[0-9]|format: )", re.MULTILINE)
_NOTES = re.compile(rb"^Crm-Note: *(.*)$", re.MULTILINE)


@dataclass
class Versions:
    """What versions of one customer's file were found, and where the first one that can be read stands."""

    count: int = 0
    clear: int = 0
    fields: dict[str, None] = field(default_factory=dict)
    where: str = ""
    unread: list[str] = field(default_factory=list)
    salts: set[str] = field(default_factory=set)


class Traces:
    """Traces of the customers of these certificates, gathered from whatever is shown."""

    def __init__(self, certificates: tuple[Certificate, ...], levels: Levels) -> None:
        self._numbers = {one.number.encode(): one.number for one in certificates}
        self._uids = {one.uid.encode(): one.number for one in certificates}
        self._digests = {digest: one.number for one in certificates for digest in one.salts}
        self._levels = levels
        self._known: dict[bytes, tuple[str, ...] | None] = {}
        self._runs: dict[bytes, str | None] = {}
        self.keys: dict[tuple[str, str], None] = {}
        self.versions: dict[str, Versions] = {one.number: Versions() for one in certificates}
        self.tokens = 0

    def look(self, where: str, data: bytes) -> None:
        """Search these bytes for keys and for versions of the files."""
        for number in self._keys_in(data):
            self.keys[number, where] = None
        # The certificate itself begins with its format.
        uids = () if data.startswith(b"format:") else _UIDS.findall(data)
        found = {self._uids[uid] for uid in uids if uid in self._uids}
        for number in found:
            self._version(self.versions[number], where, data)

    def named(self, data: bytes) -> list[str]:
        """The numbers of those whom these bytes name, by number or uid."""
        found = {self._numbers[text] for text in _NUMBERS.findall(data) if text in self._numbers}
        found |= {self._uids[text] for text in _WORDS.findall(data) if text in self._uids}
        return sorted(found)

    def _keys_in(self, data: bytes) -> set[str]:
        """Whose keys stand there, as runs of just their length in base64 or hexadecimal, or as the whole."""
        runs = {run for run in _RUNS.findall(data) if len(run) == LENGTH}.union(_HEX.findall(data))
        if len(data) == SALT:
            runs.add(data.hex().encode())
        for run in runs - self._runs.keys():
            self._runs[run] = self._digests.get(salt_digest(_decoded(run)))
        return {number for run in runs if (number := self._runs[run])}

    def _version(self, versions: Versions, where: str, data: bytes) -> None:
        salts = [name.decode() for name in _TOKENS.findall(data)]
        self.tokens += len(salts)
        versions.count += 1
        versions.salts.update(salts)
        clear = self._clear(data)
        if clear is None:
            versions.unread.append(where)
        elif clear:
            versions.clear += 1
            versions.where = versions.where or where
            versions.fields.update(dict.fromkeys(clear))

    def _clear(self, data: bytes) -> tuple[str, ...] | None:
        """The sealed fields that stand there in clear; None where that can't be told. Versions that differ in tokens
        alone say the same."""
        shape = _TOKENS.sub(rb"ENC[\1]", data)
        if shape not in self._known:
            self._known[shape] = self._fields(data)
        return self._known[shape]

    def _fields(self, data: bytes) -> tuple[str, ...] | None:
        try:
            found = list(leaves(parse(data, "").tree))
            said = ("#",) if b"#" in data and comments_of(data, "").line else ()
        except CrmError:
            return None
        clear = (one for one in found if not is_token(one.text) and self._levels.of(one.way) is not Level.OPEN)
        return (*said, *dict.fromkeys(".".join(one.way) for one in clear))


def is_paper(data: bytes) -> bool:
    """Whether a file is a customer's, a certificate or a plan: there numbers stand by right."""
    return _RECORD.search(data, 0, 4_096) is not None


def spoken_notes(message: bytes) -> list[bytes]:
    """The notes of a commit that stand in clear."""
    return [note for note in _NOTES.findall(message) if not note.startswith(START.encode())]


def _decoded(run: bytes) -> bytes:
    if len(run) == 2 * SALT:
        return unhexlify(run)
    return urlsafe_b64decode(run.translate(bytes.maketrans(b"+/", b"-_")) + b"=")
