"""Signatures in the form git's commits carry them (FORMAT.md, section 7), made and verified in process. Ed25519 alone.

Also a program, git's `gpg.ssh.program`: `python -I sshsig.py -Y sign -n git -f KEYFILE FILE` writes FILE.sig, as
`ssh-keygen` does. It is started at every commit and therefore imports the standard library and cryptography alone, and
little of either. Never asks, never reads a key with a passphrase, never writes a key to disk.
"""

import hashlib
import sys
from binascii import a2b_base64, b2a_base64
from collections.abc import Sequence
from os import urandom

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_WIDTH = 70  # symbols a line, as ssh-keygen writes them
_KEY, _SIGNATURE = "OPENSSH PRIVATE KEY", "SSH SIGNATURE"


def _string(content: bytes) -> bytes:
    return len(content).to_bytes(4) + content


_ONE = (1).to_bytes(4)
_KIND = _string(b"ssh-ed25519")
# OpenSSH's PROTOCOL.key: no cipher, no derivation of a key, its empty options; one key.
_PLAIN_KEY = b"openssh-key-v1\0" + _string(b"none") * 2 + _string(b"") + _ONE
# OpenSSH's PROTOCOL.sshsig: namespace, nothing reserved, hash.
_MAGIC = b"SSHSIG"
_SCOPE = _string(b"git") + _string(b"") + _string(b"sha512")


def new_key() -> str:
    """A new signing key as the text of an OpenSSH private key file."""
    key = Ed25519PrivateKey.generate()
    public = _KIND + _string(key.public_key().public_bytes_raw())
    secret = _string(key.private_bytes_raw() + key.public_key().public_bytes_raw())
    section = urandom(4) * 2 + public + secret + _string(b"")
    section += bytes(range(1, 1 + -len(section) % 8))
    return _armored(_PLAIN_KEY + _string(public) + _string(section), _KEY)


def public_key(pem: str) -> bytes:
    """The 32 bytes of the public half. ValueError where the text is not an Ed25519 key without a passphrase."""
    return _private(pem).public_key().public_bytes_raw()


def sign(pem: str | bytes, message: bytes) -> str:
    """The armored signature of these bytes, exactly what `ssh-keygen -Y sign -n git` gives. ValueError as above."""
    key = _private(pem)
    public = _KIND + _string(key.public_key().public_bytes_raw())
    signature = _KIND + _string(key.sign(_signed(message)))
    return _armored(_MAGIC + _ONE + _string(public) + _SCOPE + _string(signature), _SIGNATURE)


def signer_of(armored: str, message: bytes) -> bytes | None:
    """The public key (32 bytes) that signed these bytes; None when the signature does not hold, for whatever reason."""
    try:
        public, signature = _opened(armored)
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _signed(message))
    except (ValueError, InvalidSignature):
        return None
    return public


def _signed(message: bytes) -> bytes:
    return _MAGIC + _SCOPE + _string(hashlib.sha512(message).digest())


def _opened(armored: str) -> tuple[bytes, bytes]:
    """Public key and signature; ValueError for any other key type, namespace or hash."""
    start = _MAGIC + _ONE
    blob = _unarmored(armored, _SIGNATURE)
    public, *scope, signature = _strings(blob.removeprefix(start))
    if not blob.startswith(start) or b"".join(map(_string, scope)) != _SCOPE:
        raise ValueError("not a signature of a commit")
    return _of_kind(public), _of_kind(signature)


def _of_kind(pair: bytes) -> bytes:
    kind, content = _strings(pair)
    if _string(kind) != _KIND:
        raise ValueError("not Ed25519")
    return content


def _private(pem: str | bytes) -> Ed25519PrivateKey:
    # cryptography reads these files, too, but takes 30 ms more to be imported with that.
    blob = _unarmored(pem if isinstance(pem, str) else pem.decode(), _KEY)
    if not blob.startswith(_PLAIN_KEY):
        raise ValueError("not an OpenSSH private key without a passphrase")
    public, section = _strings(blob.removeprefix(_PLAIN_KEY))
    start = section[:4] * 2 + public + (64).to_bytes(4)
    secret = section.removeprefix(start)[:64]
    key = Ed25519PrivateKey.from_private_bytes(secret[:32])
    if not section.startswith(start) or not _of_kind(public) == secret[32:] == key.public_key().public_bytes_raw():
        raise ValueError("the two halves of the key differ")
    return key


def _strings(data: bytes) -> list[bytes]:
    """All the length-prefixed strings that make up the bytes; ValueError where the last one does not end with them."""
    found, place = [], 0
    while place < len(data):
        end = place + 4 + int.from_bytes(data[place : place + 4])
        found.append(data[place + 4 : end])
        place = end
    if place != len(data):
        raise ValueError("cut short")
    return found


def _armored(blob: bytes, kind: str) -> str:
    text = b2a_base64(blob, newline=False).decode()
    lines = [text[place : place + _WIDTH] for place in range(0, len(text), _WIDTH)]
    return "\n".join([f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----", ""])


def _unarmored(text: str, kind: str) -> bytes:
    first, *lines, last = text.strip().splitlines() or ("", "")
    if (first, last) != (f"-----BEGIN {kind}-----", f"-----END {kind}-----"):
        raise ValueError(f"not an {kind}")
    return a2b_base64("".join(lines), strict_mode=True)


def main(arguments: Sequence[str]) -> int:
    """What git asks of its `gpg.ssh.program` when it commits; 1 and a line on standard error where that fails."""
    try:
        *asked, key, file = arguments
        if asked != ["-Y", "sign", "-n", "git", "-f"]:
            raise ValueError("asked for something else than to sign a commit")
        sign_file(key, file)
    except (OSError, ValueError) as cause:
        reason = f"{cause.filename}: {cause.strerror}" if isinstance(cause, OSError) else cause
        sys.stderr.write(f"crm cannot sign: {reason}\n")
        return 1
    return 0


def sign_file(key: str, file: str) -> None:
    """Sign a file of git's with the key in another: FILE.sig, which must not be there. OSError, ValueError."""
    # The built-in `open`: pathlib takes 10 ms to be imported.
    with open(key, "rb") as stream:  # noqa: PTH123
        pem = stream.read()
    with open(file, "rb") as stream:  # noqa: PTH123
        armored = sign(pem, stream.read())
    with open(f"{file}.sig", "x", encoding="ascii") as made:  # noqa: PTH123 (never through a planted link)
        made.write(armored)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
