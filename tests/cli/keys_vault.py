"""A sealed vault with two customers, and machines that their keys travel between.

A test module asks for it with `pytest_plugins = ["conventions", "keys_vault"]` and uses the fixtures `sealed`, `machines`
and `kit`.
"""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest
import quick_age
from conftest import git
from conventions import Crm

ADD = "add --kind individual --name {} --phone {} --region 北京/朝阳 --source store --format ids"
WORDS = "correct horse 电池"
SLOWLY = pyrage.passphrase.encrypt
FIRST, SECOND = "C20240510001", "C20240510002"


class Machines:
    """One person's machines, or several people's: where they work from and who they are."""

    def __init__(self, place: Path, patch: pytest.MonkeyPatch) -> None:
        self.place, self.patch = place, patch

    def go(self, name: str) -> Path:
        """From now on commands run on this machine; its home."""
        home = self.place / name
        self.patch.setenv("XDG_CONFIG_HOME", str(home / "config"))
        self.patch.setenv("XDG_DATA_HOME", str(home / "data"))
        for role in ("AUTHOR", "COMMITTER"):
            self.patch.setenv(f"GIT_{role}_NAME", name)
            self.patch.setenv(f"GIT_{role}_EMAIL", f"{name}@example.invalid")
        return home


@pytest.fixture
def quick() -> Iterator[None]:
    """A passphrase takes a second on purpose; not here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pyrage.passphrase, "encrypt", quick_age.encrypt)
        yield


@pytest.fixture
def machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machines:
    return Machines(tmp_path / "machines", monkeypatch)


@pytest.fixture
def sealed(crm: Crm, machines: Machines, quick: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Crm:
    """A sealed vault with two customers, made by wang.fang."""
    machines.go("wang.fang")
    folder = tmp_path / "sealed"
    assert crm("init", str(folder), "--quiet").exit == 0
    monkeypatch.chdir(folder)
    for name, phone in (("何静", "13600136000"), ("赵敏", "13600136001")):
        assert crm(*shlex.split(ADD.format(name, phone))).exit == 0
    return type(crm)(folder, crm._run)


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    return tmp_path / "stick" / "kit.age"


def clone(sealed: Crm, folder: Path, patch: pytest.MonkeyPatch) -> Crm:
    git(sealed.folder, "clone", "-q", ".", str(folder))
    patch.chdir(folder)
    return type(sealed)(folder, sealed._run)


def own(crm: Crm) -> dict[str, str]:
    ended = crm("keys", "--format", "json")
    assert ended.exit == 0, ended
    found: dict[str, str] = json.loads(ended.out)["data"]
    return found


def exported(sealed: Crm, kit: Path, *words: str) -> str:
    kit.parent.mkdir(exist_ok=True)
    ended = sealed("keys", "export", str(kit), *words, stdin=f"{WORDS}\n".encode())
    assert ended.exit == 0, ended
    return ended.out


def imported(crm: Crm, kit: Path, *words: str) -> dict[str, str]:
    ended = crm("--format", "json", "keys", "import", str(kit), *words, stdin=f"{WORDS}\n".encode())
    assert ended.exit == 0, ended
    found: dict[str, str] = json.loads(ended.out)["data"]
    return found


def phones(crm: Crm) -> str:
    return crm("show", FIRST, "--format", "json").out
