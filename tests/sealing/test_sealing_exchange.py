"""Exchange keys and the file of salts: they come back as they went in; anything else is refused or counts for nothing."""

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import Damaged, Invalid
from crmcli.sealing.cipher import salt_id
from crmcli.sealing.exchange import Parcel, exchange_key_of, is_recipient, new_exchange_key, packed, unpacked

KEY, OTHER = new_exchange_key(()), new_exchange_key(())
SALT = ("4Z8K2M9QXA7PDR1TVW3BNC5GHJ", salt_id(bytes(32)), bytes(32))
PARCEL = Parcel(vault="v", recipients=tuple(sorted((KEY.recipient or "", OTHER.recipient or ""))), salts=(SALT,))


def for_key(inner: bytes) -> bytes:
    return bytes(pyrage.encrypt(inner, [pyrage.x25519.Recipient.from_str(KEY.recipient)]))


def test_each_recipient_opens_the_file_and_nobody_else() -> None:
    data = packed(PARCEL)
    for key in (KEY, OTHER):
        assert unpacked(data, [new_exchange_key(()).secret or "", key.secret or ""]) == PARCEL
    assert unpacked(data, [new_exchange_key(()).secret or ""]) is None


@pytest.mark.parametrize("data", [b"", b"age-encryption.org/v1\n", packed(PARCEL)[:-1], b"x" * 100])
def test_bytes_that_age_did_not_write_are_damaged(data: bytes) -> None:
    with pytest.raises(Damaged):
        unpacked(data, [KEY.secret or ""])


@pytest.mark.parametrize(
    "inner",
    [b"", b"[]", b'{"format": 1}', PARCEL.model_dump_json().replace(SALT[1], "ZZZZZZZZ").encode(), b"[" * 100_000],
)
def test_what_is_no_parcel_is_damaged(inner: bytes) -> None:
    with pytest.raises(Damaged):
        unpacked(for_key(inner), [KEY.secret or ""])


def test_a_newer_programs_file_is_no_damage() -> None:
    with pytest.raises(Invalid, match="format 2"):
        unpacked(for_key(b'{"format": 2, "anything": []}'), [KEY.secret or ""])


def test_a_key_comes_back_from_its_file_and_shows_no_secret() -> None:
    key = new_exchange_key([OTHER.recipient or ""])
    assert exchange_key_of(key.written) == key
    assert (key.secret or "") not in repr(key)
    assert pyrage.x25519.Identity.from_str(key.written.decode().splitlines()[-1])


@given(st.binary())
def test_no_bytes_in_its_place_are_a_failure(data: bytes) -> None:
    found = exchange_key_of(data)
    assert found.secret is None
    assert all(map(is_recipient, found.before))


def test_a_destroyed_key_is_none() -> None:
    assert exchange_key_of(bytes(len(KEY.written))).secret is None
