"""A passphrase from whoever is at the keyboard, unseen, or from the first line of standard input. Never from an argument,
the environment or a file of ours.
"""

import re
import sys
from getpass import getpass

from crmcli.cli.session import session
from crmcli.errors import Invalid
from crmcli.text import _

UNREAD = re.compile("[\ud800-\udfff]")  # bytes that were no text
SHORTEST = 12  # characters: whoever finds a kit may try as many as they like, at their leisure


def new_passphrase() -> str:
    """One to be set; asked for twice at a terminal. Invalid for a short one, and for two that differ."""
    first = _asked(_("Passphrase: "))
    if len(first) < SHORTEST:
        said = _("The passphrase is too short: at least {count} characters.").format(count=SHORTEST)
        raise Invalid(said, hint=_("Several words are easy to keep in mind and hard to guess."), kind="passphrase")
    if session().interactive and getpass(_("Once more: ")) != first:
        raise Invalid(_("The two passphrases differ; nothing was written."), kind="passphrase")
    return first


def passphrase() -> str:
    """One that was set before. Invalid for an empty one."""
    return _asked(_("Passphrase: "))


def _asked(question: str) -> str:
    found = getpass(question) if session().interactive else _line()
    if UNREAD.search(found):
        raise Invalid(_("The passphrase is not valid UTF-8."), kind="passphrase")
    if not found:
        hint = _("Type it when asked, or give it as the first line of standard input.")
        raise Invalid(_("The passphrase is empty."), hint=hint, kind="passphrase")
    return found


def _line() -> str:
    try:
        return sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError:
        raise Invalid(_("The passphrase is not valid UTF-8."), kind="passphrase") from None
