"""Days and moments. A day is YYYY-MM-DD; a moment always carries its offset from UTC (ISO 8601), to the minute.

Never asks the clock; a moment without an offset is read in the vault's zone, which the caller hands over.
"""

import calendar
import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any

from crmcli.errors import ValueProblem
from crmcli.model.spelling import compact, quoted
from crmcli.text import _

YEARS = range(1900, 2201)
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?[+-][0-9]{2}:[0-9]{2}$"

_DAY = r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{2})([0-9]{2})|年([0-9]{1,2})月([0-9]{1,2})[日号])"
# Spreadsheets write a day as midnight of it.
_DATE = re.compile(rf"{_DAY}(?:[T ]0?0:00(?::00)?)?")
_OFFSET = r"(?P<offset>[Zz]|(?P<sign>[+-])(?P<oh>[0-9]{2}):?(?P<om>[0-9]{2})?)"
_TIME = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]{1,9})?)?"
_MOMENT = re.compile(rf"{_DAY}(?:(?:[Tt]| *){_TIME}(?: ?{_OFFSET})?)?")
_FARTHEST = timedelta(hours=14)


def parse_date(text: str, context: Any) -> date:
    """A real day between 1900 and 2200: 2024-05-10, 2024/5/10, 20240510, 2024年5月10日."""
    typed = compact(text)
    found = _DATE.fullmatch(typed)
    if not found:
        raise ValueProblem(
            _("{value} is not a date.").format(value=quoted(text)), expected=_("year-month-day, for example 2024-05-10")
        )
    return _day(found)


def real_date(year: int, month: int, day: int) -> date:
    """The day, or a ValueProblem that says what there is instead."""
    if year not in YEARS:
        raise ValueProblem(
            _("The year {year} is out of range.").format(year=year),
            expected=_("a year from {first} to {last}").format(first=YEARS[0], last=YEARS[-1]),
        )
    if not 1 <= month <= 12:
        raise ValueProblem(_("There is no month {month}.").format(month=month), expected=_("a month from 1 to 12"))
    days = calendar.monthrange(year, month)[1]
    if not 1 <= day <= days:
        raise ValueProblem(
            _("There is no such day: {date}.").format(date=f"{year:04d}-{month:02d}-{day:02d}"),
            expected=_("a day from 1 to {days} in this month").format(days=days),
        )
    return date(year, month, day)


def parse_moment(text: str, context: Any) -> datetime:
    """A day with a time and an offset; what is missing is midnight and the zone of `context.zone`."""
    typed = compact(text)
    found = _MOMENT.fullmatch(typed)
    if not found:
        raise ValueProblem(
            _("{value} is not a date with a time.").format(value=quoted(text)),
            expected=_("date, time and offset, for example 2024-05-10T09:30+08:00"),
        )
    day = _day(found)
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    if hour > 23 or minute > 59 or second > 59:
        raise ValueProblem(
            _("There is no such time: {time}.").format(time=f"{hour:02d}:{minute:02d}:{second:02d}"),
            expected=_("a time from 00:00 to 23:59"),
        )
    local = datetime(day.year, day.month, day.day, hour, minute, second)
    return local.replace(tzinfo=_written_offset(found) if found["offset"] else _zone_offset(local, context))


def print_moment(moment: datetime) -> str:
    """`2024-05-10T09:30+08:00`; seconds only where there are any."""
    return moment.isoformat(timespec="seconds" if moment.second else "minutes")


def _day(found: re.Match[str]) -> date:
    year, _mark, month, day, month_run, day_run, month_zh, day_zh = found.groups()[:8]
    return real_date(int(year), int(month or month_run or month_zh), int(day or day_run or day_zh))


def _written_offset(found: re.Match[str]) -> timezone:
    if not found["sign"]:
        return UTC
    hours, minutes = int(found["oh"]), int(found["om"] or 0)
    ahead = timedelta(hours=hours, minutes=minutes)
    if ahead > _FARTHEST or minutes > 59:
        raise ValueProblem(
            _("There is no such offset: {offset}.").format(offset=found["offset"]),
            expected=_("an offset from UTC between -14:00 and +14:00"),
        )
    return timezone(-ahead if found["sign"] == "-" else ahead)


def _zone_offset(local: datetime, context: Any) -> timezone:
    zone: tzinfo | None = getattr(context, "zone", None)
    ahead = zone.utcoffset(local) if zone else None
    if ahead is None:
        raise ValueProblem(
            _("The time zone is missing, for example +08:00."),
            expected=_("date, time and offset, for example 2024-05-10T09:30+08:00"),
        )
    # Local mean time, before zones came into use, has odd seconds; an offset is written in minutes.
    return timezone(timedelta(minutes=round(ahead.total_seconds() / 60)))
