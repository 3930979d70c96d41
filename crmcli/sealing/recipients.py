"""To whom age encrypts: the public halves of X25519 keys, `age1…`, read and checked. Pure."""

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from pyrage import RecipientError
from pyrage.x25519 import Recipient

from crmcli.errors import ValueProblem
from crmcli.text import _

_SYMBOLS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"  # of Bech32
_CHECKSUM = 6  # symbols


def recipient_of(text: str) -> Recipient:
    """The recipient in its one canonical spelling; ValueProblem for anything that age can't encrypt to."""
    try:
        found = Recipient.from_str(text)
        if str(found) != text or _is_weak(text):
            raise ValueProblem(_("This is not an age recipient."), expected="age1…")
    except (RecipientError, UnicodeError) as cause:
        raise ValueProblem(_("This is not an age recipient."), expected="age1…") from cause
    return found


def _is_weak(text: str) -> bool:
    """Whether the point has a small order: every secret shared with it is zero, and age panics."""
    value = 0
    for symbol in text.removeprefix("age1")[:-_CHECKSUM]:
        value = value << 5 | _SYMBOLS.index(symbol)
    try:
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes((value >> 4).to_bytes(32)))
    except ValueError:
        return True
    return False
