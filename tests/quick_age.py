"""Encrypts to a passphrase as age does (its specification, v1), but with a cheap derivation: tests have many kits to make.

What it makes any age program opens; that it does is what the tests with real kits show. One chunk: up to 64 KiB.
"""

import base64
import hashlib
import hmac
import os

import opener
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

COST = 10  # instead of some 18


def encrypt(plain: bytes, passphrase: str) -> bytes:
    """An age file with one scrypt stanza."""
    assert len(plain) < 1 << 16
    file_key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
    label = b"age-encryption.org/v1/scrypt"
    wrapping = hashlib.scrypt(passphrase.encode(), salt=label + salt, n=1 << COST, r=8, p=1, dklen=32)
    body = ChaCha20Poly1305(wrapping).encrypt(bytes(12), file_key, None)
    head = f"age-encryption.org/v1\n-> scrypt {_base64(salt)} {COST}\n{_base64(body)}\n---"
    mac = hmac.digest(opener.hkdf(file_key, b"", "header", 32), head.encode(), "sha256")
    stream = ChaCha20Poly1305(opener.hkdf(file_key, nonce, "payload", 32))
    return f"{head} {_base64(mac)}\n".encode() + nonce + stream.encrypt(bytes(11) + b"\1", plain, None)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
