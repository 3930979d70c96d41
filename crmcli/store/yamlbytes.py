"""The bytes of a customer file → its text, or a refusal that names the line.

Promises that what passes is UTF-8 of a bearable size, without a character that editors, diffs or YAML parsers see in
different ways and without an unresolved merge. Never repairs what it is given.
"""

import re

from crmcli.errors import Invalid, Where
from crmcli.text import _

_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)")
_MARKER = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?=[ \r\n]|\Z)", re.MULTILINE)
_MARKS = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")


def text_of(data: bytes, path: str, limit: int) -> str:
    """`data` as text with its line ends as they stand; Invalid (path, line) for what may not be in a customer file."""
    _refuse_size(data, path, limit)
    text = _decoded(data, path)
    _refuse_unseen(text, path)
    if any(mark in text for mark in _MARKS) and (marker := _MARKER.search(text)):
        raise Invalid(
            _("Unresolved merge conflict."),
            where=Where(path, line_at(text, marker.start())),
            hint=_(
                "`crm resolve` decides it while the merge is under way; otherwise keep the lines that are right, and remove "
                "those with <<<<<<<, ======= and >>>>>>>."
            ),
        )
    return text


def line_at(text: str, position: int) -> int:
    """The 1-based line of a position in `text`."""
    return text.count("\n", 0, position) + 1


def _refuse_size(data: bytes, path: str, limit: int) -> None:
    if len(data) > limit:
        raise Invalid(
            _("The file is too large: at most {limit} bytes are read.").format(limit=limit),
            where=Where(path),
            hint=_("Split it, or keep large texts outside the customer file."),
        )


def _decoded(data: bytes, path: str) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0\0" in (data[:4:2], data[1:4:2]):
        raise Invalid(_("The file is UTF-16, not UTF-8."), where=Where(path, 1), hint=_("Save it as UTF-8."))
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line, column = _place(data, error.start)
        raise Invalid(
            _("Not UTF-8: byte 0x{byte:02X} in column {column}.").format(byte=data[error.start], column=column),
            where=Where(path, line),
            hint=_("Save it as UTF-8."),
        ) from error


def _place(data: bytes, position: int) -> tuple[int, int]:
    before = data[:position].decode()
    return line_at(before, len(before)), len(before) - before.rfind("\n")


def _refuse_unseen(text: str, path: str) -> None:
    if text.replace("\n", "").isprintable():  # the careful look costs ten times as much
        return
    unseen = _UNSEEN.search(text)
    if unseen is None:
        return
    code = f"{ord(unseen[0]):04X}"
    if unseen[0] == "\ufeff" and unseen.start() == 0:
        message, hint = _("The file starts with a byte order mark."), _("Save it as UTF-8 without a byte order mark.")
    else:
        message = _("The character U+{code} may not stand in the file as it is.").format(code=code)
        hint = _('Remove it, or write it between double quotes as "\\u{code}".').format(code=code)
    raise Invalid(message, where=Where(path, line_at(text, unseen.start())), hint=hint)
