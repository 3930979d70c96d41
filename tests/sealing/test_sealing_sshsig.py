"""Signatures agree with OpenSSH in both directions; whatever is not a proper one is told as None, never as a crash."""

import base64
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_ssh_private_key,
)
from hypothesis import given
from hypothesis import strategies as st

from crmcli.sealing import sshsig

KEY = sshsig.new_key()
MESSAGE = "tree 4b825dc\nauthor 王芳\n\nadd\n".encode()
SIGNED = sshsig.sign(KEY, MESSAGE)
BLOB = base64.b64decode("".join(SIGNED.splitlines()[1:-1]))
openssh = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="OpenSSH is the judge here")


def keygen(*args: object, stdin: bytes = b"") -> bytes:
    done = subprocess.run(["ssh-keygen", *map(str, args)], input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def key_file(folder: Path, text: str = KEY) -> Path:
    file = folder / "签名 key"
    file.write_text(text)
    file.chmod(0o600)
    return file


def armored(blob: bytes) -> str:
    text = base64.encodebytes(blob).decode()
    return f"-----BEGIN SSH SIGNATURE-----\n{text}-----END SSH SIGNATURE-----\n"


def test_a_signature_holds_for_its_bytes_alone() -> None:
    assert sshsig.signer_of(SIGNED, MESSAGE) == sshsig.public_key(KEY)
    assert sshsig.signer_of(SIGNED, MESSAGE + b"\n") is None
    assert sshsig.signer_of(SIGNED, b"") is None


@openssh
def test_openssh_verifies_what_is_signed_here(tmp_path: Path) -> None:
    public = keygen("-y", "-f", key_file(tmp_path)).decode()
    (tmp_path / "allowed").write_text(f"somebody {public}")
    (tmp_path / "sig").write_text(SIGNED)
    asked = ("-Y", "verify", "-f", tmp_path / "allowed", "-I", "somebody", "-n", "git", "-s", tmp_path / "sig")
    assert b"Good" in keygen(*asked, stdin=MESSAGE)


@openssh
def test_what_openssh_makes_is_read_here(tmp_path: Path) -> None:
    keygen("-q", "-t", "ed25519", "-N", "", "-C", "王芳 at home", "-f", tmp_path / "key")
    key = (tmp_path / "key").read_text()
    theirs = keygen("-Y", "sign", "-n", "git", "-f", tmp_path / "key", stdin=MESSAGE).decode()
    assert sshsig.sign(key, MESSAGE) == theirs
    assert sshsig.signer_of(theirs, MESSAGE) == sshsig.public_key(key)
    assert base64.b64encode(sshsig.public_key(key)[-30:]).decode() in (tmp_path / "key.pub").read_text()


@openssh
@pytest.mark.parametrize("change", [("-n", "file"), ("-n", "git", "-O", "hashalg=sha256")])
def test_another_namespace_or_hash_does_not_count(tmp_path: Path, change: tuple[str, ...]) -> None:
    theirs = keygen("-Y", "sign", *change, "-f", key_file(tmp_path), stdin=MESSAGE).decode()
    assert theirs.startswith("-----BEGIN SSH SIGNATURE-----")
    assert sshsig.signer_of(theirs, MESSAGE) is None


@openssh
@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_another_type_of_key_does_not_count(tmp_path: Path, kind: str) -> None:
    keygen("-q", "-t", kind, "-N", "", "-f", tmp_path / "key")
    theirs = keygen("-Y", "sign", "-n", "git", "-f", tmp_path / "key", stdin=MESSAGE).decode()
    assert sshsig.signer_of(theirs, MESSAGE) is None
    with pytest.raises(ValueError):
        sshsig.public_key((tmp_path / "key").read_text())


@openssh
def test_a_key_with_a_passphrase_is_refused(tmp_path: Path) -> None:
    keygen("-q", "-t", "ed25519", "-N", "secret", "-f", tmp_path / "key")
    with pytest.raises(ValueError, match="passphrase"):
        sshsig.sign((tmp_path / "key").read_text(), MESSAGE)


def test_cryptography_reads_the_keys_made_here_and_the_other_way_round() -> None:
    read = load_ssh_private_key(KEY.encode(), None)
    assert isinstance(read, Ed25519PrivateKey)
    assert read.public_key().public_bytes_raw() == sshsig.public_key(KEY)
    written = read.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    assert sshsig.sign(written, MESSAGE) == SIGNED
    assert sshsig.public_key(written.decode().replace("\n", "\r\n")) == sshsig.public_key(KEY)


def test_a_key_file_whose_halves_differ_is_refused() -> None:
    blob = base64.b64decode("".join(KEY.splitlines()[1:-1]))
    public = sshsig.public_key(KEY)
    other = sshsig.public_key(sshsig.new_key())
    assert blob.count(public) == 3
    for forged in (blob.replace(public, other), blob.replace(public, other, 1), blob.replace(public, other, 2)):
        text = base64.encodebytes(forged).decode()
        with pytest.raises(ValueError):
            sshsig.public_key(f"-----BEGIN OPENSSH PRIVATE KEY-----\n{text}-----END OPENSSH PRIVATE KEY-----\n")


@pytest.mark.parametrize("place", range(len(BLOB)))
def test_no_bit_of_a_signature_can_be_turned(place: int) -> None:
    assert sshsig.signer_of(armored(BLOB), MESSAGE) == sshsig.public_key(KEY)
    turned = BLOB[:place] + bytes([BLOB[place] ^ 4]) + BLOB[place + 1 :]
    assert sshsig.signer_of(armored(turned), MESSAGE) is None
    assert sshsig.signer_of(armored(BLOB[:place]), MESSAGE) is None


def test_bytes_after_the_signature_do_not_count() -> None:
    assert sshsig.signer_of(armored(BLOB + b"\0"), MESSAGE) is None
    assert sshsig.signer_of(armored(BLOB + b"\0\0\0\0"), MESSAGE) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "-----BEGIN SSH SIGNATURE-----",
        armored(b""),
        SIGNED.replace("SSH", "PGP"),
        SIGNED.replace("-----END SSH SIGNATURE-----", ""),
        SIGNED.replace("U1NI", "U1N!"),
        SIGNED.replace("U1NI", "U1N\ud800"),
        SIGNED + SIGNED,
    ],
)
def test_bad_armour_is_no_signature(text: str) -> None:
    assert sshsig.signer_of(text, MESSAGE) is None


