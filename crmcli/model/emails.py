"""E-mail addresses by their syntax (RFC 5321, 5322 dot-atom, 6531), domains by IDNA 2008. Never asks DNS.

The part before the @ is kept as written, since its case may matter; the domain is lower-cased. Quoted local parts,
comments, address literals and hosts without a dot are refused: nobody's customer has one.
"""

import re
import unicodedata
from typing import Any

import idna

from crmcli.errors import ValueProblem
from crmcli.model.spelling import compact, quoted
from crmcli.text import _

EMAIL = r"^[^@\s]{1,64}@[^@\s]+[.][^@\s.]+$"

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:[.]{_ATOM})*")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}[.])+(?=[a-z0-9-]*[a-z])[a-z0-9-]*[a-z0-9]")
_DOTS = str.maketrans("。｡", "..")


def parse_email(text: str, context: Any) -> str:
    """The address with its domain in lower case, international domains in their own script."""
    local, at, domain = compact(text, limit=320).rpartition("@")
    if not at:
        raise _not_email(text, _("There is no @ in it."))
    local = unicodedata.normalize("NFC", local)
    if len(local) > 64 or not _LOCAL.fullmatch(_as_ascii(local)):
        raise _not_email(text, _("The part before the @ is not usable."))
    host = _host(domain)
    if host is None:
        raise _not_email(text, _("The part after the @ is not a domain."))
    address = f"{local}@{host}"
    if len(address.encode()) > 254:
        raise _not_email(text, _("It is longer than 254 characters."))
    return address


def _as_ascii(local: str) -> str:
    """`local` with the letters, digits and accents of other scripts (RFC 6531) as a plain letter."""
    # An accent in front would join the character before the address.
    fit = "LN" if unicodedata.category(local[:1] or " ")[0] == "M" else "LMN"
    return "".join("x" if c > "\x7f" and unicodedata.category(c)[0] in fit else c for c in local)


def _host(domain: str) -> str | None:
    host = domain.translate(_DOTS).lower()
    if host.isascii() and "xn--" not in host:
        return host if len(host) <= 253 and _HOST.fullmatch(host) else None
    try:
        encoded = idna.encode(host, uts46=True).decode("ascii")
        return idna.decode(encoded) if len(encoded) <= 253 and _HOST.fullmatch(encoded) else None
    except UnicodeError:
        return None


def _not_email(text: str, reason: str) -> ValueProblem:
    return ValueProblem(
        _("{value} is not an e-mail address.").format(value=quoted(text)),
        expected=_("an address like name@example.com"),
        hint=reason,
    )
