"""A vault with a key signs every commit with it, whatever a person has configured; a vault without one changes nothing."""

import os
import shlex
import shutil
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ONE, git, make_vault, put
from desk import NOW, SAID, everything, hook, nothing_left, status, unborn, write
from signed import PROGRAM, let_git_judge, new_key, public, signing_vault

from crmcli.errors import Failure, Refused
from crmcli.sealing import sshsig
from crmcli.sealing.sshsig import signer_of
from crmcli.store import signing
from crmcli.store import vault as vaults
from crmcli.store.signatures import raw_commits, unsigned
from crmcli.store.signing import Signing
from crmcli.store.transaction import Change, writing
from crmcli.store.vault import Vault

NO_PROGRAM = Path("/nonexistent/program.py")
STRANGE = 'it\'s a "key" $HOME `id` 王芳 100%; #1'
openssh = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="OpenSSH is the judge here")


def signer(vault: Vault, name: str = "HEAD") -> bytes | None:
    commit = git(vault.root, "rev-parse", name).strip()
    ((_hash, raw),) = raw_commits(vault, [commit])
    signature, message = unsigned(raw)
    return signer_of(signature or "", message)


@openssh
def test_git_verifies_what_was_committed(started: Vault, tmp_path: Path) -> None:
    key = new_key(tmp_path / "keys")
    vault = signing_vault(started, key)
    write(vault, Change(ONE, b"a: 2\n"))
    with writing(vault, "export") as desk:
        desk.event(SAID, NOW)
    let_git_judge(vault, key)
    git(vault.root, "verify-commit", "HEAD", "HEAD~1")
    assert signer(vault) == signer(vault, "HEAD~1") == public(key)
    let_git_judge(vault, new_key(tmp_path / "others"))
    with pytest.raises(AssertionError):
        git(vault.root, "verify-commit", "HEAD")
    nothing_left(vault)


@pytest.mark.parametrize("answered", [True, False])
def test_this_process_signs_by_itself_and_the_program_where_it_cannot(
    started: Vault, tmp_path: Path, answered: bool
) -> None:
    asked = []

    def sign(key: str, file: str) -> None:
        asked.append((key, Path(file).read_bytes()))
        if not answered:
            raise RuntimeError("no reason")
        sshsig.sign_file(key, file)

    key = new_key(tmp_path / "keys")
    vault = replace(started, signing=Signing(key, NO_PROGRAM if answered else PROGRAM, sign))
    write(vault, Change(ONE, b"a: 2\n"))
    assert signer(vault) == public(key)
    assert [(name, SAID.subject.encode() in text) for name, text in asked] == [(str(key), True)]


def test_a_hook_that_commits_elsewhere_asks_nobody(started: Vault, tmp_path: Path) -> None:
    other = make_vault(tmp_path / "other")
    vault = replace(started, signing=Signing(new_key(tmp_path / "keys"), PROGRAM, sshsig.sign_file))
    options = " ".join(shlex.quote(word) for word in signing.options(vault.signing, vault.lock_path.parent))
    hook(
        vault,
        "post-commit",
        f"unset GIT_DIR GIT_INDEX_FILE; cd {other.root} && git {options} commit -q --allow-empty -m x",
    )
    write(vault, Change(ONE, b"a: 2\n"))
    assert signer(other) == signer(vault) == public(vault.signing.key)


def test_the_first_commit_of_a_repository_is_signed(tmp_path: Path) -> None:
    vault = signing_vault(unborn(tmp_path / "new"), new_key(tmp_path / "keys"))
    write(vault, Change("schemas/vault.yaml", (vault.root / "schemas/vault.yaml").read_bytes()), adopt=True)
    assert vault.signing
    assert signer(vault) == public(vault.signing.key)


def test_no_path_is_too_strange(started: Vault, tmp_path: Path) -> None:
    place = tmp_path / STRANGE
    key = new_key(place)
    program = shutil.copy(PROGRAM, place / "sign it.py")
    vault = signing_vault(vaults.at(started.root.rename(place / "vault"), os.environ), key, program)
    write(vault, Change(ONE, b"a: 2\n"))
    assert signer(vault) == public(key)


OWN = {
    "openpgp": [("commit.gpgSign", "true"), ("gpg.format", "openpgp"), ("user.signingKey", "ABCDEF")],
    "x509": [("commit.gpgSign", "true"), ("gpg.format", "x509"), ("gpg.x509.program", "false")],
    "ssh": [("commit.gpgSign", "true"), ("gpg.format", "ssh"), ("gpg.ssh.program", "false"), ("user.signingKey", "k")],
    "off": [("commit.gpgSign", "false"), ("gpg.ssh.program", "false"), ("gpg.ssh.defaultKeyCommand", "false")],
}


@pytest.mark.parametrize("own", OWN.values(), ids=OWN)
def test_a_persons_own_signing_does_not_interfere(started: Vault, tmp_path: Path, own: list[tuple[str, str]]) -> None:
    for name, value in own:
        git(started.root, "config", name, value)
    before = git(started.root, "config", "--list")
    vault = signing_vault(started, new_key(tmp_path / "keys"))
    write(vault, Change(ONE, b"a: 2\n"))
    assert vault.signing
    assert signer(vault) == public(vault.signing.key)
    assert git(started.root, "config", "--list") == before


