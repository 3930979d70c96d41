"""One customer's file, as it is or as it was."""

from dataclasses import dataclass
from datetime import date

from crmcli.model.plain import write
from crmcli.rules.completeness import Gap
from crmcli.usecases.change import Why
from crmcli.usecases.past import at
from crmcli.usecases.records import Record, gaps_of, metrics_of, read
from crmcli.usecases.resolve import resolve
from crmcli.usecases.reveal import entered, view_of
from crmcli.usecases.view import Seen
from crmcli.usecases.workplace import Workplace


@dataclass(frozen=True)
class Shown:
    """A customer's file, what may be shown of it, and what can be said about it."""

    record: Record
    seen: Seen
    gaps: tuple[Gap, ...]
    metrics: dict[str, str]


def show(work: Workplace, ref: str, day: date | None = None, *, reveal: Why | None = None) -> Shown:
    """The customer `ref` names, as of the end of `day` when given.

    reveal  why masked values are shown in full, which is entered in the history
    """
    record = read(work, resolve(work, ref)) if day is None else at(work, resolve(work, ref), day)
    view = view_of(work, reveal)
    seen = view.of(record)
    entered(work, view, reveal)
    return Shown(record, seen, gaps_of(work, write(record.dossier)), metrics_of(work, record))
