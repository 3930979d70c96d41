"""`crm resolve`: what two people changed to different values is shown and decided, in git's merge and before a sync."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from meetings import copied_pair, meeting
from people import Person

from crmcli.cli import session

ONE, TWO = "C20240510001", "C20240510002"
PATH, OTHER = (f"records/2024/05/{number}.yaml" for number in (ONE, TWO))
ACCESS, RULE = "schemas/access.yaml", "schemas/retention.yaml"
CUSTOMER = """\
kind: individual
name: 王样例
phone: "+86138123400{n:02d}"
region: 北京市/朝阳区
source: store
owner: li.na
status: active
tier: gold
"""
CALL = ("interaction", "add", ONE, "--channel", "call")


met = meeting("manager", customer=CUSTOMER)
pair = copied_pair()


def stopped(pair: tuple[Person, Person], ours: list[str], theirs: list[str]) -> Person:
    """Li, whose sync stopped since Zhao had changed the same."""
    zhao, li = pair
    zhao.done("update", ONE, *theirs)
    zhao.done("sync")
    li.done("update", ONE, *ours)
    li.refused(4, "sync")
    return li


def merging(pair: tuple[Person, Person], ours: list[str], theirs: list[str]) -> Person:
    """Li, whose own git has left a conflict."""
    zhao, li = pair
    zhao.done("update", ONE, *theirs)
    zhao.done("sync")
    li.done("update", ONE, *ours)
    pulled = subprocess.run(["git", "pull", "-q"], cwd=li.folder, env=li.env(), capture_output=True)
    assert pulled.returncode == 1
    return li


def listed(person: Person) -> list[dict[str, str]]:
    told = person("resolve", "--format", "json")
    assert told.exit in (0, 4), told
    return list(json.loads(told.out)["data"])


def clear(person: Person, *values: str) -> None:
    """None of these stands in any file of the clone, git's folder included."""
    for file in person.folder.rglob("*"):
        if file.is_file() and not file.is_symlink():
            assert not [value for value in values if value.encode() in file.read_bytes()], file


def in_order(*people: Person) -> None:
    for one in people:
        assert one.git("status", "--porcelain") == ""
        assert one("check").exit == 0
        assert one("audit").exit == 0


OURS, THEIRS = (
    ["--set", "phone=13700137001", "--set", "tier=diamond"],
    ["--set", "phone=13700137002", "--set", "tier=silver"],
)


def test_both_sides_are_shown_masked(pair: tuple[Person, Person]) -> None:
    li = stopped(pair, OURS, THEIRS)
    rows = {row["field"]: row for row in listed(li)}
    phone = rows["phone"]
    assert (phone["number"], phone["ours"], phone["theirs"]) == (ONE, "+86137****7001", "+86137****7002")
    assert (rows["tier"]["base"], rows["tier"]["ours"], rows["tier"]["theirs"]) == ("gold", "diamond", "silver")
    told = li("resolve")
    assert told.exit == 4
    assert "Phone" in told.out


@pytest.mark.parametrize(("side", "phone"), [("ours", "13700137001"), ("theirs", "13700137002")])
def test_a_stopped_sync_goes_on_with_what_was_decided(pair: tuple[Person, Person], side: str, phone: str) -> None:
    li = stopped(pair, OURS, THEIRS)
    li.done("resolve", ONE, "--take", side, "phone")
    assert {row["field"] for row in listed(li)} >= {"tier"}
    assert "phone" not in {row["field"] for row in listed(li)}
    li.refused(4, "sync")
    said = li.done("resolve", ONE, "--take", side)
    assert "`crm sync` goes on" in said
    clear(li, "13700137001", "13700137002")
    li.done("sync")
    pair[0].done("sync")
    in_order(li, pair[0])
    for one in pair:
        assert phone in one.done("show", ONE, "--reveal", "--reason", "customer-call")


def test_what_resolve_shows_may_be_typed(pair: tuple[Person, Person]) -> None:
    """Labels in either language and the customer's name, on whichever side it stands."""
    li = stopped(pair, [*OURS, "--set", "name=王甲"], [*THEIRS, "--set", "name=王乙"])
    said = li.refused(2, "resolve", ONE, "--take", "ours", "备注")
    assert "tier (Tier)" in said
    li.done("resolve", "王乙", "--take", "ours", "电话")
    li.done("resolve", "王甲", "--take", "theirs", "TIER", "Name")
    assert listed(li) == []
    li.done("sync")
    shown = json.loads(li.done("show", "王乙", "--reveal", "--reason", "customer-call", "--format", "json"))["data"]
    assert (shown["tier"], shown["phone"]) == ("silver", "+8613700137001")


def test_a_customer_is_found_by_name_in_a_file_with_conflict_markers(pair: tuple[Person, Person]) -> None:
    named = ["--set", "name=王甲"]
    li = merging(pair, [*named, "--set", "phone=13700137001"], [*named, "--set", "phone=13700137002"])
    shown = li("show", "王甲")
    assert (shown.exit, "crm resolve" in shown.err) == (3, True), shown
    assert "merge is finished" in li.done("resolve", "王甲", "--set", "电话=13700137003")


