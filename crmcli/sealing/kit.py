"""Key kits and hand-overs: keys and salts in one encrypted file, for the same person or for another (FORMAT.md,
section 9). Pure: values in, bytes out, and back. Nothing here decides what may be handed out or taken in.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import pyrage
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
)

from crmcli.errors import Damaged, Invalid, Refused
from crmcli.model.fields import Level
from crmcli.model.identity import UID
from crmcli.sealing.cipher import salt_id
from crmcli.sealing.identity import Identity, identity_of
from crmcli.sealing.recipients import recipient_of
from crmcli.text import _

VERSION: Literal[1] = 1
_KEY = 32  # bytes
HARDEST = 20  # scrypt's work factor, as a power of two: a gigabyte of memory
_START, _PASSPHRASE = b"age-encryption.org/v1\n", b"-> scrypt "
# age's words for a secret that is not the file's; it has no classes of their own for them.
WRONG_PASSPHRASE, NOT_FOR_US = "Decryption failed", "No matching keys found"


def _key(text: Any) -> Any:
    """The 32 bytes of one canonical spelling."""
    if isinstance(text, bytes):
        return text
    key = urlsafe_b64decode(f"{text}=".encode("ascii"))
    if _spelled(key) != text:
        raise ValueError("not in base64url")
    return key


def _spelled(key: bytes) -> str:
    return urlsafe_b64encode(key).decode().rstrip("=")


def _whole(identity: Identity) -> Identity:
    try:
        return identity_of(identity.age, identity.signing)
    except Damaged as cause:
        raise ValueError("no usable key") from cause


def _sealing(level: Level) -> Level:
    if level is Level.OPEN:
        raise ValueError("nothing is sealed at this level")
    return level


def _own_id(salt: tuple[str, str, bytes]) -> tuple[str, str, bytes]:
    if salt_id(salt[2]) != salt[1]:
        raise ValueError("the id is not this salt's")
    return salt


_Uid = Annotated[str, Field(pattern=UID)]
_Key = Annotated[bytes, BeforeValidator(_key), PlainSerializer(_spelled), Field(min_length=_KEY, max_length=_KEY)]
# uid, salt id, the 32 bytes
Salt = Annotated[tuple[_Uid, str, _Key], AfterValidator(_own_id)]


class Part(BaseModel):
    """Something of a file of keys, read strictly; no secret shows in a complaint."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Master(Part):
    """One master, for the case that the wrapped ones are lost."""

    level: Annotated[Level, AfterValidator(_sealing)]
    generation: Annotated[int, Field(ge=1)]
    key: Annotated[_Key, Field(repr=False)]


class Kit(Part):
    """What a kit holds; a hand-over has neither identity nor masters.

    vault   the vault's id
    root    the commit that trust starts at
    made    when, with an offset
    salts   (uid, salt id, the 32 bytes)
    purged  uids whose salts were destroyed
    """

    format: Literal[1] = VERSION
    vault: Annotated[str, Field(min_length=1)]
    root: Annotated[str, Field(pattern="^([0-9a-f]{40}|[0-9a-f]{64})$")]
    made: AwareDatetime
    identity: Annotated[Identity, AfterValidator(_whole)] | None = None
    masters: tuple[Master, ...] | None = None
    salts: Annotated[tuple[Salt, ...], Field(repr=False)] = ()
    purged: tuple[_Uid, ...] = ()


def locked(kit: Kit, passphrase: str) -> bytes:
    """The kit under a passphrase, as any age program can open it; takes a second on purpose. Invalid for an empty one."""
    if not passphrase:
        raise Invalid(
            _("The passphrase is empty."), hint=_("Choose several words that nobody can guess."), kind="passphrase"
        )
    return bytes(pyrage.passphrase.encrypt(_written(kit), passphrase))


def locked_for(kit: Kit, recipients: Sequence[str]) -> bytes:
    """The kit encrypted to all of these recipients (`age1…`); ValueProblem where one is malformed."""
    return bytes(pyrage.encrypt(_written(kit), [recipient_of(text) for text in recipients]))


def has_passphrase(data: bytes) -> bool:
    """Whether a passphrase opens it, rather than an identity. Damaged for what is no age file."""
    if not data.startswith(_START):
        raise Damaged(_("This is not a key kit."), hint=_("`crm keys export FILE` writes one."), kind="kit")
    return data.startswith(_PASSPHRASE, len(_START))


def unlocked(data: bytes, secret: str) -> Kit:
    """The kit in bytes of `locked` (secret: the passphrase) or of `locked_for` (secret: `AGE-SECRET-KEY-1…`).

    Refused for a wrong secret, kind "passphrase" or "recipient"; Damaged for bytes that are not as they were made;
    Invalid for a kit of another version.
    """
    return _read(_opened(data, secret))


def _opened(data: bytes, secret: str) -> bytes:
    by_passphrase = has_passphrase(data)
    if by_passphrase:
        _refuse_too_hard(data)
    try:
        if by_passphrase:
            return bytes(pyrage.passphrase.decrypt(data, secret))
        return bytes(pyrage.decrypt(data, [pyrage.x25519.Identity.from_str(secret)]))
    except pyrage.DecryptError as cause:
        if by_passphrase and str(cause) == WRONG_PASSPHRASE:
            raise Refused(
                _("The passphrase does not open this kit."),
                hint=_("Mind upper and lower case. If you are sure of it, the file is damaged: try another copy."),
                kind="passphrase",
            ) from cause
        if not by_passphrase and str(cause) == NOT_FOR_US:
            hint = _("Whoever made it runs `crm keys export --for` again, once your device is in the team.")
            raise Refused(_("It was not made for this device."), hint=hint, kind="recipient") from cause
        raise _damaged() from cause


def hardness(data: bytes) -> int | None:
    """How hard the passphrase of an age file is to try, a power of two, as the line that asks for it says; None where no
    line does."""
    words = data[len(_START) :].partition(b"\n")[0].split(b" ")
    factor = words[-1]
    return int(factor) if len(words) == 4 and factor.isdigit() and len(factor) <= 2 else None


def _refuse_too_hard(data: bytes) -> None:
    """Refuse a kit made to exhaust the machine."""
    factor = hardness(data)
    if factor is None:
        raise _damaged()
    if factor > HARDEST:
        said = _("Opening this kit would take too much memory; crm did not make it.")
        raise Refused(said, hint=_("Try another copy of it."), kind="kit")


def _written(kit: Kit) -> bytes:
    return kit.model_dump_json(exclude_none=True).encode()


def _read(inner: bytes) -> Kit:
    try:
        version = json.loads(inner)["format"]
    except (ValueError, TypeError, KeyError) as cause:
        raise _damaged() from cause
    if type(version) is not int:
        raise _damaged()
    if version != VERSION:
        said = _("This kit has the format {version}, and this program knows {known}.")
        hint = _("Install the version of crm that made it, or a newer one.")
        raise Invalid(said.format(version=version, known=VERSION), hint=hint, kind="format")
    try:
        return Kit.model_validate_json(inner)
    except ValidationError as cause:
        raise _damaged() from cause


def _damaged() -> Damaged:
    return Damaged(_("The key kit is damaged."), hint=_("Try another copy of it."), kind="kit")
