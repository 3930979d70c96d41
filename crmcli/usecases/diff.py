"""What differs between two states of customers' files, field by field. Changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from crmcli.errors import CrmError, Finding, Invalid, Where
from crmcli.model.compare import Difference, differences
from crmcli.model.identity import number_at, record_path
from crmcli.store import history as past
from crmcli.store.files import read_file
from crmcli.store.records import FOLDER
from crmcli.store.yamlread import parse
from crmcli.text import _
from crmcli.usecases.change import Why
from crmcli.usecases.past import commit_at_end, last_commit
from crmcli.usecases.records import findings_of, opened_tree
from crmcli.usecases.resolve import named, resolve
from crmcli.usecases.reveal import entered, view_of
from crmcli.usecases.workplace import Workplace


@dataclass(frozen=True)
class Compared:
    """What differs, each with its customer's number, and the files as they stand that can't be read."""

    changes: tuple[tuple[str, Difference], ...]
    findings: tuple[Finding, ...] = ()


def diff(
    work: Workplace,
    refs: Sequence[str] = (),
    *,
    first: date | str | None = None,
    last: date | None = None,
    reveal: Why | None = None,
) -> Compared:
    """What changed in the customers `refs` names, or in all.

    first  compare with the end of that day, with nothing before all history, or with a commit by any name git knows;
           without it with the last commit, which shows what is not committed
    last   up to the end of that day; without it as the files stand now
    reveal why masked values are shown in full, which is entered in the history

    NotFound for a commit that does not exist, and for a last day before the history begins.
    """
    _refuse_period(first, last)
    old = _start(work, first) if first else "HEAD"
    new = commit_at_end(work, last) if last else None
    only = {record_path(named(work, ref)): ref for ref in refs}
    paths = [path for path in _differing(work, old, new) if number_at(path) and (not only or path in only)]
    for path in only.keys() - set(paths):
        resolve(work, only[path])  # a number that nobody has, or had, is an error
    found = _compared(work, paths, old, new)
    view = view_of(work, reveal)
    seen = view.differences(found.changes)
    entered(work, view, reveal)
    return replace(found, changes=seen)


def _start(work: Workplace, first: date | str) -> str:
    if isinstance(first, str):
        return past.resolve(work.vault, first)
    return last_commit(work, first) or past.nothing(work.vault)


def _refuse_period(first: date | str | None, last: date | None) -> None:
    if last and not first:
        raise Invalid(_("--to needs --from."), kind="usage", where=Where(field="--to"))
    if isinstance(first, date) and last and last < first:
        said = _("The period ends before it begins: {first} … {last}.").format(first=first, last=last)
        raise Invalid(said, kind="usage", where=Where(field="--to"))


def _differing(work: Workplace, old: str, new: str | None) -> list[str]:
    if new:
        return past.paths_between(work.vault, old, new, FOLDER)
    since = past.paths_between(work.vault, old, "HEAD", FOLDER) if old != "HEAD" else []
    return sorted({*since, *work.vault.changed_by_hand((FOLDER,))})


def _compared(work: Workplace, paths: Sequence[str], old: str, new: str | None) -> Compared:
    changes: list[tuple[str, Difference]] = []
    wrong: list[Finding] = []
    olds = past.blobs(work.vault, [(old, path) for path in paths])
    news = past.blobs(work.vault, [(new, path) for path in paths]) if new else [None] * len(paths)
    for path, before, then in zip(paths, olds, news, strict=True):
        try:
            after = then if new else _standing(work, path)
        except CrmError as error:
            wrong += findings_of(error)
            continue
        found = differences(_tree(work, before, path), _tree(work, after, path))
        changes += [(number_at(path) or path, one) for one in found]
    return Compared(tuple(changes), tuple(wrong))


def _standing(work: Workplace, path: str) -> bytes | None:
    """The file as it stands, None for a deleted one. Invalid for one that can't be read: it would look emptied."""
    data = read_file(work.root, path)
    if data is not None:
        parse(data, path)
    return data


def _tree(work: Workplace, data: bytes | None, path: str) -> dict[str, Any]:
    return opened_tree(work, data, path)
