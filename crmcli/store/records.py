"""The files below records/: where they lie and how they are read. Never writes; never looks into git."""

import os
from collections.abc import Iterator
from pathlib import Path

from crmcli.errors import CrmError, Invalid, NotFound, ValueProblem, Where
from crmcli.model.identity import number_at, record_path
from crmcli.store.files import read_record
from crmcli.store.yamlread import Source, parse
from crmcli.text import _

FOLDER = "records"
APART = frozenset({"purged", "plans"})


def record_files(root: Path) -> list[str]:
    """Every YAML file that should be a customer's, relative to the vault, in order of the numbers."""
    return sorted(_walk(root / FOLDER, FOLDER), key=_by_number)


def _by_number(path: str) -> tuple[str, int, str]:
    name = path.rsplit("/", 1)[-1]
    return name[:9], len(name), path


def kept_files(root: Path, folder: str) -> list[str]:
    """Every YAML file below a folder that stands beside the customers' (`records/plans`, `records/purged`), in order."""
    return sorted(_walk(root / folder, folder))


def read(root: Path, path: str) -> tuple[bytes, Source]:
    """The bytes and the plain tree of one customer file. Invalid with its place where it isn't one."""
    number = number_at(path)
    if number is None and (root / path).is_symlink():
        said = _("{path} is, or lies behind, a symbolic link; links are not followed.")
        raise Invalid(said.format(path=path), where=Where(path), kind="symlink")
    if number is None:
        raise Invalid(_("The file's folder does not match its name."), where=Where(path), hint=_expected(path))
    data = read_record(root, path)
    return data, source_of(path, data)


def source_of(path: str, data: bytes) -> Source:
    """The plain tree of a customer file's bytes. Invalid with its place where they are none of that number."""
    source, number = parse(data, path), number_at(path)
    if source.tree.get("id") != number:
        line = source.lines.get(("id",))
        raise Invalid(
            _("The id in the file does not match the file name."), where=Where(path, line, "id"), hint=f"id: {number}"
        )
    return source


def _expected(path: str) -> str:
    """Where a file of that name belongs."""
    try:
        return record_path(path.rsplit("/", 1)[-1].removesuffix(".yaml"))
    except ValueProblem:
        return _("records/YYYY/MM/NUMBER.yaml")


def path_of(root: Path, number: str) -> str:
    """The path of a customer on file; NotFound otherwise."""
    path = record_path(number)
    if not os.path.lexists(root / path):
        raise NotFound(_("No customer {number}.").format(number=number))
    return path


def _walk(folder: Path, said: str) -> Iterator[str]:
    try:
        items = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for item in items:
        if item.name.startswith(".") or (said == FOLDER and item.name in APART):
            continue
        if item.is_dir(follow_symlinks=False):
            yield from _walk(folder / item.name, f"{said}/{item.name}")
        elif item.is_symlink() or item.name.endswith((".yaml", ".yml")):
            # A link may hide a whole folder of customers: it must come to light as a file that can't be read.
            yield f"{said}/{item.name}"


def uid_of(data: bytes | None) -> str | None:
    """The uid in a file; None where it can't be told."""
    try:
        found = parse(data or b"", "").tree.get("uid")
    except CrmError:
        return None
    return found if isinstance(found, str) else None
