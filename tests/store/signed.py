"""What tests of signed commits need: a vault that signs with a key of its own, and git as the judge."""

import base64
from dataclasses import replace
from pathlib import Path

from conftest import git

from crmcli.sealing import sshsig
from crmcli.store.signing import Signing
from crmcli.store.vault import Vault

PROGRAM = Path(sshsig.__file__)


def new_key(folder: Path) -> Path:
    """A private key file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "signing.key"
    file.write_text(sshsig.new_key())
    file.chmod(0o600)
    return file


def signing_vault(vault: Vault, key: Path, program: Path = PROGRAM) -> Vault:
    """The vault, whose commits are signed with this key."""
    return replace(vault, signing=Signing(key, program))


def public(key: Path) -> bytes:
    """The 32 bytes of the public half."""
    return sshsig.public_key(key.read_text())


def let_git_judge(vault: Vault, *keys: Path) -> None:
    """From here on `git verify-commit` knows these keys, and no others."""
    start = b"\0\0\0\x0bssh-ed25519\0\0\0\x20"
    lines = [f"* ssh-ed25519 {base64.b64encode(start + public(key)).decode()}\n" for key in keys]
    allowed = vault.common_dir / "allowed"
    allowed.write_text("".join(lines))
    git(vault.root, "config", "gpg.ssh.allowedSignersFile", str(allowed))
