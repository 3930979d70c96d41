"""The bytes of a text file as text: strictly decoded, or refused with the line. Never replaces, drops or guesses silently.

Known without being told: UTF-8, byte order marks of UTF-8, UTF-16 and UTF-32, and GB18030 (with it GBK and GB2312).
Almost any bytes can be read as GB18030, so a text read that way must look Chinese: mostly the 3,755 common characters
of GB 2312-80, level 1, and its signs; and not throughout like Korean, which shares their codes.
"""

import codecs
import re

from crmcli.errors import Invalid, Where
from crmcli.text import _

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_SAMPLE = 20_000  # characters beyond ASCII that are looked at
_COMMON = 0.6
_KOREAN, _ENOUGH = 0.98, 20


def decode(data: bytes, path: str, encoding: str | None = None) -> tuple[str, str]:
    """The text and the encoding it was read in; Invalid where the bytes are not text in the encoding, or in any known."""
    text, used = _read(data, path, encoding)
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        raise Invalid(
            _("There is a NUL byte in the file."),
            where=Where(path, line_at(text, text.index("\0"))),
            hint=_("It is not a text file, or its encoding has to be given: --encoding utf-16-le."),
        )
    return text, used


def line_at(text: str, place: int) -> int:
    """The 1-based line on which a character stands."""
    return len(_LINE_END.findall(text, 0, place)) + 1


def _read(data: bytes, path: str, encoding: str | None) -> tuple[str, str]:
    marked = next((name for mark, name in MARKS if data.startswith(mark)), None)
    if encoding is not None:
        name = _known(encoding)
        return _strict(data, path, marked if marked and marked.startswith(name) else name)
    if marked:
        return _strict(data, path, marked)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _chinese(data, path), "gb18030"


def _known(encoding: str) -> str:
    try:
        "a".encode(encoding)
        return codecs.lookup(encoding).name
    except (LookupError, UnicodeError, ValueError):
        raise Invalid(
            _("Unknown encoding {name}.").format(name=encoding),
            where=Where(field="--encoding"),
            hint=_("For example utf-8, gb18030, utf-16."),
        ) from None


def _strict(data: bytes, path: str, encoding: str) -> tuple[str, str]:
    try:
        return data.decode(encoding), encoding
    except UnicodeDecodeError as error:
        line = line_at(data[: error.start].decode(encoding, "replace"), error.start)
        raise Invalid(
            _("The file is not valid {encoding}: byte {place}.").format(encoding=encoding, place=error.start + 1),
            where=Where(path, line),
            hint=_("Save it as UTF-8, or say how it is encoded with --encoding."),
        ) from None


def _chinese(data: bytes, path: str) -> str:
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as error:
        raise _unclear(path, line_at(data[: error.start].decode("latin-1"), error.start)) from None
    if not _looks_chinese(text):
        raise _unclear(path, None)
    return text


def _unclear(path: str, line: int | None) -> Invalid:
    return Invalid(
        _("The encoding of the file is not clear: neither UTF-8 nor GB18030 fits."),
        where=Where(path, line),
        hint=_("Save it as UTF-8, or say how it is encoded: --encoding gb18030, big5, cp1252 …"),
    )


def _looks_chinese(text: str) -> bool:
    codes = [sign.encode("gb18030") for sign in re.sub(r"[\x00-\x7f]+", "", text)[:_SAMPLE]]
    common = sum(_is_common(code) for code in codes)
    hangul = sum(len(code) == 2 and 0xB0 <= code[0] <= 0xC8 for code in codes)
    korean = len(codes) >= _ENOUGH and hangul >= _KOREAN * len(codes)
    return common >= _COMMON * len(codes) and not korean


def _is_common(code: bytes) -> bool:
    """Whether a character stands in rows 1 to 3 or 16 to 55 of GB 2312-80."""
    return len(code) == 2 and code[1] >= 0xA1 and (0xA1 <= code[0] <= 0xA3 or 0xB0 <= code[0] <= 0xD7)