def test_another_value_than_either(pair: tuple[Person, Person]) -> None:
    li = stopped(pair, ["--set", "phone=13700137001"], ["--set", "phone=13700137002"])
    assert "not" in li.refused(2, "resolve", ONE, "--set", "phone=123")
    li.done("resolve", ONE, "--set", "phone=13700137003")
    clear(li, "13700137003")
    li.done("sync")
    in_order(li)
    assert "13700137003" in li.done("show", ONE, "--reveal", "--reason", "customer-call")


def test_a_value_waits_until_all_else_of_the_file_is_decided(pair: tuple[Person, Person]) -> None:
    li = stopped(pair, OURS, THEIRS)
    assert "tier" in li.refused(4, "resolve", ONE, "--set", "phone=13700137003")
    left = [row["field"] for row in listed(li) if row["field"] != "phone"]
    li.done("resolve", ONE, "--take", "theirs", *left)
    li.done("resolve", ONE, "--set", "phone=13700137003")
    li.done("sync")
    shown = json.loads(li.done("show", ONE, "--format", "json"))
    assert shown["data"]["tier"] == "silver"


def test_git_s_merge_is_finished_by_a_signed_commit(pair: tuple[Person, Person]) -> None:
    li = merging(pair, OURS, THEIRS)
    assert "crm resolve" in li.refused(4, "update", TWO, "--set", "tier=diamond")
    for words in (("show", ONE), ("list",), ("check",)):
        told = li(*words)
        assert "`crm resolve` decides it" in told.err + told.out, words
    li.done("resolve", ONE, "--take", "ours", "phone")
    assert "<<<<<<<" in (li.folder / PATH).read_text()
    said = li.done("resolve", ONE, "--take", "theirs")
    assert "finished" in said
    assert "gpgsig" in li.git("cat-file", "commit", "HEAD")
    clear(li, "13700137001", "13700137002")
    shown = li.done("show", ONE, "--reveal", "--reason", "customer-call", "--format", "json")
    assert "13700137001" in shown
    assert json.loads(shown)["data"]["tier"] == "silver"
    li.done("sync")
    pair[0].done("sync")
    in_order(*pair)


