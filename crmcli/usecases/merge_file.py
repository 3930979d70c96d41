"""One customer's file in three versions made one: what git asks of a merge driver, file by file.

Needs no keys and no vault: tokens are compared as texts, and what only the house rules can tell is left to `crm check`.
Promises that a file called clean is canonical and no worse a customer than either side, and that whatever can't be
united is left with git's conflict markers. Never writes clear text: what comes out went in.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from crmcli.errors import CrmError
from crmcli.model.dossier import Dossier
from crmcli.model.findings import findings
from crmcli.model.identity import number_at
from crmcli.model.merge import merge
from crmcli.model.merge_text import conflict_text
from crmcli.model.sealed import Sealed, is_token
from crmcli.store.comments import Comments, comments_of
from crmcli.store.files import read_file, write_atomic
from crmcli.store.git import Git
from crmcli.store.records import APART, FOLDER
from crmcli.store.yamlread import parse
from crmcli.store.yamlwrite import render

Tree = dict[str, Any]
LABELS = "ours", "theirs"
_ENTRY = re.compile(r"\[\d+\]")  # its place differs from version to version
USUAL = 7  # signs in a marker; git takes more for the common ancestors it makes up by merging


@dataclass(frozen=True, slots=True)
class Three:
    """The names of the three files in one folder, and what git says of them; the result goes where ours is.

    size  signs in a conflict marker
    path  the file's place, from the top of the work tree
    """

    folder: Path
    base: str
    ours: str
    theirs: str
    size: int
    path: str


@dataclass(frozen=True, slots=True)
class MergedText:
    """clashes: the fields that both sides changed apart, by path; `text` has markers around them then, or is None where
    the versions can't be united by meaning at all."""

    text: bytes | None
    clashes: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nobody has to decide anything."""
        return self.text is not None and not self.clashes


def merge_file(asked: Three, env: Mapping[str, str]) -> MergedText:
    """Merge into the file that holds ours; as `merged_text`, by git's own way where it can't be done by meaning."""
    texts = [read_file(asked.folder, name) or b"" for name in (asked.base, asked.ours, asked.theirs)]
    path = customers_path(asked.path)
    found = merged_text(path, *texts) if path else MergedText(None)
    if found.text is None:
        _by_lines(asked, env)
    elif found.clean or asked.size == USUAL:
        write_atomic(asked.folder, asked.ours, found.text)
    else:  # an ancestor with markers in it would be no customer
        write_atomic(asked.folder, asked.ours, texts[0])
    return found


def customers_path(path: str) -> str | None:
    """A customer's file by its place in the vault, whatever folder of the work tree that is in; None for other files."""
    *above, _last = path.split("/")
    if FOLDER not in above:
        return None
    inside = "/".join(path.split("/")[len(above) - 1 - above[::-1].index(FOLDER) :])
    return inside if number_at(inside) and inside.split("/")[1] not in APART else None


def merged_text(path: str, base: bytes, ours: bytes, theirs: bytes) -> MergedText:
    """The merge of three versions of a customer's file; `base` empty where both sides added it."""
    try:
        was, mine, other = (parse(data, path).tree if data else {} for data in (base, ours, theirs))
        if not mine or not other or {mine.get("id"), other.get("id")} != {number_at(path)}:
            return MergedText(None)
        merged = merge(was or None, mine, other)
        kept = comments_of_both(path, ours, theirs)
        clashes = tuple(".".join(clash.place) for clash in merged.clashes)
        if clashes:
            return MergedText(_marked(render(merged.tree, kept), render(merged.other, kept)), clashes)
        wrong = _flaws(merged.tree) - _flaws(mine) - _flaws(other)
        if wrong:
            return MergedText(_marked(render(mine, kept), render(other, kept)), tuple(sorted(wrong)))
        return MergedText(render(merged.tree, kept))
    except (CrmError, ValueError):
        return MergedText(None)


def _marked(mine: bytes, other: bytes) -> bytes:
    return conflict_text(mine, other, LABELS)


def comments_of_both(path: str, ours: bytes, theirs: bytes) -> Comments:
    """What people wrote beside the values of an open vault, on either side; ours where both did."""
    one, two = (comments_of(data, path) if b"#" in data else Comments() for data in (ours, theirs))
    places = ({**two.above, **one.above}, {**two.beside, **one.beside}, {**two.below, **one.below})
    return Comments(*places, one.line or two.line)


def _flaws(tree: Mapping[str, Any]) -> set[str]:
    """The places at which this is no customer, as far as can be told without house rules."""
    told = {name: _carried(value) for name, value in tree.items() if name != "custom"}  # declared in the house rules
    try:
        Dossier.model_validate(told)
    except ValidationError as error:
        return {_ENTRY.sub("", one.where.field or one.message) for one in findings(error, Dossier)}
    return set()


def _carried(node: Any) -> Any:
    """The same with tokens as values that nobody opens."""
    if isinstance(node, dict):
        return {key: _carried(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_carried(value) for value in node]
    return Sealed(node) if isinstance(node, str) and is_token(node) else node


def _by_lines(asked: Three, env: Mapping[str, str]) -> None:
    """As git merges any text; what it can't read stays as ours."""
    labels = [word for label in (LABELS[0], "base", LABELS[1]) for word in ("-L", label)]
    names = (asked.ours, asked.base, asked.theirs)
    Git(asked.folder, env).ask("merge-file", f"--marker-size={asked.size}", *labels, "--", *names)
