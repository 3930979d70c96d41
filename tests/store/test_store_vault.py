"""A vault is found from anywhere inside it, and what is no vault is named for what it lacks."""

import os
from pathlib import Path

import pytest
from conftest import VAULT_ID, VAULT_YAML, git, make_vault, put

from crmcli.errors import CrmError, Damaged, Failure, NotFound
from crmcli.store import vault as vaults
from crmcli.store.git import Git, GitError
from crmcli.store.vault import Vault


def test_the_nearest_vault_upwards_is_found(vault: Vault) -> None:
    deep = vault.root / "records/2024/05"
    deep.mkdir(parents=True)
    found = vaults.find(deep, os.environ)
    assert (found.root, found.id, found.prefix) == (vault.root, VAULT_ID, "")
    assert found.git_dir == found.common_dir == vault.root / ".git"
    assert found.state == found.shared == vault.root / ".git/crm" / VAULT_ID
    assert found.settings["id"] == VAULT_ID


def test_a_vault_inside_another_is_found_first(vault: Vault) -> None:
    put(vault.root, "inner/schemas/vault.yaml", "id: INNER\n")
    assert vaults.find(vault.root / "inner/schemas", os.environ).prefix == "inner/"


def test_no_vault_says_how_to_make_one(tmp_path: Path) -> None:
    for look in (vaults.find, vaults.at):
        with pytest.raises(NotFound) as failed:
            look(tmp_path, os.environ)
        assert failed.value.exit == 3
        assert "crm init" in str(failed.value.hint)


def test_a_vault_without_a_repository_says_so(tmp_path: Path) -> None:
    put(tmp_path, "schemas/vault.yaml", VAULT_YAML)
    with pytest.raises(NotFound) as failed:
        vaults.at(tmp_path, {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)})
    assert failed.value.kind == "no-repository"


@pytest.mark.parametrize("name", ["../../x", "a/b", ".", "..", "", "-x", "x" * 65, "a b"])
def test_an_id_that_could_lead_elsewhere_is_refused(vault: Vault, name: str) -> None:
    put(vault.root, "schemas/vault.yaml", f'id: "{name}"\n')
    with pytest.raises(Damaged) as failed:
        vaults.at(vault.root, os.environ)
    assert failed.value.where
    assert (failed.value.where.path, failed.value.where.field) == ("schemas/vault.yaml", "id")


def test_settings_behind_a_link_are_refused(vault: Vault, tmp_path: Path) -> None:
    (vault.root / "schemas/vault.yaml").rename(tmp_path / "vault.yaml")
    (vault.root / "schemas/vault.yaml").symlink_to(tmp_path / "vault.yaml")
    with pytest.raises(CrmError) as failed:
        vaults.at(vault.root, os.environ)
    assert failed.value.exit == 2


def test_a_new_vault_gets_a_repository_or_uses_the_one_around_it(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "fresh").mkdir()
    fresh = vaults.create(tmp_path / "fresh", {"id": "X"}, os.environ)
    assert fresh.git_dir == tmp_path / "fresh/.git"
    assert fresh.git().head() is None
    (vault.root / "inner").mkdir()
    assert vaults.create(vault.root / "inner", {"id": "X"}, os.environ).git_dir == vault.git_dir


def test_hand_edits_are_listed_new_changed_staged_and_deleted(vault: Vault) -> None:
    root = make_vault(vault.root / "sub 文").root
    inner = vaults.at(root, os.environ)
    for name in ("changed", "staged", "deleted", "same"):
        put(root, f"records/{name}", name)
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "x")
    put(root, "records/changed", "now")
    put(root, "records/staged", "now")
    git(root, "add", "records/staged")
    (root / "records/deleted").unlink()
    put(root, "records/新/new", "x")
    put(root, "elsewhere", "x")
    assert inner.changed_by_hand(["records", "schemas"]) == [
        f"records/{name}" for name in ("changed", "deleted", "staged", "新/new")
    ]


def test_bytes_as_they_stood_in_a_commit(vault: Vault) -> None:
    assert vault.git().blob_at("HEAD", "schemas/vault.yaml") == VAULT_YAML.encode()
    assert vault.git().blob_at("HEAD", "none") is None


def test_no_git_is_said_in_a_word(vault: Vault, tmp_path: Path) -> None:
    with pytest.raises(Failure) as failed:
        Git(vault.root, {"PATH": str(tmp_path)}).head()
    assert failed.value.exit == 1
    assert "git 2.30" in str(failed.value.hint)


def test_an_old_git_is_said_in_a_word(vault: Vault, tmp_path: Path) -> None:
    old = put(tmp_path, "bin/git", '#!/bin/sh\ncase "$*" in *version) echo git version 2.17.1;; *) exit 129;; esac\n')
    old.chmod(0o755)
    with pytest.raises(Failure) as failed:
        Git(vault.root, {"PATH": f"{old.parent}:{os.environ['PATH']}"}).head()
    assert "too old" in failed.value.message


def test_an_error_of_git_names_the_command_without_its_arguments(vault: Vault) -> None:
    with pytest.raises(GitError) as failed:
        vault.git().run("-c", "a.b=c", "rev-parse", "--verify", "no-such-secret")
    assert failed.value.command == "rev-parse"
    assert "secret" not in failed.value.command
    assert "fatal" in failed.value.stderr
