"""The byte search of the canary and erasure tests: values and salts, wherever bytes are kept.

`search` finds planted values in every spelling that a program may have left them in; `salts_hidden_in` finds a salt at
any offset, raw, in hexadecimal or in base64. Both read every file as it is, and what is packed inside it: zlib, gzip,
zip, every object of a git repository, reachable or not. Not looked into: streams in the middle of another file than a
git pack, base64 broken over lines, encrypted files.
"""

import base64
import hashlib
import io
import os
import re
import subprocess
import zipfile
import zlib
from binascii import unhexlify
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_from_bytes

import opener

SHORTEST = 6  # bytes; a shorter needle turns up by chance in compressed data
_HEX = re.compile(rb"[0-9a-fA-F]{64,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{43,}")
_GROUPS = {11: (3, 4, 4), 15: (6, 6, 3), 18: (6, 8, 4)}  # mobiles, old and new ID numbers


@dataclass(frozen=True)
class Needle:
    """One spelling of a value. data: in lower case, as the searched bytes are."""

    value: str
    encoding: str
    data: bytes


@dataclass(frozen=True)
class Hit:
    """Where a value was found; where: a path, and the object or member within it."""

    where: str
    value: str
    encoding: str


# Spellings


def needles(values: Iterable[str], pinyin: Mapping[str, Sequence[str]] | None = None) -> list[Needle]:
    """Every spelling of the values; pinyin: the syllables of those that have them.

    ValueError for a value too short to be told from chance (names need three characters); initials from six syllables.
    """
    found = {needle.data: needle for value in values for needle in _spellings(value, (pinyin or {}).get(value, ()))}
    return list(found.values())


def _spellings(value: str, syllables: Sequence[str]) -> Iterator[Needle]:
    digits = _digits(value)
    for text in dict.fromkeys([value, digits or value]):
        for name, data in _encodings(text):
            if len(data) < SHORTEST:
                raise ValueError(f"{value!r} is too short to search for in {name}")
            yield Needle(value, name, data.lower())
    loose = [("pinyin", sign.join(syllables)) for sign in ("", " ", "-", "_", "'")]
    loose += [("initials", "".join(one[0] for one in syllables))]
    loose += [("digits in groups", sign.join(_grouped(digits))) for sign in " -._/"]
    for name, text in loose:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            if len(text) >= SHORTEST:
                yield Needle(value, f"{name}, {encoding}", text.encode(encoding).lower())


def _encodings(value: str) -> Iterator[tuple[str, bytes]]:
    utf8 = value.encode()
    yield "utf-8", utf8
    for name in ("gb18030", "utf-16-le", "utf-16-be"):
        yield name, value.encode(name)
    yield "\\u of JSON", "".join(_surrogates(sign) if sign > "~" else sign for sign in value).encode()
    yield "\\u of YAML and Python", value.encode("ascii", "backslashreplace")
    yield "\\x of the bytes", repr(utf8)[2:-1].encode()
    yield "octal, as git quotes paths", "".join(chr(b) if b < 128 else f"\\{b:03o}" for b in utf8).encode()
    yield "percent", quote_from_bytes(utf8, safe="").encode()
    yield "percent, all", "".join(f"%{byte:02x}" for byte in utf8).encode()
    yield "hex", utf8.hex().encode()
    for shift in range(3):
        inner = _inner_base64(utf8, shift)
        yield f"base64 at {shift}", inner
        yield f"base64url at {shift}", inner.translate(bytes.maketrans(b"+/", b"-_"))


def _surrogates(sign: str) -> str:
    """JSON's spelling: two escapes for what does not fit into one."""
    data = sign.encode("utf-16-be")
    return "".join(f"\\u{data[at : at + 2].hex()}" for at in range(0, len(data), 2))


