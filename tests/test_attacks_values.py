"""Attacks on sealed values: moved, altered, replaced by clear text. Each test says what is detected, or that it is not."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from attack_world import CUSTOMERS, NAME, ONE, PHONE, SHANG, WANG, arrives, audited, named, put, silent, token
from bytesearch import needles, search
from people import Person, founded

pytest_plugins = ["attack_world"]


def moved(person: Person, source: tuple[str, str], target: tuple[str, str]) -> None:
    put(person, target[0], token(person, *target), token(person, *source))


ALTERED = {
    "to another field": ("email", lambda one: moved(one, (WANG, "phone"), (WANG, "email"))),
    "label raised": ("phone", lambda one: put(one, WANG, "phone: ENC[1,confidential", "phone: ENC[1,restricted")),
    "label lowered": ("phone", lambda one: put(one, WANG, "phone: ENC[1,confidential", "phone: ENC[1,internal")),
    "open label": ("phone", lambda one: put(one, WANG, "phone: ENC[1,confidential", "phone: ENC[1,open")),
    "from a lower level": ("phone", lambda one: moved(one, (WANG, "name"), (WANG, "phone"))),
    "from a higher level": ("name", lambda one: moved(one, (WANG, "id_number"), (WANG, "name"))),
    "another generation": (
        "phone",
        lambda one: put(one, WANG, "phone: ENC[1,confidential.1", "phone: ENC[1,confidential.2"),
    ),
    "generation 0": ("phone", lambda one: put(one, WANG, "phone: ENC[1,confidential.1", "phone: ENC[1,confidential.0")),
    "another format": ("phone", lambda one: put(one, WANG, "phone: ENC[1,", "phone: ENC[2,")),
    "truncated": (
        "phone",
        lambda one: put(one, WANG, token(one, WANG, "phone"), token(one, WANG, "phone")[:-44] + "]"),
    ),
    "cut off": ("phone", lambda one: put(one, WANG, token(one, WANG, "phone"), token(one, WANG, "phone")[:-1])),
    "a bit flipped": (
        "phone",
        lambda one: put(one, WANG, token(one, WANG, "phone"), flipped(token(one, WANG, "phone"))),
    ),
    "nothing in it": ("phone", lambda one: put(one, WANG, token(one, WANG, "phone"), "ENC[]")),
    "an open field": (
        "region",
        lambda one: put(one, WANG, "region: 北京市/朝阳区", f"region: {token(one, WANG, 'phone')}"),
    ),
}


def flipped(text: str) -> str:
    """The first character of the body is another one."""
    at = text.rindex(",") + 1
    return f"{text[:at]}{'B' if text[at] == 'A' else 'A'}{text[at + 1 :]}"


@pytest.mark.parametrize(("field", "alter"), ALTERED.values(), ids=list(ALTERED))
def test_an_altered_value_is_named_and_the_rest_is_shown(
    people: list[Person], field: str, alter: Callable[[Person], None]
) -> None:
    zhao, li, _wang = people
    alter(li)
    made = arrives(zhao, li)
    if field != "region":
        named(zhao, field, "altered|moved|lower|not a well-formed|names a key that does not exist")
    else:
        assert zhao("check").exit in (6, 7)
    audited(zhao, made)
    zhao.done("undo", made, "--reason", "correction")
    assert zhao.done("check") == ""
    assert NAME in zhao.done("show", ONE)


def test_values_of_entries_exchanged_are_named(people: list[Person]) -> None:
    zhao, li, _wang = people
    text = (li.folder / WANG).read_text()
    one, two = re.findall(r"summary: (ENC.*)", text)
    (li.folder / WANG).write_text(text.replace(one, "\0").replace(two, one).replace("\0", two))
    arrives(zhao, li)
    named(zhao, "summary", "altered|moved")


def test_a_value_of_another_customer_is_named(people: list[Person]) -> None:
    zhao, li, _wang = people
    moved(li, (SHANG, "phone"), (WANG, "phone"))
    arrives(zhao, li)
    named(zhao, "phone", "altered|moved")


def test_a_file_put_under_another_number_is_named(people: list[Person]) -> None:
    zhao, li, _wang = people
    text = (li.folder / WANG).read_text()
    uid = str(li.tree(SHANG)["uid"])
    (li.folder / WANG).write_text(re.sub("^uid: .*$", f"uid: {uid}", text, flags=re.MULTILINE))
    arrives(zhao, li)
    named(zhao, "name", "altered|moved")


def test_a_value_of_another_vault_is_not_read(people: list[Person], tmp_path: Path) -> None:
    zhao, li, _wang = people
    other = founded(tmp_path / "other", "zhao.min", CUSTOMERS[0])
    own, strange = token(li, WANG, "phone"), token(other, WANG, "phone")
    put(li, WANG, own, strange)
    made = arrives(zhao, li)
    told = zhao("show", ONE)
    # Its key is nowhere here, as it would be for a customer whom somebody else added: it is no proof of an attack.
    assert (told.exit, "Phone      (sealed: confidential)" in told.out) == (0, True), told
    assert "not on this machine" in told.err
    audited(zhao, made)
    salt = own.split(",")[2]
    put(zhao, WANG, strange, strange.replace(strange.split(",")[2], salt))
    named(zhao, "phone", "altered|moved")


def test_an_older_value_of_the_field_is_read_and_its_commit_is_named(people: list[Person]) -> None:
    zhao, li, _wang = people
    old = token(zhao, WANG, "phone")
    zhao.done("update", ONE, "--set", "phone=13655556666")
    zhao.push()
    li.pull()
    put(li, WANG, token(li, WANG, "phone"), old)
    made = arrives(zhao, li)
    told = zhao("show", ONE, "--reveal", "--reason", "delivery")
    assert (told.exit, PHONE in told.out) == (0, True)  # not detected by the token: it was valid in this place
    audited(zhao, made)
    assert made[:12] in zhao.done("blame", ONE)


def test_a_sealed_value_deleted_is_not_named_by_reading_but_by_audit(people: list[Person]) -> None:
    zhao, li, _wang = people
    put(li, WANG, f"phone: {token(li, WANG, 'phone')}\n", "")
    made = arrives(zhao, li)
    assert zhao("show", ONE).exit == 0
    audited(zhao, made)
    assert "Phone" in zhao.done("history", "-p", ONE)


def test_clear_text_pushed_past_the_hook_is_named_until_it_is_sealed(people: list[Person]) -> None:
    zhao, li, _wang = people
    put(li, WANG, token(li, WANG, "phone"), '"+8613655556666"')
    made = arrives(zhao, li)
    named(zhao, "phone", "Clear text in a sealed field")
    audited(zhao, made)
    said = zhao.refused(7, "update", ONE, "--set", "tier=silver")
    assert "13655556666" not in said
    zhao.refused(7, "seal")
    zhao.done("seal", ONE)
    assert zhao.done("check") == ""
    assert "ENC[1,confidential" in token(zhao, WANG, "phone")


def test_clear_text_in_the_work_tree_is_named_and_never_committed(people: list[Person]) -> None:
    zhao, _li, _wang = people
    put(zhao, WANG, token(zhao, WANG, "phone"), '"+8613655556666"')
    named(zhao, "phone", "Clear text in a sealed field")
    zhao.done("commit")
    assert search([zhao.folder / ".git"], needles(["+8613655556666"])) == []
    assert zhao.done("check") == ""


def test_clear_text_added_with_git_is_kept_out_of_commits_and_stays_until_git_prunes_it(people: list[Person]) -> None:
    zhao, _li, _wang = people
    put(zhao, WANG, token(zhao, WANG, "phone"), '"+8613655556666"')
    zhao.git("add", "-A")
    with pytest.raises(AssertionError, match="Clear text in a sealed field"):
        zhao.git("commit", "-q", "-m", "by hand")
    zhao.git("reset", "-q")
    zhao.done("commit")
    assert zhao.done("check") == ""
    assert search([zhao.folder / ".git"], needles(["+8613655556666"])) != []  # not prevented: `git add` has kept it
    zhao.git("gc", "-q", "--prune=now")
    assert search([zhao.folder / ".git"], needles(["+8613655556666"])) == []


@pytest.mark.parametrize("line", ["# 电话 13655556666\n", "# called\n"])
def test_a_comment_in_a_sealed_file_is_named(people: list[Person], line: str) -> None:
    zhao, li, _wang = people
    put(li, WANG, "region:", f"{line}region:")
    arrives(zhao, li)
    told = zhao("check")
    assert (told.exit, "A comment in a sealed file" in told.out) == (7, True), told
    silent(told)
    zhao.done("update", ONE, "--set", "tier=silver")
    assert "#" not in (zhao.folder / WANG).read_text()
