"""Where `crm init` makes no vault, and where keys may not lie: each refusal leaves everything as it was."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import git

if TYPE_CHECKING:
    from conventions import Crm

pytest_plugins = ["conventions"]


def refused(crm: Crm, kind: str, exit: int, *words: str) -> str:
    told = crm("--format", "json", *words)
    error = json.loads(told.out)["error"]
    assert (told.exit, error["kind"], bool(error["hint"])) == (exit, kind, True), told
    return str(error["message"])


@pytest.mark.parametrize("options", [(), ("--unsealed",)])
def test_no_vault_lies_within_another_one(crm: Crm, options: tuple[str, ...]) -> None:
    before = crm.git("status", "--porcelain", "-uall")
    assert str(crm.folder) in refused(crm, "nested", 4, "init", "below", *options)
    assert refused(crm, "nested", 4, "init", "records/2024", *options, "--dry-run")
    assert (crm.folder / "below").exists() is False
    assert crm.git("status", "--porcelain", "-uall") == before


def test_no_vault_is_made_around_another_one(crm: Crm, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "shared")
    assert crm("init", str(tmp_path / "shared/north"), "--unsealed").exit == 0
    refused(crm, "nested", 4, "init", str(tmp_path / "shared"), "--unsealed")


def test_vaults_of_one_kind_share_a_repository(crm: Crm, tmp_path: Path) -> None:
    for options, other in (((), ("--unsealed",)), (("--unsealed",), ())):
        top = tmp_path / f"shared{len(options)}"
        git(tmp_path, "init", "-q", top.name)
        assert crm("init", str(top / "north"), *options).exit == 0
        refused(crm, "mixed", 4, "init", str(top / "south"), *other)
        assert crm("init", str(top / "south"), *options).exit == 0
        assert crm("list", "--vault", str(top / "north")).exit == 0


@pytest.fixture
def homes_inside(crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which everything of a person's would lie, their keys, too."""
    folder = tmp_path / "mine"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / ".config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / ".data"))
    return folder


def test_a_sealed_vault_is_not_made_around_its_keys(crm: Crm, homes_inside: Path) -> None:
    assert ".config" in refused(crm, "inside", 5, "init", str(homes_inside))
    assert not homes_inside.exists()
    git(homes_inside.parent, "init", "-q", "mine")
    refused(crm, "inside", 5, "init", str(homes_inside / "vault"))
    assert [path.name for path in homes_inside.iterdir()] == [".git"]
    assert crm("init", str(homes_inside), "--unsealed").exit == 0


@pytest.mark.parametrize("name", ["XDG_CONFIG_HOME", "XDG_DATA_HOME"])
def test_keys_in_the_repository_are_never_used(
    crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path, name: str
) -> None:
    folder = tmp_path / "sealed"
    assert crm("init", str(folder)).exit == 0
    kit = str(tmp_path / "kit.age")
    assert crm("keys", "export", kit, "--vault", str(folder), stdin="一串相当长的口令，够长了\n".encode()).exit == 0
    for inside in (folder / ".home", folder / ".git/home"):
        shutil.copytree(home, inside)
        monkeypatch.setenv(name, str(inside / ("config" if "CONFIG" in name else "data")))
        for words in (("list",), ("keys", "import", kit)):
            refused(crm, "inside", 5, *words, "--vault", str(folder))
        told = json.loads(crm("doctor", "--vault", str(folder), "--format", "json").out)["data"]
        rows = [row for row in told if row.get("check", row.get("name")) == "homes"]
        assert [row["state"] for row in rows] == ["problem"], told


def test_an_open_vault_does_not_become_a_sealed_one_around_its_keys(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(crm.folder / ".data"))
    head = crm.git("rev-parse", "HEAD")
    refused(crm, "inside", 5, "seal", "--yes")
    assert crm.git("rev-parse", "HEAD") == head
