"""Two admins who change the team apart from each other, and new keys against other people's work: one team stays, and
nothing that anybody wrote is lost with the keys of the other."""

import json
from pathlib import Path

import pytest
from meetings import copied_pair
from people import Person, met_at, synced

ONE = "C20240510001"
ACCESS, KEYS = "schemas/access.yaml", "schemas/keys.yaml"
CUSTOMER = """\
kind: individual
name: 王样例{n}
phone: "+86138123400{n:02d}"
region: 北京市/朝阳区
source: store
owner: li.na
remarks: 旧
"""


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Person, Person]:
    """Two admins whose clones have met, and somebody of the team who is never there."""
    world = tmp_path_factory.mktemp("teams") / "world"
    zhao, li = met_at(world, CUSTOMER, "admin")
    wang = Person(world, "wang.fang")
    zhao.done("team", "add", wang.name, "--email", wang.email, "--role", "staff", "--key", wang.public())
    synced(zhao, li)
    return world, zhao, li


pair = copied_pair()


def add(person: Person, n: int) -> None:
    person.done("add", "--file", "-", stdin=CUSTOMER.format(n=n).encode())


def shown(person: Person) -> dict[str, dict[str, str]]:
    """Every customer in clear, by name."""
    words = ("--reveal", "--reason", "customer-call", "--format", "json")
    numbers = person.done("list", "--format", "ids").split()
    found = [json.loads(person.done("show", number, *words))["data"] for number in numbers]
    return {one["name"]: one for one in found}


def new_keys_on_both_sides(zhao: Person, li: Person) -> None:
    """Both make new keys for all files, and work on with them; Zhao publishes first."""
    for person, n, value in ((zhao, 7, "remarks=甲"), (li, 8, "postcode=100000")):
        person.done("team", "remove", "wang.fang", "--yes")
        person.done("update", ONE, "--set", value)
        add(person, n)
    zhao.done("sync")


def nothing_lost(*people: Person) -> None:
    assert len({one.head() for one in people}) == 1
    for one in people:
        assert one("check").exit == one("audit").exit == 0
        found = shown(one)
        assert set(found) == {f"王样例{n}" for n in (1, 2, 7, 8)}
        assert (found["王样例1"]["remarks"], found["王样例1"]["postcode"]) == ("甲", "100000")
        assert {one["phone"] for one in found.values()} == {f"+86138123400{n:02d}" for n in (1, 2, 7, 8)}


def hand_over_keys(giver: Person, taker: Person) -> None:
    stick = str(giver.world / "stick")
    giver.done("keys", "export", "--for", taker.name, stick)
    taker.done("keys", "import", stick)


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_whichever_team_stays_what_was_sealed_with_the_other_s_keys_is_read(
    pair: tuple[Person, Person], side: str
) -> None:
    zhao, li = pair
    new_keys_on_both_sides(zhao, li)
    said = li("sync")
    assert said.exit == 4
    assert [line.split(":")[1].strip() for line in said.err.splitlines()] == [ACCESS, KEYS]
    assert "make it again" in li.done("resolve", ACCESS, "--take", side)
    synced(li, zhao)
    nothing_lost(zhao, li)
    zhao.done("update", ONE, "--set", "messenger=wang-1")
    synced(zhao, li)
    assert shown(li)["王样例1"]["messenger"] == "wang-1"


def test_git_s_own_merge_loses_nothing_either(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    new_keys_on_both_sides(zhao, li)
    assert li("sync").exit == 4  # the customers' keys are here, and Li's customer has a number of its own
    li.git("merge", "-q", "origin/main", check=False)
    li.done("resolve", ACCESS, "--take", "theirs")
    synced(li, zhao)
    nothing_lost(zhao, li)


def test_what_somebody_changed_meanwhile_waits_for_nobody(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.done("team", "remove", "wang.fang", "--yes")
    zhao.done("sync")
    li.done("update", ONE, "--set", "remarks=新")
    synced(li, zhao)
    assert shown(zhao)["王样例1"]["remarks"] == "新"


def test_a_clash_is_shown_though_one_side_s_keys_are_new(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.done("team", "remove", "wang.fang", "--yes")
    zhao.done("update", ONE, "--set", "remarks=甲")
    zhao.done("sync")
    li.done("update", ONE, "--set", "remarks=乙")
    li.refused(4, "sync")
    (row,) = json.loads(li("resolve", "--format", "json").out)["data"]
    assert (row["base"], row["ours"], row["theirs"]) == ("旧", "乙", "甲")
    li.done("resolve", ONE, "--set", "remarks=丙")
    synced(li, zhao)
    assert shown(zhao)["王样例1"]["remarks"] == "丙"


def test_two_who_make_the_same_change_decide_nothing_but_who_signs(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    for one in pair:
        one.done("team", "role", "wang.fang", "--role", "manager")
    assert zhao.tree(ACCESS) == li.tree(ACCESS)
    zhao.done("sync")
    li.refused(4, "sync")
    li.done("resolve", KEYS, "--take", "theirs")
    synced(li, zhao)
    assert zhao.head() == li.head()
    assert zhao("audit").exit == 0


def test_who_is_no_admin_any_more_hands_the_decision_over(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    li.done("team", "remove", "wang.fang", "--yes")
    li.done("update", ONE, "--set", "remarks=乙")
    add(li, 9)
    zhao.done("team", "role", "li.na", "--role", "staff")
    zhao.done("sync")
    li.refused(4, "sync")
    told = li.refused(5, "resolve", ACCESS, "--take", "theirs")
    assert "git push origin HEAD:refs/heads/for-a-decision" in told
    li.git("push", "-q", "origin", "HEAD:refs/heads/for-a-decision")
    zhao.git("pull", "-q", "--no-rebase", "origin", "for-a-decision", check=False)
    assert "crm keys export --for" in zhao.refused(5, "resolve", ACCESS, "--take", "ours")
    hand_over_keys(li, zhao)
    zhao.done("resolve", ACCESS, "--take", "ours")
    synced(zhao, li, zhao)
    assert zhao.head() == li.head()
    found = shown(zhao)
    assert (found["王样例1"]["remarks"], found["王样例9"]["phone"]) == ("乙", "+8613812340009")
    assert zhao("audit").exit == li("audit").exit == 0
