"""Who may not read every field meets changes of such fields: nothing is called altered, and they decide all the same."""

import json

import pytest
from meetings import copied_pair, meeting
from people import Person, synced

ONE = "C20240510001"
SEALED = "(sealed: confidential)"


met = meeting("sales")
pair = copied_pair()


def phone(person: Person) -> str:
    shown = person.done("show", ONE, "--reveal", "--reason", "customer-call", "--format", "json")
    return str(json.loads(shown)["data"]["phone"])


@pytest.mark.parametrize("theirs", [["--set", "phone=13811112222"], ["--unset", "phone"]])
def test_another_value_where_a_field_above_them_changed_on_one_side(
    pair: tuple[Person, Person], theirs: list[str]
) -> None:
    zhao, wu = pair
    wu.done("update", ONE, "--set", "name=吴改")
    zhao.done("update", ONE, "--set", "name=赵改", "--set", "wechat=zhao_1", *theirs)
    zhao.done("sync")
    wu.refused(4, "sync")
    wu.done("resolve", ONE, "--set", "name=新")
    synced(wu, zhao)
    assert "新" in zhao.done("show", ONE)
    if "--set" in theirs:
        assert phone(zhao) == "+8613811112222"


@pytest.fixture
def torn(pair: tuple[Person, Person]) -> tuple[Person, Person]:
    """Two phones from two branches of others, in the clone of somebody who may read neither."""
    zhao, wu = pair
    base = zhao.head()
    zhao.done("update", ONE, "--set", "phone=13877776666")
    zhao.git("push", "-q", "origin", "HEAD:refs/heads/side")
    zhao.git("reset", "-q", "--hard", base)
    zhao.done("update", ONE, "--set", "phone=13877775555")
    zhao.done("sync")
    wu.git("fetch", "-q")
    wu.git("merge", "-q", "--ff-only", "origin/side")
    return zhao, wu


def decided(zhao: Person, wu: Person) -> None:
    told = wu("resolve", "--format", "json")
    (row,) = json.loads(told.out)["data"]
    assert (told.exit, row["field"], row["ours"], row["theirs"]) == (4, "phone", SEALED, SEALED)
    assert "altered" not in told.err + told.out
    wu.done("resolve", ONE, "phone", "--take", "theirs")
    synced(wu, zhao)
    assert phone(zhao) == "+8613877775555"


def test_a_sync_asks_for_a_side_of_what_they_may_not_read(torn: tuple[Person, Person]) -> None:
    said = torn[1].refused(4, "sync")
    assert "phone" in said
    assert "altered" not in said
    decided(*torn)


def test_so_does_git_s_own_merge(torn: tuple[Person, Person]) -> None:
    torn[1].git("merge", "-q", "origin/main", check=False)
    decided(*torn)
