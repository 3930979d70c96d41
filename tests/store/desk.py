"""What tests of the store do over and over: write, look at git's status, plant a hook, look for remains."""

import os
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from conftest import VAULT_YAML, git, put

from crmcli.store import vault as vaults
from crmcli.store.transaction import Change, Message, Stamp, needs_recovery, writing
from crmcli.store.vault import Vault

NOW = Stamp(datetime(2024, 5, 10, 9, 30, tzinfo=UTC), turned=False)
SAID = Message("update C20240510001: tier", (("Crm-Op", "update"), ("Crm-Record", "C20240510001")))


def write(
    vault: Vault, *changes: Change, adopt: bool = False, message: Message = SAID, stamp: Stamp = NOW
) -> str | None:
    with writing(replace(vault, patience=10), "update") as desk:
        return desk.commit(changes, message, stamp, adopt=adopt)


def status(vault: Vault) -> str:
    return git(vault.root, "status", "--porcelain", "-uall")


def touched(vault: Vault, commit: str = "HEAD") -> list[str]:
    return git(vault.root, "show", "--format=", "--name-only", "--no-renames", commit).split()


def nothing_left(vault: Vault) -> None:
    assert not needs_recovery(vault)
    assert not (vault.state / "kept").exists()
    assert not list(vault.root.rglob("*.tmp"))
    assert not list(vault.git_dir.rglob("*.lock"))
    assert not list(vault.state.glob("commit-index*"))


def everything(vault: Vault) -> tuple[str, str, str]:
    return status(vault), git(vault.root, "diff", "--cached"), git(vault.root, "diff")


def unborn(folder: Path) -> Vault:
    folder.mkdir()
    git(folder, "init", "-q")
    put(folder, "schemas/vault.yaml", VAULT_YAML)
    return vaults.at(folder, os.environ)


def hook(vault: Vault, name: str, script: str) -> None:
    path = vault.common_dir / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'#!/bin/sh\ncd "{vault.root}"\n{script}\n')
    path.chmod(0o755)


def wait_for(path: Path) -> None:
    end = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.02)
