"""Blame asks git a few times, however long the history, and reads no further back than it must."""

import os
import shutil
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from conftest import ONE, git, put

from crmcli.store.git import Git
from crmcli.store.vault import Vault
from crmcli.usecases import blame as module
from crmcli.usecases.blame import blame
from crmcli.usecases.workplace import Workplace, open_workplace

RULES = Path(__file__).parents[2] / "schemas"
NOW = datetime.fromisoformat("2024-06-01T09:30+08:00")
NUMBER = "C20240510001"
FILE = f"id: {NUMBER}\nuid: 4Z8K2M9QXA7PDR1TVW3BNC5GHJ\nkind: individual\nname: 王芳\n"


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """How often git was started, and how many versions were read."""
    seen = {"git": 0, "versions": 0}
    ask, tree = Git.ask, module._tree

    def asked(*args: object, **more: object) -> object:
        seen["git"] += 1
        return ask(*args, **more)  # type: ignore[arg-type]

    def read(*args: object) -> object:
        seen["versions"] += 1
        return tree(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(Git, "ask", asked)
    monkeypatch.setattr(module, "_tree", read)
    return seen


def work(vault: Vault, folder: str = ".") -> Workplace:
    shutil.copytree(RULES, vault.root / folder / "schemas", dirs_exist_ok=True)
    return open_workplace(vault.root / folder, dict(os.environ), NOW, turned=True)


def versions(vault: Vault, texts: list[str]) -> None:
    """One commit a text, made at once."""
    stream = "".join(
        f"commit refs/heads/main\ncommitter T <t@example.invalid> {1715300000 + at} +0800\n"
        f"data 1\n{at % 10}\n{'from refs/heads/main^0' + chr(10) if at == 0 else ''}"
        f"M 100644 inline {ONE}\ndata {len(text.encode())}\n{text}\n"
        for at, text in enumerate(texts)
    )
    Git(vault.root, dict(os.environ)).run("fast-import", "--quiet", stdin=stream.encode())
    git(vault.root, "reset", "-q", "--hard", "main")


def test_two_hundred_versions_take_few_calls_and_little_time(vault: Vault, counted: dict[str, int]) -> None:
    versions(vault, [f"{FILE}owner: a.{at}\n" for at in range(200)])
    place = work(vault)
    counted["git"] = 0
    start = time.perf_counter()
    found = {one.field: one.commit for one in blame(place, NUMBER)}
    assert time.perf_counter() - start < 2
    assert counted["git"] <= 6
    hashes = git(vault.root, "log", "--format=%H", "--", ONE).split()
    assert found["owner"] is not None
    assert found["name"] is not None
    assert (found["owner"].hash, found["name"].hash) == (hashes[0], hashes[-1])
    assert len(hashes) == 200


def test_versions_older_than_every_value_are_not_read(vault: Vault, counted: dict[str, int]) -> None:
    versions(vault, [*(f"{FILE}owner: a.{at}\n" for at in range(50)), f"{FILE}owner: b\n".replace("王芳", "王 芳")])
    git(vault.root, "rm", "-q", ONE)
    git(vault.root, "commit", "-q", "-m", "gone")
    put(vault.root, ONE, f"{FILE}owner: c\n")
    git(vault.root, "add", "-A")
    git(vault.root, "commit", "-q", "-m", "back")
    assert {one.commit.subject for one in blame(work(vault), NUMBER) if one.commit} == {"back"}
    assert counted["versions"] <= 3


def test_a_vault_below_the_top_and_a_customer_never_committed(vault: Vault) -> None:
    put(vault.root, f"sub/{ONE}", FILE)
    below = work(vault, "sub")
    assert {one.commit for one in blame(below, NUMBER)} == {None}
    git(vault.root, "add", "-A")
    git(vault.root, "commit", "-q", "-m", "below")
    assert {one.commit.subject for one in blame(below, NUMBER) if one.commit} == {"below"}
