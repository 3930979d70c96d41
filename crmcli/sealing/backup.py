"""What a backup is encrypted with, and its table of contents (FORMAT.md, section 11). Pure: values and open streams in,
bytes out, and back.

A fresh age key opens a backup. That key is itself encrypted to the passphrase, since age lets no other recipient stand
beside one; the contents are encrypted to it and to whoever else may open them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, Annotated, Literal

import pyrage
from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from crmcli.errors import Damaged, Failure, Invalid, Refused
from crmcli.sealing.kit import HARDEST, NOT_FOR_US, WRONG_PASSPHRASE, Part, Salt, hardness
from crmcli.sealing.recipients import recipient_of
from crmcli.text import _

VERSION: Literal[1] = 1
_HASH = "^([0-9a-f]{40}|[0-9a-f]{64})$"


class Meeting(Part):
    """The remote at which the vault's clones meet."""

    name: Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9._/-]*$")]
    url: Annotated[str, Field(pattern="^[^-]")]


class Manifest(Part):
    """What a backup holds.

    vault, root  the vault's id; the commit that its trust starts at (None: an open vault)
    made         when, with an offset
    branch, head, algorithm, prefix   the branch, its commit, how git names objects, the way to the vault from the top
    remote       None where the vault had none
    digests      SHA-256 of the other parts: of the key as it stands there, of the history once decrypted
    salts        (uid, salt id, the 32 bytes)
    """

    format: Literal[1] = VERSION
    vault: Annotated[str, Field(min_length=1)]
    root: Annotated[str, Field(pattern=_HASH)] | None
    made: AwareDatetime
    branch: Annotated[str, Field(min_length=1)]
    head: Annotated[str, Field(pattern=_HASH)]
    algorithm: Literal["sha1", "sha256"]
    prefix: str
    remote: Meeting | None
    digests: Mapping[str, str]
    salts: Annotated[tuple[Salt, ...], Field(repr=False)]


class _Version(BaseModel):
    format: int


@dataclass(frozen=True)
class Lock:
    """The key of one backup. secret: `AGE-SECRET-KEY-1…`; file: the same under the passphrase."""

    secret: str = field(repr=False)
    file: bytes = field(repr=False)

    @cached_property
    def recipient(self) -> str:
        """`age1…`"""
        return str(pyrage.x25519.Identity.from_str(self.secret).to_public())


def new_lock(passphrase: str) -> Lock:
    """A key that nobody had before; takes a second on purpose."""
    secret = str(pyrage.x25519.Identity.generate())
    return Lock(secret, bytes(pyrage.passphrase.encrypt(f"{secret}\n".encode(), passphrase)))


def unlocked(data: bytes, passphrase: str) -> str:
    """The secret in `Lock.file`. Refused for another passphrase, Damaged for bytes that are not as they were made."""
    if (hardness(data) or HARDEST + 1) > HARDEST:  # made to exhaust the machine
        raise damaged()
    try:
        secret = bytes(pyrage.passphrase.decrypt(data, passphrase)).decode("ascii", "replace").strip()
        return str(pyrage.x25519.Identity.from_str(secret))
    except (pyrage.DecryptError, pyrage.IdentityError) as cause:
        if str(cause) == WRONG_PASSPHRASE:
            raise Refused(
                _("The passphrase does not open this backup."),
                hint=_("Mind upper and lower case. If you are sure of it, the file is damaged: try another copy."),
                kind="passphrase",
            ) from cause
        raise damaged() from cause


def packed(manifest: Manifest, recipients: Sequence[str]) -> bytes:
    """The table of contents, encrypted."""
    return bytes(pyrage.encrypt(manifest.model_dump_json().encode(), [recipient_of(one) for one in recipients]))


def unpacked(data: bytes, secret: str) -> Manifest | None:
    """The table of contents; None where this key does not open it. Damaged for anything else than `packed` makes,
    Invalid for what a newer program made."""
    try:
        inner = bytes(pyrage.decrypt(data, [pyrage.x25519.Identity.from_str(secret)]))
    except pyrage.DecryptError as cause:
        if str(cause) == NOT_FOR_US:
            return None
        raise damaged() from cause
    try:
        version = _Version.model_validate_json(inner).format
        if version > VERSION:
            hint = _("Install the version of crm that made it, or a newer one.")
            said = _("The backup has the format {version}, and this program knows {known}.")
            raise Invalid(said.format(version=version, known=VERSION), hint=hint, kind="format")
        return Manifest.model_validate_json(inner)
    except ValidationError as cause:
        raise damaged() from cause


def seal_stream(source: IO[bytes], target: IO[bytes], recipients: Sequence[str]) -> None:
    """Encrypt all that the source has, a piece in memory at a time. Failure where it can't be read or written."""
    try:
        pyrage.encrypt_io(source, target, [recipient_of(one) for one in recipients])
    except pyrage.EncryptError as cause:
        raise Failure(_("The backup can't be written: {reason}.").format(reason=cause), kind="disk") from cause


def open_stream(source: IO[bytes], target: IO[bytes], secret: str) -> None:
    """The reverse. Damaged for anything else than `seal_stream` makes, after a part of it may be written."""
    try:
        pyrage.decrypt_io(source, target, [pyrage.x25519.Identity.from_str(secret)])
    except (pyrage.DecryptError, OSError) as cause:
        if isinstance(cause, OSError) and cause.errno:  # the system's; age's own words about a piece have no number
            raise
        raise damaged() from cause


def damaged() -> Damaged:
    """What to raise for a backup that is not as it was made."""
    return Damaged(_("The backup is damaged."), hint=_("Try another copy of it."), kind="backup")
