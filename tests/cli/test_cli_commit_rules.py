"""`crm commit` takes in house rules alone, and in a sealed vault only from those who may change them."""

from pathlib import Path

import pytest
from people import Person, begun_with, founded, let_in

ACCESS, CODES, KEYS = (f"schemas/{name}.yaml" for name in ("access", "codes", "keys"))


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Person]]:
    world = tmp_path_factory.mktemp("rules") / "world"
    zhao = founded(world, "zhao.min")
    li, wang = (
        let_in(zhao, Person(world, name), role) for name, role in (("li.na", "sales"), ("wang.fang", "manager"))
    )
    return world, [zhao, li.pull(), wang]


@pytest.fixture
def team(state: tuple[Path, list[Person]], tmp_path: Path) -> list[Person]:
    """An admin, somebody of sales, a manager."""
    return begun_with(state[0], tmp_path / "world", *state[1])


def left(person: Person, path: str, why: str) -> None:
    """The file is named and not committed."""
    before = person.head()
    told = person("commit")
    assert (told.exit, person.head()) == (6, before), told
    assert path in told.err + told.out
    assert why in told.err + told.out


def raise_level(person: Person) -> None:
    with (person.folder / ACCESS).open("a") as file:
        file.write("levels:\n  region: internal\n")


@pytest.mark.parametrize("name", ["backup.yaml", "x.json", "more/codes.yaml"])
def test_other_files_beside_the_house_rules_are_left(name: str, team: list[Person]) -> None:
    path = team[0].folder / "schemas" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("a: 13800138000\n")
    left(team[0], f"schemas/{name}", "This is not a house rule")


def test_house_rules_are_taken_from_managers_and_admins(team: list[Person]) -> None:
    zhao, li, wang = team
    for person in team:
        with (person.folder / CODES).open("a") as file:
            file.write("# changed\n")
    left(li, CODES, "Only a manager or an admin")
    for person in (zhao, wang):
        person.done("commit")
        person.done("audit")


@pytest.mark.parametrize("path", [ACCESS, KEYS])
def test_the_team_is_taken_from_admins_alone(path: str, team: list[Person]) -> None:
    for person in team[1:]:
        with (person.folder / path).open("a") as file:
            file.write("# changed\n")
        left(person, path, "Only an admin")


def test_an_admins_hand_edit_of_the_team_gets_its_serial(team: list[Person]) -> None:
    zhao, li, _wang = team
    before = int(str(zhao.tree(ACCESS)["serial"]))
    raise_level(zhao)
    zhao.done("commit")
    assert zhao.tree(ACCESS)["serial"] == str(before + 1)
    with (zhao.folder / KEYS).open("a") as file:
        file.write("# changed\n")
    zhao.done("commit")
    assert zhao.tree(ACCESS)["serial"] == str(before + 2)
    zhao.change(ACCESS, f'serial: "{before + 2}"', 'serial: "40"')
    zhao.done("commit")
    assert zhao.tree(ACCESS)["serial"] == "40"
    zhao.done("audit")
    zhao.push()
    li.pull().done("list")


@pytest.mark.parametrize(("old", "new", "why"), [("- admin", "- legal", "at least one admin"), ("masters:", "x:", "x")])
def test_a_team_that_nobody_would_trust_is_left(old: str, new: str, why: str, team: list[Person]) -> None:
    team[0].change(ACCESS, old, new)
    left(team[0], ACCESS, why)
    team[0].git("restore", ".")
    team[0].done("list")
