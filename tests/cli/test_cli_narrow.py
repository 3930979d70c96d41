"""Listings in a real terminal of 80 cells: one row a customer where that can be, and a word on what had no room."""

import os
import pty
import subprocess
import sys

from life_vault import FIRST, RUN, SECOND, Life

pytest_plugins = ["conventions", "life_vault"]
SAID = "No room here for: {}. A wider terminal shows them; --format yaml shows everything."


def seen(life: Life, *words: str, width: int = 80) -> str:
    """What a terminal shows of the command."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "COLUMNS": str(width), "TERM": "dumb", "PYTHONPATH": os.pathsep.join(sys.path)}
    line = [sys.executable, "-m", "crmcli", *words]
    with subprocess.Popen(line, stdin=theirs, stdout=theirs, stderr=theirs, cwd=life.folder, env=env):
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def test_the_register_shows_few_columns_and_says_which_it_left_out(approved: Life) -> None:
    approved.done(*RUN)
    head, _rule, *rows, note = seen(approved, "purge", "list").splitlines()
    assert head.split() == ["Number", "Destroyed", "at", "Method", "Rule", "History"]
    assert [row[:12] for row in rows] == [FIRST, SECOND]
    assert note == SAID.format("Clause, Requested by, Approved by, Destroyed by, Plan")
    wide = seen(approved, "purge", "list", width=250)
    assert "Clause" in wide.splitlines()[0]
    assert "No room" not in wide


def test_columns_asked_for_are_all_shown(life: Life) -> None:
    few = seen(life, "list", width=60)
    assert "No room here for: Kind" in few
    assert f"\n{FIRST}" in few
    asked = "number,name,company,kind,status,region,owner,spend,last_contact,phone"
    every = seen(life, "list", "--columns", asked, width=60)
    assert "No room" not in every
    assert all(label in every for label in ("Number", "Kind", "Owner", "Phone"))
