"""Commits are told as git has them, whatever anybody wrote into them, and files of any name and size."""

import os
import subprocess
from pathlib import Path

import pytest
from conftest import ONE, TWO, git, make_vault, put

from crmcli.errors import Invalid
from crmcli.store import history
from crmcli.store.vault import Vault
from crmcli.store.yamlread import MAX_BYTES, parse

AUTHOR = "li.na <li.na@example.invalid> 1800000000 +0800"


def said(vault: Vault, message: str | bytes, *args: str) -> str:
    """A commit of what stands there, with exactly this message; its hash."""
    raw = message.encode() if isinstance(message, str) else message
    git(vault.root, "add", "-A")
    made = ["git", "commit", "-q", "--allow-empty", "--allow-empty-message", "--cleanup=verbatim", "-F", "-", *args]
    subprocess.run(made, input=raw, cwd=vault.root, check=True, env=os.environ)
    return git(vault.root, "rev-parse", "HEAD").strip()


def stored(vault: Vault, author: str, rest: bytes = b"\nx\n") -> str:
    """A commit of HEAD's tree by this author, as git would not make it; HEAD stands on it."""
    tree, head = git(vault.root, "rev-parse", "HEAD^{tree}", "HEAD").split()
    raw = f"tree {tree}\nparent {head}\nauthor {author}\ncommitter {AUTHOR}\n".encode() + rest
    put_in = ["git", "hash-object", "--literally", "-t", "commit", "-w", "--stdin"]
    made = subprocess.run(put_in, input=raw, cwd=vault.root, capture_output=True, check=True).stdout.decode().strip()
    git(vault.root, "update-ref", "HEAD", made)
    return made


@pytest.mark.parametrize("prefix", ["", "sub/folder/"])
@pytest.mark.parametrize("record", ["\x1e", "\n", "\n:", "%x00", "\x1c", "\u2028"])
def test_texts_and_names_forge_no_commit(record: str, prefix: str, tmp_path: Path) -> None:
    vault = make_vault(tmp_path / "vault")
    first = git(vault.root, "rev-parse", "HEAD").strip()
    if prefix:
        put(vault.root, f"{prefix}schemas/vault.yaml", "id: X\n")
    forged = record + "\x1f".join((first, "", "a", "a@x", "2026-11-22T00:00:00+00:00", "s", "Crm-Approval: p b", ONE))
    path = put(vault.root, f"{prefix}records/{forged.replace('/', '_')}{record}:1 2 3 4 A".strip(), "x")
    made = said(
        vault, f"x\x1f\x1f{forged}\x1f\n\nCrm-Op: x{record.strip()}Crm-Approval: p b\n", f"--author={forged} <x>"
    )
    whole, (one,) = history.log(vault), history.log(vault, paths=("*records*",))
    assert [commit.hash for commit in whole] == [made, first]
    assert one.hash == made
    assert one.paths == (str(path.relative_to(vault.root)),)
    assert one.trailer("Crm-Approval") is None
    assert not history.events(vault, "Crm-Approval")


def test_merges_events_and_empty_texts_are_told_apart(started: Vault) -> None:
    root = started.root
    base = git(root, "rev-parse", "HEAD").strip()
    put(root, ONE, "a: 2\n")
    ours = said(started, "ours")
    event = said(started, "event\n\nCrm-Op: export\nCrm-For: a\n  b\n")
    silent = said(started, "")
    git(root, "checkout", "-q", "-b", "side", base)
    put(root, TWO, "b: 2\n")
    put(root, "other/王 芳\n.txt", "x")
    theirs = said(started, "theirs")
    git(root, "checkout", "-q", "main")
    git(root, "merge", "-q", "--no-ff", "-m", "merge", "side")
    merge = git(root, "rev-parse", "HEAD").strip()
    found = {commit.hash: commit for commit in history.log(started, paths=())}
    assert [found[name].paths for name in (ours, event, silent, merge)] == [(ONE,), (), (), ()]
    assert set(found[theirs].paths) == {TWO, "other/王 芳\n.txt"}
    assert found[merge].parents == (silent, theirs)
    assert found[event].trailers == (("Crm-Op", "export"), ("Crm-For", "a b"))
    assert [commit.hash for commit in history.events(started, "Crm-Op: ")] == [event]
    twice = [commit.paths for commit in history.log(started, "-m", paths=("records",)) if commit.hash == merge]
    assert sorted(twice) == [(ONE,), (TWO,)]
    assert set(history.one(started, merge).paths) == {TWO, "other/王 芳\n.txt"}


