"""Numbers, dates, moments and phone numbers as text whose order is theirs.

Exact at any size; what cannot be read is None, never an error.
"""

import re
from datetime import UTC, date, datetime

_NUMBER = re.compile(r"([+-]?)([0-9]{1,60})(?:\.([0-9]{1,60}))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NINES = str.maketrans("0123456789", "9876543210")
_TRUTH = {"yes": "1", "true": "1", "1": "1", "是": "1", "no": "0", "false": "0", "0": "0", "否": "0"}


def number_key(text: str) -> str | None:
    """A decimal as text that sorts like it.

    "p" or "n" for the sign, how many digits stand before the point, then all digits; below zero their 9-complements.
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    whole, part = found[2].lstrip("0"), (found[3] or "").rstrip("0")
    if found[1] == "-" and whole + part:
        return f"n{99 - len(whole):02}{(whole + part).translate(_NINES)}~"
    return f"p{len(whole):02}{whole}{part}"


def date_key(text: str) -> str | None:
    """The day of a date, or of a moment as it was written down."""
    return text[:10] if _DATE.match(text) else None


def moment_key(text: str) -> str | None:
    """A moment in UTC to the microsecond; without an offset it is taken as UTC."""
    try:
        return utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None


def utc(moment: datetime) -> str:
    """The key of a moment; OverflowError at the ends of the calendar."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def iso(day: date) -> str:
    """The key of a day."""
    return day.isoformat()


def digits(text: str) -> str:
    """The ASCII digits of a text, nothing else."""
    return "".join(sign for sign in text if "0" <= sign <= "9")


def phone_forms(text: str) -> tuple[str, ...]:
    """The digits a stored number may have when people write it like this; without a country they mean China's (86)."""
    own = digits(text)
    if not own or text.lstrip().startswith("+"):
        return (own,) if own else ()
    forms = (own, "86" + own, own.removeprefix("00"), "86" + own.removeprefix("0"))
    return tuple(dict.fromkeys(forms))


def flag_key(text: str) -> str | None:
    """Yes and no in either language as "1" and "0"."""
    return _TRUTH.get(text.casefold())
