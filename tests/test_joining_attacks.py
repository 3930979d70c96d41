"""What could get lost without a word when clones meet: a customer under a number given twice, a change taken back after
a crosswise meeting, a comment by hand."""

import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from people import Person, begun_with, founded, let_in
from test_sync import CUSTOMER, ONE, PATHS, TWO, synced

from crmcli.model.merge import Clash, merge
from crmcli.model.merge_unknown import common
from crmcli.usecases.joining import united

THREE = "C20240510003"
FILE = f"records/2024/05/{THREE}.yaml"
SHARED = f"Two customers were given {THREE}"


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Person, Person]:
    """Two admins whose clones have met, with a second remote."""
    world = tmp_path_factory.mktemp("met") / "world"
    zhao = founded(world, "zhao.min", CUSTOMER.format(n=1), CUSTOMER.format(n=2))
    li = let_in(zhao, Person(world, "li.na"), "admin", salts=False)
    synced(zhao, li, zhao, li)
    bare = ["git", "init", "-q", "--bare", "-b", "main", str(world / "usb.git")]
    subprocess.run(bare, env=zhao.env(), check=True)
    for one in (zhao, li):
        one.git("remote", "add", "usb", "../../usb.git")
        one.done("sync", "usb")
    return world, zhao, li


@pytest.fixture
def pair(met: tuple[Path, Person, Person], tmp_path: Path) -> tuple[Person, Person]:
    state, *people = met
    zhao, li = begun_with(state, tmp_path / "world", *people)
    return zhao, li


@pytest.fixture(scope="module")
def reused(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Person]]:
    """One person's three machines: the second, offline, gave a number and destroyed the customer; the first published
    another under the same number, and so the third has it, too."""
    world = tmp_path_factory.mktemp("reused") / "world"
    first = founded(world, "zhao.min", CUSTOMER.format(n=1), CUSTOMER.format(n=2))
    second, third = Person(world, "zhao.min", "2"), Person(world, "zhao.min", "3")
    for one in (second, third):
        (line,) = (line.split() for line in one.clone().done("join").splitlines() if "crm team add" in line)
        first.done(*line[1:])
        first.done("sync")
    synced(second, third, first, second, third)
    second.done("add", "--file", "-", stdin=CUSTOMER.format(n=7).encode())
    second.done("purge", THREE, "--request", "--yes")
    assert not (second.folder / FILE).exists()
    first.done("add", "--file", "-", stdin=CUSTOMER.format(n=8).encode())
    synced(first, third)
    return world, [first, second, third]


@pytest.fixture
def machines(reused: tuple[Path, list[Person]], tmp_path: Path) -> list[Person]:
    return begun_with(reused[0], tmp_path / "world", *reused[1])


def test_a_certificate_under_a_number_given_twice_ends_nobody_else(machines: list[Person]) -> None:
    first, second, third = machines
    first.done("update", THREE, "--set", "tier=silver")
    third.done("update", THREE, "--set", "remarks=重要")
    synced(first, second, third, first, second)
    for one in machines:
        assert "重要" in one.done("show", THREE)
        assert one.tree(FILE)["tier"] == "silver"
        one.done("audit")
    second.done("update", THREE, "--set", "tier=diamond")


def test_nobody_is_told_to_remove_a_living_customer(machines: list[Person]) -> None:
    synced(machines[1], machines[0])
    for one in machines[:2]:
        checked, verified = one("check"), one("purge", "verify")
        assert checked.exit == 0
        assert SHARED in checked.out
        assert "git rm" not in checked.out + verified.out + verified.err
        assert "still there" not in verified.out + verified.err


def test_a_number_with_a_certificate_stays_blocked_for_a_new_customer(tmp_path: Path) -> None:
    ann = Person(tmp_path, "ann")
    ann.folder.mkdir(parents=True)
    ann.done("init", ".", "--rehearsal", "--unsealed", at=ann.folder)
    ann.done("add", "--file", "-", stdin=CUSTOMER.format(n=1).encode())
    text, uid = (ann.folder / PATHS[ONE]).read_text(), ann.tree(PATHS[ONE])["uid"]
    ann.done("purge", ONE, "--request", "--yes")
    (ann.folder / PATHS[ONE]).parent.mkdir(parents=True, exist_ok=True)
    (ann.folder / PATHS[ONE]).write_text(text.replace(uid, uid[::-1]))
    assert "was destroyed" in ann.refused(5, "commit")


def crosswise(zhao: Person, li: Person) -> None:
    """Each publishes at another remote and takes in the other's there: two histories with two common beginnings."""
    zhao.push()
    li.git("push", "-q", "usb", "HEAD:main")
    zhao.done("sync", "usb")
    li.done("sync", "origin")
    assert len(zhao.git("merge-base", "--all", "HEAD", li_head(zhao, li)).split()) == 2