@given(st.text(), st.binary())
def test_no_text_makes_it_stumble(text: str, blob: bytes) -> None:
    assert sshsig.signer_of(text, MESSAGE) is None
    assert sshsig.signer_of(armored(blob), MESSAGE) is None
    assert sshsig.signer_of(armored(b"SSHSIG\0\0\0\1" + blob), MESSAGE) is None


def test_a_thousand_are_verified_in_well_below_a_second() -> None:
    begun = time.process_time()
    assert all(sshsig.signer_of(SIGNED, MESSAGE) for _n in range(1000))
    assert time.process_time() - begun < 0.8


def program(folder: Path, *args: object) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-I", sshsig.__file__, *map(str, args)]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)


def test_as_a_program_it_does_what_git_asks_of_ssh_keygen(tmp_path: Path) -> None:
    buffer = tmp_path / "a commit"
    buffer.write_bytes(MESSAGE)
    done = program(tmp_path, "-Y", "sign", "-n", "git", "-f", key_file(tmp_path), buffer)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "a commit.sig").read_text() == SIGNED


def test_as_a_program_it_fails_with_one_line(tmp_path: Path) -> None:
    buffer = tmp_path / "buffer"
    buffer.write_bytes(MESSAGE)
    broken = tmp_path / "broken"
    broken.write_bytes(b"\xff\xfe")
    for key in (tmp_path / "none", tmp_path, broken):
        done = program(tmp_path, "-Y", "sign", "-n", "git", "-f", key, buffer)
        assert done.returncode == 1
        assert done.stderr.startswith("crm cannot sign: ")
        assert len(done.stderr.splitlines()) == 1
    for asked in ((), ("-Y", "verify"), ("-Y", "sign", "-n", "file", "-f", key_file(tmp_path), buffer)):
        assert program(tmp_path, *asked).returncode == 1
    assert not (tmp_path / "buffer.sig").exists()


def test_as_a_program_it_does_not_write_through_a_link(tmp_path: Path) -> None:
    buffer = tmp_path / "buffer"
    buffer.write_bytes(MESSAGE)
    (tmp_path / "buffer.sig").symlink_to(tmp_path / "victim")
    assert program(tmp_path, "-Y", "sign", "-n", "git", "-f", key_file(tmp_path), buffer).returncode == 1
    assert not (tmp_path / "victim").exists()


def test_as_a_program_it_needs_nothing_but_cryptography() -> None:
    code = f"import runpy, sys; runpy.run_path({sshsig.__file__!r}); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True).stdout
    roots = {name.split(".")[0] for name in loaded.split()}
    assert not roots & {"crmcli", "pydantic", "argparse", "pathlib"}
    assert "cryptography.hazmat.primitives.serialization" not in loaded.split()
