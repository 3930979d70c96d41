"""Many commands at the same time: every write is kept, nobody reads half of one, and waiting ends in a clear word."""

import fcntl
import json
import os
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conventions import Crm

pytest_plugins = ["conventions"]
PROCESSES = 60
AT_ONCE = 8


def start(crm: Crm, *words: str) -> subprocess.Popen[str]:
    """A real process, as from a shell."""
    line = [sys.executable, "-m", "crmcli", *words]
    root = str(Path(__file__).resolve().parents[2])
    env = {**os.environ, "PYTHONPATH": root}
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
