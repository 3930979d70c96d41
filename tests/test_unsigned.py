"""Commits made with plain git meet others like crm's own; those that nobody signed have a way out that loses nothing."""

import re
import subprocess
from pathlib import Path

import pytest
import test_sync
from ended import Ended
from people import Person, begun_with, let_in
from test_sync import CUSTOMER, ONE, PATHS, TWO, same, synced

met, pair = test_sync.met, test_sync.pair
NEW = CUSTOMER.format(n=3)


@pytest.fixture(scope="module")
def three(met: tuple[Path, Person, Person], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Person]]:
    """The two, and one more."""
    world = tmp_path_factory.mktemp("three") / "world"
    zhao, li = begun_with(met[0], world, *met[1:])
    wang = let_in(zhao, Person(world, "wang.fang"), "staff", salts=False)
    synced(zhao, wang, zhao, wang, li)
    return world, [zhao, li, wang]


@pytest.fixture
def trio(three: tuple[Path, list[Person]], tmp_path: Path) -> list[Person]:
    return begun_with(three[0], tmp_path / "world", *three[1])


def edited(person: Person, path: str, old: str, new: str) -> Person:
    person.change(path, old, new)
    return person


def by_hand(zhao: Person, li: Person) -> None:
    edited(li, PATHS[ONE], "source: store", "source: referral").git("commit", "-q", "-a", "-m", "by hand")


def revert(zhao: Person, li: Person) -> None:
    li.done("update", ONE, "--set", "tier=diamond")
    li.git("revert", "--no-edit", "HEAD")
    li.git("revert", "--no-edit", "HEAD")


def cherry_pick(zhao: Person, li: Person) -> None:
    li.git("switch", "-q", "-c", "side")
    edited(li, PATHS[TWO], "source: store", "source: referral").keep()
    li.git("switch", "-q", "main")
    li.done("update", ONE, "--set", "tier=diamond")
    li.git("cherry-pick", "side")


def rebase(zhao: Person, li: Person) -> None:
    zhao.done("update", ONE, "--set", "tier=diamond")
    zhao.done("sync")
    li.done("update", ONE, "--set", "owner=chen.jing")
    edited(li, PATHS[TWO], "source: store", "source: referral").keep()
    li.git("fetch", "-q")
    li.git("rebase", "-q", "origin/main")


def pull_rebase(zhao: Person, li: Person) -> None:
    zhao.done("update", ONE, "--set", "tier=diamond")
    zhao.done("sync")
    by_hand(zhao, li)
    li.git("pull", "-q", "--rebase")


def merge(zhao: Person, li: Person) -> None:
    li.git("switch", "-q", "-c", "side")
    by_hand(zhao, li)
    li.git("switch", "-q", "main")
    li.done("update", ONE, "--set", "owner=chen.jing")
    li.git("merge", "-q", "--no-edit", "side")


def merge_with_a_decision(zhao: Person, li: Person) -> None:
    li.git("switch", "-q", "-c", "side")
    edited(li, PATHS[ONE], "owner: li.na", "owner: wang.fang").git("commit", "-q", "-a", "-m", "by hand")
    li.git("switch", "-q", "main")
    li.done("update", ONE, "--set", "owner=chen.jing")
    li.git("merge", "-q", "--no-edit", "side", check=False)
    text = (li.folder / PATHS[ONE]).read_text()
    (li.folder / PATHS[ONE]).write_text(re.sub(r"<<<<<<< (?s:.*)=======\n((?s:.*))>>>>>>> .*\n", r"\1", text))
    li.git("commit", "-q", "-a", "--no-edit")
    assert li.tree(PATHS[ONE])["owner"] == "wang.fang"


def pull(zhao: Person, li: Person) -> None:
    zhao.done("update", ONE, "--set", "tier=diamond")
    zhao.done("sync")
    by_hand(zhao, li)
    li.git("pull", "-q", "--no-edit")


WAYS = [by_hand, revert, cherry_pick, rebase, pull_rebase, merge, merge_with_a_decision, pull]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_what_plain_git_makes_is_published_and_taken(pair: tuple[Person, Person], way: object) -> None:
    zhao, li = pair
    li.done("list")
    way(zhao, li)  # type: ignore[operator]
    synced(li, zhao)
    same(zhao, li)
    assert zhao("audit").out == ""


