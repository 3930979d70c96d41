"""Dates as people write them in a query → the span of time they mean. The clock is an argument."""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from crmcli.errors import ValueProblem
from crmcli.index.numbers import iso, number_key, utc
from crmcli.model.spelling import fold
from crmcli.text import _

_RELATIVE = re.compile(r"(now|today|现在|今天)((?:[+-][0-9]{1,6}[dwmyh])*)")
_STEP = re.compile(r"([+-][0-9]+)([dwmyh])")
_DAY = re.compile(r"([0-9]{4})(?:[-/]([0-9]{1,2})(?:[-/]([0-9]{1,2}))?)?")
_MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})[t ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(\.[0-9]{1,6})?)?"
    r"(z|[+-][0-9]{2}:?[0-9]{2})?"
)
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?:[^0-9]|$))")
FOREVER = "~"  # sorts after every key


@dataclass(frozen=True, slots=True)
class Span:
    """From `low` up to, not including, `high`: keys as the index holds them."""

    low: str
    high: str


@dataclass(frozen=True, slots=True)
class _Time:
    """Days [low, high), or one moment that lasts as long as it was written exactly."""

    low: date
    high: date | None
    moment: datetime | None = None
    lasts: timedelta = timedelta()


def span(text: str, now: datetime, *, moments: bool) -> Span:
    """What `text` means for a field of dates, or of moments: a day there is the whole day where `now` is.

    ValueProblem for what is no date.
    """
    aware = now if now.tzinfo else now.replace(tzinfo=UTC)
    try:
        found = _read(fold(text).strip(), aware)
        return _of_moments(found, aware) if moments else _of_days(found)
    except (ValueError, OverflowError):
        raise ValueProblem(
            _("{value} is not a date.").format(value=text), expected="2024, 2024-05, 2024-05-10, today, now-90d, now+7d"
        ) from None


def of_number(text: str) -> Span:
    """The span of one number; ValueProblem for what is none. A thousands comma is allowed."""
    key = number_key(_THOUSANDS.sub("", fold(text).strip()))
    if key is None:
        raise ValueProblem(_("{value} is not a number.").format(value=text), expected="100, 99.50, -3")
    return Span(key, key + " ")  # no key lies between a key and the same with a space


def _of_days(found: _Time) -> Span:
    return Span(iso(found.low), iso(found.high) if found.high else FOREVER)


def _of_moments(found: _Time, now: datetime) -> Span:
    moment, high = found.moment, found.high
    if moment is not None:
        return Span(utc(moment), _or_forever(lambda: utc(moment + found.lasts)))
    return Span(_midnight(found.low, now), _or_forever(lambda: _midnight(high, now)) if high else FOREVER)


def _or_forever(key: Callable[[], str]) -> str:
    try:
        return key()
    except OverflowError:
        return FOREVER


def _midnight(day: date, now: datetime) -> str:
    try:
        return utc(datetime.combine(day, time(), now.tzinfo))
    except OverflowError:
        return iso(day)


def _read(text: str, now: datetime) -> _Time:
    if found := _RELATIVE.fullmatch(text):
        return _relative(found, now)
    if found := _DAY.fullmatch(text):
        return _days(int(found[1]), int(found[2] or 0), int(found[3] or 0))
    if found := _MOMENT.fullmatch(text):
        return _moment(found, now)
    raise ValueError(text)


def _relative(found: re.Match[str], now: datetime) -> _Time:
    moment = now
    for amount, unit in _STEP.findall(found[2]):
        moment = _moved(moment, int(amount), unit)
    if found[1] in ("today", "今天"):
        return _Time(moment.date(), _next(moment.date()))
    return _Time(moment.date(), _next(moment.date()), moment, timedelta(microseconds=1))


def _moved(moment: datetime, amount: int, unit: str) -> datetime:
    if unit == "h":
        return (moment.astimezone(UTC) + timedelta(hours=amount)).astimezone(moment.tzinfo)
    if unit in "dw":
        return moment + timedelta(days=amount * (7 if unit == "w" else 1))
    months = moment.year * 12 + moment.month - 1 + amount * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    if not 1 <= year <= 9999:
        raise ValueError(year)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def _days(year: int, month: int, day: int) -> _Time:
    low = date(year, month or 1, day or 1)
    if day:
        return _Time(low, _next(low))
    following = (year * 12 + month) if month else (year + 1) * 12
    return _Time(low, date(following // 12, following % 12 + 1, 1) if following // 12 <= 9999 else None)


def _next(day: date) -> date | None:
    return day + timedelta(days=1) if day < date.max else None


def _moment(found: re.Match[str], now: datetime) -> _Time:
    year, month, day, hour, minute = (int(found[n]) for n in range(1, 6))
    micro = int((found[7] or ".0")[1:].ljust(6, "0"))
    local = datetime(year, month, day, hour, minute, int(found[6] or 0), micro, tzinfo=_zone(found[8], now))
    lasts = timedelta(microseconds=1) if found[7] else timedelta(seconds=1 if found[6] else 60)
    there = local.astimezone(now.tzinfo).date()
    return _Time(there, _next(there), local, lasts)


def _zone(text: str | None, now: datetime) -> tzinfo | None:
    if text is None:
        return now.tzinfo
    return datetime.fromisoformat(f"2000-01-01T00:00{text.upper()}").tzinfo
