"""Customer increase and decrease 客户增减分析表 (R54): who came and went in a period, and what old and new ones bought.

Pure: dossiers and destroyed customers in, a report out. Opening + added - removed = current holds for every line, since
each customer is counted by where they stood before the period, at its end, and whether they came in between.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crmcli.model.dossier import Dossier
from crmcli.reports.currencies import note, other_currencies
from crmcli.reports.figures import change, money
from crmcli.reports.period import Period
from crmcli.reports.standing import day_of, entered, sales, with_us
from crmcli.reports.values import Report, Table
from crmcli.reports.wording import Wording, number, row, text
from crmcli.text import label


@dataclass(frozen=True, slots=True)
class Removed:
    """A destroyed customer: the number and the day they were no longer a customer."""

    number: str
    on: date


@dataclass(frozen=True, slots=True)
class Count:
    """Customers of one line; `returned` are those of `added` who were entered before the period."""

    opening: int = 0
    added: int = 0
    returned: int = 0
    removed: int = 0
    current: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def title() -> str:
    """The report's title."""
    return label(en="Customer increase and decrease", zh="客户增减分析表")


def increase(dossiers: Sequence[Dossier], destroyed: Iterable[Removed], period: Period, wording: Wording) -> Report:
    """The report for a period; a destroyed customer who is still on file counts by the file."""
    on_file = {one.id for one in dossiers}
    gone = [one for one in destroyed if one.number not in on_file]
    tables = (
        _customers(dossiers, gone, period, wording),
        _sales(dossiers, period, wording),
        other_currencies(dossiers, period, wording),
    )
    return Report("increase", title(), tables, _notes(period, wording.currency), period.iso)


def counted(dossier: Dossier, period: Period) -> Count:
    """The customer as a count."""
    return _count(lambda day: with_us(dossier, day), entered(dossier), period)


def counted_removed(gone: Removed, period: Period) -> Count:
    """A destroyed customer as a count: with us from the day of the number until the day of removal."""
    start = day_of(gone.number)
    return _count(lambda day: start <= day < gone.on, start, period)


def _count(was_with_us: Callable[[date], bool], start: date, period: Period) -> Count:
    was, current = was_with_us(period.eve), was_with_us(period.last)
    came = not was and (current or start in period)
    return Count(was, came, came and start not in period, (was or came) and not current, current)


def _relations(wording: Wording) -> tuple[str | None, ...]:
    return (*wording.house.codes.get("relation", ()), None)


def _customers(dossiers: Sequence[Dossier], gone: Iterable[Removed], period: Period, wording: Wording) -> Table:
    counts = dict.fromkeys(_relations(wording), Count())
    for one in dossiers:
        counts[one.relation] += counted(one, period)
    for removed in gone:
        counts[None] += counted_removed(removed, period)
    columns = (
        text("relation", en="Customers", zh="客户"),
        number("opening", en="Opening", zh="期初"),
        number("added", en="Added", zh="增加"),
        number("returned", en="of these returned", zh="其中恢复"),
        number("removed", en="Removed", zh="减少"),
        number("current", en="Current", zh="现有"),
        number("net", en="Net", zh="净增"),
    )
    rows = [_line(wording.code("relation", relation), count) for relation, count in counts.items()]
    rows.append(_line(wording.total(), sum(counts.values(), Count())))
    return Table(columns, tuple(rows), "relation", label(en="Customers", zh="客户数"), "customers")


def _line(name: str, count: Count) -> dict[str, str]:
    figures = {part: int(getattr(count, part)) for part in count.__slots__}
    return row(relation=name, **figures, net=count.added - count.removed)


def _sales(dossiers: Sequence[Dossier], period: Period, wording: Wording) -> Table:
    columns = (
        text("relation", en="Customers", zh="客户"),
        wording.sales("sales", en="Sales", zh="本期销售额"),
        number("from_old", en="from old customers", zh="其中老客户"),
        number("from_new", en="from new customers", zh="其中新客户"),
        wording.sales("sales_before", en="Sales last period", zh="上期销售额"),
        number("before_from_old", en="from old customers then", zh="上期老客户"),
        number("before_from_new", en="from new customers then", zh="上期新客户"),
        number("change", en="Change (%)", zh="增减率(%)"),
    )
    groups: dict[str | None, list[Dossier]] = {relation: [] for relation in _relations(wording)}
    for one in dossiers:
        groups[one.relation].append(one)
    rows = [
        _sold(wording.code("relation", relation), members, period, wording.currency)
        for relation, members in groups.items()
    ]
    rows.append(_sold(wording.total(), dossiers, period, wording.currency))
    return Table(columns, tuple(rows), "relation", label(en="Sales", zh="销售额"), "sales")


def _sold(name: str, members: Sequence[Dossier], period: Period, currency: str) -> Mapping[str, str]:
    old, new = _split(members, period, currency)
    old_before, new_before = _split(members, period.before, currency)
    return row(
        relation=name,
        sales=money(old + new),
        from_old=money(old),
        from_new=money(new),
        sales_before=money(old_before + new_before),
        before_from_old=money(old_before),
        before_from_new=money(new_before),
        change=change(old + new, old_before + new_before),
    )


def _split(members: Iterable[Dossier], period: Period, currency: str) -> tuple[Decimal, Decimal]:
    old = new = Decimal()
    for one in members:
        if entered(one) < period.first:
            old += sales(one, period, currency)
        else:
            new += sales(one, period, currency)
    return old, new


def _notes(period: Period, currency: str) -> tuple[str, ...]:
    first, last = period.before.iso
    return (
        label(
            en="Opening: customers entered before the period (by the day of their number) who were leads or active "
            "at the end of the day before it.",
            zh="期初：期初前一日终了时，已建档（以客户编号中的日期为准）且状态为潜在或活跃的客户。",
        ),
        label(
            en="Added: entered in the period, or returned: ended, churned or archived before it and a customer again "
            "at its end.",
            zh="增加：本期内建档的客户，以及恢复的客户（期初前已终止、流失或归档，期末重新成为客户）。",
        ),
        label(
            en="Removed: opening or added customers who at the end of the period were ended, churned, archived or "
            "destroyed. A move taken back within the period doesn't count.",
            zh="减少：期初或本期增加的客户中，期末状态为终止、流失、归档或已销毁的。期内撤回的变动不计。",
        ),
        label(
            en="Current = opening + added - removed. Net = added - removed.",
            zh="现有 = 期初 + 增加 - 减少；净增 = 增加 - 减少。",
        ),
        label(
            en="Destroyed customers count as not stated, up to the day they left (as their certificate says it; "
            "without one that of destruction). Their sales are no longer on file.",
            zh="已销毁的客户计入未填写，计至其离开之日（以销毁证明为准；证明未写明的，计至销毁之日）；其销售额已不在档。",
        ),
        label(
            en=f"Last period: {first} – {last}, of equal length just before (as many months for whole months, else "
            "days). Change = (sales - sales last period) / sales last period.",
            zh=f"上期：{first} – {last}，即本期之前等长的时段（整月按月数，否则按天数）。增减率 =（本期销售额 - "
            "上期销售额）/ 上期销售额。",
        ),
        label(
            en="Old customers were entered before the period in question, new ones in it (or only later, with "
            "purchases put on file afterwards).",
            zh="老客户在该期之前建档，新客户在该期内建档（或事后才建档、补录购买记录）。",
        ),
        note(currency),
    )
