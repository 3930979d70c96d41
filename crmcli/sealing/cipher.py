"""Seals and opens one value (FORMAT.md, sections 3 and 5). Pure: keys and values in, tokens and values out."""

import hashlib
import json
from dataclasses import dataclass
from os import urandom

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crmcli.errors import ValueProblem
from crmcli.model.fields import Level
from crmcli.model.identity import symbols
from crmcli.model.sealed import Token
from crmcli.text import _

VERSION = b"1"
BLOCK = 32  # bytes: the plain text is filled up to a multiple of it
SALT = 32  # bytes


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: the customer's uid and the field path (`interactions.I7K2M9QXA.summary`)."""

    uid: str
    field: str


def new_salt() -> bytes:
    """32 random bytes."""
    return urandom(SALT)


def salt_id(salt: bytes) -> str:
    """How tokens name the salt: 8 symbols."""
    return symbols(hashlib.sha256(b"crmcli 1 salt id\n" + salt).digest()[:5], 8)


def salt_digest(salt: bytes) -> str:
    """How certificates name the salt: 64 hexadecimal digits."""
    return hashlib.sha256(b"crmcli 1 salt digest\n" + salt).hexdigest()


def data_key(master: bytes, salt: bytes, vault: str, uid: str, level: Level) -> bytes:
    """The 64 bytes under which this customer's values of this level are sealed."""
    info = f"crmcli 1 data key\n{vault}\n{uid}\n{level.value}".encode()
    return HKDF(algorithm=SHA256(), length=64, salt=salt, info=info).derive(master)


def seal(key: bytes, place: Place, level: Level, generation: int, salt_id: str, text: str) -> str:
    """The token of a value in its place. The same under the same keys every time."""
    bound = _bound(place, level, generation, salt_id)
    return str(Token(level, generation, salt_id, AESSIV(key).encrypt(_padded(text), bound)))


def open_token(key: bytes, place: Place, token: Token) -> str:
    """The value in a token; ValueProblem when it is not this place's, was altered, or not sealed in the canonical form."""
    try:
        plain = AESSIV(key).decrypt(token.body, _bound(place, token.level, token.generation, token.salt))
    except InvalidTag:
        raise ValueProblem(_("The sealed value was altered, or moved here from elsewhere.")) from None
    try:
        text = json.loads(plain)
        canonical = isinstance(text, str) and _padded(text) == plain
    except (ValueError, RecursionError):
        canonical = False
    if not canonical:
        raise ValueProblem(_("The sealed value is not in the form of this version."))
    return str(text)


def _padded(text: str) -> bytes:
    plain = json.dumps(text, ensure_ascii=False).encode()
    return plain + b" " * (-len(plain) % BLOCK)


def _bound(place: Place, level: Level, generation: int, salt_id: str) -> list[bytes]:
    """The associated data, one item a fact, in the order of the format."""
    words = (level.value, str(generation), salt_id, place.uid, place.field)
    return [VERSION, *(word.encode() for word in words)]
