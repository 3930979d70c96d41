"""What reports read beside the customers' files: certificates of destruction and the benefits of tiers, now or as of a day.

Papers are read as plain trees. Never writes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from crmcli.errors import CrmError, Finding, Where
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
class Certificates:
    """Every certificate that can be read, and what is wrong with the others."""

    trees: tuple[Tree, ...]
    findings: tuple[Finding, ...]


def certificates(work: Workplace, at: date | None) -> Certificates:
    """The certificates in the vault, or as they were at the end of a day."""
    good: list[Tree] = []
    wrong: list[Finding] = []
    for path, data in _files(work, at):
        try:
            tree = parse(data or b"", path).tree
            datetime.fromisoformat(tree["destroyed_at"])
            good.append({"number": tree["number"], **tree})
        except CrmError as error:
            wrong += findings_of(error)
        except (KeyError, TypeError, ValueError):
            wrong.append(Finding(_("The certificate says no number or no time."), Where(path)))
    return Certificates(tuple(good), tuple(wrong))


def gone_on(work: Workplace, certificate: Tree) -> date:
    """The day the customer left as the certificate says it, else the day of destruction in the vault's time zone."""
    left = certificate.get("left_on")
    if isinstance(left, str):
        return date.fromisoformat(left)
    return datetime.fromisoformat(certificate["destroyed_at"]).astimezone(work.house.zone).date()


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