def test_a_vault_without_a_key_signs_nothing_of_its_own(started: Vault) -> None:
    write(started, Change(ONE, b"a: 2\n"))
    assert "gpgsig" not in git(started.root, "cat-file", "commit", "HEAD")
    assert not (started.common_dir / "crm" / "sign").exists()


@pytest.mark.parametrize("broken", ["gone", "passphrase", "cut"])
def test_without_a_usable_key_nothing_is_committed(messy: Vault, tmp_path: Path, broken: str) -> None:
    vault = signing_vault(messy, new_key(tmp_path / "keys"))
    assert vault.signing
    if broken == "gone":
        vault.signing.key.unlink()
    else:
        vault.signing.key.write_text(vault.signing.key.read_text()[: 0 if broken == "passphrase" else 200])
    before, head = everything(vault), git(vault.root, "rev-parse", "HEAD")
    with pytest.raises(Refused) as failed:
        write(vault, Change(ONE, b"a: 2\n"), Change("records/2030/01/new.yaml", b"x: 1\n"))
    assert (failed.value.kind, failed.value.exit) == ("signing", 5)
    assert failed.value.hint
    assert broken != "gone" or str(vault.signing.key) in failed.value.hint
    assert "crm doctor" in failed.value.hint
    assert (everything(vault), git(vault.root, "rev-parse", "HEAD")) == (before, head)
    nothing_left(vault)


def test_a_program_that_cannot_start_is_said_in_gits_words(started: Vault, tmp_path: Path) -> None:
    vault = signing_vault(started, new_key(tmp_path / "keys"), tmp_path / "no-such-program.py")
    with pytest.raises(Exception, match="everything is as before") as failed:
        write(vault, Change(ONE, b"a: 2\n"))
    assert "no-such-program.py" in str(failed.value.hint)
    assert status(vault) == ""


def test_a_git_without_such_signatures_is_called_too_old(
    started: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "error: unsupported value for gpg.format: ssh\\nfatal: unable to parse command-line config\\n"
    fake = put(
        tmp_path, "bin/git", f"#!/bin/sh\ncase \"$*\" in *gpg.format=ssh*) printf '{words}' >&2; exit 128;; esac\n"
    )
    fake.write_text(fake.read_text() + f'exec {shutil.which("git")} "$@"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:/usr/bin:/bin")
    vault = signing_vault(vaults.at(started.root, os.environ), new_key(tmp_path / "keys"))
    with pytest.raises(Failure, match="too old") as failed:
        write(vault, Change(ONE, b"a: 2\n"))
    assert "2.34" in str(failed.value.hint)
    assert status(vault) == ""


def test_the_script_is_private_and_written_once(started: Vault, tmp_path: Path) -> None:
    vault = signing_vault(started, new_key(tmp_path / "keys"))
    script = vault.common_dir / "crm" / "sign"
    write(vault, Change(ONE, b"a: 2\n"))
    first = script.stat()
    assert stat.S_IMODE(first.st_mode) == 0o700
    assert sys.executable in script.read_text()
    write(vault, Change(ONE, b"a: 3\n"))
    assert (script.stat().st_ino, script.stat().st_mtime_ns) == (first.st_ino, first.st_mtime_ns)
    for spoil in (lambda: script.write_text("#!/bin/sh\nexit 0\n"), lambda: script.chmod(0o600), script.unlink):
        spoil()
        write(vault, Change(ONE, script.name.encode() + repr(spoil).encode() + b"\n"))
        assert signer(vault)


def test_no_module_beside_the_program_or_in_the_vault_is_loaded(started: Vault, tmp_path: Path) -> None:
    program = Path(shutil.copy(PROGRAM, tmp_path / "sign.py"))
    for folder in (tmp_path, started.root):
        put(folder, "hashlib.py", "raise SystemExit(3)\n")
    vault = signing_vault(started, new_key(tmp_path / "keys"), program)
    write(vault, Change(ONE, b"a: 2\n"))
    assert signer(vault)


def test_git_leaves_nothing_behind_in_the_temporary_folder(
    started: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    vault = signing_vault(vaults.at(started.root, os.environ), new_key(tmp_path / "keys"))
    write(vault, Change(ONE, b"a: 2\n"))
    assert signer(vault)
    assert not list(folder.iterdir())


def test_a_hook_that_amends_signs_too(started: Vault, tmp_path: Path) -> None:
    once = "[ -e .git/once ] || { touch .git/once; unset GIT_INDEX_FILE; git commit -q --amend -m mine; }"
    hook(started, "post-commit", once)
    vault = signing_vault(started, new_key(tmp_path / "keys"))
    write(vault, Change(ONE, b"a: 2\n"))
    assert git(vault.root, "log", "-1", "--format=%s").strip() == "mine"
    assert vault.signing
    assert signer(vault) == public(vault.signing.key)
