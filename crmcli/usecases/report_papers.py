"""What reports read beside the customers' files: certificates of destruction and the benefits of tiers, now or as of a day.

Papers are read as plain trees. Never writes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from crmcli.errors import CrmError, Finding, ValueProblem, Where
from crmcli.model.identity import number, parse_number
from crmcli.model.moments import parse_date, parse_moment
from crmcli.store import history
from crmcli.store.files import read_file
from crmcli.store.records import kept_files
from crmcli.store.yamlread import parse
from crmcli.text import LANGUAGES, Language, _
from crmcli.usecases.past import commit_at_end
from crmcli.usecases.records import findings_of
from crmcli.usecases.workplace import Workplace

PURGED, CLASSIFICATION = "records/purged", "schemas/classification.yaml"
Tree = Mapping[str, Any]


@dataclass(frozen=True)
class Paper:
    """A certificate: the number, when it was destroyed, the day the customer left (or was destroyed), and all it says."""

    number: str
    destroyed_at: datetime
    gone_on: date
    tree: Tree


@dataclass(frozen=True)
class Papers:
    """Every certificate that can be read, and what is wrong with the others."""

    good: tuple[Paper, ...]
    findings: tuple[Finding, ...]


def certificates(work: Workplace, at: date | None) -> Papers:
    """The certificates in the vault, or as they were at the end of a day."""
    good: list[Paper] = []
    wrong: list[Finding] = []
    for path, data in _files(work, at):
        try:
            good.append(_paper(work, parse(data or b"", path).tree))
        except CrmError as error:
            wrong += findings_of(error)
        except ValueProblem as problem:
            wrong.append(Finding(problem.message, Where(path), problem.expected, problem.hint))
    return Papers(tuple(good), tuple(wrong))


def _paper(work: Workplace, tree: Tree) -> Paper:
    """What a certificate says; ValueProblem where its number or a date can't be read."""
    at = parse_moment(_text(tree, "destroyed_at"), work.house)
    left = parse_date(_text(tree, "left_on"), None) if "left_on" in tree else at.astimezone(work.house.zone).date()
    return Paper(number(*parse_number(_text(tree, "number"))), at, left, tree)


def _text(tree: Tree, name: str) -> str:
    found = tree.get(name)
    if not isinstance(found, str):
        raise ValueProblem(_("{field} is missing from the certificate.").format(field=name))
    return found


def benefits(work: Workplace, at: date | None) -> dict[str, dict[Language, str]]:
    """What customers of each tier are entitled to, by tier and language; nothing where the house has no such rules."""
    data = read_file(work.root, CLASSIFICATION) if at is None else _past(work, at, [CLASSIFICATION])[0]
    tree = parse(data, CLASSIFICATION).tree if data else {}
    told: dict[str, dict[Language, str]] = {}
    for scheme in _below(tree, "schemes"):
        if scheme.get("writes") == "tier":
            classes = scheme.get("classes")
            told |= {name: _both(one) for name, one in classes.items()} if isinstance(classes, Mapping) else {}
    return told


def _both(one: Any) -> dict[Language, str]:
    said = one.get("benefits") if isinstance(one, Mapping) else None
    return {tongue: said[tongue] for tongue in LANGUAGES if isinstance(said, Mapping) and said.get(tongue)}


def _below(tree: Tree, key: str) -> list[Tree]:
    found = tree.get(key)
    return [one for one in found.values() if isinstance(one, Mapping)] if isinstance(found, Mapping) else []


def _files(work: Workplace, at: date | None) -> Iterator[tuple[str, bytes | None]]:
    if at is None:
        yield from ((path, read_file(work.root, path)) for path in kept_files(work.root, PURGED))
        return
    commit = commit_at_end(work, at)
    paths = [path for path in history.paths_in(work.vault, commit, PURGED) if path.endswith(".yaml")]
    yield from zip(paths, history.blobs(work.vault, [(commit, path) for path in paths]), strict=True)


def _past(work: Workplace, at: date, paths: list[str]) -> list[bytes | None]:
    commit = commit_at_end(work, at)
    return history.blobs(work.vault, [(commit, path) for path in paths])
