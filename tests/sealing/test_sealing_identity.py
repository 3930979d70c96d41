"""An identity is what the two files hold; its public half is one line with one spelling."""

import base64
import hashlib
import shutil
import subprocess
from itertools import count
from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import Damaged, ValueProblem
from crmcli.model.identity import ALPHABET
from crmcli.sealing.identity import Identity, Public, identity_of, new_identity, public_of

ME, OTHER = new_identity(), new_identity()

# Points of small order, as age spells them.
WEAK = (
    "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z",
    "age1qyqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqj7vrya",
)


def test_it_comes_back_from_its_files() -> None:
    files = f"# created: 2024-05-10T09:30:00+08:00\n# public key: {ME.recipient}\n{ME.age}\n", ME.signing
    assert identity_of(*files) == ME
    assert identity_of(ME.age, ME.signing) == ME
    assert identity_of(ME.age.lower() + "\r\n", ME.signing) == ME


def test_no_two_are_alike_and_no_secret_shows() -> None:
    assert ME.age != OTHER.age
    assert ME.signer != OTHER.signer
    assert ME.device != OTHER.device
    for secret in (ME.age, ME.signing):
        assert secret not in f"{ME!r} {ME} {public_of(ME.public)!r}"


def test_what_is_encrypted_to_it_it_opens() -> None:
    sealed = pyrage.encrypt(b"x", [pyrage.x25519.Recipient.from_str(ME.recipient)])
    assert pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(ME.age)]) == b"x"


@pytest.mark.parametrize(
    ("age", "signing"),
    [
        ("", ME.signing),
        ("AGE-SECRET-KEY-1", ME.signing),
        (ME.age[:-1], ME.signing),
        (f"{ME.age}\n{OTHER.age}\n", ME.signing),
        (ME.recipient, ME.signing),
        ("\ud800", ME.signing),
        (ME.age, ""),
        (ME.age, ME.signing[:-50]),
        (ME.age, ME.age),
    ],
    ids=count(),
)
def test_files_that_hold_no_identity_are_damaged(age: str, signing: str) -> None:
    with pytest.raises(Damaged) as failed:
        identity_of(age, signing)
    assert failed.value.exit == 7
    assert failed.value.hint
    assert "SECRET" not in failed.value.message


def test_the_public_half_is_one_line_that_can_be_read_again() -> None:
    start, recipient, signer = ME.public.split(".")
    assert (start, recipient) == ("crm1", ME.recipient)
    assert base64.urlsafe_b64decode(signer + "=") == ME.signer
    found = public_of(f"  {ME.public}\n")
    assert found == Public(ME.recipient, ME.signer)
    assert (found.device, str(found)) == (ME.device, ME.public)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "crm1",
        "crm1..",
        ME.public[:-1],
        ME.public + "A",
        ME.public + "=",
        ME.public.upper(),
        ME.public.removeprefix("crm1."),
        ME.public.replace("crm1.", "crm2."),
        ME.public.replace(".", " "),
        "crm1." + ME.public,
        f"crm1.{ME.recipient[:-1]}x.{ME.public.split('.')[2]}",
        f"crm1.{ME.recipient.upper()}.{ME.public.split('.')[2]}",
        f"crm1.{ME.recipient}.é",
        f"crm1.\ud800.{ME.public.split('.')[2]}",
        *(f"crm1.{weak}.{ME.public.split('.')[2]}" for weak in WEAK),
    ],
    ids=count(),
)
def test_a_malformed_public_half_is_refused(text: str) -> None:
    with pytest.raises(ValueProblem) as failed:
        public_of(text)
    assert failed.value.expected == "crm1.age1….…"


@given(st.binary(min_size=32, max_size=32))
def test_every_signer_has_one_spelling(signer: bytes) -> None:
    text = str(Public(ME.recipient, signer))
    assert public_of(text).signer == signer
    # The last symbol carries two bits that say nothing: other spellings of them are refused.
    symbols = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    with pytest.raises(ValueProblem):
        public_of(text[:-1] + symbols[symbols.index(text[-1]) ^ 1])


def test_the_id_of_a_device_follows_from_its_key() -> None:
    bits = int.from_bytes(hashlib.sha256(b"crmcli 1 device\n" + ME.signer).digest(), "big") >> 216
    assert ME.device == "".join(ALPHABET[bits >> 5 * n & 31] for n in range(7, -1, -1))


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="OpenSSH is the judge here")
def test_openssh_reads_the_signing_key(tmp_path: Path) -> None:
    file = tmp_path / "signing.key"
    file.write_text(ME.signing)
    file.chmod(0o600)
    said = subprocess.run(["ssh-keygen", "-y", "-f", file], capture_output=True, text=True, check=True).stdout
    kind, key, *_comment = said.split()
    assert kind == "ssh-ed25519"
    assert base64.b64decode(key)[-32:] == ME.signer


def test_an_identity_can_be_made_of_its_two_secrets() -> None:
    assert Identity(ME.age, ME.signing).public == ME.public
