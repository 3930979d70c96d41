"""A key kit comes back as it went in, for whoever has its secret; anything else about it is refused and named."""

import json
from datetime import UTC, datetime, timedelta, timezone
from itertools import count

import opener
import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.errors import CrmError, Damaged, Invalid, Refused, ValueProblem
from crmcli.model.fields import Level
from crmcli.model.identity import ALPHABET
from crmcli.sealing.cipher import salt_id
from crmcli.sealing.identity import new_identity
from crmcli.sealing.kit import Kit, Master, has_passphrase, locked, locked_for, unlocked

ME, DESK, STRANGER = new_identity(), new_identity(), new_identity()
WORDS = "correct horse 电池"
UID, SALT, ROOT = "4Z8K2M9QXA7PDR1TVW3BNC5GHJ", bytes(range(32)), "a" * 40
SALTS = ((UID, salt_id(SALT), SALT),)
MASTER = Master(level=Level.RESTRICTED, generation=2, key=b"k" * 32)
MADE = datetime(2026, 5, 10, 9, 30, tzinfo=timezone(timedelta(hours=8)))
KIT = Kit(vault="V1", root=ROOT, made=MADE, identity=ME, masters=(MASTER,), salts=SALTS, purged=(UID,))
LOCKED_FOR = locked_for(KIT, [ME.recipient, DESK.recipient])

uids = st.text(ALPHABET, min_size=26, max_size=26)
keys = st.binary(min_size=32, max_size=32)
masters = st.builds(Master, level=st.sampled_from(list(Level)[1:]), generation=st.integers(1, 10**9), key=keys)
kits = st.builds(
    Kit,
    vault=st.text("AZaz09_-", min_size=1, max_size=64),
    root=st.text("0123456789abcdef", min_size=40, max_size=40),
    made=st.datetimes(min_value=datetime(1971, 1, 1), timezones=st.just(UTC)),
    identity=st.sampled_from([None, ME]),
    masters=st.none() | st.lists(masters, max_size=4).map(tuple),
    salts=st.lists(st.builds(lambda uid, key: (uid, salt_id(key), key), uids, keys), max_size=4).map(tuple),
    purged=st.lists(uids, max_size=3).map(tuple),
)


@pytest.fixture(scope="module")
def under_words() -> bytes:
    return locked(KIT, WORDS)


@settings(max_examples=60)
@given(kits)
def test_it_comes_back_as_it_went_in(kit: Kit) -> None:
    assert unlocked(locked_for(kit, [DESK.recipient]), DESK.age) == kit


def test_any_age_program_opens_it_with_the_passphrase_and_finds_what_the_format_says(under_words: bytes) -> None:
    assert has_passphrase(under_words)
    found = opener.kit(under_words, WORDS)
    assert set(found) == {"format", "vault", "root", "made", "identity", "masters", "salts", "purged"}
    assert found["identity"] == {"age": ME.age, "signing": ME.signing}
    assert opener.kit_masters(found) == {("restricted", 2): b"k" * 32}
    assert opener.kit_salts(found) == {(UID, salt_id(SALT)): SALT}
    assert datetime.fromisoformat(str(found["made"])) == MADE
    assert unlocked(under_words, WORDS) == KIT


def test_a_hand_over_opens_on_each_device_of_the_person_and_nowhere_else() -> None:
    bare = Kit(vault="V1", root=ROOT, made=MADE, salts=SALTS)
    data = locked_for(bare, [ME.recipient, DESK.recipient])
    assert not has_passphrase(data)
    assert unlocked(data, ME.age) == unlocked(data, DESK.age) == bare
    assert not {"identity", "masters"} & set(opener.kit(data, ME.age, passphrase=False))
    with pytest.raises(Refused, match="not made for this device") as refused:
        unlocked(data, STRANGER.age)
    assert refused.value.kind == "recipient"


def test_another_passphrase_is_refused_with_a_hint(under_words: bytes) -> None:
    with pytest.raises(Refused, match="passphrase") as refused:
        unlocked(under_words, WORDS.upper())
    assert (refused.value.kind, refused.value.exit) == ("passphrase", 5)
    assert refused.value.hint


def test_an_empty_passphrase_locks_nothing() -> None:
    with pytest.raises(Invalid, match="empty"):
        locked(KIT, "")
    with pytest.raises(ValueProblem):
        locked_for(KIT, ["age1nobody"])


@pytest.mark.parametrize("data", [b"", b"salts", b"PK\x03\x04", b"age-encryption.org/v2\n"])
def test_what_is_no_age_file_is_called_so(data: bytes) -> None:
    for ask in (has_passphrase, lambda data: unlocked(data, WORDS)):
        with pytest.raises(Damaged, match="not a key kit"):
            ask(data)


