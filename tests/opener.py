"""A second reader of sealed vaults, written from `crmcli/sealing/FORMAT.md` alone: the judge in tests of the product.

It imports nothing from the product. Whatever is not exactly as the format says is refused with `Refused`.
Section numbers are those of the format. Keys, salts and bodies are bytes; levels, uids and ids are text.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pyrage
import yaml
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_private_key

LEVELS = ("open", "internal", "confidential", "restricted")
SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SALT_ID = b"crmcli 1 salt id\n"
BLOCK, LINE, SALT = 32, 80, 43
_TOKEN = re.compile(
    rf"ENC\[1,(internal|confidential|restricted)\.([1-9][0-9]*),([{SYMBOLS}]{{8}}),([A-Za-z0-9_-]+)\]", re.ASCII
)
_UID = re.compile(rf"[{SYMBOLS}]{{26}}")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Refused(Exception):
    """What is not to be trusted, and why."""


@dataclass(frozen=True)
class Token:
    """Section 3: a token taken apart."""

    level: str
    generation: int
    salt: str
    body: bytes


@dataclass(frozen=True)
class Line:
    """Section 5: one line of a salts file; salt is None once it is destroyed, id "" if it was never here."""

    uid: str
    id: str
    salt: bytes | None


# Spelling


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unbase64url(text: str) -> bytes:
    """The bytes of the one canonical spelling without padding."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(f"not base64url: {error}") from error
    if base64url(data) != text:
        raise Refused("not the canonical base64url of its bytes")
    return data


def symbols(digest: bytes) -> str:
    """The first 40 bits as 8 symbols, most significant first."""
    number = int.from_bytes(digest[:5], "big")
    return "".join(SYMBOLS[number >> shift & 31] for shift in range(35, -1, -5))


