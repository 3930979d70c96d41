"""kill -9 while customers' data or keys are handed out: the file is there whole or as it was, and after the next command
nothing else holds a byte of it. Where nothing is replaced, not even before that.
"""

import os
from pathlib import Path

import pytest
from killer import kill_points

from crmcli.store import delivery

OLD, NEW = b"old rows\n", "客户金丝雀\n".encode() * 1000
STATE = "private"


def holding(folder: Path) -> set[str]:
    """The files that hold anything of the new text."""
    return {path.name for path in folder.rglob("*") if path.is_file() and "金丝雀".encode() in path.read_bytes()}


@pytest.fixture(params=["nameless", "named"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file system that can write a file without a name, and one that can't."""
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)
    if request.param == "named":
        monkeypatch.setattr(delivery, "_NAMELESS", None)
    return str(request.param)


@pytest.mark.parametrize("replace", [False, True])
def test_a_killed_delivery_leaves_nothing_behind(tmp_path: Path, way: str, replace: bool) -> None:
    made = iter(range(1000))

    def fresh() -> Path:
        folder = tmp_path / str(next(made))
        folder.mkdir()
        if replace:
            (folder / "out.csv").write_bytes(OLD)
        return folder

    def act(folder: Path) -> None:
        delivery.deliver(folder / "out.csv", NEW, folder / STATE, replace=replace)

    def check(folder: Path) -> None:
        if way == "nameless" and not replace:
            assert holding(folder) <= {"out.csv"}
        delivery.sweep(folder / STATE)
        assert holding(folder) <= {"out.csv"}
        assert {path.name for path in folder.iterdir()} <= {"out.csv", STATE}
        assert list(folder.glob(f"{STATE}/*/*")) == []
        if (folder / "out.csv").exists():
            assert (folder / "out.csv").read_bytes() in (OLD if replace else b"", NEW)
        act_again(folder)

    def act_again(folder: Path) -> None:
        delivery.deliver(folder / "out.csv", NEW, folder / STATE, replace=True)
        assert (folder / "out.csv").read_bytes() == NEW

    assert kill_points(act, fresh, check, "before") >= (3 if way == "nameless" and not replace else 8)


def test_a_delivery_at_work_is_not_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, put = tmp_path / "out.csv", delivery._put
    target.write_bytes(OLD)

    def meanwhile(beside: Path, path: Path, *, replace: bool) -> None:
        delivery.sweep(tmp_path / STATE)
        put(beside, path, replace=replace)

    monkeypatch.setattr(delivery, "_put", meanwhile)
    delivery.deliver(target, NEW, tmp_path / STATE, replace=True)
    assert target.read_bytes() == NEW


def test_only_names_that_can_be_ours_are_swept(tmp_path: Path) -> None:
    mine = tmp_path / "customers.csv"
    mine.write_bytes(OLD)
    record = tmp_path / STATE / delivery.RECORD
    record.mkdir(parents=True)
    (record / "abcd").write_bytes(os.fsencode(mine))
    delivery.sweep(tmp_path / STATE)
    assert mine.read_bytes() == OLD
