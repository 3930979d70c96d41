"""Reports over the vault as it is, or as it was at the end of a day. Reads only; a bad file is named, the rest counts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from crmcli.errors import Finding, Invalid, Where
from crmcli.model.dossier import Dossier
from crmcli.model.moments import YEARS
from crmcli.model.nearest import nearest
from crmcli.reports import analysis, customer_card, destruction_register, increase_decrease, regions, tier_changes
from crmcli.reports.destruction_register import Destroyed
from crmcli.reports.increase_decrease import Removed
from crmcli.reports.period import Period, Span, last_full, so_far
from crmcli.reports.regions import DEPTHS, Depth
from crmcli.reports.values import Card, Report, Table
from crmcli.reports.wording import Wording
from crmcli.text import _, label
from crmcli.usecases.change import Why
from crmcli.usecases.lookup import refuse_above
from crmcli.usecases.past import all_at
from crmcli.usecases.records import read_all
from crmcli.usecases.report_papers import benefits, certificates
from crmcli.usecases.show import show
from crmcli.usecases.workplace import Workplace

COUNTED = ("region", "industry", "relation", "sale.date", "sale.amount", "sale.currency")  # what figures are made of


@dataclass(frozen=True)
class Wanted:
    """What a person asked for; None where they left it to the report.

    first, last  the period, both days counted
    at           read the vault as it was at the end of that day
    depth        "province", "city" or "district"
    days, top    see `reports.analysis.analysis`
    people       False for forms that programs read: codes in place of labels
    reveal       why masked values are shown in full, which is entered in the history
    """

    ref: str | None = None
    first: date | None = None
    last: date | None = None
    at: date | None = None
    depth: str | None = None
    days: int | None = None
    top: int | None = None
    people: bool = True
    reveal: Why | None = None


@dataclass(frozen=True)
class Made:
    """The report, and the files that could not be read into it."""

    value: Report | Card
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Call:
    """One report being made."""

    work: Workplace
    wanted: Wanted
    period: Period | None
    wording: Wording

    @property
    def span(self) -> Period:
        """The period of a report that always has one."""
        if self.period is None:
            raise RuntimeError("this report has no period")
        return self.period


@dataclass(frozen=True)
class Usual:
    """The period that a report covers when nobody names one: the last full span, or the present one so far."""

    span: Span
    full: bool

    def on(self, today: date) -> Period:
        """The period as of a day."""
        return last_full(self.span, today) if self.full else so_far(self.span, today)

    def words(self) -> str:
        """The period in words."""
        zh = {"month": "月", "quarter": "季度", "year": "年"}[self.span]
        if self.full:
            return label(en=f"last full {self.span}", zh=f"上一个整{zh}")
        return label(en=f"this {self.span} so far", zh=f"本{zh}至今")


@dataclass(frozen=True)
class Kind:
    """One report: its requirement, title, what it takes beside --at, its usual period (None: all time), how it is made."""

    requirement: str
    title: Callable[[], str]
    takes: tuple[str, ...]
    usual: Usual | None
    make: Callable[[Call], Made]


def make(work: Workplace, name: str, wanted: Wanted) -> Made:
    """The report of that name; Invalid for an unknown one, for what it doesn't take, for a period that isn't one."""
    if name not in KINDS:
        said = _("There is no report {name}.").format(name=name)
        raise Invalid(said, kind="usage", hint=nearest(name, KINDS) or ", ".join(KINDS))
    kind = KINDS[name]
    _refuse_untaken(name, kind, wanted)
    period = _period(kind, wanted, wanted.at or work.today) if "period" in kind.takes else None
    return _noted(kind.make(Call(work, wanted, period, Wording(work.house, wanted.people))), wanted.at)


def only(value: Report | Card, name: str) -> Table:
    """One table of a report; Invalid where it has none of that name."""
    tables = {one.name: one for one in value.tables} if isinstance(value, Report) else {}
    if name not in tables:
        said = _("The report has no table {name}.").format(name=name)
        hint = nearest(name, tables) or ", ".join(tables) or None
        raise Invalid(said, kind="usage", where=Where(field="--table"), hint=hint)
    return tables[name]


def _refuse_untaken(name: str, kind: Kind, wanted: Wanted) -> None:
    given = {
        "ref": ("REF", wanted.ref is not None),
        "period": ("--from, --to", (wanted.first or wanted.last) is not None),
        "depth": ("--depth", wanted.depth is not None),
        "days": ("--days", wanted.days is not None),
        "top": ("--top", wanted.top is not None),
        "reveal": ("--reveal", wanted.reveal is not None),
    }
    for part, (option, stated) in given.items():
        if stated and part not in kind.takes:
            said = _("The report {name} takes no {option}.").format(name=name, option=option)
            raise Invalid(
                said, kind="usage", where=Where(field=option), hint=_("`crm report --list` shows what each takes.")
            )
    if "ref" in kind.takes and not wanted.ref:
        said = _("The report {name} is about one customer.").format(name=name)
        raise Invalid(said, kind="usage", where=Where(field="REF"), hint=f"crm report {name} C20240510001")
    if wanted.depth is not None and wanted.depth not in DEPTHS:
        said = _("There is no depth {name}.").format(name=wanted.depth)
        raise Invalid(said, kind="usage", where=Where(field="--depth"), hint=", ".join(DEPTHS))


def _period(kind: Kind, wanted: Wanted, today: date) -> Period | None:
    """The period asked for; an open end is today, an open start that of the report's usual span."""
    if wanted.first is None and wanted.last is None:
        return kind.usual.on(today) if kind.usual else None
    last = wanted.last or max(today, wanted.first or today)
    first = wanted.first or so_far(kind.usual.span if kind.usual else "year", last).first
    for option, day in (("--to", last), ("--from", first)):
        if day.year not in YEARS:
            said = _("The year {year} is out of range.").format(year=day.year)
            raise Invalid(said, kind="usage", where=Where(field=option), hint=f"{YEARS[0]} … {YEARS[-1]}")
    if last < first:
        said = _("The period ends before it begins: {first} … {last}.").format(first=first, last=last)
        raise Invalid(said, kind="usage", where=Where(field="--to"))
    return Period(first, last)


