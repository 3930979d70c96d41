"""A wrapped master opens for the devices it was wrapped for, and for nobody else; anything altered is damage."""

import base64
import re
from itertools import count

import pyrage
import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crmcli.errors import Damaged, ValueProblem
from crmcli.model.fields import Level
from crmcli.sealing.identity import new_identity
from crmcli.sealing.masters import fingerprint, new_master, unwrap, wrap

LAPTOP, DESK, STRANGER = new_identity(), new_identity(), new_identity()
MASTER = new_master()
WRAPPED = wrap(MASTER, [LAPTOP.recipient, DESK.recipient])


def test_every_device_of_the_person_opens_it_and_nobody_else() -> None:
    assert len(MASTER) == 32
    assert unwrap(WRAPPED, LAPTOP.age) == unwrap(WRAPPED, DESK.age) == MASTER
    assert unwrap(WRAPPED, STRANGER.age) is None


def test_it_is_an_age_file_in_base64() -> None:
    sealed = base64.b64decode(WRAPPED, validate=True)
    assert sealed.startswith(b"age-encryption.org/v1\n")
    assert pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(DESK.age)]) == MASTER
    assert MASTER not in sealed
    assert wrap(MASTER, [LAPTOP.recipient]) != wrap(MASTER, [LAPTOP.recipient])


def altered(place: int) -> str:
    sealed = bytearray(base64.b64decode(WRAPPED))
    sealed[place] ^= 1
    return base64.b64encode(sealed).decode()


def of(content: bytes) -> str:
    sealed = pyrage.encrypt(content, [pyrage.x25519.Recipient.from_str(LAPTOP.recipient)])
    return base64.b64encode(sealed).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no base64",
        "é",
        "\ud800",
        WRAPPED[:-4],
        WRAPPED[:60],
        WRAPPED + "AAAA",
        WRAPPED.replace("A", "\n"),
        altered(0),
        altered(-1),
        altered(-40),
        base64.b64encode(MASTER).decode(),
        of(b""),
        of(MASTER[:31]),
        of(MASTER + b"\0"),
    ],
    ids=count(),
)
def test_what_is_not_an_intact_master_is_damaged(text: str) -> None:
    with pytest.raises(Damaged) as failed:
        unwrap(text, LAPTOP.age)
    assert (failed.value.exit, bool(failed.value.hint)) == (7, True)


WEAK = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z"


@pytest.mark.parametrize(
    "recipients", [[], [""], ["age1x"], [LAPTOP.recipient, DESK.recipient.upper()], [WEAK]], ids=count()
)
def test_a_malformed_recipient_is_refused(recipients: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueProblem):
        wrap(MASTER, recipients)
    assert capfd.readouterr().err == ""


def test_a_fingerprint_is_the_formats() -> None:
    found = fingerprint(MASTER, "VAULT", Level.INTERNAL, 12)
    derived = HKDF(SHA256(), 16, None, b"crmcli 1 fingerprint\nVAULT\ninternal\n12").derive(MASTER)
    assert found == derived.hex()
    assert re.fullmatch("[0-9a-f]{32}", found)


def test_a_fingerprint_is_that_of_one_master_in_one_vault_level_and_generation() -> None:
    places = [("V", Level.INTERNAL, 1), ("W", Level.INTERNAL, 1), ("V", Level.RESTRICTED, 1), ("V", Level.INTERNAL, 2)]
    found = {fingerprint(master, *place) for place in places for master in (MASTER, new_master())}
    assert len(found) == 8
