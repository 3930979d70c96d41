"""Files in the wrong place, under the wrong number, behind links or no files at all: named, left alone, never followed."""

import os
import shutil

import pytest
from conventions import kept_apart
from flaws import GOOD, WANG

pytest_plugins = ["conventions"]


# The number


@pytest.mark.parametrize("number", ["C20240510003", "C2024051000../../1", "../../../etc/passwd", "C20240230001"])
def test_an_id_that_is_not_the_file_name(crm, number, editor):
    crm.put(WANG, GOOD.replace("id: C20240510001", f"id: {number}"))
    crm.keep()
    assert crm.stopped_by("show", "C20240510001") == (
        f"error: The id in the file does not match the file name.\n  {WANG}:1: id\nhint: id: C20240510001\n"
    )
    ended = crm("list", "--format", "ids")
    assert (ended.exit, ended.out) == (6, "C20240510002\n")
    assert ended.err == f"error: {WANG}:1: id: The id in the file does not match the file name. id: C20240510001\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: C20240510001", "id: C20240510003", f"id never changes. (expected C20240510001)\n  {WANG}:1: id\n"),
        ("uid: 4Z8K", "uid: 6Z8K", f"uid never changes. (expected 4Z8K2M9QXA7PDR1TVW3BNC5GHJ)\n  {WANG}:2: uid\n"),
    ],
)
def test_identity_never_changes(crm, editor, old, new, said):
    editor(GOOD.replace(old, new).encode())
    assert kept_apart(crm.stopped_by("edit", "王芳")) == f"error: {said}"


def test_identity_never_changes_by_hand(crm):
    crm.change(WANG, "uid: 4Z8K", "uid: 6Z8K")
    before = crm.state()
    ended = crm("commit")
    assert ended.exit == 6
    assert ended.err == f"error: {WANG}:2: uid: The uid never changes. uid: 4Z8K2M9QXA7PDR1TVW3BNC5GHJ\n"
    assert crm.state() == before


def test_a_copied_customer_is_not_taken_in_under_the_same_uid(crm):
    copy = "records/2024/05/C20240510003.yaml"
    crm.put(copy, (crm.folder / WANG).read_text().replace("C20240510001", "C20240510003"))
    before = crm.state()
    ended = crm("commit")
    assert ended.exit == 6
    assert ended.err.startswith(f"error: {copy}:2: uid: Another customer has the same uid.")
    assert crm.state() == before


@pytest.mark.parametrize(
    "path",
    [
        "records/2024/05/notes.yaml",
        "records/2024/06/C20240510003.yaml",
        "records/2024/02/C20240230001.yaml",
        "records/2024/05/C20240510003.yml",
        "records/2024/05/\x1b[31m.yaml",
        "records/2024/05/a\nb.yaml",
        "records/2024/05/\udcff.yaml",
    ],
)
def test_a_file_that_is_nobodys_place(crm, path):
    crm.put(path, GOOD)
    before = crm.state()
    shown = path.replace("\x1b", "\\x1b").replace("\n", "\\n").replace("\udcff", "\\udcff")
    place = "records/2024/05/C20240510003.yaml" if path.endswith("C20240510003.yaml") else "records/YYYY/MM/NUMBER.yaml"
    said = f"error: {shown}: The file's folder does not match its name. {place}\n"
    for words in (("list", "--format", "ids"), ("search", "vip OR 张伟", "--format", "ids")):
        ended = crm(*words)
        assert (ended.exit, ended.err) == (6, said)
        assert "C20240510002" in ended.out
    ended = crm("commit")
    assert (ended.exit, ended.out, ended.err) == (6, "Nothing changed.\n", said)
    assert crm.state() == before


def test_a_file_that_is_no_customers_is_nobodys_business(crm):
    crm.put("records/2024/05/notes.txt", "x")
    crm.put("schemas/notes.txt", "x")
    before = crm.state()
    assert (crm("list", "--format", "ids").exit, crm("commit").exit, crm("check").exit) == (0, 0, 0)
    assert crm.state() == before


def test_a_file_deleted_by_hand_is_not_taken_for_a_wish(crm):
    (crm.folder / WANG).unlink()
    before = crm.state()
    ended = crm("commit")
    assert ended.exit == 6
    assert ended.err == (
        f"error: {WANG}: This customer's file was deleted by hand. `git restore {WANG}` brings it back.\n"
    )
    assert crm.state() == before


# Links and other things that are no files

LINK = "is, or lies behind, a symbolic link; links are not followed."


@pytest.mark.parametrize("target", ["outside", "/dev/zero", "C20240510002.yaml", "nowhere"])
def test_a_link_is_never_followed(crm, tmp_path, monkeypatch, target):
    there = str(tmp_path / target) if target == "outside" else target
    (tmp_path / "outside").write_text(GOOD.replace("王芳", "秘密"))
    (crm.folder / WANG).unlink()
    (crm.folder / WANG).symlink_to(there)
    before = crm.state()
    ended = crm("list")
    assert (ended.exit, f"error: {WANG}: {WANG} {LINK}\n") == (6, ended.err)
    assert "秘密" not in ended.out
    assert crm("commit").exit == 6
    for words in (("show",), ("update", "--set", "tier=gold"), ("edit",)):
        os.environ["EDITOR"] = "true"
        verb, *rest = words
        assert LINK in crm.stopped_by(verb, "C20240510001", *rest)
    assert crm.state() == before
    assert (tmp_path / "outside").read_text() == GOOD.replace("王芳", "秘密")


@pytest.mark.parametrize(
    "folder",
    ["records", "records/2024", "records/2024/05"],
)
def test_a_folder_behind_a_link_is_named_not_passed_over(crm, tmp_path, folder):
    shutil.move(crm.folder / folder, tmp_path / "elsewhere")
    (crm.folder / folder).symlink_to(tmp_path / "elsewhere")
    ended = crm("list")
    assert ended.exit == 6
    assert LINK in ended.err
    assert "王芳" not in ended.out
    assert LINK in crm.stopped_by("update", "C20240510001", "--set", "tier=gold")
    assert crm("commit").exit == 6


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["a pipe", "a folder"])
def test_what_is_no_plain_file_is_not_waited_for(crm, make):
    (crm.folder / WANG).unlink()
    make(crm.folder / WANG)
    assert f"{WANG} is not a plain file." in crm.stopped_by("show", "C20240510001")


@pytest.mark.skipif(os.geteuid() == 0, reason="the system refuses root nothing")
@pytest.mark.parametrize("path", [WANG, "records/2024/05"])
def test_what_may_not_be_read_is_named(crm, path):
    (crm.folder / path).chmod(0)
    try:
        assert crm("list").exit in (1, 6)
        assert "ermission" in crm("show", "C20240510001").err
    finally:
        (crm.folder / path).chmod(0o755)
