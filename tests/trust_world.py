"""A repository whose commits are signed by several people, written object by object: what an honest program would make,
and what somebody with a text editor and git makes of it."""

import os
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conftest import VAULT_ID, git, put

from crmcli.sealing import sshsig
from crmcli.sealing.identity import Identity, new_identity
from crmcli.store import vault as vaults
from crmcli.store.homes import Homes
from crmcli.store.vault import Vault
from crmcli.usecases.trust import Trusted, trusted

ACCESS, KEYS, SETTINGS = "schemas/access.yaml", "schemas/keys.yaml", "schemas/vault.yaml"
ROLES = {"zhao.min": "admin", "li.na": "sales", "wang.fang": "manager", "chen.jie": "admin", "sun.yu": "legal"}
TEAM = ("zhao.min", "li.na", "wang.fang")
PRINT = "0123456789abcdef0123456789abcdef"


@cache
def identity(name: str) -> Identity:
    """The identity of one person, the same for a whole run."""
    return new_identity()


def access(serial: int, names: Sequence[str] = TEAM, roles: Mapping[str, str] = ROLES, masters: bool = True) -> str:
    """An access file that lists these people with a device each."""
    lines = [f'serial: "{serial}"', "people:"]
    for name in names:
        who = identity(name)
        signer = urlsafe_b64encode(who.signer).decode().rstrip("=")
        lines += [f"  {name}:", f"    email: {name}@example.invalid", "    roles:", f"      - {roles[name]}"]
        lines += ["    devices:", f"      {who.device}:"]
        lines += [f"        recipient: {who.recipient}", f"        signer: {signer}"]
    if masters:
        lines += ["masters:", "  internal:", f'    "1": {PRINT}']
    return "\n".join([*lines, ""])


def keys(word: str = "QUJD") -> str:
    """A key file; nothing here unwraps it."""
    return f'format: "1"\nwrapped:\n  internal:\n    "1":\n      zhao.min: {word}\n'


@dataclass(frozen=True)
class World:
    """The repository, and the folders of the person at the machine."""

    vault: Vault
    homes: Homes

    @property
    def root(self) -> Path:
        return self.vault.root

    def commit(
        self,
        by: str | None,
        files: Mapping[str, str | None],
        *,
        parents: Sequence[str] | None = None,
        author: str | None = None,
        message: str = "change\n",
        spoil: bool = False,
        at: int = 1_800_000_000,
    ) -> str:
        """A commit on HEAD (or on `parents`) that puts these texts, signed by somebody or nobody; HEAD moves there.
        `spoil`: the message is changed after signing."""
        if parents is None:
            head = git(self.root, "rev-parse", "-q", "--verify", "HEAD", check=False).strip()
            parents = [head] if head else []
        elif parents:
            git(self.root, "checkout", "-q", "-f", "--detach", parents[0])
        else:
            git(self.root, "checkout", "-q", "--orphan", f"line{at}")
        self.put(files)
        git(self.root, "add", "-A")
        who = f"{author or by or 'nobody'} <{author or by or 'nobody'}@example.invalid> {at} +0800"
        head = [f"tree {git(self.root, 'write-tree').strip()}", *(f"parent {one}" for one in parents)]
        head += [f"author {who}", f"committer {who}"]
        made = self.write(self.signed(head, message, by, spoil))
        git(self.root, "update-ref", "--no-deref", "HEAD", made)
        return made

    def put(self, files: Mapping[str, str | None]) -> None:
        """Write texts into the work tree, or delete files."""
        for path, text in files.items():
            if text is None:
                (self.root / path).unlink()
            else:
                put(self.root, path, text)

    def signed(self, head: list[str], message: str, by: str | None, spoil: bool = False) -> bytes:
        """The bytes of a commit."""
        if by is None:
            return "\n".join([*head, "", message]).encode()
        armored = sshsig.sign(identity(by).signing, "\n".join([*head, "", message]).encode())
        name = "gpgsig" if self.vault.algorithm == "sha1" else "gpgsig-sha256"
        header = f"{name} " + armored.strip().replace("\n", "\n ")
        return "\n".join([*head, header, "", f"{message}more\n" if spoil else message]).encode()

    def write(self, commit: bytes) -> str:
        """Put a commit's bytes into git as they are."""
        done = subprocess.run(
            ["git", "hash-object", "-t", "commit", "-w", "--stdin"],
            cwd=self.root,
            input=commit,
            capture_output=True,
            check=True,
        )
        return done.stdout.decode().strip()

    def tip(self, commit: str) -> None:
        """Stand on a commit."""
        git(self.root, "checkout", "-q", "-f", "--detach", commit)

    def trusted(self) -> Trusted:
        """What a command trusts here."""
        return trusted(self.vault, self.homes)

    def forget(self) -> None:
        """As if this clone had never seen anything."""
        (self.vault.shared / "trusted").unlink(missing_ok=True)


def new_world(folder: Path, *init: str, prefix: str = "") -> World:
    """An empty repository with the settings of a sealed vault in its work tree; nothing committed."""
    top = folder / "repository"
    top.mkdir()
    git(top, "init", "-q", "--template=", *init)
    put(top / prefix, SETTINGS, f'id: {VAULT_ID}\nformat: "1"\nsealing: "yes"\n')
    vault = vaults.at(top / prefix, dict(os.environ))
    return World(vault, Homes(folder / "config" / "crmcli", folder / "data" / "crmcli"))


def sealed_world(folder: Path, *init: str, prefix: str = "") -> tuple[World, str]:
    """The same with its root: an admin signed the first access file."""
    world = new_world(folder, *init, prefix=prefix)
    return world, world.commit("zhao.min", {ACCESS: access(1), KEYS: keys()})
