"""Attacks on a vault's settings and rules, on git's own ways, and on the files of one machine."""

import hashlib
import re
import shutil
from pathlib import Path

import pytest
from attack_world import (
    ACCESS,
    CUSTOM,
    KEYS,
    NAME,
    ONE,
    READING,
    SETTINGS,
    SHANG,
    TWO,
    WANG,
    WRITING,
    arrives,
    audited,
    put,
    self_made_admin,
    token,
)
from people import Person, founded

pytest_plugins = ["attack_world"]


@pytest.mark.parametrize("signed", [False, True])
def test_a_sealed_vault_declared_open_is_refused(people: list[Person], signed: bool) -> None:
    zhao, li, _wang = people
    text = (li.folder / SETTINGS).read_text()
    (li.folder / SETTINGS).write_text(re.sub("^sealing: .*$", "sealing: false", text, flags=re.MULTILINE))
    made = arrives(zhao, li, li.keep_signed if signed else None)
    for words in (*READING, *WRITING):
        assert "was sealed" in zhao.refused(7, *words), words
    assert f"`git log -p {SETTINGS}`" in zhao("audit").err
    sun = Person(zhao.world, "sun.yu").clone()  # a first use of the clone: nothing is pinned there
    for words in WRITING[:2]:
        assert "sealed" in sun.refused(7, *words), words
    assert "sealing: false" in zhao.git("log", "-p", "-1", made, "--", SETTINGS)
    zhao.git("revert", "--no-edit", made)
    zhao.done("show", ONE)


def test_another_vault_id_is_refused(people: list[Person]) -> None:
    zhao, li, _wang = people
    put(li, SETTINGS, str(li.tree(SETTINGS)["id"]), "4Z8K2M9QXA7PDR1TVW3BNC5GHJ")
    arrives(zhao, li)
    assert "id of the vault" in zhao.refused(7, "show", ONE)


@pytest.mark.parametrize("signed", [False, True])
def test_a_custom_field_declared_open_by_somebody_else_stays_sealed(people: list[Person], signed: bool) -> None:
    zhao, li, _wang = people
    put(li, CUSTOM, "level: internal", "level: open")
    made = arrives(zhao, li, li.keep_signed if signed else None)
    assert zhao("show", ONE).err.count(made[:12]) == 1
    zhao.done("update", ONE, "--set", "tier=silver")
    assert token(zhao, WANG, "member_card").startswith("ENC[1,internal")  # nothing new: it stays as it was
    zhao.done("update", ONE, "--set", "custom.member_card=88005678")
    zhao.done("update", TWO, "--set", "custom.member_card=88009999")
    for path in (WANG, SHANG):
        assert token(zhao, path, "member_card").startswith("ENC[1,confidential")
    assert "88009999" in zhao.done("show", TWO, "--reveal", "--reason", "other")
    audited(zhao, made, "rules")
    zhao.git("checkout", f"{made}~1", "--", CUSTOM)
    zhao.done("commit")
    assert made[:12] not in zhao("show", TWO).err


def test_a_custom_field_lowered_by_hand_counts_once_it_is_committed(people: list[Person]) -> None:
    zhao, _li, _wang = people
    put(zhao, CUSTOM, "level: internal", "level: open")
    zhao.done("update", TWO, "--set", "custom.member_card=88009999")
    assert token(zhao, SHANG, "member_card").startswith("ENC[1,internal")
    zhao.keep_signed()
    zhao.done("add", "--kind", "individual", "--name", "新人", "--incomplete", "--set", "custom.member_card=88007777")
    assert "88007777" in zhao.git("grep", "88007777", "HEAD")


def test_an_import_leaves_no_digest_of_the_file_in_git(people: list[Person]) -> None:
    zhao, li, _wang = people
    data = "kind,name,phone,region,source\nindividual,王小芳,13655556666,北京市/朝阳区,store\n".encode()
    (zhao.world / "people.csv").write_bytes(data)
    zhao.done("import", "../../people.csv")
    zhao.push()
    assert hashlib.sha256(data).hexdigest() not in zhao.git("log", "-1")
    mark = re.search(r"Crm-Import: hmac-sha256:[0-9a-f]{64} customers", zhao.git("log", "-1"))
    assert mark
    assert "imported on" in zhao.refused(4, "import", "../../people.csv")
    assert "imported on" in li.pull().refused(4, "import", "../../people.csv")
    zhao.done("--yes", "team", "remove", "wang.fang")  # new masters; the mark is under an older one
    assert "imported on" in zhao.refused(4, "import", "../../people.csv")


