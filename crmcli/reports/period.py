"""A span of days, both ends counted, and the spans that reports take when nobody names one. Never asks the clock."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Span = Literal["month", "quarter", "year"]
DAY = timedelta(days=1)
MONTHS: dict[Span, int] = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def eve(self) -> date:
        """The day before the first."""
        return self.first - DAY

    @property
    def iso(self) -> tuple[str, str]:
        """Both days as text."""
        return self.first.isoformat(), self.last.isoformat()

    @property
    def before(self) -> "Period":
        """The period of equal length just before: as many months for whole months, otherwise as many days."""
        if self.first.day == 1 and (self.last + DAY).day == 1:
            return Period(_moved(self.first, -_months(self)), self.eve)
        return Period(self.first - (self.last - self.first) - DAY, self.eve)


def so_far(span: Span, today: date) -> Period:
    """The month, quarter or year that `today` lies in, up to that day."""
    months = MONTHS[span]
    return Period(date(today.year, (today.month - 1) // months * months + 1, 1), today)


def last_full(span: Span, today: date) -> Period:
    """The month, quarter or year before the one that `today` lies in."""
    start = so_far(span, today).first
    return Period(_moved(start, -MONTHS[span]), start - DAY)


def _months(period: Period) -> int:
    return (period.last.year - period.first.year) * 12 + period.last.month - period.first.month + 1


def _moved(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)
