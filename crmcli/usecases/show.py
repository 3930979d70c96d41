"""One customer's file, as it is or as it was."""

from dataclasses import dataclass
from datetime import date

from crmcli.model.plain import write
from crmcli.rules.completeness import Gap
from crmcli.usecases.past import at
from crmcli.usecases.records import Record, gaps_of, metrics_of, read
from crmcli.usecases.resolve import resolve
from crmcli.usecases.workplace import Workplace


@dataclass(frozen=True)
class Shown:
    """A customer's file with what can be said about it."""

    record: Record
    gaps: tuple[Gap, ...]
    metrics: dict[str, str]


def show(work: Workplace, ref: str, day: date | None = None) -> Shown:
    """The customer `ref` names, as of the end of `day` when given."""
    record = read(work, resolve(work, ref)) if day is None else at(work, resolve(work, ref), day)
    return Shown(record, gaps_of(work, write(record.dossier)), metrics_of(work, record))
