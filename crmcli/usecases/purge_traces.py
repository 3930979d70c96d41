"""What in some bytes is a trace of customers who were destroyed: a key of theirs, a version of their file, their number.

Keys are recognised by the digests in the certificates, versions by the uid that stands in them. Nothing personal is
needed to search, and nothing personal is told. Pure but for the parsing.
"""

import re
from base64 import urlsafe_b64decode
from binascii import unhexlify
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from crmcli.errors import CrmError
from crmcli.model.base import Part
from crmcli.model.certificate import Certificate
from crmcli.model.fields import Level
from crmcli.model.plan import Plan
from crmcli.model.sealed import START, is_token
from crmcli.sealing.cipher import SALT, salt_digest
from crmcli.sealing.leaves import Levels, leaves
from crmcli.store.comments import comments_of
from crmcli.store.yamlread import parse, parse_many

LENGTH = 43  # characters of 32 bytes in base64
_RUNS = re.compile(rb"[A-Za-z0-9+/_-]{43,}+")
_HEX = re.compile(rb"(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])")
_TOKENS = re.compile(rb"ENC\[1,[a-z]+\.[0-9]+,([0-9A-Z]{8}),[A-Za-z0-9_-]+\]")
_SOME_TOKEN = b"ENC[]"
# A line that is one key with one plain value: what the value is, the structure does not depend on.
_VALUE = re.compile(rb"^( *(?:- )?[a-z_]+: )(?!ENC\[)[0-9A-Za-z\x80-\xff](?:[^\n\r#:]|:(?=[^ \t\n\r]))*$", re.MULTILINE)
_UIDS = re.compile(rb"^uid: *[\"']?([0-9A-Z]{26})\b", re.MULTILINE)
_UID = re.compile(r"[0-9A-Z]{26}")
_WORDS = re.compile(rb"(?<![0-9A-Za-z])[0-9A-Z]{26}(?![0-9A-Za-z])")
_NUMBERS = re.compile(rb"C[0-9]{11,}")
_PERSONAL = re.compile(rb"(?<![0-9])(?:86)?1[3-9][0-9]{9}(?![0-9])|(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])")
# git's names: among hundreds of them digits stand in a row as in a phone number.
_NAMES = re.compile(rb"(?<![0-9a-f])(?:[0-9a-f]{40}|[0-9a-f]{64})(?![0-9a-f])")
_NOTES = re.compile(rb"^Crm-Note: *(.*)$", re.MULTILINE)


@dataclass
class Versions:
    """What versions of one customer's file were found, where git keeps the first one that can be read, and which loose
    files can be read."""

    count: int = 0
    clear: int = 0
    fields: dict[str, None] = field(default_factory=dict)
    where: str = ""
    loose: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    salts: set[str] = field(default_factory=set)


