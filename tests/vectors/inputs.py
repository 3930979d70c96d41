"""What the examples are made from: fixed keys and values, all synthetic, protecting nothing (`make_vectors.py`)."""

import hashlib

import opener

VAULT = "4Z8K2M9QXA7PDR1TVW3BNC5GHJ"
WANG, LI, GONE, NEVER = (sign * 25 + end for sign, end in ("1A", "2B", "3C", "4D"))
AGE = "AGE-SECRET-KEY-189YD00L38UUDA6HJGUDC8NDX2C35XQMM9A4EAURCW43S09E97LFQ6S97MW"
OTHER_AGE = "AGE-SECRET-KEY-17DFZ2QNJQ8Y8GM7C2WDWLSJQALLN45X885559ZYKRJV5695QSDYSWLFYM7"
SIGNING = """\
-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtz
c2gtZWQyNTUxOQAAACADoQe/884Qvh1w3RjnS8CZZ+TWMJulDV8d3IZkElUxuAAA
AIgUdCbkFHQm5AAAAAtzc2gtZWQyNTUxOQAAACADoQe/884Qvh1w3RjnS8CZZ+TW
MJulDV8d3IZkElUxuAAAAEAAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0e
HwOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4AAAAAAECAwQF
-----END OPENSSH PRIVATE KEY-----
"""


def fixed(what: str) -> bytes:
    """32 bytes that look random and are the same for ever."""
    return hashlib.sha256(f"vectors {what}".encode()).digest()


MASTERS = {(level, number): fixed(f"master {level} {number}") for level in opener.LEVELS[1:] for number in (1, 2)}
SALTS = {uid: fixed(f"salt {uid}") for uid in (WANG, LI, GONE)}
# name, uid, field path, level, generation, text
VALUES = (
    ("ASCII", WANG, "phone", "confidential", 1, "+8613800138000"),
    ("Chinese", WANG, "name", "confidential", 1, "王芳"),
    ("the same text in another field", WANG, "alias", "confidential", 1, "王芳"),
    ("the same text, another customer", LI, "name", "confidential", 1, "王芳"),
    ("the same text, next generation", WANG, "name", "confidential", 2, "王芳"),
    ("the same text, higher level", WANG, "name", "restricted", 1, "王芳"),
    ("lowest level", WANG, "region", "internal", 1, "北京市/朝阳区"),
    ("in a group", WANG, "bank.account", "restricted", 2, "6222020200112233445"),
    ("in a table", LI, "external.shop", "internal", 1, "00004"),
    ("in an entry", LI, "interactions.I7K2M9QXA.summary", "confidential", 1, "询问新品"),
    ("words of a commit", LI, "commit.note", "internal", 2, "客户来电要求更正"),
    ("key in Chinese", LI, "external.旺店", "internal", 1, "A-17"),
    ("quotes and backslashes", WANG, "note", "confidential", 1, "C:\\new \"卡\" / 'x' \\u0041"),
    ("named control characters", WANG, "note", "confidential", 1, "\b\f\n\r\t"),
    ("other control characters", WANG, "note", "confidential", 1, "\x00\x01\x0b\x1b\x1f\x7f\x80\x9f"),
    ("line and paragraph separators", WANG, "note", "confidential", 1, "\u2028\u2029\u0085\ufeff"),
    ("emoji", WANG, "note", "confidential", 1, "😀👩‍👩‍👧🇨🇳"),
    ("not normalised", WANG, "note", "confidential", 1, "e\u0301 é Ａ"),
    ("spaces at both ends", WANG, "note", "confidential", 1, "  x   "),
    ("empty", WANG, "note", "confidential", 1, ""),
    ("30 bytes, one block with its quotes", WANG, "note", "confidential", 1, "a" * 30),
    ("31 bytes, two blocks", WANG, "note", "confidential", 1, "a" * 31),
    ("32 bytes, two blocks", WANG, "note", "confidential", 1, "a" * 32),
    ("30 bytes of Chinese", WANG, "note", "confidential", 1, "客" * 10),
    ("several lines", WANG, "note", "confidential", 1, "第一行\n\n  second line\n第三行\n"),
    ("4,000 characters", WANG, "note", "confidential", 1, "客户说：好。a1" * 444 + "终终终终"),
    ("looks like a token", WANG, "note", "confidential", 1, "ENC[1,internal.1,7K2M9QXA,AAAA]"),
    ("looks like YAML", WANG, "note", "confidential", 1, "no: [1, ~]"),
)


def key(uid: str, level: str, number: int) -> bytes:
    return opener.data_key(MASTERS[level, number], SALTS[uid], VAULT, uid, level)


def sealed(uid: str, path: str, level: str, number: int, text: str) -> str:
    return opener.seal(key(uid, level, number), level, number, opener.salt_id(SALTS[uid]), uid, path, text)


def value(name: str, uid: str, path: str, level: str, number: int, text: str) -> dict[str, object]:
    token = sealed(uid, path, level, number, text)
    return {"name": name, "uid": uid, "path": path, "level": level, "generation": number, "text": text, "token": token}
