"""Text that cannot act on a terminal, and its width there.

`visible` shows what would otherwise act unseen: control characters, terminal escapes, marks that turn the direction of
writing (Unicode TR 36, 2.6). `width_of` counts terminal cells: wide East Asian characters two, combining marks none
(Unicode TR 11).
"""

import re
import unicodedata
from functools import lru_cache

TURNING = "\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff"
ACTING = re.compile(f"[\x00-\x1f\x7f-\x9f{TURNING}\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e007f]")
ACTING_IN_LINES = re.compile(ACTING.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f"))
NAMED = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _shown(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    form = f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return NAMED.get(character, form)


def visible(text: str) -> str:
    """`text` as one line in which nothing acts: ESC as `\\x1b`, a line break as `\\n`, a turning mark as `\\u202e`."""
    return text if text.isascii() and text.isprintable() else ACTING.sub(_shown, text)


def visible_lines(text: str) -> str:
    """Like `visible`, with line breaks kept."""
    return ACTING_IN_LINES.sub(_shown, text)


@lru_cache(maxsize=8192)
def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def width_of(text: str) -> int:
    """Terminal cells that `text` (without control characters) takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def pad(text: str, width: int, *, right: bool = False) -> str:
    """`text` filled with spaces to `width` cells; `right` puts the text at the right."""
    spaces = " " * (width - width_of(text))
    return spaces + text if right else text + spaces


def wrapped(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells, broken at spaces and beside wide characters; a longer word stays whole."""
    lines = [""]
    for piece in re.findall(r"\s+|[\u2e80-\uffef]|[^\s\u2e80-\uffef]+", text):
        if width_of(lines[-1]) + width_of(piece) > width and lines[-1]:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += "" if piece.isspace() and not lines[-1] else piece
    return [line.rstrip() for line in lines]
