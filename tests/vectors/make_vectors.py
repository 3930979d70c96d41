"""Made `sealed-v1.json`, once and by hand, from `tests/opener.py` alone: `PYTHONPATH=.. python make_vectors.py` here.

The product never makes its own examples, and a released format keeps its examples for ever: nothing is written over.
A changed format gets a new version and a new file.
"""

import base64
import json
from pathlib import Path

import opener
import pyrage
from inputs import AGE, GONE, LI, MASTERS, NEVER, OTHER_AGE, SALTS, SIGNING, VALUES, VAULT, WANG, fixed, key, value
from refusals import refusals

HERE = Path(__file__).with_name("sealed-v1.json")


def salts_file() -> dict[str, object]:
    """Live, destroyed, known as purged only, and an addition that was interrupted."""
    lines = [f"{uid} {opener.salt_id(SALTS[uid])} {opener.base64url(SALTS[uid])}\n" for uid in (WANG, GONE, LI)]
    gone = lines[1][:36] + "=" * 43 + "\n"
    torn = f"{NEVER[::-1]} {opener.salt_id(fixed('torn'))} {opener.base64url(fixed('torn'))}"[:50]
    return {
        "text": lines[0] + gone + f"{NEVER} {'=' * 8} {'=' * 43}\n" + lines[2] + torn,
        "live": [[uid, opener.salt_id(SALTS[uid]), SALTS[uid].hex()] for uid in (WANG, LI)],
        "destroyed": [[GONE, opener.salt_id(SALTS[GONE])]],
        "purged_only": [NEVER],
    }


def identity() -> dict[str, object]:
    key = opener.signer(SIGNING)
    return {
        "identity.age": f"# created: 2024-05-10T09:30:00+08:00\n# public key: {opener.recipient(AGE)}\n{AGE}\n",
        "signing.key": SIGNING,
        "age": AGE,
        "recipient": opener.recipient(AGE),
        "signer": key.hex(),
        "device": opener.device_id(key),
        "public": opener.public_half(AGE, SIGNING),
    }


def wrapped() -> list[dict[str, object]]:
    """age uses fresh randomness: these can be unwrapped again, never made again."""
    to = [opener.recipient(AGE), opener.recipient(OTHER_AGE)]
    return [
        {"level": level, "generation": number, "to": name, "text": opener.wrap(MASTERS[level, number], recipients)}
        for level, number, name, recipients in (
            ("internal", 1, "one device", to[:1]),
            ("confidential", 1, "two devices", to),
            ("restricted", 2, "another person", to[1:]),
        )
    ]


def hand_over() -> dict[str, object]:
    content = {
        "format": 1,
        "vault": VAULT,
        "root": "0" * 40,
        "made": "2024-05-10T09:30:00+08:00",
        "salts": [[uid, opener.salt_id(SALTS[uid]), opener.base64url(SALTS[uid])] for uid in (WANG, LI)],
        "purged": [GONE],
    }
    to = [pyrage.x25519.Recipient.from_str(opener.recipient(AGE))]
    sealed = pyrage.encrypt(json.dumps(content, ensure_ascii=False).encode(), to)
    return {"file": base64.b64encode(sealed).decode(), "content": content}


def vectors() -> dict[str, object]:
    return {
        "about": "Examples of crmcli/sealing/FORMAT.md, version 1. Synthetic. Bytes are in hexadecimal unless said.",
        "vault": VAULT,
        "masters": [
            {
                "level": level,
                "generation": number,
                "key": master.hex(),
                "fingerprint": opener.fingerprint(master, VAULT, level, number),
            }
            for (level, number), master in MASTERS.items()
        ],
        "salts": [
            {"uid": uid, "salt": salt.hex(), "id": opener.salt_id(salt), "digest": opener.salt_digest(salt)}
            for uid, salt in SALTS.items()
        ],
        "data_keys": [
            {"uid": uid, "level": level, "generation": number, "key": key(uid, level, number).hex()}
            for uid in (WANG, LI)
            for level, number in MASTERS
        ],
        "values": [value(*one) for one in VALUES],
        "refused": refusals(),
        "identity": identity(),
        "devices": [{"signer": fixed(name).hex(), "id": opener.device_id(fixed(name))} for name in ("laptop", "desk")],
        "wrapped": wrapped(),
        "salts_file": salts_file(),
        "hand_over": hand_over(),
    }


if __name__ == "__main__":
    with HERE.open("x", encoding="utf-8") as file:
        json.dump(vectors(), file, ensure_ascii=False, indent=1)
        file.write("\n")
