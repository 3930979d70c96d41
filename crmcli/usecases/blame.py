"""Who last changed each value of one customer: by meaning, field by field, not by lines. Changes nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from crmcli.errors import NotFound
from crmcli.model.compare import Difference, differences
from crmcli.model.identity import record_path
from crmcli.store import history as past
from crmcli.store import records as files
from crmcli.store.history import Commit
from crmcli.text import _
from crmcli.usecases.change import Why
from crmcli.usecases.past import commit_at_end
from crmcli.usecases.records import opened_tree
from crmcli.usecases.resolve import named, resolve
from crmcli.usecases.reveal import entered, view_of
from crmcli.usecases.signers import with_signers
from crmcli.usecases.workplace import Workplace

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Blamed:
    """One value by its dotted name (`interactions.I7K2M9QXA.summary`) and the commit that last changed it; None for a
    value not committed yet."""

    field: str
    value: str
    commit: Commit | None


def blame(work: Workplace, ref: str, day: date | None = None, *, reveal: Why | None = None) -> list[Blamed]:
    """Every value of the customer `ref` names, as the file stands or as it was at the end of a day.

    reveal  why masked values are shown in full, which is entered in the history
    """
    if day is None:
        number = resolve(work, ref)
        tip, data = "HEAD", files.read(work.root, files.path_of(work.root, number))[0]
    else:
        number = named(work, ref)
        tip, data = commit_at_end(work, day), _at_end(work, number, day)
    values = _values(_tree(work, data, record_path(number)))
    causes = _signed(work, _causes(work, record_path(number), tip, values))
    view = view_of(work, reveal)
    seen = view.differences((number, Difference(field, None, value)) for field, value in values.items())
    entered(work, view, reveal)
    return [Blamed(one.field, one.new or "", causes.get(one.field)) for _number, one in seen]


def _at_end(work: Workplace, number: str, day: date) -> bytes:
    (data,) = past.blobs(work.vault, [(commit_at_end(work, day), record_path(number))])
    if data is None:
        raise NotFound(_("{number} was not on file on {day}.").format(number=number, day=day.isoformat()))
    return data


def _causes(work: Workplace, path: str, tip: str, values: Values) -> dict[str, Commit]:
    # Merges that took one side whole are left out, and parents are the nearest commits that touched the file.
    commits = past.log(work.vault, "--topo-order", "--parents", "--no-follow", tip, paths=[path])
    versions = past.blobs(work.vault, [(commit.hash, path) for commit in commits])
    data = {commit.hash: version for commit, version in zip(commits, versions, strict=True)}

    @cache
    def at(commit: str) -> Values:
        return _values(_tree(work, data.get(commit), path))

    return _explained(commits, values, at)


def _signed(work: Workplace, causes: Mapping[str, Commit]) -> dict[str, Commit]:
    """The same, each commit by who signed it."""
    return dict(zip(causes, with_signers(work, list(causes.values())), strict=True))


def _explained(commits: Sequence[Commit], values: Values, at: Callable[[str], Values]) -> dict[str, Commit]:
    """Each field's commit: walking from the newest, the first whose parents all had another value, or none."""
    if not commits:
        return {}
    newest = at(commits[0].hash)
    asked = {commits[0].hash: [field for field, value in values.items() if newest.get(field) == value]}
    causes: dict[str, Commit] = {}
    for commit in commits:
        for field in asked.pop(commit.hash, ()):
            same = (parent for parent in commit.parents if at(parent).get(field) == values[field])
            earlier = next(same, None)
            if earlier is None:
                causes[field] = commit
            else:
                asked.setdefault(earlier, []).append(field)
        if not asked:
            break
    return causes


def _values(tree: Mapping[str, Any]) -> dict[str, str]:
    return {one.field: one.new for one in differences({}, tree) if one.new is not None}


def _tree(work: Workplace, data: bytes | None, path: str) -> dict[str, Any]:
    return opened_tree(work, data, path)
