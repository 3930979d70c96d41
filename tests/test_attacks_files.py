"""Signed files that no crm can read: nobody publishes them unawares, and who takes them in is told."""

import pytest
from attack_world import ONE, WANG
from people import Person, synced

pytest_plugins = ["attack_world"]
BROKEN = [("kind: individual", "kind: customer", "kind"), (f"id: {ONE}", "id: C20240510007", "id")]


def broken(by: Person, old: str, new: str) -> str:
    by.change(WANG, old + "\n", new + "\n")
    return by.keep_signed()


@pytest.mark.parametrize(("old", "new", "field"), BROKEN)
def test_they_are_not_published(people: list[Person], old: str, new: str, field: str) -> None:
    zhao, li, _wang = people
    synced(zhao, li)
    before, made = li.git("ls-remote", "origin", "refs/heads/main"), broken(li, old, new)
    said = li.refused(6, "sync")
    assert f"{WANG}:" in said
    assert field in said
    assert made[:12] in said
    assert li.git("ls-remote", "origin", "refs/heads/main") == before
    li.change(WANG, new + "\n", old + "\n")
    li.keep_signed()
    synced(li, zhao)
    assert zhao("check").exit == 0


@pytest.mark.parametrize(("old", "new", "field"), BROKEN)
def test_they_are_named_where_they_come_in(people: list[Person], old: str, new: str, field: str) -> None:
    zhao, li, _wang = people
    synced(zhao, li, zhao, li)
    made = broken(li, old, new)
    li.push()
    told = zhao("sync")
    assert (told.exit, zhao.head()) == (0, made)
    assert f"{WANG}:" in told.err
    assert field in told.err
    assert made[:12] in told.err
    assert zhao("update", "C20240510002", "--set", "source=store").exit == 0
    told = zhao("sync")
    assert (told.exit, made[:12] in told.err) == (0, False)


def test_a_field_that_the_same_commits_declare_is_no_trouble(people: list[Person]) -> None:
    zhao, li, _wang = people
    synced(zhao, li)
    path = zhao.folder / "schemas/custom-fields.yaml"
    path.write_text(
        path.read_text().rstrip("\n") + "\n  shoe:\n    type: line\n    zh: 鞋码\n    en: Shoe\n    level: open\n"
    )
    zhao.done("commit")
    zhao.done("update", ONE, "--set", "custom.shoe=41")
    zhao.done("sync")
    told = li("sync")
    assert (told.exit, told.err) == (0, "")
