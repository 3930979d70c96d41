"""Commits that say somebody else made them: whoever signed is named wherever a person reads who did what."""

import pytest
from attack_world import ONE, WANG
from people import Person, synced

pytest_plugins = ["attack_world"]
WORDS = "li.na (as zhao.min)"


@pytest.fixture
def commit(people: list[Person]) -> str:
    """Li changes a customer as Zhao."""
    zhao, li, wang = people
    synced(zhao, li, wang)
    as_zhao = {"GIT_AUTHOR_NAME": zhao.name, "GIT_AUTHOR_EMAIL": zhao.email}
    assert li("update", ONE, "--set", "tier=silver", env=as_zhao).exit == 0
    return li.head()


def test_history_and_blame_name_the_signer(people: list[Person], commit: str) -> None:
    _zhao, li, _wang = people
    assert WORDS in li.done("history", ONE).splitlines()[2]
    assert WORDS in next(line for line in li.done("blame", ONE).splitlines() if line.startswith("Tier "))
    assert li.done("history", ONE).count(WORDS) == 1
    assert WORDS in li("audit").out


def test_sync_names_the_signer(people: list[Person], commit: str) -> None:
    zhao, li, _wang = people
    synced(li)
    told = zhao("sync")
    assert told.exit == 0
    assert f"Commit {commit[:12]} by {WORDS}" in told.err
    assert zhao("sync").err == ""


def test_who_deleted_a_file_is_named_by_the_signature(people: list[Person]) -> None:
    zhao, li, wang = people
    synced(zhao, li, wang, li)
    li.git("rm", "-q", WANG)
    as_zhao = ("-c", f"user.name={zhao.name}", "-c", f"user.email={zhao.email}")
    li.git(*as_zhao, "commit", "-q", "--no-verify", "-m", "by hand")
    li.push()
    assert f"by {WORDS})" in zhao("sync").err


def test_who_left_is_named_still(people: list[Person], commit: str) -> None:
    zhao, li, _wang = people
    synced(li, zhao)
    zhao.done("team", "remove", "li.na", "--yes")
    assert WORDS in zhao.done("history", ONE)


def test_who_signs_as_themselves_is_named_as_git_does(people: list[Person]) -> None:
    assert "(as " not in people[0].done("history")
