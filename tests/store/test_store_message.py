"""Commit messages: trailers that git reads back, a clock that says when it was turned."""

import subprocess
from datetime import datetime, timedelta, timezone

from conftest import ONE, git
from desk import NOW, write
from hypothesis import given
from hypothesis import strategies as st

from crmcli.store.transaction import Change, Message, Stamp
from crmcli.store.vault import Vault


def test_a_turned_clock_sets_both_dates_and_says_so(started: Vault) -> None:
    then = datetime(2023, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=8)))
    write(started, Change(ONE, b"a: 2\n"), stamp=Stamp(then, turned=True))
    dates = git(started.root, "log", "-1", "--format=%aI %cI").split()
    assert dates == ["2023-01-02T03:04:05+08:00"] * 2
    assert "Crm-Clock: turned" in git(started.root, "log", "-1", "--format=%(trailers)")


def test_gits_own_clock_carries_no_such_word(started: Vault) -> None:
    assert "Crm-Clock" not in git(started.root, "log", "-1", "--format=%B")


NASTY = Message(
    "subject\n# not a comment\n\nMore",
    (("Crm-Note", "two\nlines: x\r\n\x1b[31m --- "), ("Crm-Op", "x"), ("Crm-No", "")),
)


def test_git_reads_the_trailers_as_they_were_meant(started: Vault) -> None:
    write(started, Change(ONE, b"a: 2\n"), message=NASTY)
    body = git(started.root, "log", "-1", "--format=%B")
    assert body.splitlines()[0] == "subject # not a comment More"
    parsed = subprocess.run(
        ["git", "interpret-trailers", "--parse", "--no-divider"], input=body, capture_output=True, text=True, check=True
    )
    assert parsed.stdout.splitlines() == ["Crm-Note: two lines: x [31m ---", "Crm-Op: x", "Crm-No: "]


@given(st.text(st.characters(codec="utf-8"), max_size=60), st.text(st.characters(codec="utf-8"), max_size=60))
def test_no_value_can_forge_a_trailer(subject: str, value: str) -> None:
    lines = Message(subject, (("Crm-Note", value), ("Crm-Op", "x"))).render(NOW).split("\n")
    assert len(lines) == 5
    assert lines[2].startswith("Crm-Note: ")
    assert lines[1] == lines[4] == ""
