"""A remembered walk finds what a fresh one finds, whatever happened to the history or to the memory meanwhile."""

from pathlib import Path

import pytest
from conftest import ONE, TWO, git, make_vault, put
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.store.vault import Vault
from crmcli.store.walks import KEPT, walked

WORD = "--grep=Crm-Op: export"
STEPS = st.sampled_from(["one", "two", "event", "branch", "back", "merge"])


def tip(vault: Vault) -> str:
    return git(vault.root, "rev-parse", "HEAD").strip()


def step(vault: Vault, kind: str, turn: int) -> None:
    root = vault.root
    if kind in ("one", "two"):
        put(root, ONE if kind == "one" else TWO, f"turn: {turn}\n")
        git(root, "add", "-A")
        git(root, "commit", "-q", "-m", f"turn {turn}")
    elif kind == "event":
        git(root, "commit", "-q", "--allow-empty", "-m", f"turn {turn}\n\nCrm-Op: export")
    elif kind == "branch":
        git(root, "branch", "-f", "other")
    elif kind == "back":
        git(root, "reset", "-q", "--hard", "HEAD~1" if turn % 2 else "other", check=False)
    else:
        git(root, "merge", "-q", "-s", "ours", "-m", f"turn {turn}", "other")


def fresh(vault: Vault, *options: str, paths: tuple[str, ...] = ()) -> set[str]:
    return set(git(vault.root, "rev-list", "--full-history", *options, "HEAD", "--", *paths).split())


@settings(max_examples=6, deadline=None)
@given(kinds=st.lists(STEPS, min_size=1, max_size=10))
def test_after_any_steps_it_finds_what_a_fresh_walk_finds(
    kinds: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    vault = make_vault(tmp_path_factory.mktemp("walks") / "vault")
    git(vault.root, "branch", "other")
    for turn in range(2):
        step(vault, "one", -turn)
    for turn, kind in enumerate(kinds):
        step(vault, kind, turn)
        assert set(walked(vault, tip(vault), WORD)) == fresh(vault, WORD)
        assert set(walked(vault, tip(vault), paths=[ONE])) == fresh(vault, paths=(ONE,))


def test_newest_first_and_no_walk_for_a_known_tip(started: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    for turn in range(3):
        step(started, "event", turn)
    first = walked(started, tip(started), WORD)
    step(started, "event", 4)
    assert walked(started, tip(started), WORD) == [tip(started), *first]
    now = tip(started)
    monkeypatch.setattr(Vault, "git", lambda self: NoGit())
    assert walked(started, now, WORD) == [now, *first]


class NoGit:
    """Whoever asks it for anything has failed."""


@pytest.mark.parametrize("junk", [b"", b"{", b"[]", b'{"x": 1}', b'{"x": []}', b'{"x": ["--output=y"]}', b"\xff"])
def test_a_memory_of_no_use_only_costs_time(started: Vault, junk: bytes) -> None:
    step(started, "event", 1)
    walked(started, tip(started), WORD)
    memory: Path = started.shared / "walks"
    memory.write_bytes(junk)
    assert walked(started, tip(started), WORD) == [tip(started)]


def test_the_memory_does_not_grow_for_ever(started: Vault) -> None:
    sizes = set()
    for turn in range(KEPT + 5):
        walked(started, tip(started), paths=[f"records/{turn:03d}"])
        sizes.add((started.shared / "walks").stat().st_size)
    assert len(sizes) == KEPT
