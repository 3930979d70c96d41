"""A tar file of a few plain files, of which every byte counts: what differs anywhere from what `write` makes is refused.

Read and written as a stream; knows nothing of what is in it.
"""

import os
import tarfile
from collections.abc import Callable, Mapping, Sequence
from io import RawIOBase
from typing import IO

_BLOCK = 512
_END = bytes(2 * _BLOCK)


def write(stream: IO[bytes], parts: Mapping[str, Callable[[IO[bytes]], object]]) -> None:
    """Write these parts, in order; each is written by its function, and its size entered afterwards."""
    for name, fill in parts.items():
        start = stream.tell()
        stream.seek(start + _BLOCK)
        fill(stream)
        end = stream.tell()
        stream.write(bytes(-end % _BLOCK))
        stream.seek(start)
        stream.write(_header(name, end - start - _BLOCK))
        stream.seek(0, os.SEEK_END)
    stream.write(_END)


class Part(RawIOBase):
    """One part, read from its beginning."""

    def __init__(self, stream: IO[bytes], start: int, size: int) -> None:
        self._stream, self._at, self._end, self.size = stream, start, start + size, size

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes, as many at the most."""
        left = self._end - self._at
        self._stream.seek(self._at)
        found = self._stream.read(left if size < 0 else min(size, left))
        self._at += len(found)
        return found


def read(stream: IO[bytes], names: Sequence[str]) -> dict[str, Part] | None:
    """The parts of a file that has exactly these; None for any other."""
    end = stream.seek(0, os.SEEK_END)
    found, at = {}, 0
    for name in names:
        stream.seek(at)
        size = _size(stream.read(_BLOCK), name)
        if size is None or at + _BLOCK + size > end:
            return None
        found[name] = Part(stream, at + _BLOCK, size)
        at += _BLOCK + size
        stream.seek(at)
        if any(stream.read(-at % _BLOCK)):
            return None
        at += -at % _BLOCK
    stream.seek(at)
    return found if stream.read(len(_END) + 1) == _END else None


def resembles(stream: IO[bytes], name: str) -> bool:
    """Whether a file begins with a part of that name, as far as damage lets it be told."""
    stream.seek(0)
    return sum(one == other for one, other in zip(stream.read(len(name)), name.encode(), strict=False)) > len(name) / 2


def _size(header: bytes, name: str) -> int | None:
    try:
        size = tarfile.TarInfo.frombuf(header, "utf-8", "strict").size
    except (tarfile.HeaderError, ValueError):
        return None
    return size if size >= 0 and header == _header(name, size) else None


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.GNU_FORMAT)
