"""Identity card numbers (GB 11643-1999) and unified social credit codes (GB 32100-2015): shape, dates, check digits.

The division inside a number is not checked: it is the one of the day of issue, and no table holds them all. Messages
never repeat an identity card number, since messages end up in logs.
"""

import re
from typing import Any

from crmcli.errors import ValueProblem
from crmcli.model.moments import real_date
from crmcli.model.spelling import compact, quoted
from crmcli.text import _

ID_NUMBER = r"^[1-9][0-9]{16}[0-9X]$"
CREDIT_CODE = r"^[1-9ANY][1-9][0-9]{6}[0-9A-HJ-NP-RTUW-Y]{10}$"

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_CREDIT_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def parse_id_number(text: str, context: Any) -> str:
    """The 18 characters of a resident's identity card, X in upper case."""
    number = re.sub(r"[ -]", "", compact(text)).upper()
    if re.fullmatch(r"[0-9]{15}", number):
        raise ValueProblem(
            _("This is an identity card number of the old kind, with 15 digits."),
            expected=_("18 characters"),
            hint=_("Ask for the number on the present card; the old ones ended in 2013."),
        )
    if not re.fullmatch(ID_NUMBER, number):
        raise ValueProblem(
            _("This is not an identity card number: {count} characters.").format(count=len(number)),
            expected=_("17 digits, then a digit or X"),
        )
    try:
        real_date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueProblem as problem:
        raise ValueProblem(
            _("The identity card number has no valid date of birth."),
            expected=_("a date in characters 7 to 14, for example 19900307"),
        ) from problem
    if id_check(number) != number[-1]:
        raise _mistyped(_("The check digit of the identity card number is wrong."))
    return number


def parse_credit_code(text: str, context: Any) -> str:
    """The 18 characters of a unified social credit code, letters in upper case."""
    code = re.sub(r"[ -]", "", compact(text)).upper()
    if not re.fullmatch(CREDIT_CODE, code):
        raise ValueProblem(
            _("{value} is not a unified social credit code.").format(value=quoted(text)),
            expected=_("18 digits and capital letters, for example 91350211M000100Y46"),
            hint=_("The letters I, O, S, V and Z do not occur in it.") if re.search("[IOSVZ]", code) else None,
        )
    if credit_check(code) != code[-1]:
        raise _mistyped(_("The check digit of {value} is wrong.").format(value=quoted(code)))
    return code


def id_check(number: str) -> str:
    """The check digit for the first 17 digits of `number` (ISO 7064, MOD 11-2)."""
    return _ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(number[:17], _ID_WEIGHTS, strict=True)) % 11]


def credit_check(code: str) -> str:
    """The check digit for the first 17 characters of `code` (GB 32100-2015, modulus 31)."""
    total = sum(_CREDIT_DIGITS.index(c) * weight for c, weight in zip(code[:17], _CREDIT_WEIGHTS, strict=True))
    return _CREDIT_DIGITS[-total % 31]


def _mistyped(message: str) -> ValueProblem:
    return ValueProblem(
        message,
        expected=_("a number with the right check digit"),
        hint=_("A character is mistyped, or two are swapped."),
    )