def test_in_a_rebase_git_goes_on(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.done("update", ONE, "--set", "owner=zhao.min")
    zhao.done("sync")
    li.done("update", ONE, "--set", "owner=chen.jing")
    li.git("fetch", "-q")
    li.git("rebase", "-q", "origin/main", check=False)
    assert "git rebase --continue" in li.done("resolve", ONE, "--take", "theirs")
    li.git("-c", "core.editor=true", "rebase", "--continue")
    assert "chen.jing" in li.done("show", ONE)
    assert li("check").exit == 0


def test_deleted_here_and_changed_there(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.done("update", ONE, "--set", "owner=zhao.min")
    zhao.done("sync")
    li.git("rm", "-q", PATH)
    li.keep_signed()
    li.refused(4, "sync")
    (row,) = listed(li)
    assert (row["number"], row["field"]) == (ONE, "")
    assert "deleted" in row["why"]
    li.done("resolve", ONE, "--take", "theirs")
    li.done("sync")
    assert "zhao.min" in li.done("show", ONE)


def test_a_certificate_wins_by_itself_in_gits_merge(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.done("team", "role", "li.na", "--role", "manager", "--role", "legal")
    zhao.done("sync")
    li.done("sync")
    zhao.done("purge", ONE, "--request", "--note", "本人要求")
    zhao.done("sync")
    li.done("sync")
    li.done("purge", "approve", next((li.folder / "records/plans").iterdir()).stem)
    for one in (li, zhao):
        one.done("sync")
    zhao.done("purge", "run", "--yes")
    zhao.done("update", TWO, "--set", "owner=zhao.min")
    li.done(*CALL, "--summary", "还在跟进")
    li.done("update", TWO, "--set", "owner=chen.jing")
    zhao.done("sync")
    li.git("pull", "-q", check=False)
    assert {row["number"] for row in listed(li)} == {TWO}
    li.done("resolve", TWO, "--take", "ours")
    assert not (li.folder / PATH).exists()
    in_order(li)


def ruled(person: Person, value: str) -> None:
    text = (person.folder / RULE).read_text()
    (person.folder / RULE).write_text(f"{text}# {value}\n")
    person.done("commit")


def test_house_rules_are_taken_whole(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    ruled(zhao, "zhao")
    zhao.done("sync")
    ruled(li, "li")
    li.refused(4, "sync")
    assert [row["number"] for row in listed(li)] == [RULE]
    li.done("resolve", RULE, "--take", "theirs")
    li.done("sync")
    in_order(li)
    assert (li.folder / RULE).read_text().endswith("# zhao\n")


def test_the_team_is_decided_by_an_admin_with_a_serial_above_both(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.done("team", "role", "li.na", "--role", "admin")
    for one in (zhao, li):
        one.done("sync")
    sun, wang = (Person(zhao.world, name) for name in ("sun.yu", "wang.fang"))
    for admin, new in ((zhao, sun), (li, wang)):
        admin.done("team", "add", new.name, "--email", new.email, "--role", "staff", "--key", new.public())
    zhao.done("sync")
    serials = [int(one.tree(ACCESS)["serial"]) for one in pair]
    li.refused(4, "sync")
    said = li.done("resolve", ACCESS, "--take", "theirs")
    assert "again" in said
    li.done("sync")
    zhao.done("sync")
    in_order(li, zhao)
    access = li.tree(ACCESS)
    assert int(access["serial"]) == max(serials) + 1
    assert "sun.yu" in access["people"]
    assert "wang.fang" not in access["people"]
    li.done("team", "add", wang.name, "--email", wang.email, "--role", "staff", "--key", wang.public())
    in_order(li)


def test_only_who_is_an_admin_on_both_sides_decides_on_the_team(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.done("team", "role", "li.na", "--role", "admin")
    for one in (zhao, li):
        one.done("sync")
    wang = Person(zhao.world, "wang.fang")
    li.done("team", "add", wang.name, "--email", wang.email, "--role", "staff", "--key", wang.public())
    zhao.done("team", "role", "li.na", "--role", "manager")
    zhao.done("sync")
    li.refused(4, "sync")
    for side in ("ours", "theirs"):
        li.refused(5, "resolve", ACCESS, "--take", side)


def test_what_one_side_alone_changed_is_never_lost(pair: tuple[Person, Person]) -> None:
    li = stopped(
        pair, ["--set", "owner=li.na2", "--set", "remarks=甲"], ["--set", "owner=chen.jing", "--set", "source=referral"]
    )
    for _again in range(2):
        li.done("resolve", ONE, "--take", "ours")
    li.done("sync")
    shown = li.done("show", ONE, "--format", "json")
    assert all(value in shown for value in ("li.na2", "甲", "referral"))


def test_a_decision_counts_for_these_versions_alone(pair: tuple[Person, Person]) -> None:
    zhao = pair[0]
    li = stopped(pair, ["--set", "owner=li.na2"], ["--set", "owner=chen.jing"])
    li.done("resolve", ONE, "--take", "ours")
    zhao.done("update", ONE, "--set", "owner=sun.yu")
    zhao.done("sync")
    li.refused(4, "sync")
    assert listed(li)[0]["theirs"] == "sun.yu"


def test_a_terminal_asks_field_by_field(pair: tuple[Person, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    li = stopped(pair, OURS, THEIRS)
    monkeypatch.setattr(session, "is_terminal", lambda stream: stream is sys.stdin)
    told = li("resolve", stdin=b"=13700137009\n\n")
    assert (told.exit, f"What you typed for {ONE} was not kept" in told.err, len(listed(li))) == (4, True, 2)
    told = li("resolve", stdin=b"x\nt\n\n")
    assert told.err.count("(o)urs") == 3
    assert "Possible: o, t, = with a value" in told.err
    assert told.exit == 4
    assert {row["field"] for row in listed(li)} == {"tier"}
    told = li("resolve", stdin="=纸卡\n=银卡\n".encode())
    assert told.exit == 0, told
    assert "is not one of the codes" in told.err
    li.done("sync")
    shown = json.loads(li.done("show", ONE, "--reveal", "--reason", "customer-call", "--format", "json"))["data"]
    assert (shown["tier"], shown["phone"]) == ("silver", "+8613700137002")


@pytest.mark.parametrize(
    ("words", "exit"),
    [
        (("resolve", "--take", "ours"), 2),
        (("resolve", ONE, "--take", "mine"), 2),
        (("resolve", ONE, "--take", "ours", "--set", "tier=gold"), 2),
        (("resolve", ONE, "--take", "ours", "source"), 2),
        (("resolve", TWO, "--take", "ours"), 3),
    ],
)
def test_what_can_t_be_meant_is_refused(pair: tuple[Person, Person], words: tuple[str, ...], exit: int) -> None:
    li = stopped(pair, ["--set", "owner=li.na2"], ["--set", "owner=chen.jing"])
    li.refused(exit, *words)
    assert [row["field"] for row in listed(li)] == ["owner"]


def test_nothing_clashes(pair: tuple[Person, Person]) -> None:
    assert listed(pair[0]) == []
    pair[0].refused(3, "resolve", ONE, "--take", "ours")


def test_a_name_is_found_where_the_vault_is_a_folder_of_the_repository(tmp_path: Path) -> None:
    zhao = Person(tmp_path / "world", "zhao.min")
    vault = zhao.folder / "kunden"
    vault.mkdir(parents=True)
    zhao.git("init", "-q", "-b", "main")
    zhao.done("init", ".", at=vault)
    zhao.done("add", "--file", "-", "--incomplete", at=vault, stdin=CUSTOMER.format(n=1).encode())
    zhao.git("branch", "-q", "side")
    zhao.done("update", ONE, "--set", "owner=wang.fang", at=vault)
    zhao.git("switch", "-q", "side")
    zhao.done("update", ONE, "--set", "owner=zhao.min", at=vault)
    zhao.git("merge", "-q", "main", check=False)
    zhao.done("resolve", "王样例", "--take", "theirs", at=vault)
    assert "wang.fang" in zhao.done("show", ONE, at=vault)
