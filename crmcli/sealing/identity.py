"""Who somebody is on one machine: an age key to be given masters with, an Ed25519 key to sign commits with (FORMAT.md,
section 6). Texts in, values out; where the files lie is not known here. No secret shows in a `repr`.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from functools import cached_property

import pyrage

from crmcli.errors import Damaged, ValueProblem
from crmcli.model.devices import device_id
from crmcli.sealing import sshsig
from crmcli.sealing.recipients import recipient_of
from crmcli.text import _

_START = "crm1."


@dataclass(frozen=True)
class Public:
    """The public half. recipient: `age1…`; signer: the 32 bytes of the Ed25519 public key. As text: `crm1.….…`."""

    recipient: str
    signer: bytes

    @property
    def device(self) -> str:
        """The device's id. Short enough to be imitated with effort: the signer tells who signed, never this."""
        return device_id(self.signer)

    def __str__(self) -> str:
        return f"{_START}{self.recipient}.{urlsafe_b64encode(self.signer).decode().rstrip('=')}"


@dataclass(frozen=True)
class Identity:
    """Both secret keys. age: the line `AGE-SECRET-KEY-1…`; signing: the text of an OpenSSH private key file."""

    age: str = field(repr=False)
    signing: str = field(repr=False)

    @cached_property
    def recipient(self) -> str:
        """`age1…`"""
        return str(pyrage.x25519.Identity.from_str(self.age).to_public())

    @cached_property
    def signer(self) -> bytes:
        """The 32 bytes of the Ed25519 public key."""
        return sshsig.public_key(self.signing)

    @cached_property
    def device(self) -> str:
        """This device's id: 8 symbols."""
        return device_id(self.signer)

    @cached_property
    def public(self) -> str:
        """The one line that lets an admin let this person in: `crm1.<recipient>.<signer>`."""
        return str(Public(self.recipient, self.signer))


def new_identity() -> Identity:
    """An identity that nobody had before."""
    return Identity(str(pyrage.x25519.Identity.generate()), sshsig.new_key())


def identity_of(age: str, signing: str) -> Identity:
    """The identity in the texts of `identity.age` and `signing.key`; Damaged where one of them holds none."""
    return Identity(_secret_line(age), _proper_key(signing))


def public_of(text: str) -> Public:
    """The public half in its one line, blanks around it aside; ValueProblem where it is malformed."""
    recipient, _dot, signer = text.strip().removeprefix(_START).partition(".")
    try:
        recipient_of(recipient)
        found = Public(recipient, urlsafe_b64decode(signer + "="))
    except ValueError:
        found = None
    if found is None or len(found.signer) != 32 or str(found) != text.strip():
        raise ValueProblem(
            _("This is not the public half of an identity."),
            expected="crm1.age1….…",
        )
    return found


def _secret_line(text: str) -> str:
    """The one line of an age identity file that is not a comment, in its canonical spelling."""
    line = "".join(line for line in text.splitlines() if not line.startswith("#")).strip()
    try:
        return str(pyrage.x25519.Identity.from_str(line))
    except (pyrage.IdentityError, UnicodeError) as cause:
        raise _damaged("identity.age") from cause


def _proper_key(text: str) -> str:
    try:
        sshsig.public_key(text)
    except ValueError as cause:
        raise _damaged("signing.key") from cause
    return text


def _damaged(name: str) -> Damaged:
    return Damaged(
        _("{file} holds no usable key.").format(file=name),
        hint=_("`crm keys import FILE` brings it back from a key kit."),
        kind="identity",
    )