class Traces:
    """Traces of the customers of these certificates, gathered from whatever is shown. `others`: those of their numbers
    that other customers have, or had, with the uids of these."""

    def __init__(
        self, certificates: tuple[Certificate, ...], levels: Levels, others: Collection[tuple[str, str]] = ()
    ) -> None:
        self._numbers = {one.number.encode(): one.number for one in certificates}
        self._uids = {one.uid.encode(): one.number for one in certificates}
        self._digests = {digest: one.number for one in certificates for digest in one.salts}
        self._clarity, self._others = Clarity(levels), others
        self._runs: dict[bytes, str | None] = {}
        self.keys: dict[tuple[str, str], None] = {}
        self.versions: dict[str, Versions] = {one.number: Versions() for one in certificates}
        self.tokens = 0

    def look(self, where: str, data: bytes, *, loose: bool = False) -> None:
        """Search these bytes for keys and for versions of the files. `loose`: they are a file, no object of git."""
        for number in self._keys_in(data):
            self.keys[number, where] = None
        found = {self._uids[uid] for uid in _UIDS.findall(data) if uid in self._uids}
        if found and is_certificate(data):
            return
        for number in found:
            self._version(self.versions[number], where, data, loose=loose)

    def named(self, data: bytes) -> list[str]:
        """The numbers of those whom these bytes name, by number or uid; also in UTF-16, which is ASCII without its zero
        bytes as far as these go."""
        data = data.replace(b"\0", b"")
        found = {self._numbers[text] for text in _NUMBERS.findall(data) if text in self._numbers}
        found |= {self._uids[text] for text in _WORDS.findall(data) if text in self._uids}
        return sorted(found)

    def is_paper(self, data: bytes) -> bool:
        """Whether a file is a certificate, a plan, a version that `look` has judged, or another customer's: there numbers
        stand by right."""
        try:
            tree = parse_many(data, "")[0].tree
        except CrmError:
            return False
        number, uid = tree.get("id"), tree.get("uid")
        if isinstance(number, str) and isinstance(uid, str) and "kind" in tree:
            if uid.encode() in self._uids:
                return uid.encode() in _UIDS.findall(data)
            theirs = number.encode() not in self._numbers or (number, uid) in self._others
            return theirs and bool(_UID.fullmatch(uid))
        return _holds(Certificate, tree) or _holds(Plan, tree)

    def _keys_in(self, data: bytes) -> set[str]:
        """Whose keys stand there, as runs of just their length in base64 or hexadecimal, or as the whole."""
        runs = {run for run in _RUNS.findall(data) if len(run) == LENGTH}.union(_HEX.findall(data))
        if len(data) == SALT:
            runs.add(data.hex().encode())
        for run in runs - self._runs.keys():
            self._runs[run] = self._digests.get(salt_digest(_decoded(run)))
        return {number for run in runs if (number := self._runs[run])}

    def _version(self, versions: Versions, where: str, data: bytes, *, loose: bool) -> None:
        salts = [name.decode() for name in _TOKENS.findall(data)]
        self.tokens += len(salts)
        versions.count += 1
        versions.salts.update(salts)
        clear = self._clarity.fields(data)
        if clear is None:
            versions.unread.append(where)
        elif clear and loose:
            versions.loose.append(where)
        elif clear:
            versions.clear += 1
            versions.where = versions.where or where
            versions.fields.update(dict.fromkeys(clear))


class Clarity:
    """What versions of customers' files say in clear that is sealed today. Versions of one shape, that differ in what
    stands where and not in what is a token, say the same and are parsed once."""

    def __init__(self, levels: Levels) -> None:
        self._levels = levels
        self._known: dict[bytes, tuple[str, ...] | None] = {}

    def fields(self, data: bytes) -> tuple[str, ...] | None:
        """The sealed fields that stand there in clear; None where that can't be told."""
        shape = _VALUE.sub(rb"\1x", _TOKENS.sub(_SOME_TOKEN, data))
        if shape not in self._known:
            self._known[shape] = clear_fields(data, self._levels)
        return self._known[shape]


def clear_fields(data: bytes, levels: Levels) -> tuple[str, ...] | None:
    """The sealed fields that stand in clear in a version of a customer's file; None where that can't be told."""
    try:
        found = list(leaves(parse(data, "").tree))
        said = ("#",) if b"#" in data and comments_of(data, "").line else ()
    except CrmError:
        return None
    clear = (one for one in found if not is_token(one.text) and levels.of(one.way) is not Level.OPEN)
    return (*said, *dict.fromkeys(".".join(one.way) for one in clear))


def is_certificate(data: bytes) -> bool:
    """Whether a file is a certificate, in which the uid stands by right."""
    try:
        return _holds(Certificate, parse(data, "").tree)
    except CrmError:
        return False


def is_personal(data: bytes) -> bool:
    """Whether a phone or an ID number seems to stand there, and not in one of git's own names."""
    return _PERSONAL.search(_NAMES.sub(b"", data.replace(b"\0", b""))) is not None


def _holds(model: type[Part], tree: Mapping[str, Any]) -> bool:
    try:
        model.model_validate(tree)
    except ValidationError:
        return False
    return True


def spoken_notes(message: bytes) -> list[bytes]:
    """The notes of a commit that stand in clear."""
    return [note for note in _NOTES.findall(message) if not note.startswith(START.encode())]


def _decoded(run: bytes) -> bytes:
    if len(run) == 2 * SALT:
        return unhexlify(run)
    return urlsafe_b64decode(run.translate(bytes.maketrans(b"+/", b"-_")) + b"=")