def _noted(made: Made, at: date | None) -> Made:
    """The report with the day it was read as of, where one was asked for."""
    if at is None or isinstance(made.value, Card):
        return made
    said = label(en=f"As the files stood at the end of {at.isoformat()}.", zh=f"按 {at.isoformat()} 终了时的档案统计。")
    return Made(replace(made.value, notes=(*made.value.notes, said)), made.findings)


def _dossiers(call: Call) -> tuple[list[Dossier], tuple[Finding, ...]]:
    """Every customer as far as they can be read. Refused where too little can be read for the figures to be right."""
    refuse_above(call.work, (call.work.fields[name] for name in COUNTED))
    reading = read_all(call.work) if call.wanted.at is None else all_at(call.work, call.wanted.at)
    return [record.readable for record in reading.records], reading.findings


def _card(call: Call) -> Made:
    shown = show(call.work, call.wanted.ref or "", call.wanted.at, reveal=call.wanted.reveal)
    lacking, seen = [gap.field for gap in shown.gaps], shown.seen
    fields, labels = call.work.queryable, call.work.house.label
    card = customer_card.customer_card(seen.people, fields, shown.metrics, labels, lacking, seen.data)
    return Made(card, shown.record.findings)


def _increase(call: Call) -> Made:
    dossiers, wrong = _dossiers(call)
    found = certificates(call.work, call.wanted.at)
    removed = [Removed(one.number, one.gone_on) for one in found.good]
    return Made(increase_decrease.increase(dossiers, removed, call.span, call.wording), (*wrong, *found.findings))


def _regions(call: Call) -> Made:
    dossiers, wrong = _dossiers(call)
    depth: Depth = next((one for one in DEPTHS if one == call.wanted.depth), "province")
    return Made(regions.regions(dossiers, call.span, call.wording, depth), wrong)


def _analysis(call: Call) -> Made:
    dossiers, wrong = _dossiers(call)
    asked = {"days": call.wanted.days, "top": call.wanted.top}
    given = {name: value for name, value in asked.items() if value is not None}
    return Made(analysis.analysis(dossiers, call.span, call.wording, **given), wrong)


def _destruction(call: Call) -> Made:
    found = certificates(call.work, call.wanted.at)
    lines = [Destroyed(one.number, one.destroyed_at, one.tree) for one in found.good]
    return Made(destruction_register.destruction(lines, call.wording, call.period), found.findings)


def _tiers(call: Call) -> Made:
    dossiers, wrong = _dossiers(call)
    gains = benefits(call.work, call.wanted.at)
    return Made(tier_changes.tier_changes(dossiers, call.span, call.wording, gains), wrong)


KINDS: Mapping[str, Kind] = {
    "card": Kind("R52", customer_card.title, ("ref", "reveal"), None, _card),
    "increase": Kind("R54", increase_decrease.title, ("period",), Usual("month", full=True), _increase),
    "regions": Kind("R55", regions.title, ("period", "depth"), Usual("year", full=False), _regions),
    "analysis": Kind("R56", analysis.title, ("period", "days", "top"), Usual("month", full=True), _analysis),
    "destruction": Kind("R61", destruction_register.title, ("period",), None, _destruction),
    "tiers": Kind("R63", tier_changes.title, ("period",), Usual("quarter", full=False), _tiers),
}
