"""The history that trust is judged by, read from git in a fixed number of calls: commits, their parents, what they hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TypeVar

from pydantic import ValidationError

from crmcli.errors import CrmError, Where, invalid
from crmcli.model import keys, team
from crmcli.model.base import Part
from crmcli.model.findings import findings
from crmcli.store import history as past
from crmcli.store.signatures import raw_commits
from crmcli.store.vault import Vault
from crmcli.store.yamlread import parse
from crmcli.text import _

FILES = (team.PATH, keys.PATH)
CUSTOM = "schemas/custom-fields.yaml"
_PARENT = b"parent "
Blobs = tuple[str | None, str | None]
Read = TypeVar("Read", bound=Part)


@dataclass(frozen=True, slots=True)
class Step:
    """One commit: its parents, when it says it was made (seconds since 1970), git's hashes of access and key file."""

    hash: str
    parents: tuple[str, ...]
    at: int
    files: Blobs = (None, None)


def history_of(vault: Vault, *tips: str) -> dict[str, Step]:
    """Every commit up to these, parents first, files not looked at yet."""
    listed = vault.git().run("rev-list", "--topo-order", "--reverse", "--timestamp", "--parents", *tips, "--")
    rows = (line.split() for line in listed.decode().splitlines())
    return {name: Step(name, tuple(parents), int(at)) for at, name, *parents in rows}


def between(vault: Vault, old: str, new: str) -> list[str]:
    """Every commit that has `old` and that `new` has, with `new`; none where one of them is not there."""
    answer = vault.git().ask("rev-list", "--ancestry-path", f"{old}..{new}", "--")
    return [] if answer.code else answer.out.decode().split()


def with_files(vault: Vault, steps: Mapping[str, Step]) -> dict[str, Step]:
    """The same, each with the hashes of its access file and key file."""
    names = [f"{commit}:./{path}" for commit in steps for path in FILES]
    found = iter(vault.git().stands(names))
    return {name: replace(step, files=(next(found), next(found))) for name, step in steps.items()}


def descendants(root: str, steps: Mapping[str, Step]) -> dict[str, Step]:
    """The root and every commit that has it, parents first."""
    found: dict[str, Step] = {}
    for name, step in steps.items():
        if name == root or any(parent in found for parent in step.parents):
            found[name] = step
    return found


def raws_of(vault: Vault, commits: Sequence[str]) -> dict[str, bytes]:
    """The objects of commits; one git process for all."""
    return dict(raw_commits(vault, commits))


def made_by(raw: bytes) -> tuple[str, str]:
    """Who a commit says is its author: name and address."""
    line = next(line for line in raw.split(b"\n") if line.startswith(b"author "))
    name, _sign, rest = line.removeprefix(b"author ").decode("utf-8", "replace").partition(" <")
    return name, rest.partition(">")[0]


def parents_of(raw: bytes) -> list[str]:
    """All parents of a commit, as git reads them: the lines that follow its tree."""
    _tree, *lines = raw.partition(b"\n\n")[0].split(b"\n")
    return [line.removeprefix(_PARENT).decode() for line in takewhile(lambda line: line.startswith(_PARENT), lines)]


def read_as(data: bytes | None, path: str, model: type[Read]) -> Read:
    """A file of a commit as its model; CrmError where it can't be read or does not hold."""
    if data is None:
        raise CrmError(_("{path} is missing.").format(path=path), where=Where(path))
    source = parse(data, path)
    try:
        return model.model_validate(source.tree)
    except ValidationError as error:
        raise invalid(findings(error, model, path, source.lines)) from None


def texts_of(vault: Vault, commits: Sequence[str]) -> dict[str, tuple[bytes | None, ...]]:
    """Access file and key file of each commit."""
    found = iter(past.blobs(vault, [(name, path) for name in commits for path in FILES]) if commits else ())
    return {name: (next(found), next(found)) for name in commits}
