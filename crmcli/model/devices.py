"""What access and key files say of devices and masters, each as a value type: ids, public keys, generations, fingerprints.

The forms are those of `sealing/FORMAT.md`, sections 4 and 6. Pure: no keys are used here, no I/O.
"""

import hashlib
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from typing import Annotated, Any

from crmcli.errors import ValueProblem
from crmcli.model.base import Part
from crmcli.model.identity import SYMBOL, symbols
from crmcli.model.scalars import Scalar
from crmcli.model.spelling import quoted
from crmcli.text import _

_COUNT, _GENERATION = "^(0|[1-9][0-9]{0,8})$", "^[1-9][0-9]{0,8}$"


def device_id(signer: bytes) -> str:
    """The id of the device with this Ed25519 public key (32 bytes): 8 symbols."""
    return symbols(hashlib.sha256(b"crmcli 1 device\n" + signer).digest()[:5], 8)


def _exactly(pattern: str, example: str, cast: Callable[[str], Any] = str) -> Callable[[str, Any], Any]:
    """Reads what matches, in its one spelling."""

    def parse(text: str, context: Any) -> Any:
        if not re.fullmatch(pattern, text):
            raise ValueProblem(
                _("{value} does not have the right form.").format(value=quoted(text)),
                expected=_("something like {example}").format(example=example),
            )
        return cast(text)

    return parse


def _scalar(pattern: str, example: str) -> Scalar:
    return Scalar("id", _exactly(pattern, example), str, pattern)


def _number(pattern: str, example: str) -> Scalar:
    return Scalar("integer", _exactly(pattern, example, int), str, pattern)


DeviceId = Annotated[str, _scalar(f"^{SYMBOL}{{8}}$", "7K2M9QXA")]
Recipient = Annotated[str, _scalar("^age1[02-9ac-hj-np-z]{58}$", "age1…")]
Signer = Annotated[str, _scalar("^[0-9A-Za-z_-]{43}$", "4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKg")]
Fingerprint = Annotated[str, _scalar("^[0-9a-f]{32}$", "0123456789abcdef0123456789abcdef")]
Digest = Annotated[str, _scalar("^[0-9a-f]{64}$", "0123456789abcdef…")]
Wrapped = Annotated[str, _scalar("^[0-9A-Za-z+/]+={0,2}$", "YWdlLWVuY3J5cHRpb24…")]
Serial = Annotated[int, _number(_COUNT, "3")]
Generation = Annotated[int, _number(_GENERATION, "1")]


class Device(Part):
    """One machine of a person: to whom masters are wrapped, and the Ed25519 public key its commits are signed with."""

    recipient: Recipient
    signer: Signer

    @property
    def key(self) -> bytes:
        """The 32 bytes of the Ed25519 public key. ValueProblem where the text is no canonical spelling of any."""
        try:
            key = urlsafe_b64decode(self.signer + "=")
        except NotBase64:
            key = b""
        if len(key) != 32 or urlsafe_b64encode(key).decode().rstrip("=") != self.signer:
            raise ValueProblem(_("This is not a public key."), expected=_("32 bytes in base64url"))
        return key
