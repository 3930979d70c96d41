"""Rows that could not be taken in, as a CSV file beside the person: to be corrected and imported again.

Cells stand as they stood (no formula is defused here, or the correction would import the defusing). A file that is
there is never overwritten; the file is for its owner's eyes alone, since it holds customers' data.
"""

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

from crmcli.errors import Failure, Where
from crmcli.text import _

_MOST = 1000


def write(wanted: Path, rows: Sequence[Sequence[str]], delimiter: str) -> Path:
    """Write the rows to `wanted`, or to the same name with the next free number; the path that was written.

    UTF-8, with a byte order mark where anything beyond ASCII is in it, for spreadsheets. Failure where it can't be.
    """
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    said = text.getvalue()
    data = said.encode("utf-8" if said.isascii() else "utf-8-sig")
    try:
        return _create(wanted, data)
    except OSError as error:
        raise Failure(
            _("Cannot write {path}: {reason}.").format(path=wanted, reason=error.strerror),
            where=Where(str(wanted)),
            hint=_("Choose another place with --rejects."),
        ) from None


def _create(wanted: Path, data: bytes) -> Path:
    for count in range(1, _MOST):
        path = wanted if count == 1 else wanted.with_name(f"{wanted.stem}-{count}{wanted.suffix}")
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        return path
    raise FileExistsError(17, "too many", str(wanted))
