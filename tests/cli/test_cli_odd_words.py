"""Odd names, places and passphrases are called what they are, and nothing is done."""

import subprocess
import sys
from pathlib import Path

import pytest
from people import Person, begun_with, founded

ONE = "C20240510001"
CUSTOMER = """\
kind: individual
name: 王样例
phone: "+8613812340001"
region: 北京市/朝阳区
source: store
owner: li.na
status: active
"""
WORDS = b"correct horse battery staple\n"
NO_TEXT = b"\xff\xfecorrect horse battery\n"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Person]:
    world = tmp_path_factory.mktemp("odd") / "world"
    zhao = founded(world, "zhao.min", CUSTOMER)
    zhao.done("backup", str(world / "b"), stdin=WORDS)
    zhao.done("keys", "export", str(world / "k"), stdin=WORDS)
    return world, zhao


@pytest.fixture
def zhao(state: tuple[Path, Person], tmp_path: Path) -> Person:
    (one,) = begun_with(state[0], tmp_path / "world", state[1])
    return one


@pytest.mark.parametrize(
    "words",
    [
        ["backup", "../new"],
        ["keys", "export", "../new"],
        ["backup", "verify", "../../b"],
        ["restore", "../../b", "../x"],
    ],
)
def test_a_passphrase_that_is_no_text(zhao: Person, words: list[str]) -> None:
    stranger = Person(zhao.world, "wu.di")  # an admin's identity would open a backup without it
    who = zhao if "new" in words[-1] else stranger
    said = subprocess.run(
        [sys.executable, "-m", "crmcli", *words], cwd=zhao.folder, env=who.env(), input=NO_TEXT, capture_output=True
    )
    assert (said.returncode, "The passphrase is not valid UTF-8" in said.stderr.decode()) == (2, True), said


def test_the_name_of_a_backup_that_no_file_can_have_is_named(zhao: Person) -> None:
    name = "a" * 300
    said = zhao.refused(2, "backup", str(zhao.world / name), stdin=WORDS)
    assert "aaaa" in said
    assert "too long" in said
    for words in (["backup", ""], ["backup", "verify", ""], ["restore", "", "x"]):
        assert "No file is named" in zhao.refused(2, *words, stdin=WORDS)


def test_a_backup_does_not_go_where_the_keys_are(zhao: Person) -> None:
    for home in (zhao.data, zhao.config):
        assert "keeps this machine's keys" in zhao.refused(5, "backup", str(home / "b"), stdin=WORDS)
        assert not (home / "b").exists()


@pytest.mark.parametrize("place", ["again", "records/again", ".git/again", "../../remote.git/again"])
def test_no_vault_is_restored_into_another_or_into_what_is_git_s_own(zhao: Person, place: str) -> None:
    said = zhao.refused(5, "restore", str(zhao.world / "b"), place, stdin=WORDS)
    assert "needs a place of its own" in said
    assert zhao.git("status", "--porcelain") == ""
    assert not (zhao.folder / place).exists()


def test_the_merge_driver_says_who_calls_it(zhao: Person) -> None:
    for words in ([], ["a", "b", "c", "x", "e"]):
        command = [sys.executable, "-m", "crmcli", "merge-driver", *words]
        said = subprocess.run(command, cwd=zhao.folder, env=zhao.env(), capture_output=True)
        assert (said.returncode, "Only git calls" in said.stderr.decode()) == (1, True), said


@pytest.mark.parametrize("name", ["", "../x", "-x", "a b", "x: y", "null", "12", "a\nb", "x."])
def test_a_name_for_the_team_can_be_typed_and_kept(zhao: Person, name: str) -> None:
    wu = Person(zhao.world, "wu.di")
    told = ["team", "add", "--email", "wu@example.invalid", "--role", "sales", "--key", wu.public()]
    assert "not a name" in zhao.refused(2, *told, "--", name)


def test_nobody_is_named_almost_as_somebody_else(zhao: Person) -> None:
    wu = Person(zhao.world, "wu.di")
    told = ["team", "add", "--email", "wu@example.invalid", "--role", "sales", "--key", wu.public()]
    assert "zhao.min is in the team" in zhao.refused(4, *told, "Zhao.Min")
    zhao.done(*told, "吴迪")


def test_what_nothing_names_clashes_nowhere(zhao: Person) -> None:
    assert "No customer" in zhao.refused(3, "resolve", "NOSUCH")
    zhao.refused(3, "resolve", "records/2024/05/C20240510009.yaml")
    zhao.done("resolve", ONE)
    said = zhao.refused(2, "resolve", "--set", "x")
    assert "NAME=VALUE" in said
    assert "--take" not in zhao.refused(2, "resolve", "--set", "tier=gold")
