"""Many commands at the same time: every write is kept, nobody reads half of one, and waiting ends in a clear word."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conventions import Crm

pytest_plugins = ["conventions"]
ROOT = str(Path(__file__).resolve().parents[2])
PROCESSES = 60


def start(crm: Crm, *words: str) -> subprocess.Popen[str]:
    """A real process, as from a shell."""
    line = [sys.executable, "-m", "crmcli", *words]
    env = {**os.environ, "PYTHONPATH": ROOT}
    return subprocess.Popen(line, cwd=crm.folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def added(n: int) -> tuple[str, ...]:
    person = ("--name", f"客户{n}", "--phone", f"+861380013{n:04d}", "--region", "北京市/朝阳区", "--source", "store")
    return ("add", "--kind", "individual", *person, "--format", "ids")


def ended(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert "error" not in err
    return out.strip()


def sound(crm: Crm) -> None:
    assert crm.git("status", "--porcelain") == ""
    assert crm.git("fsck", "--strict", "--no-dangling") == ""
    assert not list((crm.folder / ".git").rglob("*.lock"))


def test_sixty_customers_added_at_the_same_time_are_sixty(crm: Crm) -> None:
    commits = int(crm.git("rev-list", "--count", "HEAD"))
    processes = [start(crm, *added(n)) for n in range(PROCESSES)]
    numbers = [ended(process) for process in processes]
    assert len(set(numbers)) == PROCESSES
    assert int(crm.git("rev-list", "--count", "HEAD")) == commits + PROCESSES
    listed = crm("list", "--format", "json")
    names = Counter(row["name"] for row in json.loads(listed.out)["data"])
    assert all(names[f"客户{n}"] == 1 for n in range(PROCESSES))
    sound(crm)


def test_writers_of_the_same_customer_and_a_reader_do_not_disturb_each_other(crm: Crm) -> None:
    commits = int(crm.git("rev-list", "--count", "HEAD"))
    writes = [
        added(1),
        added(2),
        *(("update", "C20240510001", "--set", wanted) for wanted in ("owner=chen.wei", "email=wang@example.com")),
        ("update", "C20240510001", "--add-tag", "new"),
        *(("interaction", "add", "王芳", "--channel", "call", "--summary", f"第{n}次") for n in (1, 2, 3)),
    ]
    processes = [start(crm, *words) for words in writes]
    reader = start(crm, "search", "王芳")
    while any(process.poll() is None for process in processes):
        for words in (("search", "王芳"), ("check",), ("show", "王芳")):
            assert crm(*words).exit == 0
    for process in (*processes, reader):
        ended(process)
    assert int(crm.git("rev-list", "--count", "HEAD")) == commits + len(writes)
    wang = (crm.folder / "records/2024/05/C20240510001.yaml").read_text()
    for kept in ("owner: chen.wei", "email: wang@example.com", "- new", "- vip", "第1次", "第2次", "第3次"):
        assert kept in wang
    sound(crm)


def test_a_customer_that_comes_and_goes_does_not_disturb_a_reader(crm: Crm) -> None:
    """Taken back and taken back again by another process, while this one lists."""
    crm(*added(1))
    line = "from crmcli.cli.boundary import main\nfor _n in range(12): assert main(['undo', 'HEAD']) == 0"
    writer = subprocess.Popen([sys.executable, "-c", line], cwd=crm.folder, env={**os.environ, "PYTHONPATH": ROOT})
    seen = set()
    while writer.poll() is None:
        listed = crm("list", "--format", "ids")
        assert listed.exit == 0, listed
        seen.add(listed.out.count("\n"))
    assert writer.returncode == 0
    assert seen == {2, 3}
    sound(crm)


def test_waiting_for_another_writer_ends_and_says_whom_for(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_LOCK_TIMEOUT", "1")
    lock = crm.folder / ".git/crm/lock"
    with lock.open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.write('{"pid": 4711, "verb": "import"}')
        held.flush()
        refusal = crm.refused("update", "C20240510001", "--set", "owner=chen.wei", exit=4)
        assert refusal.error["kind"] == "busy"
        assert "4711" in refusal.words
        assert "import" in refusal.words
        assert crm("list").exit == 0
    assert crm("update", "C20240510001", "--set", "owner=chen.wei").exit == 0


def test_waiting_for_another_writer_succeeds_when_it_ends(crm: Crm) -> None:
    with (crm.folder / ".git/crm/lock").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting = start(crm, *added(1))
        time.sleep(1)
        assert waiting.poll() is None
    assert ended(waiting) == "C20240510003"
