"""An open vault that was sealed once is refused, whatever was deleted; one that never was costs one git call."""

from pathlib import Path

import pytest
from conftest import git
from trust_world import KEYS, SETTINGS, World, new_world, sealed_world

from crmcli.errors import Damaged
from crmcli.store import vault as vaults
from crmcli.store.git import Git
from crmcli.store.homes import Homes
from crmcli.usecases.opened_again import refuse_opened_again
from crmcli.usecases.trust import pin

OPEN = 'id: 4Z8K2M9QXA7PDR1TVW3BNC5GHJ\nformat: "1"\nsealing: "no"\n'


def opened(world: World, homes: Homes | None = None) -> None:
    refuse_opened_again(vaults.at(world.root, dict(world.vault.env)), homes)


def test_keys_in_any_line_of_the_history_tell(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    first = world.commit(None, {SETTINGS: OPEN})
    opened(world)
    side = world.commit(None, {KEYS: "a: 1\n"}, parents=[first])
    opened_by_merge = {KEYS: None, "records/a.yaml": "a: 1\n"}
    world.commit(None, opened_by_merge, parents=[side, first])
    with pytest.raises(Damaged, match="was sealed"):
        opened(world)


def test_what_this_clone_remembers_tells(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    world.commit(None, {SETTINGS: OPEN})
    (world.vault.shared).mkdir(parents=True)
    (world.vault.shared / "trusted").write_text("{}")
    with pytest.raises(Damaged, match="was sealed"):
        opened(world)


def test_a_root_pinned_for_any_vault_tells(tmp_path: Path) -> None:
    world, root = sealed_world(tmp_path)
    other = Homes(tmp_path / "other/config", tmp_path / "other/data")
    git(world.root, "checkout", "-q", "--orphan", "anew")
    world.commit(None, {SETTINGS: OPEN, KEYS: None}, parents=None)
    opened(world, other)
    pin(other, "another", "b" * 40)
    pin(other, "spoilt", "main")
    opened(world, other)
    pin(other, "before", root)
    with pytest.raises(Damaged, match="was sealed"):
        opened(world, other)


def test_an_open_vault_is_asked_about_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = new_world(tmp_path)
    world.commit(None, {SETTINGS: OPEN})
    opened(world)
    asked: list[str] = []
    ask = Git.ask
    monkeypatch.setattr(Git, "ask", lambda self, *args, **more: (asked.append(args[0]), ask(self, *args, **more))[1])
    vault = vaults.at(world.root, dict(world.vault.env))
    asked.clear()
    refuse_opened_again(vault, None)
    assert asked == ["cat-file"]
    world.commit(None, {"records/a.yaml": "a: 1\n"})
    asked.clear()
    refuse_opened_again(vault, None)
    assert asked == ["cat-file", "rev-list"]
