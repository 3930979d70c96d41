"""Where a new vault may be made: with keys outside of its repository, not within another vault nor around one, and never a
sealed one beside an open one. Looks, and writes nothing.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from crmcli.errors import Conflict, CrmError, NotFound, Where
from crmcli.store.files import read_record
from crmcli.store.git import Git, Places
from crmcli.store.homes import Homes
from crmcli.store.vault import SETTINGS
from crmcli.store.yamlread import parse
from crmcli.text import _
from crmcli.usecases.keyring import refuse_homes_inside


def refuse_place(folder: Path, env: Mapping[str, str], homes: Homes | None) -> None:
    """Conflict, kind "nested" or "mixed", for a folder that can't take a vault; Refused where the keys of a sealed one
    would lie in its repository. homes: None for an open vault."""
    git = Git(existing(folder), env)
    try:
        places = git.places()
    except NotFound:
        if homes:
            refuse_homes_inside(homes, [folder])
        return
    if homes:
        refuse_homes_inside(homes, (places.top, places.git_dir, places.common_dir))
    for other in _vaults(git, places):
        _refuse_other(folder.resolve(), other, sealed=homes is not None)


def existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.is_dir())


def _vaults(git: Git, places: Places) -> Iterator[Path]:
    listed = git.run("ls-files", "-z", "--full-name", "--", f":(top,glob)**/{SETTINGS}")
    for path in listed.decode("utf-8", "surrogateescape").split("\0"):
        if path and (places.top / path).is_file():
            yield (places.top / path.removesuffix(SETTINGS)).resolve()


def _refuse_other(folder: Path, other: Path, *, sealed: bool) -> None:
    hint = _("Make it in another folder, outside of this repository.")
    if folder.is_relative_to(other) or other.is_relative_to(folder):
        said = _("One vault would lie inside the other: there is one in {folder}.").format(folder=other)
        raise Conflict(said, where=Where(str(folder)), hint=hint, kind="nested")
    if sealed != _is_sealed(other):
        said = _("A sealed vault and an open one can't share a repository: there is one in {folder}.")
        raise Conflict(said.format(folder=other), where=Where(str(folder)), hint=hint, kind="mixed")


def _is_sealed(root: Path) -> bool:
    try:
        return parse(read_record(root, SETTINGS), SETTINGS).tree.get("sealing") == "true"
    except CrmError:
        return False