def test_a_vault_under_another_id_without_its_keys_is_refused(people: list[Person]) -> None:
    zhao, li, _wang = people
    put(li, SETTINGS, str(li.tree(SETTINGS)["id"]), "4Z8K2M9QXA7PDR1TVW3BNC5GHJ")
    text = (li.folder / SETTINGS).read_text()
    (li.folder / SETTINGS).write_text(re.sub("^sealing: .*$", "sealing: false", text, flags=re.MULTILINE))
    (li.folder / KEYS).unlink()
    access = (li.folder / ACCESS).read_text()
    (li.folder / ACCESS).write_text(access[: access.index("masters:")])
    arrives(zhao, li)
    sun = Person(zhao.world, "sun.yu").clone()  # who never used the vault before: the history tells
    anew = Person(zhao.world, "zhao.min", "2").clone()  # an admin's new clone on another machine
    for person in (zhao, sun, anew):
        for words in (*READING[:2], *WRITING[:2]):
            assert "was sealed" in person.refused(7, *words), words


def test_git_replace_and_grafts_change_nothing(people: list[Person]) -> None:
    zhao, li, _wang = people
    good = zhao.head()
    self_made_admin(zhao)
    bad = zhao.keep()
    zhao.git("reset", "-q", "--hard", good)
    zhao.git("replace", good, bad)
    assert zhao.done("team", "list", "--format", "json").count('"admin"') == 1
    assert zhao("audit").exit == 0
    zhao.git("replace", "-d", good)
    (zhao.folder / ".git/info").mkdir(exist_ok=True)
    (zhao.folder / ".git/info/grafts").write_text(f"{good}\n")
    assert NAME in zhao.done("show", ONE)
    assert li("show", ONE).exit == 0


def test_a_shallow_clone_is_refused_with_the_way_out(people: list[Person]) -> None:
    zhao, _li, _wang = people
    shutil.rmtree(zhao.folder)
    zhao.clone()
    whole = zhao.folder.parent / "whole"
    zhao.folder.rename(whole)
    (zhao.world / "remote.git").rename(zhao.world / "remote")
    url = f"file://{zhao.world / 'remote'}"
    Person(zhao.world, "zhao.min").folder.mkdir()
    zhao.git("init", "-q", "-b", "main")
    zhao.git("fetch", "-q", "--depth", "1", url, "main")
    zhao.git("reset", "-q", "--hard", "FETCH_HEAD")
    assert "git fetch --unshallow" in zhao.refused(5, "show", ONE)


@pytest.mark.parametrize("edit", ["flipped", "another", "text", "cut"])
def test_salts_edited_are_named(people: list[Person], edit: str) -> None:
    zhao, _li, _wang = people
    (file,) = zhao.data.rglob("salts")
    line = file.read_bytes().splitlines()[0]
    edited = {
        "flipped": line[:40] + (b"B" if line[40:41] == b"A" else b"A") + line[41:] + b"\n",
        "another": line[:36] + file.read_bytes().splitlines()[1][36:] + b"\n",
        "text": b"# my keys\n",
        "cut": line[:60] + b"\n",
    }[edit]
    file.write_bytes(edited + file.read_bytes().split(b"\n", 1)[1])
    told = zhao("show", ONE)
    assert (told.exit, NAME in told.out) == (7, False), told
    assert "salts" in told.err
    assert zhao.refused(7, "update", ONE, "--set", "remarks=x")


def test_a_key_kit_that_is_not_the_right_one_changes_nothing(people: list[Person], tmp_path: Path) -> None:
    zhao, _li, _wang = people
    kit, home = tmp_path / "kit", Person(zhao.world, "zhao.min", "-home")
    zhao.done("keys", "export", str(kit), stdin=b"correct horse\n")
    zhao.push()
    home.clone()
    data = kit.read_bytes()
    flipped = bytearray(data)
    flipped[-40] ^= 1
    for at, (content, words) in enumerate(
        ((data, b""), (bytes(flipped), b"correct horse\n"), (data[:90], b""), (b"x", b""))
    ):
        (tmp_path / f"kit{at}").write_bytes(content)
        told = home("keys", "import", str(tmp_path / f"kit{at}"), stdin=words)
        assert told.exit in (2, 5, 7), told
        assert not list(home.data.rglob("salts"))
        assert not list(home.config.rglob("identity.age"))
    other = founded(tmp_path / "other", "zhao.min")
    told = other("keys", "import", str(kit), stdin=b"correct horse\n")
    assert (told.exit, "another vault" in told.err) == (2, True)
