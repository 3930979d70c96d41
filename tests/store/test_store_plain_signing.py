"""What people commit with plain git in a sealed vault is signed as crm's own commits are, unless they chose otherwise."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ONE, git, put
from signed import let_git_judge, new_key, public, signing_vault
from test_store_signing import STRANGE, openssh, signer

from crmcli.store import plain_signing
from crmcli.store import vault as vaults
from crmcli.store.git import Git
from crmcli.store.plain_signing import chosen_otherwise, put_in_place, signing_state
from crmcli.store.vault import Vault


@pytest.fixture
def ready(started: Vault, tmp_path: Path) -> Vault:
    """A vault with a key, in which git has been told to sign."""
    made = signing_vault(started, new_key(tmp_path / "crmcli"))
    assert put_in_place(made)
    return made


def script(vault: Vault) -> Path:
    return vault.common_dir / "crm" / "sign"


def key(vault: Vault) -> bytes:
    assert vault.signing
    return public(vault.signing.key)


def by_hand(vault: Vault, folder: Path | None = None) -> None:
    git(folder or vault.root, "commit", "-q", "--allow-empty", "-m", "by hand")


def refused(vault: Vault) -> str:
    """That git commits nothing, in its words."""
    head = git(vault.root, "rev-parse", "HEAD")
    with pytest.raises(AssertionError) as failed:
        by_hand(vault)
    assert git(vault.root, "rev-parse", "HEAD") == head
    return str(failed.value)


@openssh
def test_git_signs_and_verifies_by_itself(ready: Vault, tmp_path: Path) -> None:
    by_hand(ready)
    assert signer(ready) == key(ready)
    assert ready.signing
    let_git_judge(ready, ready.signing.key)
    git(ready.root, "verify-commit", "HEAD")
    assert 'Good "git" signature' in git(ready.root, "log", "-1", "--show-signature")
    git(ready.root, "tag", "-s", "-m", "x", "x")
    git(ready.root, "verify-tag", "x")
    let_git_judge(ready, new_key(tmp_path / "others"))
    with pytest.raises(AssertionError):
        git(ready.root, "verify-commit", "HEAD")


def test_whatever_else_git_asks_goes_to_ssh_keygen(ready: Vault, tmp_path: Path) -> None:
    told = put(tmp_path, "bin/ssh-keygen", '#!/bin/sh\nprintf "%s|" "$@"\n')
    told.chmod(0o755)
    asked = ["-Y", "verify", "-n", "git", "a b", "*"]
    said = subprocess.run(
        [script(ready), *asked],
        env={"PATH": f"{told.parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == "-Y|verify|-n|git|a b|*|"


def test_no_path_is_too_strange_for_git(started: Vault, tmp_path: Path) -> None:
    place = tmp_path / STRANGE
    own = new_key(place / "crmcli")
    vault = signing_vault(vaults.at(started.root.rename(place / "vault"), os.environ), own)
    assert put_in_place(vault)
    assert signing_state(vault) == "ours"
    assert not put_in_place(vault)
    by_hand(vault)
    assert signer(vault) == public(own)


def test_what_a_person_configured_for_all_repositories_does_not_count(ready: Vault) -> None:
    for name, value in {"commit.gpgSign": "true", "gpg.format": "openpgp", "user.signingKey": "ABCDEF"}.items():
        git(ready.root, "config", "--global", name, value)
    assert signing_state(ready) == "ours"
    by_hand(ready)
    assert signer(ready) == key(ready)
    assert git(ready.root, "log", "-1", "--format=%an <%ae>").strip() == "Synthetic Tester <tester@example.invalid>"


OWN = [("commit.gpgSign", "false"), ("gpg.format", "openpgp"), ("gpg.ssh.program", "false"), ("user.signingKey", "k")]


@pytest.mark.parametrize(("name", "value"), OWN)
def test_what_a_person_chose_for_this_repository_stays(started: Vault, tmp_path: Path, name: str, value: str) -> None:
    vault = signing_vault(started, new_key(tmp_path / "crmcli"))
    git(vault.root, "config", name, value)
    before = git(vault.root, "config", "--local", "--list")
    assert not put_in_place(vault)
    assert git(vault.root, "config", "--local", "--list") == before
    assert signing_state(vault) == "other"
    (one,) = chosen_otherwise(vault)
    assert (one.name, one.scope) == (name, "local")
    git(vault.root, "config", one.name, one.value)
    assert put_in_place(vault)
    by_hand(vault)
    assert signer(vault) == key(vault)


@pytest.mark.parametrize("line", ["gpgsign", "gpgSign = yes", "GPGSIGN = on"])
def test_a_yes_in_other_words_is_a_yes(ready: Vault, line: str) -> None:
    git(ready.root, "config", "--unset", "commit.gpgSign")
    assert signing_state(ready) == "missing"
    with (ready.common_dir / "config").open("a") as config:
        config.write(f"[commit]\n\t{line}\n")
    assert signing_state(ready) == "ours"
    assert not put_in_place(ready)


def test_where_all_is_in_place_git_is_not_even_asked(ready: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Git, "run", None)
    assert not put_in_place(ready)


def test_a_vault_without_a_key_is_let_be(started: Vault) -> None:
    before = git(started.root, "config", "--list")
    assert not put_in_place(started)
    assert git(started.root, "config", "--list") == before


def test_a_clone_that_was_moved_signs_again(ready: Vault, tmp_path: Path) -> None:
    moved = vaults.at(ready.root.rename(tmp_path / "moved"), os.environ)
    assert ready.signing
    moved = signing_vault(moved, ready.signing.key)
    assert "crm/sign" in refused(moved)
    assert signing_state(moved) == "missing"
    assert put_in_place(moved)
    by_hand(moved)
    assert signer(moved) == key(moved)


def test_keys_that_were_moved_are_found_again(ready: Vault, tmp_path: Path) -> None:
    assert ready.signing
    place = tmp_path / "elsewhere" / "crmcli"
    place.mkdir(parents=True)
    moved = signing_vault(ready, ready.signing.key.rename(place / "signing.key"))
    assert f"crm cannot sign: {ready.signing.key}: No such file" in refused(ready)
    assert put_in_place(moved)
    by_hand(moved)
    assert signer(moved) == key(moved)


@pytest.mark.parametrize("how", ["gone", "for nobody", "other"])
def test_a_script_that_is_not_as_it_was_is_mended(ready: Vault, how: str) -> None:
    if how == "gone":
        script(ready).unlink()
    elif how == "for nobody":
        script(ready).chmod(0o600)
    else:
        script(ready).write_text("#!/bin/sh\nexit 1\n")
    assert signing_state(ready) == "missing"
    assert how == "other" or str(script(ready)) in refused(ready)
    assert put_in_place(ready)
    by_hand(ready)
    assert signer(ready) == key(ready)


def test_a_program_that_is_gone_is_named(ready: Vault, tmp_path: Path) -> None:
    assert ready.signing
    program = Path(shutil.copy(ready.signing.program, tmp_path / "sshsig.py"))
    other = signing_vault(ready, ready.signing.key, program)
    assert put_in_place(other)
    program.unlink()
    assert f"crm cannot sign: {program} is gone; any crm command in the vault mends that." in refused(ready)
    assert put_in_place(ready)
    by_hand(ready)


def test_every_work_tree_signs(ready: Vault, tmp_path: Path) -> None:
    git(ready.root, "worktree", "add", "-q", str(tmp_path / "beside"))
    assert ready.signing
    beside = signing_vault(vaults.at(tmp_path / "beside", os.environ), ready.signing.key)
    assert not put_in_place(beside)
    by_hand(beside)
    assert signer(beside) == key(ready)
    put_in_place(beside)
    git(ready.root, "worktree", "remove", str(tmp_path / "beside"))
    by_hand(ready)
    git(ready.root, "worktree", "add", "-q", "-f", str(tmp_path / "beside"), "HEAD")
    git(ready.root, "config", "extensions.worktreeConfig", "true")
    git(tmp_path / "beside", "config", "--worktree", "commit.gpgSign", "false")
    (one,) = chosen_otherwise(beside)
    assert (one.name, one.scope) == ("commit.gpgSign", "worktree")
    assert signing_state(ready) == "ours"


def test_a_git_too_old_is_told_nothing_it_would_choke_on(
    started: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = signing_vault(started, new_key(tmp_path / "crmcli"))
    monkeypatch.setattr(Git, "version", lambda _git: (2, 33))
    assert not put_in_place(vault)
    assert "gpg" not in git(vault.root, "config", "--local", "--list")


def test_a_clone_that_cannot_be_written_to_is_no_error(
    started: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = signing_vault(started, new_key(tmp_path / "crmcli"))
    (vault.common_dir / "config.lock").touch()
    assert not put_in_place(vault)
    (vault.common_dir / "config.lock").unlink()

    def full(*_words: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(plain_signing, "put_script", full)
    assert not put_in_place(vault)
    put(vault.root, ONE, "a: 2\n")
    git(vault.root, "commit", "-q", "-a", "-m", "as before")
    assert signer(vault) is None
