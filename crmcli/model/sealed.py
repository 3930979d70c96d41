"""Tokens: what stands in a file in place of a value that not everybody may read (`sealing/FORMAT.md`, section 3).

A reader who can't open one carries it along as `Sealed`, unchanged. Pure: the grammar alone, no keys.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass

from crmcli.errors import ValueProblem
from crmcli.model.fields import Level
from crmcli.text import _

START = "ENC["
_IV = 16  # bytes; what follows is filled up to a multiple of 32
SHAPE = "ENC[1,<level>.<generation>,<salt id>,<base64url>]"
_SEALING = "|".join(level.value for level in Level if level is not Level.OPEN)
_TOKEN = re.compile(rf"ENC\[1,({_SEALING})[.]([1-9][0-9]{{0,8}}),([0-9A-HJKMNP-TV-Z]{{8}}),([0-9A-Za-z_-]{{64,}})\]")


class Sealed(str):
    """The text of a token whose value its reader can't, or may not, open."""

    __slots__ = ()

    @property
    def level(self) -> Level:
        """Who may open it, as the token says; restricted where it says nothing that holds."""
        found = _TOKEN.fullmatch(self)
        return Level(found[1]) if found else Level.RESTRICTED


@dataclass(frozen=True, slots=True)
class Token:
    """A token taken apart. body: the synthetic IV and the ciphertext."""

    level: Level
    generation: int
    salt: str
    body: bytes

    def __str__(self) -> str:
        body = urlsafe_b64encode(self.body).decode().rstrip("=")
        return f"{START}1,{self.level.value}.{self.generation},{self.salt},{body}]"


def is_token(text: str) -> bool:
    """Whether a text is meant as a token, well formed or not; people can't enter such a text."""
    return text.startswith(START)


def token_of(text: str) -> Token:
    """The token in a text; ValueProblem where it is not well formed."""
    found = _TOKEN.fullmatch(text)
    try:
        token = Token(Level(found[1]), int(found[2]), found[3], _bytes(found[4])) if found else None
    except NotBase64:
        token = None
    # Two spellings of the same bytes would let a token change without being another one.
    if token is None or str(token) != text or len(token.body) % 32 != _IV:
        raise ValueProblem(_("This is not a well-formed sealed value."), expected=SHAPE)
    return token


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
