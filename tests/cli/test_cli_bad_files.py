"""Files that do not hold, whichever way they come in: named with line and field, and nothing changes."""

import json

import pytest
from conventions import kept_apart
from flaws import ASSIGNED, FLAWS, GOOD, WANG, Flaw

pytest_plugins = ["conventions"]

SINGLE_FILE_ONLY = {"two customers in one file"}
GIVEN_BY_THE_SYSTEM = {"an entry id twice"}
flaws = pytest.mark.parametrize("flaw", [pytest.param(flaw, id=flaw.name) for flaw in FLAWS])


def told(flaw: Flaw, shift: int = 0) -> Flaw:
    """The flaw with lines `shift` higher up, for a file without the lines the system gives."""
    line = flaw.line if flaw.line is None or flaw.old == GOOD else flaw.line - shift
    return Flaw(
        *(flaw.name, flaw.old, flaw.new, line, flaw.field, flaw.message.format(first=4 - shift)),
        *(flaw.expected, flaw.hint),
    )


@flaws
def test_the_others_are_still_listed_found_and_checked(crm, flaw):
    flaw = told(flaw)
    crm.put(WANG, flaw.content)
    crm.keep()
    before = crm.state()
    ended = crm("list", "--format", "ids")
    assert (ended.exit, ended.out, ended.err) == (6, "C20240510002\n", flaw.aside(WANG))
    ended = crm("search", "张伟", "--format", "json")
    envelope = json.loads(ended.out)
    assert (ended.exit, envelope["ok"], [row["number"] for row in envelope["data"]]) == (6, True, ["C20240510002"])
    assert envelope["warnings"] == [flaw.found(WANG, flaw.line)]
    ended = crm("check", "--format", "json")
    row = {name: value or "" for name, value in flaw.found(WANG, flaw.line).items() if name != "where"}
    row |= {"path": WANG, "line": str(flaw.line or ""), "field": flaw.field or ""}
    assert (ended.exit, json.loads(ended.out)["data"]) == (6, [row])
    assert crm.state() == before


@flaws
def test_a_command_for_this_customer_names_the_line(crm, flaw, editor):
    flaw = told(flaw)
    crm.put(WANG, flaw.content)
    crm.keep()
    editor(b"name: x\n")
    refusal = crm.refused("show", "C20240510001")
    assert (refusal.error["kind"], refusal.error["where"]) == ("invalid", flaw.found(WANG, flaw.line)["where"])
    assert (refusal.error["message"], refusal.error["hint"]) == (flaw.message, flaw.hint)
    said = [refusal.words]
    said.append(crm.stopped_by("update", "C20240510001", "--set", "tier=gold"))
    said.append(crm.stopped_by("sale", "add", "C20240510001", "--product", "茶", "--amount", "1"))
    said.append(crm.stopped_by("edit", "C20240510001"))
    assert said == [flaw.words(WANG, flaw.line)] * 4
    assert flaw.aside(WANG).removeprefix("error: ") in crm.stopped_by("show", "王芳", exit=3)


@flaws
def test_a_hand_edit_is_left_alone_and_named(crm, flaw):
    flaw = told(flaw)
    crm.put(WANG, flaw.content)
    before = crm.state()
    ended = crm("commit")
    assert (ended.exit, ended.out, ended.err) == (6, "Nothing changed.\n", flaw.aside(WANG))
    assert crm.state() == before


@flaws
def test_an_edit_that_spoils_the_file_is_refused(crm, flaw, editor):
    flaw = told(flaw)
    editor(flaw.content)
    if flaw.name == "invalid UTF-8":
        assert crm.stopped_by("edit", "王芳") == "error: The edited text is not valid UTF-8; nothing was changed.\n"
    else:
        assert kept_apart(crm.stopped_by("edit", "王芳")) == flaw.words(WANG, flaw.line)


@pytest.mark.parametrize("way", ["file", "stdin"])
@pytest.mark.parametrize(
    "flaw",
    [pytest.param(flaw, id=flaw.name) for flaw in FLAWS if flaw.name not in SINGLE_FILE_ONLY | GIVEN_BY_THE_SYSTEM],
)
def test_a_new_customer_that_does_not_hold_is_refused(crm, flaw, way, tmp_path):
    flaw = told(flaw, shift=2)
    content = flaw.content.replace(ASSIGNED.encode(), b"")
    if way == "stdin":
        refusal, name = crm.refused("add", "--file", "-", stdin=content), "-"
    else:
        handed = tmp_path / "new.yaml"
        handed.write_bytes(content)
        refusal, name = crm.refused("add", "--file", str(handed)), str(handed)
    assert refusal.words == flaw.words(name, flaw.line)
    assert refusal.error["where"] == flaw.found(name, flaw.line)["where"]


def test_of_several_customers_all_come_in_or_none(crm, tmp_path):
    good = GOOD.replace(ASSIGNED, "").replace("13800138000", "13600136000").replace("11010519491231002X", "")
    good = good.replace("id_number: \n", "")
    bad = good.replace("owner: li.na", "ownr: li.na")
    assert crm.stopped_by("add", "--file", "-", stdin=f"{good}---\n{bad}".encode()) == (
        "error: Unknown field ownr.\n  -:24: ownr\nhint: Did you mean owner?\n"
    )


@pytest.mark.parametrize(
    ("words", "exit", "said"),
    [
        (("add", "--file", "nope.yaml"), 3, "error: There is no file nope.yaml.\n  nope.yaml\n"),
        (("add", "--file", "schemas"), 2, "error: schemas is not a plain file.\n  schemas\n"),
        (("add", "--file", "-", "--name", "x"), 2, "error: Give fields or --file, not both.\n"),
    ],
)
def test_a_file_that_cannot_be_meant(crm, words, exit, said):
    assert crm.stopped_by(*words, exit=exit) == said


@pytest.mark.parametrize("name", ["id", "uid"])
def test_a_new_customer_brings_no_number_of_its_own(crm, name):
    content = GOOD.replace(ASSIGNED, f"{name}: C2024051000../../1\n")
    assert crm.stopped_by("add", "--file", "-", stdin=content.encode()) == (
        f"error: {name} is given by the system.\n  -:1: {name}\nhint: Leave it out.\n"
    )


def test_a_file_of_ten_megabytes(crm, tmp_path, editor):
    heap = f"{GOOD}# {'x' * 10_000_000}\n".encode()
    crm.put(WANG, heap)
    crm.keep()
    size = len(heap)
    ended = crm("list", "--format", "ids")
    assert (ended.exit, ended.out) == (6, "C20240510002\n")
    assert ended.err.endswith(f"is too large: {size} bytes. At most 1048576 bytes are read.\n")
    assert f"is too large: {size} bytes." in crm.stopped_by("show", "C20240510001")
    crm.git("reset", "-q", "--hard", "HEAD~1")
    editor(heap)
    assert "The file is too large: at most 1048576 bytes are read." in crm.stopped_by("edit", "王芳")
    assert "at most 8388608 bytes are read." in crm.stopped_by("add", "--file", "-", stdin=heap)
    assert "at most 8388608 bytes are read." in crm.stopped_by("add", "--file", "/dev/zero")
