"""The keys that everybody entitled to a level shares: made, named by their fingerprint, wrapped for people and unwrapped
again (FORMAT.md, section 4). Pure: keys in, texts out. Whether a master counts is not decided here.
"""

import hmac
from binascii import a2b_base64, b2a_base64
from collections.abc import Sequence
from os import urandom

import pyrage
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crmcli.errors import Damaged, ValueProblem
from crmcli.model.fields import Level
from crmcli.sealing.recipients import recipient_of
from crmcli.text import _

MASTER = 32  # bytes
_NOT_FOR_US = "No matching keys found"  # age's words; there is no class of its own for it


def new_master() -> bytes:
    """32 random bytes."""
    return urandom(MASTER)


def fingerprint(master: bytes, vault: str, level: Level, generation: int) -> str:
    """How access files name a master: 32 hexadecimal digits."""
    info = f"crmcli 1 fingerprint\n{vault}\n{level.value}\n{generation}".encode()
    return HKDF(algorithm=SHA256(), length=16, salt=None, info=info).derive(master).hex()


def import_mark(master: bytes, vault: str, digest: str) -> str:
    """How commits name an imported file, by the SHA-256 of its bytes, so that only readers of the level can tell which."""
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"crmcli 1 import\n{vault}".encode()).derive(master)
    return hmac.digest(key, digest.encode(), "sha256").hex()


def wrap(master: bytes, recipients: Sequence[str]) -> str:
    """The master encrypted to all these recipients (`age1…`), in base64; another text every time. ValueProblem where
    one is malformed or there is none."""
    if not recipients:
        raise ValueProblem(_("There is no device to encrypt to."))
    sealed = pyrage.encrypt(master, [recipient_of(text) for text in recipients])
    return b2a_base64(sealed, newline=False).decode()


def unwrap(text: str, age_secret: str) -> bytes | None:
    """The master in a text of `wrap`, None where it is not meant for this key (`AGE-SECRET-KEY-1…`). Damaged for
    anything that is not an intact master."""
    try:
        master = bytes(
            pyrage.decrypt(a2b_base64(text, strict_mode=True), [pyrage.x25519.Identity.from_str(age_secret)])
        )
    except pyrage.DecryptError as cause:
        if str(cause) == _NOT_FOR_US:
            return None
        raise _damaged() from cause
    except ValueError as cause:
        raise _damaged() from cause
    if len(master) != MASTER:
        raise _damaged()
    return master


def _damaged() -> Damaged:
    return Damaged(
        _("A wrapped key is damaged."),
        hint=_("An admin removes you with `crm team remove` and adds you again with `crm team add`."),
        kind="keys",
    )
