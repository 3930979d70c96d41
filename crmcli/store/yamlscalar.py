"""One string ↔ the YAML text that every parser reads as that string.

Promises that text stands plain only where YAML 1.1 and YAML 1.2 both read the very same string, as value, item and
key. When in doubt it quotes. Never resolves a type, never folds a line.
"""

import re

from crmcli.store.yamltree import MAX_KEY

# Sets that hold all beyond ASCII are told by the ASCII they lack: re takes milliseconds at start-up over the others.
FIRST = r"[^\x00-#%-')-.:-@\[-^`{-\x7f]"  # A-Z a-z 0-9 ( / _ $ and beyond
_RESERVED_WORDS = "y|n|yes|no|on|off|true|false|null"
_NUMBERS_AND_DATES = r"[0-9][0-9A-Fa-fOoTtXxZz_.:+\- ]*"
_BREAKING = r"\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff"
_NONCHARACTERS = r"\ufdd0-\ufdef" + "".join(f"\\U{plane:04x}fffe\\U{plane:04x}ffff" for plane in range(17))
# Overrides make a line show other words than it holds; a reviewer must see them.
_DIRECTION_OVERRIDES = r"\u202a-\u202e\u2066-\u2069"
_HIDDEN = _BREAKING + _NONCHARACTERS + _DIRECTION_OVERRIDES
_UNSAFE = r"\x00-\x1f" + _HIDDEN
_SPACES = "\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"

_PLAIN = re.compile(rf"(?!(?i:{_RESERVED_WORDS})\Z)(?!{_NUMBERS_AND_DATES}\Z){FIRST}(?:.*[^ :])?").fullmatch
_FIND_UNSAFE = re.compile(f"[{_UNSAFE}]").search
_FIND_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]").search
_ESCAPED = re.compile(rf'["\\{_UNSAFE}]')
_UNSAFE_IN_BLOCK = re.compile(rf"[\x00-\x08\x0b-\x1f{_HIDDEN}]")
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")

_SHORT = {
    "\0": "0", "\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", "\x1b": "e",
    '"': '"', "\\": "\\", "\x85": "N", "\u2028": "L", "\u2029": "P",
}  # fmt: skip
_MEANING = {letter: character for character, letter in _SHORT.items()}


def is_plain(text: str) -> bool:
    """Whether `text` may stand without quotes."""
    if _PLAIN(text) is None or ": " in text or " #" in text:
        return False
    # Nothing printable is unsafe; the careful look costs ten times as much.
    return text.isprintable() or (_FIND_UNSAFE(text) is None and text.strip(_SPACES) == text)


def is_block(text: str) -> bool:
    """Whether `text` may stand as a literal block: several lines, none ending in a space, at most one final newline."""
    if "\n" not in text or _UNSAFE_IN_BLOCK.search(text):
        return False
    lines = text.removesuffix("\n").split("\n")
    ends_filled = bool(lines[0] and lines[-1]) and not lines[0][0].isspace()
    return ends_filled and all(line == line.rstrip() for line in lines)


def is_name(text: str) -> bool:
    """Whether `text` may be the name of a value: 1 to 100 characters on one line, no control characters."""
    return 0 < len(text) <= MAX_KEY and (text.isprintable() or _FIND_CONTROL(text) is None)


def quoted(text: str) -> str:
    """`text` in double quotes, on one line; ValueError for a lone surrogate."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return f'"{_ESCAPED.sub(_escape, text)}"'


def unquoted(inside: str) -> str | None:
    """The meaning of what stands between double quotes on one line; None where an escape is none `quoted` writes."""
    if "\\" not in inside:
        return inside
    try:
        return _ESCAPE.sub(_meant, inside)
    except (LookupError, ValueError):
        return None


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character in _SHORT:
        return "\\" + _SHORT[character]
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        raise ValueError(f"a lone surrogate has no place in a file: U+{code:04X}")
    if code <= 0xFF:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def _meant(match: re.Match[str]) -> str:
    if match[4]:
        return _MEANING[match[4]]
    code = int(match[1] or match[2] or match[3], 16)
    if 0xD800 <= code <= 0xDFFF:
        raise ValueError("a lone surrogate")
    return chr(code)
