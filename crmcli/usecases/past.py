"""Customer files as they were at the end of a day, read from the history. Never touches the work tree."""

from datetime import date, datetime, time

from crmcli.errors import CrmError, Finding, NotFound
from crmcli.model.identity import number_at, record_path
from crmcli.store import history as past
from crmcli.store.yamlread import parse
from crmcli.text import _
from crmcli.usecases.records import Reading, Record, findings_of, record_of
from crmcli.usecases.workplace import Workplace

FIRST, LAST = date(1971, 1, 1), date(2099, 12, 31)


def at(work: Workplace, number: str, day: date) -> Record:
    """The customer's file as it was at the end of a day; NotFound where it was not there."""
    commit = commit_at_end(work, day)
    (data,) = past.blobs(work.vault, [(commit, record_path(number))])
    if data is None:
        raise NotFound(_("{number} was not on file on {day}.").format(number=number, day=day.isoformat()))
    return _parsed(work, record_path(number), data)


def all_at(work: Workplace, day: date) -> Reading:
    """Every customer as of the end of a day."""
    commit = commit_at_end(work, day)
    paths = [path for path in past.paths_in(work.vault, commit, "records") if number_at(path)]
    good: list[Record] = []
    wrong: list[Finding] = []
    for path, data in zip(paths, past.blobs(work.vault, [(commit, path) for path in paths]), strict=True):
        try:
            good.append(_parsed(work, path, data or b""))
        except CrmError as error:
            wrong += findings_of(error)
    return Reading(tuple(good), tuple(wrong))


def commit_at_end(work: Workplace, day: date) -> str:
    """The last commit up to the end of a day; NotFound before the first."""
    found = last_commit(work, day)
    if found is None:
        said = _("On {day} there was nothing on file yet: the history begins later.")
        raise NotFound(said.format(day=day.isoformat()), hint=_("`crm history` shows when it begins."))
    return found


def last_commit(work: Workplace, day: date) -> str | None:
    """The last commit up to the end of a day, None before the first. git takes a day that it can't read for today."""
    return past.commit_at(work.vault, end_of(work, min(day, LAST))) if day >= FIRST else None


def end_of(work: Workplace, day: date) -> datetime:
    """The last second of a day in the vault's time zone."""
    return datetime.combine(day, time(23, 59, 59), work.house.zone)


def _parsed(work: Workplace, path: str, data: bytes) -> Record:
    source = parse(data, path)
    return record_of(work, path, data, source.tree, source.lines)
