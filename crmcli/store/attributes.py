"""git's attributes of a vault's files, as crm needs them, in the clone's own `info/attributes`: whatever anybody commits in
a `.gitattributes` turns no customer's file and changes no merge.

No clone inherits it: whoever opens a vault puts it in place. A clone may have been checked out before, its files turned
as others committed it; those that git itself calls unchanged are then written again as they were committed.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from crmcli.errors import CrmError
from crmcli.store.files import private_folder, read_file, write_all, write_atomic
from crmcli.store.git import Git, Places
from crmcli.store.history import OVERSIZE, contents
from crmcli.store.journal import blob_hash
from crmcli.store.landing import FILES
from crmcli.store.lock import Lock
from crmcli.store.vault import Vault, above

_FILE = "attributes"
_BYTES = "-text -ident -filter !working-tree-encoding"  # "-working-tree-encoding" is none that git takes
_MERGED = {
    "records/**": "merge=crm",
    "records/plans/**": "-merge",
    "records/purged/**": "-merge",
    "schemas/**": "-merge",
}
_REFRESH = ("update-index", "-q", "--refresh")
_SPECIAL = "\\*?["


def stands(vault: Vault) -> bool:
    """Whether the lines are in place. One look at one file."""
    return _lines(vault.prefix) in _read(vault.common_dir / "info")


def put_in_place(start: Path, env: Mapping[str, str], *, exact: bool = False) -> bool:
    """Add the lines for the vault in `start`, or in the nearest folder above it, where its clone has none yet; whether they
    were. Nothing but a look at one file where it has, so that it can be asked before anything of the vault is read.

    A clone that can't be written to, or where somebody writes right now, is no error: `crm doctor` tells of it.
    """
    root = above(start)
    if root is None or (exact and root != start.absolute()):
        return False
    try:
        return not _seen(root) and _put(root, env)
    except (CrmError, OSError):
        return False


def _seen(root: Path) -> bool:
    """Whether the lines are in the repository as it usually lies; git tells of all others."""
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").is_dir()), None)
    if top is None:
        return False
    prefix = "".join(f"{part}/" for part in root.relative_to(top).parts)
    return _lines(prefix) in _read(top / ".git" / "info")


def _put(root: Path, env: Mapping[str, str]) -> bool:
    places = Git(root, env).places()
    if _lines(places.prefix) in _read(places.common_dir / "info"):
        return False
    with Lock(places.common_dir / "crm" / "lock", "attributes", timeout=0) as descriptor:
        git = Git(root, env, descriptor)
        # First, since by the lines git can't tell any more which files nobody changed.
        turned = _turned(git, root, places)
        if turned:
            _write_as_committed(git, root, places.prefix, turned)
        begin_with(places.common_dir, places.prefix)
        if turned:
            git.run(*_REFRESH, check=False)
    return True


def _write_as_committed(git: Git, root: Path, prefix: str, turned: Mapping[str, tuple[str, str]]) -> None:
    # So that git looks into them again: a file of another size it would call changed without.
    git.set_entries((mode, blob, prefix + path) for path, (mode, blob) in turned.items())
    found = zip(turned, contents(git, [blob for _mode, blob in turned.values()]), strict=True)
    write_all(root, [(path, data) for path, data in found if data not in (None, OVERSIZE)])


def begin_with(git_dir: Path, prefix: str) -> None:
    """Add the lines to a repository whose files were not checked out yet."""
    info = git_dir / "info"
    known = _read(info)
    private_folder(info)
    write_atomic(info, _FILE, known + (b"" if not known or known.endswith(b"\n") else b"\n") + _lines(prefix))


def _turned(git: Git, root: Path, places: Places) -> dict[str, tuple[str, str]]:
    """Path → git's mode and hash of the files that are not what was committed and yet would be committed as that."""
    listed = git.run("ls-files", "-s", "-z", "--", "records", "schemas").decode("utf-8", "surrogateescape")
    entries = (entry.split("\t", 1) for entry in listed.split("\0")[:-1])
    files = ((path, *facts.split(" ")) for facts, path in entries)
    known = {path: (mode, blob) for path, mode, blob, stage in files if mode in FILES and stage == "0"}
    other = [path for path, (_mode, blob) in known.items() if _hash(root, path, places.algorithm) not in (None, blob)]
    asked = "".join(f"{places.prefix}{path}\n" for path in other).encode("utf-8", "surrogateescape")
    # Not what git calls unchanged: it may have been told not to look (`--assume-unchanged`).
    said = git.run("hash-object", "--stdin-paths", stdin=asked).decode().split() if other else []
    return {path: known[path] for path, blob in zip(other, said, strict=True) if blob == known[path][1]}


def _hash(root: Path, path: str, algorithm: str) -> str | None:
    try:
        data = read_file(root, path)
    except CrmError:
        return None
    return None if data is None else blob_hash(data, algorithm)


def _read(info: Path) -> bytes:
    try:
        return (info / _FILE).read_bytes()
    except FileNotFoundError:
        return b""


def _lines(prefix: str) -> bytes:
    """The lines of the vault in that folder of the work tree."""
    # With a slash at the front: a name that begins with ! or # would mean something else.
    start = "/" + "".join(f"\\{sign}" if sign in _SPECIAL else sign for sign in prefix)
    lines = [f"{_quoted(start + pattern)} {_BYTES} {merged}\n" for pattern, merged in _MERGED.items()]
    return os.fsencode(
        "# crm: a vault's files are taken byte for byte and merged by meaning, whatever .gitattributes say.\n"
        + "".join(lines)
    )


def _quoted(pattern: str) -> str:
    """A pattern as git reads one with any sign in it."""
    return '"' + pattern.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
