"""A person's own files lie where their system keeps such, and a home that is missing stops only who needs it."""

import os
import sys
from pathlib import Path

import pytest

from crmcli.cli import boundary
from crmcli.errors import Failure
from crmcli.store import homes as places
from crmcli.store.homes import Homes, homes
from crmcli.store.private import read_private, write_private


def test_xdg_folders_win(home: Path) -> None:
    assert homes() == Homes(home / "config/crmcli", home / "data/crmcli")


@pytest.mark.skipif(sys.platform == "darwin", reason="other folders there")
@pytest.mark.parametrize("unset", [None, "", "relative/folder"])
def test_else_the_usual_folders_below_home(home: Path, monkeypatch: pytest.MonkeyPatch, unset: str | None) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name) if unset is None else monkeypatch.setenv(name, unset)
    assert homes() == Homes(home / ".config/crmcli", home / ".local/share/crmcli")


def test_nothing_is_made_by_asking(home: Path) -> None:
    before = sorted(home.iterdir())
    homes()
    assert sorted(home.iterdir()) == before


def without_home(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)

    def nobody(_uid: int) -> None:
        raise KeyError("no such account")

    monkeypatch.setattr("pwd.getpwuid", nobody)


def test_an_account_without_a_home_has_nothing_and_can_keep_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    without_home(monkeypatch)
    nowhere = homes()
    assert read_private(nowhere.config / "identity.age") is None
    with pytest.raises(Failure) as failed:
        write_private(nowhere.config / "identity.age", b"x")
    assert failed.value.kind == "disk"
    assert "XDG_CONFIG_HOME" in str(failed.value.hint)


@pytest.mark.parametrize("home_is", ["missing", "a file", "nothing"])
def test_an_open_vault_needs_no_home(home_is: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = str(tmp_path / "vault")
    assert boundary.main(["init", vault, "--unsealed"]) == 0
    without_home(monkeypatch)
    if home_is != "nothing":
        monkeypatch.setenv("HOME", "/nonexistent/home" if home_is == "missing" else os.devnull)
    assert boundary.main(["list", "--vault", vault]) == 0


def test_a_library_that_names_a_relative_folder_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setattr(places, "user_data_path", lambda *_args, **_kwargs: Path("~/.local/share/crmcli"))
    assert homes().data.is_absolute()