def _inner_base64(data: bytes, shift: int) -> bytes:
    """The characters that stand for `data` alone when it begins `shift` bytes after a multiple of three."""
    coded = base64.b64encode(bytes(shift) + data + bytes(2))
    return coded[(0, 2, 3)[shift] : (shift + len(data)) * 8 // 6]


def _digits(value: str) -> str:
    """The digits alone of a phone, an ID or a card; empty for other values."""
    digits = re.sub(r"[\s+()./-]", "", value.removeprefix("+86"))
    return digits if re.fullmatch(r"\d{7,}[\dX]", digits) else ""


def _grouped(digits: str) -> Iterator[str]:
    """As people and forms write them."""
    start = 0
    for size in _GROUPS.get(len(digits), (4,) * -(-len(digits) // 4)):
        yield digits[start : start + size]
        start += size


# Places


def contents(places: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Everything kept below these files and folders: names, files as they are, what is packed in them, git's objects."""
    for place in places:
        if not place.is_dir():
            place.lstat()  # a place that is not there was not searched
            yield from _file(place)
        for folder, names, files in os.walk(place, onerror=_unread) if place.is_dir() else ():
            yield folder, "\n".join([*names, *files]).encode("utf-8", "surrogateescape")
            if {"objects", "HEAD"} <= {*names, *files}:
                yield from _objects(Path(folder))
            for name in [*files, *(name for name in names if Path(folder, name).is_symlink())]:
                yield from _file(Path(folder, name))


def repository(root: Path) -> list[Path]:
    """The work tree at `root` and its git folders, wherever they are."""
    asked = ["git", "rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir"]
    found = subprocess.run(asked, cwd=root, capture_output=True, text=True, check=True).stdout.split("\n")
    apart = {Path(line).resolve() for line in found if line}
    return [root, *(folder for folder in apart if not folder.is_relative_to(root.resolve()))]


def _unread(error: OSError) -> None:
    """Other programs' files may go while they are searched; whatever else can't be read was not searched."""
    if not isinstance(error, FileNotFoundError):
        raise error


def _file(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        data = _bytes(path)
    except FileNotFoundError as error:
        return _unread(error)
    yield str(path), data
    yield from _unpacked(str(path), data)


def _bytes(path: Path) -> bytes:
    if path.is_symlink():
        return os.fsencode(path.readlink())
    return path.read_bytes() if path.is_file() else b""  # pipes and sockets keep nothing


def _unpacked(where: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """What is packed in it, and in that; a stream that was cut gives what it has."""
    for inside, inner in _layer(data):
        yield f"{where}{inside}", inner
        yield from _unpacked(f"{where}{inside}", inner)


def _layer(data: bytes) -> Iterator[tuple[str, bytes]]:
    if data[:1] == b"\x78" and len(data) > 1 and int.from_bytes(data[:2], "big") % 31 == 0:
        yield " (zlib)", _inflated(data, zlib.MAX_WBITS)
    elif data[:2] == b"\x1f\x8b":
        yield " (gzip)", _inflated(data, zlib.MAX_WBITS | 16)
    elif data[:4] == b"PK\x03\x04" and zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield " (names)", "\n".join(archive.namelist()).encode()
            yield from ((f" ({name})", archive.read(name)) for name in archive.namelist())


def _inflated(data: bytes, window: int) -> bytes:
    done = []
    while data:
        stream = zlib.decompressobj(window)
        try:
            done.append(stream.decompress(data))
        except zlib.error:  # no such stream after all, or something else after its end
            break
        data = stream.unused_data
    return b"".join(done)


def _objects(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every object of the repository in `folder`, loose or packed, reachable or not."""
    command = ["git", f"--git-dir={folder}", "cat-file", "--batch-all-objects", "--batch", "--unordered"]
    listed = io.BytesIO(subprocess.run(command, capture_output=True, check=True).stdout)
    while header := listed.readline().split():
        where = f"{folder} {header[1].decode()} {header[0].decode()}"
        data = listed.read(int(header[2]) + 1)[:-1]
        yield where, data
        yield from _unpacked(where, data)


def _once(found: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """The same bytes only once."""
    seen = set()
    for where, data in found:
        name = hashlib.sha256(data).digest()
        if name not in seen:
            seen.add(name)
            yield where, data


# Values


def search(places: Iterable[Path], wanted: Sequence[Needle]) -> list[Hit]:
    """Where any of the needles stands; empty where none does."""
    return [
        Hit(where, needle.value, needle.encoding)
        for where, data in _once((where, data.lower()) for where, data in contents(places))
        for needle in wanted
        if needle.data in data
    ]


def search_repository(root: Path, wanted: Sequence[Needle]) -> list[Hit]:
    """The same over a work tree and all of its repository."""
    return search(repository(root), wanted)


# Salts


def windows(places: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Every 32 bytes that could be a salt: at each offset, raw, in hexadecimal and in base64; repetitions left out."""
    for where, piece in _pieces(places):
        for at in range(len(piece) - 31):
            yield where, piece[at : at + 32]


def find_salt(places: Iterable[Path], fits: Callable[[bytes], bool]) -> tuple[str, bytes] | None:
    """Where a salt stands that fits, and the salt."""
    return next(((where, salt) for where, salt in windows(places) if fits(salt)), None)


def salts_hidden_in(places: Iterable[Path], wanted: set[str]) -> dict[str, str]:
    """Where the salts with these ids stand, by id; about a million windows a second."""
    found: dict[str, str] = {}
    start, sha256 = opener.SALT_ID, hashlib.sha256
    heads = {_head(name): name for name in wanted}
    for where, piece in _pieces(places):
        for at in range(len(piece) - 31):
            head = sha256(start + piece[at : at + 32]).digest()[:5]
            if head in heads:
                found.setdefault(heads[head], where)
    return found


def _head(name: str) -> bytes:
    """The five bytes of a salt id."""
    bits = "".join(f"{opener.SYMBOLS.index(sign):05b}" for sign in name)
    return int(bits, 2).to_bytes(5, "big")


def _pieces(places: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """All contents, decoded too, cut after each line feed with the 31 bytes that follow: versions of a file share most."""
    seen = set()
    for where, data in _once(contents(places)):
        for decoded in (data, *_decoded(data)):
            for piece in _cut(decoded):
                if piece not in seen:
                    seen.add(piece)
                    yield where, piece


def _cut(data: bytes) -> Iterator[bytes]:
    start = 0
    while start + 32 <= len(data):
        end = data.find(b"\n", start) + 1 or len(data)
        yield data[start : end + 31]
        start = end


def _decoded(data: bytes) -> Iterator[bytes]:
    """The bytes that runs of hexadecimal and base64 stand for, from each offset at which they may begin."""
    for run in set(_HEX.findall(data)):
        for shift in range(2):
            yield unhexlify(run[shift : len(run) - (len(run) - shift) % 2])
    for run in set(_BASE64.findall(data)):
        plain = run.translate(bytes.maketrans(b"-_", b"+/"))
        for shift in range(4):
            part = plain[shift:]
            part = part[:-1] if len(part) % 4 == 1 else part
            yield base64.b64decode(part + b"=" * (-len(part) % 4))