def test_a_fresh_clone_signs_from_its_first_command_on(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    again = Person(li.world, "li.na", "again")
    again.clone()
    assert "gpg" not in again.git("config", "--local", "--list")
    again.done("list", "--dry-run")
    assert "gpg" not in again.git("config", "--local", "--list")
    again.done("join")
    public = re.findall(r"crm1\.\S+", again.done("join"))[0]
    zhao.done("team", "add", "li.na", "--key", public)
    synced(zhao, again)
    by_hand(zhao, again)
    synced(again, zhao)
    same(zhao, again)


def test_a_vault_brought_back_from_a_backup_signs_at_once(pair: tuple[Person, Person], tmp_path: Path) -> None:
    zhao, _li = pair
    words = b"four words of my own\n"
    zhao.done("backup", str(tmp_path / "kept"), stdin=words)
    zhao.done("restore", str(tmp_path / "kept"), str(tmp_path / "back"), stdin=words)
    said = subprocess.run(
        ["git", "commit", "-q", "--allow-empty", "-m", "x"], cwd=tmp_path / "back", env=zhao.env(), capture_output=True
    )
    assert said.returncode == 0, said.stderr
    assert zhao("audit", at=tmp_path / "back").exit == 0


def test_an_open_vault_that_is_sealed_signs_from_then_on(tmp_path: Path) -> None:
    ann = Person(tmp_path, "ann")
    ann.folder.mkdir(parents=True)
    ann.done("init", ".", "--rehearsal", "--unsealed", at=ann.folder)
    assert "gpg" not in ann.git("config", "--local", "--list")
    ann.done("seal", "--yes")
    ann.git("commit", "-q", "--allow-empty", "-m", "x")
    assert "gpgsig" in ann.git("cat-file", "commit", "HEAD")


def advised(ended: Ended, person: Person, code: int = 7) -> list[str]:
    """What the hint of a refusal says, done by that person; the commands."""
    assert ended.exit == code, ended
    commands = re.findall(r"`git ([^`]+)`", ended.err)
    for command in commands:
        person.git(*command.split())
    return commands


def test_ones_own_unsigned_commits_are_signed_anew_with_their_merges(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.done("update", TWO, "--set", "tier=diamond")
    zhao.done("sync")
    li.git("config", "commit.gpgSign", "false")
    merge(zhao, li)
    edited(li, PATHS[TWO], "source: store", "source: referral").keep()
    before = li.git("ls-remote", "origin", "refs/heads/main")
    told = li("sync")
    assert li.git("ls-remote", "origin", "refs/heads/main") == before
    li.git("config", "--unset", "commit.gpgSign")
    li.done("list")
    assert told.err.count("git rebase") == 1
    assert [line.split()[0] for line in advised(told, li)] == ["rebase"]
    assert li.git("log", "--merges", "--format=%s").splitlines()[1] == "Merge branch 'side'"
    synced(li, zhao)
    same(zhao, li)
    assert zhao("audit").out == ""
    assert (zhao.tree(PATHS[ONE])["owner"], zhao.tree(PATHS[ONE])["source"]) == ("chen.jing", "referral")
    assert (zhao.tree(PATHS[TWO])["tier"], zhao.tree(PATHS[TWO])["source"]) == ("diamond", "referral")


def test_unsigned_commits_before_anything_was_published(tmp_path: Path) -> None:
    ann = Person(tmp_path, "ann")
    ann.folder.mkdir(parents=True)
    ann.done("init", ".", "--rehearsal", at=ann.folder)
    ann.done("add", "--file", "-", stdin=CUSTOMER.format(n=1).encode())
    edited(ann, PATHS[ONE], "source: store", "source: referral").keep()
    ann.done("update", ONE, "--set", "tier=diamond")
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "remote.git")], env=ann.env(), check=True)
    ann.git("remote", "add", "origin", "../../remote.git")
    advised(ann("sync"), ann)
    ann.done("sync")
    assert ann("audit").out == ""
    assert (ann.tree(PATHS[ONE])["source"], ann.tree(PATHS[ONE])["tier"]) == ("referral", "diamond")


@pytest.mark.parametrize("synced_before", [False, True])
def test_unsigned_commits_that_are_published_already(trio: list[Person], synced_before: bool) -> None:
    """Li pushed them with plain git; Wang pulled them with plain git and went on; Zhao did neither."""
    zhao, li, wang = trio
    edited(li, PATHS[ONE], "source: store", "source: referral").keep()
    li.done("update", TWO, "--set", "tier=diamond")
    old = li.push().head()
    wang.pull()
    if synced_before:
        synced(li, wang)
    wang.done("update", ONE, "--set", "remarks=要发票")
    zhao.done("update", TWO, "--set", "remarks=生日")
    told = zhao("sync")
    assert "li.na: It is not signed" in told.err
    zhao.done("add", "--file", "-", stdin=NEW.encode())  # others go on meanwhile
    assert [line.split()[0] for line in advised(told, li)] == ["rebase", "push"]
    assert li("sync").err == ""  # nothing was set back that Li has not let go
    assert zhao("sync").err == ""
    remote = zhao.git("ls-remote", "origin", "refs/heads/main")
    refused = wang("sync")
    assert ("was set back" in refused.err) == synced_before
    assert wang.git("ls-remote", "origin", "refs/heads/main") == remote
    assert [line.split()[0] for line in advised(refused, wang)] == ["rebase"]
    synced(wang, zhao, li)
    same(*trio)
    for one in trio:
        assert one.git("branch", "--contains", old) == ""
        shown = one.done("show", ONE) + one.done("show", TWO) + one.done("show", "C20240510003")
        assert all(text in shown for text in ("要发票", "生日", "Diamond"))
        assert one.tree(PATHS[ONE])["source"] == "referral"
