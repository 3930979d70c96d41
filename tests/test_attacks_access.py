"""Attacks on the access file and the keys: nobody gets in by them, and everybody is told."""

import base64
import re
from collections.abc import Callable

import pytest
from attack_world import (
    ACCESS,
    KEYS,
    NAME,
    ONE,
    PHONE,
    READING,
    SETTINGS,
    WRITING,
    arrives,
    higher_serial,
    put,
    self_made_admin,
    silent,
)
from ended import Ended
from people import Person

from crmcli.model.fields import Level
from crmcli.sealing.identity import new_identity
from crmcli.sealing.masters import fingerprint, new_master, wrap

pytest_plugins = ["attack_world"]


def forged_master(li: Person, *, named: bool) -> None:
    """Li makes a master of her own for the highest level, wrapped for the admin, with or without its fingerprint."""
    master, vault = new_master(), str(li.tree(SETTINGS)["id"])
    recipient = next(iter(li.tree(ACCESS)["people"]["zhao.min"]["devices"].values()))["recipient"]
    old = re.search(r"restricted:\n +\"?1\"?:\n(?: +[a-z.]+: .*\n)*? +zhao\.min: (\S+)", (li.folder / KEYS).read_text())
    assert old
    put(li, KEYS, old[1], wrap(master, [recipient]))
    if named:
        known = li.tree(ACCESS)["masters"]["restricted"]["1"]
        put(li, ACCESS, known, fingerprint(master, vault, Level.RESTRICTED, 1))
        higher_serial(li)


def added_recipient(li: Person) -> None:
    """A further device for the admin, whose keys Li holds."""
    made = new_identity()
    signer = base64.urlsafe_b64encode(made.signer).decode().rstrip("=")
    text = (li.folder / ACCESS).read_text()
    device = f"      {made.device}:\n        recipient: {made.recipient}\n        signer: {signer}\n"
    (li.folder / ACCESS).write_text(re.sub(r"(zhao\.min:\n(?:.*\n)*?    devices:\n)", rf"\1{device}", text, count=1))
    assert len(li.tree(ACCESS)["people"]["zhao.min"]["devices"]) == 2
    higher_serial(li)


def lowered_levels(li: Person) -> None:
    with (li.folder / ACCESS).open("a") as file:
        file.write("roles:\n  sales: restricted\n")
    higher_serial(li)


def dropped_keys(li: Person) -> None:
    (li.folder / KEYS).unlink()


def hostile(text: str) -> Callable[[Person], None]:
    def write(li: Person) -> None:
        kept = (li.folder / ACCESS).read_text()
        (li.folder / ACCESS).write_text(text.replace("KEPT", kept))

    return write


SLIPPED_IN: dict[str, Callable[[Person], None]] = {
    "a forged master": lambda li: forged_master(li, named=False),
    "a forged master and its fingerprint": lambda li: forged_master(li, named=True),
    "an admin of her own making": self_made_admin,
    "a further device of the admin": added_recipient,
    "a role that reads more": lowered_levels,
    "no keys at all": dropped_keys,
    "names that act on a terminal": hostile('KEPTroles:\n  "\\e[31mred\\u202e": restricted\n'),
    "a megabyte": hostile("KEPT# " + "x" * 1_000_000 + "\n"),
    "no YAML": hostile("\x00\x01: [}"),
    "a bomb": hostile("a: &a [1,1]\nb: &b [*a,*a]\nc: [*b,*b]\n"),
    "a tag": hostile("KEPTroles: !!python/object/apply:os.system [true]\n"),
    "a list": hostile("- KEPT\n"),
    "deep": hostile("[" * 5000),
}


@pytest.mark.parametrize("slip", SLIPPED_IN.values(), ids=list(SLIPPED_IN))
def test_keys_and_access_changed_by_hand_have_no_effect_until_committed(
    people: list[Person], slip: Callable[[Person], None]
) -> None:
    _zhao, li, _wang = people
    slip(li)
    told = li("show", ONE)
    assert told.exit in (0, 2), told  # 2: a file of rules that can't be read is named
    if told.exit == 0:
        assert told.out.count("(sealed: ") == 3
        assert li("search", f"phone:{PHONE}").exit == 5
        assert "Only an admin" in li.refused(5, "team", "role", "li.na", "--role", "admin")
    silent(told)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("slip", SLIPPED_IN.values(), ids=list(SLIPPED_IN))
def test_keys_and_access_pushed_by_somebody_not_entitled_stop_everybody_until_put_back(
    people: list[Person], slip: Callable[[Person], None], signed: bool
) -> None:
    zhao, li, wang = people
    slip(li)
    made = arrives(zhao, li, li.keep_signed if signed else None)
    words = zhao.refused(7, "show", ONE)
    assert f"not trusted since commit {made[:12]} by li.na" in words, words
    silent(Ended(7, "", words))
    restored(wang.pull(), wang.refused(7, "list"))
    wang.push()
    zhao.pull()
    assert NAME in zhao.done("show", ONE)
    zhao.done("update", ONE, "--set", "tier=silver")
    told = zhao("audit")
    assert (told.exit, made[:12] in told.out) == (6, True)


def restored(person: Person, words: str) -> None:
    """What the message says is done: it works for whoever is there, with the hook in place."""
    command = re.search(r"`git (restore --source=\w+ -- \S+ \S+)`", words)
    assert command, words
    person.git(*command[1].split())
    person.git("add", "schemas")
    person.git("commit", "-q", "--no-gpg-sign", "-m", "put back")
    person.done("show", ONE)


def test_while_the_access_file_is_not_trusted_nothing_is_read_written_or_handed_on(people: list[Person]) -> None:
    zhao, li, _wang = people
    self_made_admin(li)
    arrives(zhao, li, li.keep_signed)
    before = {path: path.read_bytes() for path in zhao.home.rglob("*") if path.is_file()}
    for words in (*READING, *WRITING):
        assert "not trusted" in zhao.refused(7, *words), words
        assert "not trusted" in li.refused(7, *words), words
    assert {path: path.read_bytes() for path in zhao.home.rglob("*") if path.is_file()} == before
    assert zhao.git("status", "--porcelain") == ""
    assert not (zhao.world / "stick").exists()
    assert zhao("audit").exit == 7
    assert zhao("doctor").exit == 6


def test_an_older_access_file_put_back_is_a_rollback(people: list[Person]) -> None:
    zhao, li, wang = people
    before = zhao.head()
    zhao.done("team", "remove", "li.na", "--yes")
    zhao.push()
    li.pull()
    li.git("checkout", "-q", before, "--", "schemas")
    made = arrives(zhao, li, li.keep_signed)
    said = zhao.refused(7, "show", ONE)
    assert made[:12] in said
    assert "It puts an older file back." in said
    restored(wang.pull(), wang.refused(7, "show", ONE))


def test_a_branch_set_back_is_a_rollback_for_whoever_has_seen_more(people: list[Person]) -> None:
    zhao, _li, wang = people
    before = zhao.head()
    zhao.done("team", "role", "li.na", "--role", "staff")
    zhao.push()
    zhao.git("push", "-q", "--force", "origin", f"{before}:refs/heads/main")
    newest = zhao.head()
    zhao.git("reset", "-q", "--hard", "origin/main")
    said = zhao.refused(7, "show", ONE)
    assert "older than what this clone has seen" in said
    merge = re.search(r"`git (merge \w+)`", said)
    assert merge
    zhao.git(*merge[1].split())
    assert zhao.head() == newest
    zhao.done("show", ONE)
    assert wang.pull()("show", ONE).exit == 0  # who never saw the newer one can't know