def test_a_file_that_took_anothers_place_is_no_renamed_one(started: Vault) -> None:
    git(started.root, "config", "log.follow", "true")
    git(started.root, "config", "diff.renames", "copies")
    git(started.root, "mv", ONE, "records/moved.yaml")
    made = said(started, "moved")
    assert set(history.one(started, made).paths) == {ONE, "records/moved.yaml"}
    assert [one.hash for one in history.log(started, "--diff-filter=AM", paths=("records/moved.yaml",))] == [made]


@pytest.mark.parametrize(
    "author",
    ["a <a@x> 253402300799 +1400", "a <a@x> 253402400800 +0000", "a <a@x> 99999999999999999999 +0000",
     "a <a@x> 1800000000 +9999", "a <a@x>", "", "<> 0 +0000"],
)  # fmt: skip
def test_no_date_and_no_author_stops_the_history(author: str, started: Vault) -> None:
    made = stored(started, author)
    (newest, *_older) = history.log(started, paths=())
    assert newest.hash == made
    assert newest.at.year in {1970, 2027}
    newest.at.astimezone()


def test_a_zero_byte_in_a_commit_begins_nothing(started: Vault) -> None:
    base = git(started.root, "rev-parse", "HEAD").strip()
    field = b"\0".join(
        (base.encode(), b"", b"z", b"z@x", b"2026-11-22T00:00:00+00:00", b"s", b"Crm-Approval: p b", b"")
    )
    coded = b"encoding UTF-7\n\nx+AAA-" + field.replace(b"\0", b"+AAA-")
    names = [stored(started, AUTHOR, rest) for rest in (b"\nx\0" + field + b"\n\nCrm-Op: x\n", coded)]
    found = history.log(started, paths=())
    assert [commit.hash for commit in found[:3]] == [*reversed(names), base]
    assert {commit.author for commit in found[:2]} == {"li.na"}
    assert not any(commit.trailer("Crm-Approval") for commit in found)


def test_names_of_two_lines_are_asked_for_nowhere(started: Vault) -> None:
    names = [("HEAD", f"x\nHEAD:{ONE}"), ("HEAD", ONE), ("HEAD", f"{TWO}\r"), ("HEAD", TWO), ("HEAD", "records")]
    assert history.blobs(started, names) == [None, b"a: 1\n", None, b"b: 1\n", None]
    stands = started.git().stands([f"HEAD:x\nHEAD:{ONE}", f"HEAD:{ONE}", "HEAD:none", f"HEAD:{TWO}\r"])
    assert [bool(found) for found in stands] == [False, True, False, False]


def test_a_name_that_is_not_utf8_is_a_name(started: Vault) -> None:
    name = os.fsdecode(b"records/\xff.yaml")
    put(started.root, name, "x\n")
    made = said(started, "x")
    assert history.one(started, made).paths == (name,)
    assert name in history.paths_in(started, "HEAD", "records")
    assert history.paths_between(started, "HEAD~1", "HEAD", "records") == [name]
    assert history.blobs(started, [("HEAD", name)]) == [b"x\n"]


def test_a_file_larger_than_any_that_is_read_is_not_read(started: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "OVERSIZE", bytes(100))
    put(started.root, ONE, "a" * 99)
    put(started.root, TWO, "a" * 100)
    said(started, "large")
    small, large = history.blobs(started, [("HEAD", ONE), ("HEAD", TWO)])
    assert (small, large is history.OVERSIZE) == (b"a" * 99, True)


def test_what_stands_for_a_large_file_is_refused_as_too_large() -> None:
    with pytest.raises(Invalid, match=f"too large: at most {MAX_BYTES} bytes are read"):
        parse(history.OVERSIZE, ONE)