def hkdf(key: bytes, salt: bytes, info: str, size: int) -> bytes:
    """RFC 5869 with SHA-256; an empty salt stands for none."""
    secret = hmac.digest(salt or bytes(32), key, "sha256")
    done = block = b""
    for number in range(1, -(-size // 32) + 1):
        block = hmac.digest(secret, block + info.encode() + bytes([number]), "sha256")
        done += block
    return done[:size]


# Tokens (3)


def parse(text: str) -> Token:
    found = _TOKEN.fullmatch(text)
    if not found:
        raise Refused("not the grammar of a token")
    body = unbase64url(found[4])
    if len(body) < 48:
        raise Refused("a body of less than 48 bytes")
    return Token(found[1], int(found[2]), found[3], body)


def spell(token: Token) -> str:
    return f"ENC[1,{token.level}.{token.generation},{token.salt},{base64url(token.body)}]"


def plain_of(text: str) -> bytes:
    """Steps 1 and 2: a canonical JSON string, filled up with spaces."""
    inner = "".join(_ESCAPES.get(sign) or (f"\\u{ord(sign):04x}" if sign < " " else sign) for sign in text)
    data = f'"{inner}"'.encode()
    return data + b" " * (-len(data) % BLOCK)


def text_of(plain: bytes) -> str:
    """The reverse; anything but the canonical form is refused."""
    try:
        text = json.loads(plain.decode())
        same = isinstance(text, str) and plain_of(text) == plain
    except ValueError as error:  # not UTF-8, not JSON, or not a text that UTF-8 can hold
        raise Refused(f"not a JSON string: {error}") from error
    if not same:
        raise Refused("not the canonical form of a value")
    return text


def data_key(master: bytes, salt: bytes, vault: str, uid: str, level: str) -> bytes:
    return hkdf(master, salt, f"crmcli 1 data key\n{vault}\n{uid}\n{level}", 64)


def bound(token: Token, uid: str, path: str) -> list[bytes]:
    """Step 4: the associated data."""
    return [item.encode() for item in ("1", token.level, str(token.generation), token.salt, uid, path)]


def seal_plain(key: bytes, token: Token, uid: str, path: str, plain: bytes) -> str:
    """A token of these very bytes; `token` gives the level, generation and salt id."""
    return spell(replace(token, body=AESSIV(key).encrypt(plain, bound(token, uid, path))))


def seal(key: bytes, level: str, generation: int, salt: str, uid: str, path: str, text: str) -> str:
    return seal_plain(key, Token(level, generation, salt, b""), uid, path, plain_of(text))


def open_with(key: bytes, text: str, uid: str, path: str, declared: str = "internal") -> str:
    """The value in a token of this customer and field, whose declared level is given."""
    token = parse(text)
    if LEVELS.index(token.level) < LEVELS.index(declared):
        raise Refused(f"sealed as {token.level}, declared {declared}")
    try:
        plain = AESSIV(key).decrypt(token.body, bound(token, uid, path))
    except InvalidTag as error:
        raise Refused("does not authenticate") from error
    return text_of(plain)


# Masters (4)


def fingerprint(master: bytes, vault: str, level: str, generation: int) -> str:
    return hkdf(master, b"", f"crmcli 1 fingerprint\n{vault}\n{level}\n{generation}", 16).hex()


def wrap(master: bytes, recipients: list[str]) -> str:
    to = [pyrage.x25519.Recipient.from_str(recipient) for recipient in recipients]
    return base64.b64encode(pyrage.encrypt(master, to)).decode()


def unwrap(text: str, age: str) -> bytes:
    try:
        master = pyrage.decrypt(base64.b64decode(text, validate=True), [pyrage.x25519.Identity.from_str(age)])
    except (binascii.Error, pyrage.DecryptError) as error:
        raise Refused(f"not wrapped for this identity: {error}") from error
    if len(master) != 32:
        raise Refused("a master is 32 bytes")
    return master


def masters_of(keys: str, access: str, vault: str, person: str, age: str) -> dict[tuple[str, int], bytes]:
    """What `keys.yaml` holds for a person, in so far as `access.yaml` (trusted by the caller) names it."""
    named = yaml.load(access, yaml.BaseLoader)["masters"]
    masters = {}
    for level, generations in yaml.load(keys, yaml.BaseLoader)["wrapped"].items():
        for generation, people in generations.items():
            if person in people:
                master = unwrap(people[person], age)
                if fingerprint(master, vault, level, int(generation)) != named[level][generation]:
                    raise Refused(f"the master {level}.{generation} is not the one named")
                masters[level, int(generation)] = master
    return masters


# Salts (5)


def salt_id(salt: bytes) -> str:
    return symbols(hashlib.sha256(SALT_ID + salt).digest())


def salt_digest(salt: bytes) -> str:
    return hashlib.sha256(b"crmcli 1 salt digest\n" + salt).hexdigest()


def salts(data: bytes) -> Iterator[Line]:
    """The lines of a salts file; an interrupted addition at its end counts for nothing."""
    for start in range(0, len(data) - LINE + 1, LINE):
        yield _line(data[start : start + LINE])


def _line(data: bytes) -> Line:
    text = data.decode("ascii", "replace")
    uid, name, salt = text[:26], text[27:35], text[36:79]
    if text != f"{uid} {name} {salt}\n" or not _UID.fullmatch(uid):
        raise Refused(f"not a line of a salts file: {text!r}")
    if salt == "=" * SALT:
        return Line(uid, "" if name == "=" * 8 else name, None)
    found = unbase64url(salt)
    if salt_id(found) != name:
        raise Refused(f"another salt than {name} says")
    return Line(uid, name, found)


# Identity (6)


def age_secret(text: str) -> str:
    """The secret in an age identity file."""
    lines = [line for line in text.splitlines() if line.startswith("AGE-SECRET-KEY-1")]
    if len(lines) != 1:
        raise Refused("an identity file has one secret")
    return lines[0]


def recipient(age: str) -> str:
    return str(pyrage.x25519.Identity.from_str(age).to_public())


def signer(pem: str) -> bytes:
    """The 32 bytes of the public key of an OpenSSH private key."""
    return load_ssh_private_key(pem.encode(), None).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def device_id(key: bytes) -> str:
    return symbols(hashlib.sha256(b"crmcli 1 device\n" + key).digest())


def public_half(age: str, pem: str) -> str:
    return f"crm1.{recipient(age)}.{base64url(signer(pem))}"


# Kits (9)


def kit(data: bytes, secret: str, *, passphrase: bool = True) -> dict[str, object]:
    """A key kit under a passphrase, or a hand-over under the secret of a device."""
    try:
        if passphrase:
            inner = pyrage.passphrase.decrypt(data, secret)
        else:
            inner = pyrage.decrypt(data, [pyrage.x25519.Identity.from_str(secret)])
    except pyrage.DecryptError as error:
        raise Refused(f"not a kit for this secret: {error}") from error
    found = json.loads(inner)
    if found["format"] != 1:
        raise Refused("another format of kit")
    return found


def kit_masters(found: dict[str, object]) -> dict[tuple[str, int], bytes]:
    return {(one["level"], one["generation"]): unbase64url(one["key"]) for one in found.get("masters", [])}


def kit_salts(found: dict[str, object]) -> dict[tuple[str, str], bytes]:
    """By uid and salt id."""
    return {(uid, name): unbase64url(salt) for uid, name, salt in found["salts"]}


# A whole file


def open_tree(tree: object, vault: str, uid: str, masters: dict, salts: dict[str, bytes], path: str = "") -> object:
    """A customer's file with every token opened that these masters and salts (by salt id) open; others stay."""
    if isinstance(tree, dict):
        return {
            key: open_tree(one, vault, uid, masters, salts, f"{path}.{key}".strip(".")) for key, one in tree.items()
        }
    if isinstance(tree, list):
        return [open_tree(one, vault, uid, masters, salts, _entry(path, one)) for one in tree]
    if not isinstance(tree, str) or not tree.startswith("ENC["):
        return tree
    token = parse(tree)
    master, salt = masters.get((token.level, token.generation)), salts.get(token.salt)
    if master is None or salt is None:
        return tree
    return open_with(data_key(master, salt, vault, uid, token.level), tree, uid, path)


def _entry(path: str, entry: object) -> str:
    return f"{path}.{entry['id']}" if isinstance(entry, dict) else path
