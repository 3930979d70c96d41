"""The examples that every reader must refuse, each with what refuses it and why (`make_vectors.py`)."""

import opener
from inputs import LI, MASTERS, SALTS, VAULT, WANG, key, sealed

TOKEN = sealed(WANG, "phone", "confidential", 1, "+8613800138000")
LONG = sealed(WANG, "note", "confidential", 1, "a" * 40)
HEAD, BODY = TOKEN.rsplit(",", 1)


def refused(name: str, kind: str, why: str, token: str, uid: str = WANG, path: str = "phone") -> dict[str, object]:
    """kind: what refuses it: grammar, authentication, canonical form, or the level declared."""
    return {
        "name": name,
        "kind": kind,
        "why": why,
        "uid": uid,
        "path": path,
        "declared": "confidential",
        "token": token,
    }


def flipped(at: int) -> str:
    token = opener.parse(TOKEN)
    body = bytearray(token.body)
    body[at] ^= 1
    return HEAD + "," + opener.base64url(bytes(body)) + "]"


def padded(plain: bytes, path: str = "phone") -> str:
    """A token that authenticates, of a plain text that no writer makes."""
    token = opener.Token("confidential", 1, opener.salt_id(SALTS[WANG]), b"")
    return opener.seal_plain(key(WANG, "confidential", 1), token, WANG, path, plain)


def grammar() -> list[dict[str, object]]:
    why = "section 3: the form of each part is fixed"
    last = LONG[-2]
    other = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spare = LONG[:-2] + other[other.index(last) + 1] + "]"
    cases = {
        "version 2": TOKEN.replace("[1,", "[2,"),
        "version 01": TOKEN.replace("[1,", "[01,"),
        "generation 0": TOKEN.replace("l.1,", "l.0,"),
        "generation 01": TOKEN.replace("l.1,", "l.01,"),
        "generation +1": TOKEN.replace("l.1,", "l.+1,"),
        "generation in other digits": TOKEN.replace("l.1,", "l.１,"),
        "no generation": TOKEN.replace("l.1,", "l,"),
        "level open": TOKEN.replace("confidential", "open"),
        "unknown level": TOKEN.replace("confidential", "secret"),
        "level in capitals": TOKEN.replace("confidential", "Confidential"),
        "salt id in small letters": TOKEN.replace(opener.salt_id(SALTS[WANG]), opener.salt_id(SALTS[WANG]).lower()),
        "salt id with a letter that is no symbol": TOKEN.replace(opener.salt_id(SALTS[WANG]), "7K2M9QXU"),
        "salt id of 7 symbols": TOKEN.replace(opener.salt_id(SALTS[WANG]), opener.salt_id(SALTS[WANG])[:7]),
        "a space after a comma": TOKEN.replace(",", ", "),
        "no end": TOKEN[:-1],
        "cut in the body": TOKEN[:40],
        "a line feed after it": TOKEN + "\n",
        "a line feed within": HEAD + ",\n" + BODY,
        "a space before it": " " + TOKEN,
        "two of them": TOKEN + TOKEN,
        "small letters": TOKEN.replace("ENC", "enc"),
        "no body": HEAD + ",]",
        "a body of 32 bytes": HEAD + "," + opener.base64url(opener.parse(TOKEN).body[:32]) + "]",
        "a body of 47 bytes": HEAD + "," + opener.base64url(opener.parse(TOKEN).body[:47]) + "]",
        "base64 with padding": LONG[:-1] + "=]",
        "base64 of the other alphabet": HEAD + ",+/" + BODY[2:],
        "base64 of a length that cannot be": TOKEN[:-1] + "A]",
        "base64 with spare bits set": spare,
        "only the start": "ENC[",
    }
    return [
        refused(name, "grammar", why, token, path="note" if LONG[:60] in token else "phone")
        for name, token in cases.items()
    ]


