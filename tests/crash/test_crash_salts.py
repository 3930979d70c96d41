"""kill -9 anywhere in the salts file: what was there stays, what was being destroyed is destroyed by the same call again."""

import itertools
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from killer import kill_points

from crmcli.model.identity import symbols
from crmcli.store.private import read_private, write_private
from crmcli.store.salts import Entry, Salts


def entry(n: int) -> Entry:
    drawn = random.Random(n)
    return symbols(drawn.randbytes(17), 26), symbols(drawn.randbytes(5), 8), drawn.randbytes(32)


OLD, NEW = [entry(n) for n in range(3)], [entry(n) for n in range(10, 14)]
GONE, NEVER = OLD[1][0], entry(20)[0]


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[[], Path]:
    """A data folder with three customers at each call, the last of an addition cut off by an earlier kill."""
    counter = itertools.count()

    def make() -> Path:
        folder = tmp_path / f"state{next(counter)}"
        salts = Salts(folder / "vault")
        salts.add(OLD)
        with salts.path.open("ab") as stream:
            stream.write(b"4Z8K2M9QXA7PDR1TVW3BNC5GHJ 7K2M")
        return folder

    return make


def add(folder: Path) -> None:
    Salts(folder / "vault").add(NEW)


def destroy(folder: Path) -> None:
    Salts(folder / "vault").destroy([GONE, NEVER])


def test_a_killed_addition_keeps_the_old_and_ends_when_given_again(fresh: Callable[[], Path]) -> None:
    def check(folder: Path) -> None:
        salts = Salts(folder / "vault")
        found = list(salts.all_live())
        assert found == (OLD + NEW)[: len(found)]
        assert len(found) >= len(OLD)
        add(folder)
        assert list(salts.all_live()) == OLD + NEW

    assert kill_points(add, fresh, check, "before") == 4  # open, cut, write, sync


def test_a_killed_first_addition_ends_when_given_again(tmp_path: Path) -> None:
    counter = itertools.count()

    def bare() -> Path:
        folder = tmp_path / f"bare{next(counter)}"
        folder.mkdir()
        return folder

    def check(folder: Path) -> None:
        add(folder)
        assert list(Salts(folder / "vault").all_live()) == NEW

    assert kill_points(add, bare, check, "before") == 6  # the folder, its name, open, the file's name, write, sync


def test_a_killed_destruction_harms_nobody_else_and_ends_when_given_again(fresh: Callable[[], Path]) -> None:
    def check(folder: Path) -> None:
        salts = Salts(folder / "vault")
        assert {OLD[0][0], OLD[2][0]} <= salts.live() <= {each[0] for each in OLD}
        assert salts.ledger() <= {GONE, NEVER}
        destroy(folder)
        assert list(salts.all_live()) == [OLD[0], OLD[2]]
        assert salts.ledger() == {GONE, NEVER}
        assert len(salts.path.read_bytes()) == 4 * 80

    assert kill_points(destroy, fresh, check, "before") == 5  # open, overwrite, cut, write, sync


def test_a_killed_private_write_is_old_or_new(tmp_path: Path) -> None:
    counter = itertools.count()

    def fresh() -> Path:
        folder = tmp_path / f"home{next(counter)}"
        write_private(folder / "a/key", b"old")
        return folder

    def write(folder: Path) -> None:
        write_private(folder / "a/key", b"new")
        write_private(folder / "b/c/key", b"new")

    def check(folder: Path) -> None:
        assert read_private(folder / "a/key") in (b"old", b"new")
        assert read_private(folder / "b/c/key") in (None, b"new")
        write(folder)
        assert [path.name for path in folder.rglob("*") if path.is_file()] == ["key", "key"]

    assert kill_points(write, fresh, check, "before") >= 10
