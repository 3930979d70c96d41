"""Names the system gives: uids, entry ids, customer numbers, and a customer file's path, which follows from its number.

Randomness comes from the caller or the operating system; nothing here looks at files or at the clock.
"""

import re
from collections.abc import Callable
from datetime import date
from os import urandom

from crmcli.errors import ValueProblem
from crmcli.model.moments import real_date
from crmcli.model.spelling import compact, quoted
from crmcli.text import _

# Crockford's base 32: no I, L, O, U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SYMBOL = "[0-9A-HJKMNP-TV-Z]"
UID = rf"^{SYMBOL}{{26}}$"
NUMBER = r"^C[0-9]{8}([0-9]{3}|[1-9][0-9]{3,8})$"

# Up to here a day's files stand with the month's; a folder then holds at most about a thousand.
_IN_MONTH = 30
_PER_FOLDER = 1000

Random = Callable[[int], bytes]


def new_uid(random: Random = urandom) -> str:
    """26 random symbols, 130 bits."""
    return symbols(random(17), 26)


def new_entry_id(letter: str, random: Random = urandom) -> str:
    """The kind's letter and 8 random symbols, 40 bits: `I7K2M9QXA`."""
    return letter + symbols(random(5), 8)


def number(day: date, running: int) -> str:
    """The customer number of the `running`-th customer of `day`: `C20240510001`; ValueProblem outside 1..999999999."""
    if not 1 <= running <= 999_999_999:
        raise ValueProblem(_("{count} is not a running number.").format(count=running), expected="1 … 999999999")
    return f"C{day:%Y%m%d}{running:03d}"


def parse_number(text: str) -> tuple[date, int]:
    """The day and the running number of a customer number; ValueProblem for anything else."""
    typed = compact(text).upper()
    if not re.fullmatch(NUMBER, typed) or not int(typed[9:]):
        raise ValueProblem(
            _("{value} is not a customer number.").format(value=quoted(text)),
            expected=_("C, the day and a running number, for example C20240510001"),
        )
    return real_date(int(typed[1:5]), int(typed[5:7]), int(typed[7:9])), int(typed[9:])


def record_path(number: str) -> str:
    """Where the customer's file stands in the vault: `records/2024/05/C20240510001.yaml`."""
    return f"records/{_below(number)}"


def certificate_path(number: str) -> str:
    """Where the certificate of the customer's destruction stands: `records/purged/2024/05/C20240510001.yaml`."""
    return f"records/purged/{_below(number)}"


def number_at(path: str) -> str | None:
    """The number whose file stands at exactly this path, or None."""
    found = re.fullmatch(r"records/[0-9]{4}/[0-9]{2}/(?:[0-9]{2}-[0-9]{1,6}/)?(C[0-9]{11,17})[.]yaml", path)
    try:
        return found[1] if found and record_path(found[1]) == path else None
    except ValueProblem:
        return None


def _below(text: str) -> str:
    day, running = parse_number(text)
    folder = "" if running <= _IN_MONTH else f"{day:%d}-{running // _PER_FOLDER}/"
    return f"{day:%Y/%m}/{folder}{number(day, running)}.yaml"


def symbols(random: bytes, count: int) -> str:
    """The lowest 5 × `count` bits as symbols, most significant first."""
    value = int.from_bytes(random, "big")
    return "".join(ALPHABET[value >> 5 * place & 31] for place in reversed(range(count)))
