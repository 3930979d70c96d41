"""Phone numbers as E.164 with an optional extension: `+8613800138000`, `+861012345678;ext=12` (RFC 3966).

Numbers without a country code are Chinese. Numbering plans come from `phonenumbers` (Google's libphonenumber data);
mobile prefixes newer than that data are accepted by their shape. Never dials, never looks a number up.
"""

import re
from typing import TYPE_CHECKING, Any

from crmcli.errors import ValueProblem
from crmcli.late import late
from crmcli.model.spelling import compact, quoted
from crmcli.text import _

if TYPE_CHECKING:
    import phonenumbers
else:
    phonenumbers = late("phonenumbers")

PHONE = r"^[+][1-9][0-9]{4,16}(;ext=[0-9]{1,10})?$"

_EXTENSION = re.compile(r"\s*(?:;ext=|,?\s*(?:extension|extn|ext|x|#|转分机|转|分机)号?[.:]?)\s*", re.IGNORECASE)
_CHINESE_MOBILE = re.compile(r"[+]861[3-9][0-9]{9}")
_DIALLED = re.compile(r"[0-9+(][0-9 ()./-]*")


def parse_phone(text: str, context: Any) -> str:
    """The number as E.164, from what people write: spaces, hyphens, `0086`, area codes, `转12`."""
    typed = compact(text).removeprefix("tel:")
    dialled, *extension = _EXTENSION.split(typed, maxsplit=1)
    digits = _e164(dialled.strip(), text)
    if not extension:
        return digits
    if not re.fullmatch(r"[0-9]{1,10}", extension[0]):
        raise ValueProblem(
            _("The extension in {value} is not a number.").format(value=quoted(text)),
            expected=_("1 to 10 digits after ;ext=, for example +861012345678;ext=12"),
        )
    return f"{digits};ext={extension[0]}"


def _e164(dialled: str, text: str) -> str:
    if any(character.isalpha() for character in dialled):
        raise ValueProblem(
            _("The phone number {value} contains letters.").format(value=quoted(text)),
            expected=_("digits, for example +8613800138000"),
            hint=_("Give one number; names and notes belong in other fields."),
        )
    bare = re.sub(r"[ ()./-]", "", dialled)
    if _CHINESE_MOBILE.fullmatch(mobile := re.sub(r"^(?:[+]86|0086|86)?(?=1[0-9]{10}$)", "+86", bare)):
        return mobile
    try:
        number = phonenumbers.parse(dialled, "CN") if _DIALLED.fullmatch(dialled) else None
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise ValueProblem(
            _("{value} is not a valid phone number.").format(value=quoted(text)),
            expected=_("a Chinese mobile of 11 digits, a number with its area code, or + and the country code"),
            hint=_("For example 13800138000, 010-12345678, +44 20 8366 1177."),
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
