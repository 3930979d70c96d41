"""A file of delimited text as headings and rows of texts: delimiter and encoding found out, every row of equal length.

Cells are texts and nothing else: no numbers, no formulas, no trimming. A file whose structure does not hold is refused
whole, with the line; nothing is ever guessed about a row. Knows nothing of fields.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from crmcli.errors import Finding, Invalid, NotFound, Where, invalid
from crmcli.store.csvtext import decode
from crmcli.text import _, n_

MAX_BYTES = 256 << 20
MAX_COLUMNS = 500
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_SEPARATOR = re.compile(r"sep=(.)(?:\r\n|\r|\n)", re.IGNORECASE)
_NAMED = 20  # findings of one kind in a message


@dataclass(frozen=True, slots=True)
class Row:
    """One record of the file: the 1-based line it begins on, and its cells."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as read. Every row has as many cells as there are headings; blank rows are left out.

    line      where the headings stand
    digest    SHA-256 of the file's bytes, in hex
    """

    path: str
    headings: tuple[str, ...]
    line: int
    rows: tuple[Row, ...]
    encoding: str
    delimiter: str
    digest: str


def load(path: Path) -> bytes:
    """The bytes of a file a person names; NotFound, or Invalid for what is no plain file or too large."""
    if not path.exists():
        raise NotFound(_("There is no file {path}.").format(path=path), where=Where(str(path)))
    if not path.is_file():
        raise Invalid(_("{path} is not a plain file.").format(path=path), where=Where(str(path)))
    if path.stat().st_size > MAX_BYTES:
        raise Invalid(
            _("{path} is too large: {size} bytes.").format(path=path, size=path.stat().st_size),
            where=Where(str(path)),
            hint=_("At most {limit} bytes are read; split the file.").format(limit=MAX_BYTES),
        )
    return path.read_bytes()


def read(data: bytes, path: str, *, encoding: str | None = None, delimiter: str | None = None) -> Sheet:
    """The sheet in a file's bytes; Invalid naming the line where it is none. `path` is how messages call the file."""
    text, used = decode(data, path, encoding)
    found = _SEPARATOR.match(text)
    sign = _given(delimiter) if delimiter else found[1] if found else _sniffed(text)
    records = _records(text[found.end() :] if found else text, sign, path, 2 if found else 1)
    first = next((row for row in records if any(map(str.strip, row.cells))), None)
    if first is None:
        raise Invalid(_("The file is empty."), where=Where(path), hint=_("The first line holds the headings."))
    headings, rows = _shaped(first, list(records), path)
    return Sheet(path, headings, first.line, rows, used, sign, sha256(data).hexdigest())


def _given(delimiter: str) -> str:
    names = {name: sign for sign, name in DELIMITERS.items()} | {"\\t": "\t"}
    sign = names.get(delimiter, delimiter)
    if len(sign) != 1 or sign in '\r\n"':
        raise Invalid(
            _("{delimiter} is not a delimiter.").format(delimiter=repr(delimiter)),
            where=Where(field="--delimiter"),
            hint=_("One character, or one of: {names}.").format(names=", ".join(DELIMITERS.values())),
        )
    return sign


def _sniffed(text: str) -> str:
    """The delimiter that cuts the first line that says anything into most cells; a comma where none cuts it."""
    start = re.match(r"\s*", text)
    head = text[start.end() if start else 0 :][:100_000]
    widths = {sign: len(next(csv.reader(io.StringIO(head, newline=""), delimiter=sign), ())) for sign in DELIMITERS}
    return max(widths, key=lambda sign: widths[sign])


def _records(text: str, delimiter: str, path: str, line: int) -> Iterator[Row]:
    """Every record that is not an empty line. Invalid where a quotation mark is never closed or misplaced."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begun = line
    try:
        for cells in reader:
            if cells:
                yield Row(begun, tuple(cells))
            begun = line + reader.line_num
    except csv.Error as error:
        raise _broken(str(error), path, begun) from None


def _broken(reason: str, path: str, line: int) -> Invalid:
    if "unexpected end" in reason:
        message = _("A quotation mark is opened and never closed.")
    elif "field larger" in reason:
        message = _("A cell is too long, or a quotation mark is opened and never closed.")
    else:
        message = _("A quotation mark stands in the middle of a cell.")
    hint = _("A cell that holds quotation marks is written in quotation marks, with each of them doubled.")
    return Invalid(message, where=Where(path, line), hint=hint)


def _shaped(first: Row, rows: Sequence[Row], path: str) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """The headings and the rows, columns without any text at the end cut off."""
    said = [row for row in rows if any(map(str.strip, row.cells))]
    width = max(_width(first), 1)
    wrong = [row for row in said if _width(row) > width or len(row.cells) < width]
    if width > MAX_COLUMNS:
        raise Invalid(
            _("There are {count} columns; at most {limit} are read.").format(count=width, limit=MAX_COLUMNS),
            where=Where(path, first.line),
        )
    if wrong:
        raise invalid([_ragged(row, width, path) for row in wrong[:_NAMED]])
    if not said:
        raise Invalid(_("There are headings but no rows."), where=Where(path, first.line))
    return first.cells[:width], tuple(Row(row.line, row.cells[:width]) for row in said)


def _width(row: Row) -> int:
    return max((place for place, cell in enumerate(row.cells, 1) if cell.strip()), default=0)


def _ragged(row: Row, width: int, path: str) -> Finding:
    said = n_(
        "The row has {count} cell, but there are {width} headings.",
        "The row has {count} cells, but there are {width} headings.",
        len(row.cells),
    )
    return Finding(
        said.format(count=len(row.cells), width=width),
        Where(path, row.line),
        _("{width} cells").format(width=width),
        _("Put a cell that holds the delimiter in quotation marks, or name the delimiter with --delimiter."),
    )
