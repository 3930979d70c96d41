"""kill -9 leaves no personal value in clear: not in a temporary file, not in git, not in the journal.

By nature in clear until the next command: a hand edit that `crm commit` was taking in (in the work tree, and in the
journal that could bring it back), and a text in an editor that was killed with crm (in memory).
"""

import itertools
import os
import shutil
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import bytesearch
import pytest
from canary_world import Cage
from conftest import git
from killer import _one as strike

from crmcli.cli import boundary

ALL = bool(os.environ.get("CRM_CRASH_ALL"))
NUMBER = "C20240510001"
PATH = f"records/2024/05/{NUMBER}.yaml"
STEP = {"add": 17, "update": 17, "interaction": 23, "import": 17, "commit": 17, "edit": 17}


@pytest.mark.parametrize("name", STEP)
def test_a_killed_command_leaves_nothing_in_clear(
    name: str, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)
    cage = Cage(tmp_path, home, monkeypatch, sealed=True)
    new = cage.birds
    cage("init", str(cage.vault))
    cage(
        "add",
        "--kind",
        "individual",
        "--name",
        new.name(),
        "--phone",
        new.phone(),
        "--incomplete",
        "--set",
        f"remarks={new.text('备注')}",
    )
    cage.write("change.sed", f"s/^remarks: .*/remarks: {new.text('编辑')}/\n")
    cage.write(
        "in.csv", f"name,kind,phone\n{new.name()},individual,{new.phone()}\n{new.name()},individual,{new.text('坏')}\n"
    )
    edit, note = new.text("手改"), ("--note", new.text("缘由"))
    words = {
        "add": ("add", "--kind", "individual", "--name", new.name(), "--phone", new.phone(), "--incomplete", *note),
        "update": ("update", NUMBER, "--set", f"name={new.name()}", "--set", f"remarks={new.text('换')}", *note),
        "interaction": ("interaction", "add", NUMBER, "--channel", "call", "--summary", new.text("通话"), *note),
        "import": ("import", "in.csv", "--incomplete"),
        "commit": ("commit", *note),
        "edit": ("edit", NUMBER, *note),
    }[name]
    start = {place: tmp_path / f"start{n}" for n, place in enumerate(cage.places)}
    for place, copy in start.items():
        shutil.copytree(place, copy, symlinks=True)

    def fresh() -> Path:
        for place, copy in start.items():
            shutil.rmtree(place)
            shutil.copytree(copy, place, symlinks=True)
        for left in cage.desk.glob("*.rejected*"):
            left.unlink()
        (tmp_path / "vault.killed").unlink(missing_ok=True)  # the mark of the kill before
        cage.passed_over()
        if name == "commit":
            path = cage.vault / PATH
            path.write_text(path.read_text().replace("\nstatus:", f"\nneed: {edit}\nstatus:", 1))
        return cage.vault

    def act(_folder: Path) -> None:
        os.chdir(cage.desk)
        sys.stdin = TextIOWrapper(BytesIO())
        boundary.main([*words, "--vault", str(cage.vault)])

    def check(_folder: Path) -> None:
        waiting = {"commit": [cage.vault / PATH, cage.vault / ".git/crm"], "edit": [cage.memory]}.get(name, [])
        assert cage.look(waiting) == []
        cage("list", exits=(0, 6, 7), waiting=[cage.vault / PATH])
        if name == "commit":
            cage("commit")
        assert cage.look() == []
        assert bytesearch.search([place for place in waiting if place.exists()], new.needles) == []
        assert git(cage.vault, "status", "--porcelain") == ""

    moments = itertools.count(1, 1 if ALL else STEP[name])
    assert sum(1 for _n in itertools.takewhile(lambda n: strike(act, fresh, check, n, "before", 0.0), moments)) >= 3