@settings(max_examples=200)
@given(st.integers(0, len(LOCKED_FOR) - 1), st.integers(1, 255))
def test_no_altered_byte_gets_through(place: int, mask: int) -> None:
    altered = bytearray(LOCKED_FOR)
    altered[place] ^= mask
    with pytest.raises((Damaged, Refused)):
        unlocked(bytes(altered), ME.age)


@settings(max_examples=60)
@given(st.integers(0, len(LOCKED_FOR) - 1))
def test_no_truncated_kit_gets_through(length: int) -> None:
    with pytest.raises(Damaged):
        unlocked(LOCKED_FOR[:length], ME.age)


def test_a_body_altered_under_a_passphrase_is_damage_and_no_wrong_passphrase(under_words: bytes) -> None:
    for altered in (under_words[:-1], under_words[:-1] + bytes([under_words[-1] ^ 1])):
        with pytest.raises(Damaged, match="damaged"):
            unlocked(altered, WORDS)


def told(**changes: object) -> bytes:
    tree = {**json.loads(KIT.model_dump_json()), **changes}
    words = json.dumps({name: value for name, value in tree.items() if value is not ...})
    return pyrage.encrypt(words.encode(), [pyrage.x25519.Recipient.from_str(ME.recipient)])


def test_a_kit_of_another_version_says_so() -> None:
    assert unlocked(told(), ME.age) == KIT
    with pytest.raises(Invalid, match="format 2"):
        unlocked(told(format=2), ME.age)


@pytest.mark.parametrize(
    "changes",
    [
        {"format": ...},
        {"format": "1"},
        {"format": True},
        {"format": 1.0},
        {"vault": ...},
        {"vault": ""},
        {"root": "HEAD"},
        {"root": "a" * 40 + "\n"},
        {"made": "2026-05-10T09:30"},
        {"made": "yesterday"},
        {"identity": {"age": ME.age, "signing": "none"}},
        {"identity": {"age": "AGE-SECRET-KEY-1", "signing": ME.signing}},
        {"identity": {"age": ME.age}},
        {"masters": [{"level": "open", "generation": 1, "key": "A" * 43}]},
        {"masters": [{"level": "secret", "generation": 1, "key": "A" * 43}]},
        {"masters": [{"level": "internal", "generation": 0, "key": "A" * 43}]},
        {"masters": [{"level": "internal", "generation": "1", "key": "A" * 43}]},
        {"masters": [{"level": "internal", "generation": 1, "key": "A" * 42}]},
        {"salts": [[UID, "7K2M9QXA", "A" * 43]]},  # another salt's id
        {"salts": [[UID.lower(), salt_id(SALT), opener.base64url(SALT)]]},
        {"salts": [[UID, salt_id(SALT), opener.base64url(SALT) + "="]]},
        {"salts": [[UID, salt_id(SALT), "é" * 43]]},
        {"salts": [[UID, salt_id(SALT), None]]},
        {"salts": [[UID, salt_id(SALT)]]},
        {"salts": {}},
        {"purged": ["someone"]},
        {"further": 1},
    ],
    ids=count(),
)
def test_what_is_not_as_the_format_says_is_damage_and_tells_no_secret(changes: dict[str, object]) -> None:
    with pytest.raises(Damaged) as damaged:
        unlocked(told(**changes), ME.age)
    said = f"{damaged.value.message} {damaged.value.hint} {damaged.value.__cause__}"
    assert ME.age not in said
    assert opener.base64url(SALT) not in said


@pytest.mark.parametrize("inner", [b"", b"[]", b"1", b"\xff", b"{", b"null"])
def test_anything_encrypted_that_is_no_kit_is_damage(inner: bytes) -> None:
    data = pyrage.encrypt(inner, [pyrage.x25519.Recipient.from_str(ME.recipient)])
    with pytest.raises(CrmError) as damaged:
        unlocked(data, ME.age)
    assert damaged.value.exit == 7


def test_a_kit_shows_no_secret_when_it_is_printed() -> None:
    shown = repr(KIT)
    assert ME.age not in shown
    assert ME.signing not in shown
    assert repr(SALT) not in shown
    assert "kkkk" not in shown


@pytest.mark.parametrize(("factor", "failure"), [("21", Refused), ("64", Refused), ("999", Damaged), ("x", Damaged)])
def test_a_kit_that_would_exhaust_the_machine_is_not_even_tried(factor: str, failure: type[CrmError]) -> None:
    line = f"age-encryption.org/v1\n-> scrypt {'A' * 22} {factor}\n".encode()
    with pytest.raises(failure):
        unlocked(line + b"--- rest", "words")
