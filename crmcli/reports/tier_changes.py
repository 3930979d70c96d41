"""Tier changes and notices 分级通知 (R63): every move of a period with its reason, a ready notice a customer. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from crmcli.model.dossier import Dossier
from crmcli.model.entries import TierMove
from crmcli.reports.notices import Change, notice
from crmcli.reports.period import Period
from crmcli.reports.standing import last_move, name_of
from crmcli.reports.values import Report, Table
from crmcli.reports.wording import Wording, row, text
from crmcli.text import Language, label

Benefits = Mapping[str, Mapping[Language, str]]


@dataclass(frozen=True, slots=True)
class Moved:
    """One move of a customer and the tier before it."""

    dossier: Dossier
    move: TierMove
    old: str | None


def title() -> str:
    """The report's title."""
    return label(en="Tier changes and notices", zh="客户等级变动与通知")


def tier_changes(dossiers: Sequence[Dossier], period: Period, wording: Wording, benefits: Benefits) -> Report:
    """The report for a period; benefits by tier and language, where the house has declared them."""
    moves = sorted(moves_in(dossiers, period), key=lambda one: (one.move.date, one.dossier.id))
    tables = (_changes(moves, wording), _notices(dossiers, period, wording, benefits))
    return Report("tiers", title(), tables, _notes(), period.iso)


def moves_in(dossiers: Sequence[Dossier], period: Period) -> Iterator[Moved]:
    """Every move of tier dated in the period that changed the tier, customer by customer."""
    for one in dossiers:
        old = None
        for move in sorted(one.tier_history, key=lambda move: move.date):
            if move.date in period and move.tier != old:
                yield Moved(one, move, old)
            old = move.tier


def changed(dossier: Dossier, period: Period) -> Change | None:
    """From which tier to which, and since when, the customer has come in the period; None for no change in the end."""
    last = last_move(dossier.tier_history, period.last)
    if last is None or last.date not in period:
        return None
    before = last_move(dossier.tier_history, period.eve)
    old = before.tier if before else None
    return None if old == last.tier else Change(name_of(dossier), old, last.tier, _since(dossier, last))


def _since(dossier: Dossier, last: TierMove) -> date:
    """The day of the move to the present tier; one that only repeats it doesn't count."""
    since = last.date
    for move in sorted(dossier.tier_history, key=lambda move: move.date, reverse=True):
        if move.date <= last.date:
            if move.tier != last.tier:
                break
            since = move.date
    return since


def _changes(moves: Sequence[Moved], wording: Wording) -> Table:
    columns = (
        text("date", en="Date", zh="日期"),
        text("number", en="Number", zh="客户编号"),
        text("name", en="Name", zh="客户名称"),
        text("old", en="From", zh="原等级"),
        text("new", en="To", zh="新等级"),
        text("reason", en="Reason", zh="变更原因"),
        text("rule", en="Why by rule", zh="评定依据"),
    )
    rows = tuple(
        row(
            date=one.move.date.isoformat(),
            number=one.dossier.id,
            name=name_of(one.dossier),
            old=_tier(one.old, wording),
            new=_tier(one.move.tier, wording),
            reason=wording.code("reason", one.move.reason) if one.move.reason else "",
            rule=one.move.rule or "",
        )
        for one in moves
    )
    return Table(columns, rows, "number", label(en="Changes", zh="等级变动"), "changes")


def _notices(dossiers: Sequence[Dossier], period: Period, wording: Wording, benefits: Benefits) -> Table:
    columns = (
        text("number", en="Number", zh="客户编号"),
        text("name", en="Name", zh="客户名称"),
        text("old", en="From", zh="原等级"),
        text("new", en="To", zh="新等级"),
        text("since", en="Since", zh="生效日期"),
        text("notice_zh", en="Notice in Chinese", zh="中文通知", prose=True),
        text("notice_en", en="Notice in English", zh="英文通知", prose=True),
    )
    found = [(one, change) for one in dossiers if (change := changed(one, period))]
    rows = tuple(_notice(one.id, change, wording, benefits) for one, change in found)
    return Table(columns, rows, "number", label(en="Notices", zh="客户通知"), "notices")


def _notice(number: str, change: Change, wording: Wording, benefits: Benefits) -> dict[str, str]:
    gains = benefits.get(change.new or "", {})
    return row(
        number=number,
        name=change.name,
        old=_tier(change.old, wording),
        new=_tier(change.new, wording),
        since=change.since.isoformat(),
        notice_zh=notice(change, wording.house, "zh", gains.get("zh")),
        notice_en=notice(change, wording.house, "en", gains.get("en")),
    )


def _tier(tier: str | None, wording: Wording) -> str:
    return wording.code("tier", tier) if tier else wording.own("none", en="none", zh="无")


def _notes() -> tuple[str, ...]:
    return (
        label(
            en="Changes: every move of tier dated in the period, with the reason a person gave or what the rule saw.",
            zh="等级变动：日期在本期内的每次等级变动，附人工原因或规则依据。",
        ),
        label(
            en="Notices: one for each customer whose tier at the end of the period differs from that before it; "
            "moves that were taken back give none. Benefits are those in schemas/classification.yaml.",
            zh="客户通知：期末等级与期初前不同的客户各一份；期内撤回的变动不通知。权益取自 "
            "schemas/classification.yaml。",
        ),
    )
