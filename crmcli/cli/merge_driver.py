"""`crm merge-driver BASE OURS THEIRS SIZE PATH`: git's question whether it can unite three versions of a file.

Not for people, so not in the help. Opens no vault and no keys, and loads little: git asks once for each file.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from crmcli.cli.session import first_language
from crmcli.cli.streams import prepare, say
from crmcli.errors import CrmError
from crmcli.reports.safe_text import visible
from crmcli.text import _, set_language
from crmcli.usecases.merge_file import Three, merge_file

_WORDS = 5
CONFLICT = 1  # whatever goes wrong: git then leaves the file to a person


def main(words: Sequence[str]) -> int:
    """Answer git by the exit code: 0 united, 1 a person has to."""
    prepare()
    set_language(first_language(None, os.environ))
    if len(words) != _WORDS or not words[3].isdecimal():
        said = _("Only git calls `crm merge-driver`, and names five things: {names}.")
        say(said.format(names="BASE OURS THEIRS SIZE PATH"))
        return CONFLICT
    base, ours, theirs, size, path = words
    try:
        merged = merge_file(Three(Path.cwd(), base, ours, theirs, int(size), path), os.environ)
    except (CrmError, OSError, ValueError) as error:
        say(visible(f"crm merge-driver: {error}"))
        return CONFLICT
    if merged.clean:
        return 0
    fields = ", ".join(merged.clashes)
    said = _("{path}: changed on both sides: {fields}.") if fields else _("{path} can't be united field by field.")
    say(visible(said.format(path=path, fields=fields)))
    say(_("`crm resolve` shows both sides and takes the decision."))
    return CONFLICT