def authentication() -> list[dict[str, object]]:
    kind, name_of = "authentication", opener.salt_id
    long = opener.parse(LONG)
    swap = opener.Token(long.level, long.generation, long.salt, long.body[:16] + long.body[48:] + long.body[16:48])
    cut = opener.Token(long.level, long.generation, long.salt, long.body[:-32])
    moved = "the place is bound in"
    return [
        refused("a bit of the synthetic IV", kind, "altered", flipped(0)),
        refused("the last bit of the synthetic IV", kind, "altered", flipped(15)),
        refused("a bit of the ciphertext", kind, "altered", flipped(16)),
        refused("the last bit of the ciphertext", kind, "altered", flipped(47)),
        refused(
            "relabelled to a lower level", kind, "the level is bound in", TOKEN.replace("confidential", "internal")
        ),
        refused(
            "relabelled to a higher level", kind, "the level is bound in", TOKEN.replace("confidential", "restricted")
        ),
        refused("relabelled to another generation", kind, "the generation is bound in", TOKEN.replace("l.1,", "l.2,")),
        refused(
            "relabelled to another salt",
            kind,
            "the salt id is bound in",
            TOKEN.replace(name_of(SALTS[WANG]), name_of(SALTS[LI])),
        ),
        refused("in another field", kind, moved, TOKEN, path="mobile"),
        refused("in a group", kind, moved, TOKEN, path="bank.phone"),
        refused("in another customer", kind, moved, TOKEN, uid=LI),
        refused(
            "in another entry",
            kind,
            moved,
            sealed(LI, "interactions.I7K2M9QXA.summary", "confidential", 1, "询"),
            uid=LI,
            path="interactions.I7K2M9QXB.summary",
        ),
        refused("from another vault", kind, "the vault is in the key", foreign()),
        refused("a block cut off", kind, "altered", opener.spell(cut), path="note"),
        refused("two blocks exchanged", kind, "altered", opener.spell(swap), path="note"),
        refused("a body of zeros", kind, "never sealed", HEAD + "," + opener.base64url(bytes(48)) + "]"),
    ]


def foreign() -> str:
    """Sealed with the same master and salt, in a vault of another name."""
    other = opener.data_key(MASTERS["confidential", 1], SALTS[WANG], VAULT[::-1], WANG, "confidential")
    return opener.seal(other, "confidential", 1, opener.salt_id(SALTS[WANG]), WANG, "phone", "+8613800138000")


def canonical() -> list[dict[str, object]]:
    plain = opener.plain_of("138")
    cases = {
        "filled with NUL": plain.rstrip() + bytes(27),
        "filled with line feeds": plain.rstrip() + b"\n" * 27,
        "a block of spaces more": plain + b" " * 32,
        "not filled to a block": b'"' + b"a" * 40 + b'"',
        "filled to 33 bytes": plain + b" ",
        "filled at the front": b" " * 27 + plain.rstrip(),
        "a number": b"138".ljust(32),
        "null": b"null".ljust(32),
        "a list": b'["138"]'.ljust(32),
        "an object": b'{"a":"138"}'.ljust(32),
        "no quotes": b"hello".ljust(32),
        "two strings": b'"138" "139"'.ljust(32),
        "only spaces": b" " * 32,
        "not UTF-8": b'"\xff\xfe"'.ljust(32),
        "a needless escape": b'"\\u0031"'.ljust(32),
        "a slash escaped": b'"a\\/b"'.ljust(32),
        "an escape in capitals": b'"\\u001F"'.ljust(32),
        "a long escape for a named one": b'"\\u000a"'.ljust(32),
        "a raw control character": b'"\x01"'.ljust(32),
        "Chinese escaped": b'"\\u738b"'.ljust(32),
        "half a surrogate pair": b'"\\ud83d"'.ljust(32),
        "a byte order mark": b'\xef\xbb\xbf"138"'.ljust(32),
        "UTF-16": '"138"'.encode("utf-16-le").ljust(32),
    }
    why = "steps 1 and 2: one plain text for one value"
    return [refused(name, "canonical form", why, padded(data)) for name, data in cases.items()]


def levels() -> list[dict[str, object]]:
    token = sealed(WANG, "phone", "internal", 1, "+8613800138000")
    return [refused("sealed below the level declared", "level", "more people could read it than may", token)]


def refusals() -> list[dict[str, object]]:
    return grammar() + authentication() + canonical() + levels()