def li_head(zhao: Person, li: Person) -> str:
    zhao.git("fetch", "-q", "origin")
    return li.head()


def test_what_is_taken_back_after_a_crosswise_meeting_stays_so(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    before = zhao.tree(PATHS[TWO])["region"]
    zhao.done("update", ONE, "--set", "tier=silver")
    li.done("update", TWO, "--set", "region=上海市/浦东新区")
    crosswise(zhao, li)
    zhao.done("update", TWO, "--set", f"region={before}")
    zhao.done("update", ONE, "--set", "tier=gold")
    synced(zhao, li)
    for one in (zhao, li):
        assert (one.tree(PATHS[ONE])["tier"], one.tree(PATHS[TWO])["region"]) == ("gold", before)
        one.done("audit")


def test_what_clashed_at_a_crosswise_meeting_waits_for_a_person(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.done("update", ONE, "--set", "tier=silver")
    li.done("update", ONE, "--set", "tier=diamond")
    zhao.push()
    li.git("push", "-q", "usb", "HEAD:main")
    for one, remote in ((zhao, "usb"), (li, "origin")):
        one.git("fetch", "-q", remote)
        one.git("merge", "-q", f"{remote}/main", check=False)
        one.done("resolve", ONE, "--take", "ours")
    li.git("push", "-q", "origin", "HEAD:main")
    zhao.done("update", ONE, "--set", "tier=gold")  # as it was before both
    assert zhao("sync", "origin").exit == 4
    assert "tier" in zhao("sync", "origin").err


def test_an_ancestor_that_is_two_has_a_mark_where_they_differ() -> None:
    one = {
        "uid": "U",
        "tier": "gold",
        "tags": ["a"],
        "custom": {"x": "1"},
        "interactions": [{"id": "I1", "summary": "a"}],
    }
    other = {**one, "tier": "silver", "custom": None, "interactions": [{"id": "I2", "summary": "b"}]}
    found = common(one, other, "?")
    assert found["tier"] == found["custom"]["x"] == "?"
    assert found["tags"] == ["a"]
    assert found["interactions"] == [{"id": "I1", "summary": "?"}, {"id": "I2", "summary": "?"}]
    alike = {"uid": "U", "tier": "gold"}
    assert merge(found, alike, dict(alike)).clashes == ()
    assert [one.place for one in merge(found, {**alike, "tier": "silver"}, alike).clashes] == [("tier",)]


def test_comments_in_an_open_vault_survive_a_sync(tmp_path: Path) -> None:
    ann, bob = Person(tmp_path, "ann"), Person(tmp_path, "bob")
    subprocess.run(
        ["git", "init", "-q", "--bare", "-b", "main", str(tmp_path / "remote.git")], env=ann.env(), check=True
    )
    ann.folder.mkdir(parents=True)
    ann.done("init", ".", "--rehearsal", "--unsealed", at=ann.folder)
    ann.done("add", "--file", "-", stdin=CUSTOMER.format(n=1).encode())
    ann.change(PATHS[ONE], "kind: individual", "kind: individual # 老板同意")
    ann.done("commit")
    ann.git("remote", "add", "origin", "../../remote.git")
    ann.done("sync")
    bob.clone().done("sync")
    ann.done("update", ONE, "--set", "tier=silver")
    bob.done("update", ONE, "--set", "remarks=要发票")
    synced(ann, bob)
    text = (bob.folder / PATHS[ONE]).read_text()
    assert all(part in text for part in ("# 老板同意", "silver", "要发票"))


class Sealing:
    """Values before a colon, keys behind it."""

    def open(self, tree: dict[str, str], _path: str) -> SimpleNamespace:
        return SimpleNamespace(tree={name: value.split(":")[0] for name, value in tree.items()})

    def seal(self, tree: dict[str, str], was: dict[str, str]) -> dict[str, str]:
        return {name: was[name] if was[name].startswith(value) else f"{value}:new" for name, value in tree.items()}


def test_what_was_only_sealed_anew_waits_for_nobody() -> None:
    work: Any = SimpleNamespace(keyring=True, sealer=Sealing())
    base, ours, theirs = (
        {"uid": "U", "name": f"wang:{key}", "tier": f"{tier}:{key}"}
        for key, tier in (("1", "gold"), ("2", "silver"), ("3", "diamond"))
    )
    found = united(work, PATHS[ONE], base, ours, theirs)
    assert found.clashes == (Clash(("tier",), "gold:1", "silver:2", "diamond:3"),)
    assert found.tree["name"] == "wang:3"
