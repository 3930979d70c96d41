"""Several commands at the same time in a sealed vault: no key and no value is lost, and there is one identity."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crmcli.sealing.identity import new_identity

if TYPE_CHECKING:
    from conventions import Crm

pytest_plugins = ["conventions"]
ROOT = str(Path(__file__).resolve().parents[2])
TOKEN = re.compile(r"ENC\[1,([a-z]+)\.([0-9]+),([0-9A-Z]{8}),")
FIRST = "C20240510001"


@pytest.fixture
def sealed(crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Crm:
    """A sealed vault."""
    folder = tmp_path / "sealed"
    assert crm("init", str(folder), "--quiet", "--rehearsal").exit == 0
    monkeypatch.chdir(folder)
    return type(crm)(folder, crm._run)


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    """A real process, as from a shell."""
    line = [sys.executable, "-m", "crmcli", *words]
    env = {**os.environ, "PYTHONPATH": ROOT}
    return subprocess.Popen(line, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str], *exits: int) -> str:
    out, err = process.communicate()
    assert process.returncode in (exits or (0,)), err
    assert "Traceback" not in err
    return out.strip()


def added(n: int) -> tuple[str, ...]:
    person = ("--name", f"客户{n}", "--phone", f"+861380013{n:04d}", "--region", "北京市/朝阳区", "--source", "store")
    return ("add", "--kind", "individual", *person, "--format", "ids")


def salts(home: Path) -> list[tuple[str, str]]:
    """The salts of all vaults on this machine: the customer's uid and the id."""
    found = (line.split() for path in (home / "data").rglob("salts") for line in path.read_text().splitlines())
    return [(uid, name) for uid, name, salt in found if "=" not in salt]


def sound(crm: Crm) -> None:
    assert crm.git("status", "--porcelain") == ""
    assert crm.git("fsck", "--strict", "--no-dangling") == ""
    assert not list((crm.folder / ".git").rglob("*.lock"))
    assert crm("check", "--quiet").exit == 0
    assert crm("audit", "--quiet").exit == 0


def test_twenty_customers_added_at_the_same_time_have_each_a_salt(sealed: Crm, home: Path) -> None:
    processes = [start(sealed.folder, *added(n)) for n in range(20)]
    assert len({ended(process) for process in processes}) == 20
    listed = json.loads(sealed("list", "--format", "json").out)["data"]
    assert {row["name"] for row in listed} == {f"客户{n}" for n in range(20)}
    kept = dict(salts(home))
    assert len(kept) == len(salts(home)) == 20
    for path in (sealed.folder / "records").rglob("*.yaml"):
        text = path.read_text()
        uid = next(line.split()[1] for line in text.splitlines() if line.startswith("uid:"))
        assert {name for _level, _generation, name in TOKEN.findall(text)} == {kept[uid]}
    sound(sealed)


def test_taking_somebody_out_and_updates_at_the_same_time_keep_both(sealed: Crm) -> None:
    for n in range(3):
        assert sealed(*added(n)).exit == 0
    key = new_identity().public
    joined = ("team", "add", "li.na", "--email", "l@example.invalid", "--role", "sales", "--key", key)
    assert sealed(*joined).exit == 0
    writes = [("update", f"C2024051000{n % 3 + 1}", "--add-tag", f"tag{n}", "--note", f"第{n}次") for n in range(6)]
    processes = [
        start(sealed.folder, *words) for words in (*writes[:3], ("team", "remove", "li.na", "--yes"), *writes[3:])
    ]
    for process in processes:
        ended(process)
    generations = set()
    for n, name in enumerate(("客户0", "客户1", "客户2")):
        shown = json.loads(sealed("show", f"C2024051000{n + 1}", "--format", "json").out)["data"]
        assert (shown["name"], shown["tags"]) == (name, sorted((f"tag{n}", f"tag{n + 3}"), key=shown["tags"].index))
        text = (sealed.folder / f"records/2024/05/C2024051000{n + 1}.yaml").read_text()
        generations |= {generation for level, generation, _salt in TOKEN.findall(text) if level == "internal"}
    assert generations == {"2"}
    assert "li.na" not in sealed("team", "list", "--format", "json").out
    told = sealed("history", "--limit", "0").out
    assert all(f"第{n}次" in told for n in range(6))
    sound(sealed)


def test_two_first_uses_at_the_same_time_end_with_one_identity(tmp_path: Path, home: Path) -> None:
    for turn in range(4):
        config = home / "config/crmcli"
        for path in config.glob("*.*"):
            path.unlink()
        processes = [start(tmp_path, "keys", "show", "--format", "ids") for _ in range(3)]
        shown = {ended(process) for process in processes}
        assert len(shown) == 1, turn
        assert {path.name for path in config.glob("*.*")} == {"identity.age", "signing.key"}
        assert ended(start(tmp_path, "keys", "show", "--format", "ids")) in shown


def test_a_destruction_beside_updates_of_the_same_customer_leaves_no_half(
    sealed: Crm, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The update comes first and is destroyed with the customer, or after and finds nobody: no key comes back."""
    for n in range(2):
        assert sealed(*added(n)).exit == 0
    assert sealed("archive", FIRST, "--reason", "ended").exit == 0
    before = dict(salts(home))
    gone = next(uid for uid in before if f"uid: {uid}" in (sealed.folder / f"records/2024/05/{FIRST}.yaml").read_text())
    monkeypatch.setenv("CRM_NOW", "2034-05-10T09:30+08:00")
    assert sealed("purge", "plan").exit == 0
    assert sealed("purge", "approve", "2034-05-10").exit == 0
    writes = [("update", FIRST, "--add-tag", f"tag{n}") for n in range(3)]
    words = [writes[0], ("purge", "run", "--yes"), *writes[1:]]
    for process, exits in zip([start(sealed.folder, *one) for one in words], itertools.repeat((0, 3, 4, 5, 6))):
        ended(process, *exits)
    file, live = sealed.folder / f"records/2024/05/{FIRST}.yaml", dict(salts(home))
    if file.exists():  # the update came first: what was approved had changed, so nothing was destroyed
        assert live == before
    else:
        assert gone not in live
        assert len(live) == 1
        assert sealed("show", FIRST).exit != 0
    sound(sealed)
