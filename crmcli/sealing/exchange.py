"""Exchange keys, and the file in which customers' salts go from clone to clone (FORMAT.md, section 10). Pure: values in,
bytes out, and back. Whose a key is, and what of a file may be taken in, is not decided here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Literal

import pyrage
from pydantic import BaseModel, Field, ValidationError

from crmcli.errors import Damaged, Invalid
from crmcli.sealing.kit import Part, Salt
from crmcli.sealing.recipients import recipient_of
from crmcli.text import _

VERSION: Literal[1] = 1
_BEFORE = "# before: "
_NOT_FOR_US = "No matching keys found"  # age's words; there is no class of its own for it


@dataclass(frozen=True)
class ExchangeKey:
    """A device's exchange key as its file holds it.

    secret  `AGE-SECRET-KEY-1…`; None where the file holds none, or a destroyed one
    before  the public halves of the keys that were destroyed for it
    """

    secret: str | None = field(repr=False)
    before: tuple[str, ...] = ()

    @cached_property
    def recipient(self) -> str | None:
        """`age1…`"""
        return str(pyrage.x25519.Identity.from_str(self.secret).to_public()) if self.secret else None

    @property
    def written(self) -> bytes:
        """The file: an age identity file."""
        lines = [*(f"{_BEFORE}{one}" for one in self.before), self.secret or ""]
        return "".join(f"{line}\n" for line in lines).encode()


class Parcel(Part):
    """What a file of salts holds: the vault's id, the recipients it is encrypted to (sorted), the salts."""

    format: Literal[1] = VERSION
    vault: Annotated[str, Field(min_length=1)]
    recipients: tuple[str, ...]
    salts: Annotated[tuple[Salt, ...], Field(repr=False)]


class _Version(BaseModel):
    format: int


def new_exchange_key(before: Iterable[str]) -> ExchangeKey:
    """A key that nobody had before."""
    return ExchangeKey(str(pyrage.x25519.Identity.generate()), tuple(before))


def exchange_key_of(data: bytes) -> ExchangeKey:
    """The key in the bytes of its file. What can't be read is left out: such a key is made anew, not brought back."""
    lines = data.decode("ascii", "replace").splitlines()
    before = [line.removeprefix(_BEFORE) for line in lines if line.startswith(_BEFORE)]
    secrets = (_secret(line) for line in lines if not line.startswith("#"))
    return ExchangeKey(next((one for one in secrets if one), None), tuple(filter(is_recipient, before)))


def is_recipient(text: str) -> bool:
    """Whether age can encrypt to it."""
    try:
        recipient_of(text)
    except ValueError:
        return False
    return True


def packed(parcel: Parcel) -> bytes:
    """The file: the parcel encrypted to its recipients; ValueProblem where one is malformed."""
    return bytes(pyrage.encrypt(parcel.model_dump_json().encode(), [recipient_of(one) for one in parcel.recipients]))


def unpacked(data: bytes, secrets: Sequence[str]) -> Parcel | None:
    """The parcel in a file; None where none of these keys opens it. Damaged for anything else than `packed` makes, Invalid
    for what a newer program made."""
    try:
        inner = bytes(pyrage.decrypt(data, [pyrage.x25519.Identity.from_str(one) for one in secrets]))
    except pyrage.DecryptError as cause:
        if str(cause) == _NOT_FOR_US:
            return None
        raise _damaged() from cause
    try:
        version = _Version.model_validate_json(inner).format
        if version > VERSION:
            hint = _("Install the version of crm that made it, or a newer one.")
            said = _("The file of customers' keys has the format {version}, and this program knows {known}.")
            raise Invalid(said.format(version=version, known=VERSION), hint=hint, kind="format")
        return Parcel.model_validate_json(inner)
    except ValidationError as cause:
        raise _damaged() from cause


def _secret(line: str) -> str | None:
    try:
        return str(pyrage.x25519.Identity.from_str(line.strip()))
    except (pyrage.IdentityError, UnicodeError):
        return None


def _damaged() -> Damaged:
    return Damaged(
        _("The file of customers' keys is damaged."),
        hint=_("The next device that synchronises publishes another one."),
        kind="salts-file",
    )
