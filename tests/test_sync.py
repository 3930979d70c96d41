"""Clones that meet at a plain bare remote with `crm sync`: what each has arrives at the others, and nothing gets lost."""

import json
import subprocess
from pathlib import Path

import pytest
from meetings import copied_pair, meeting
from people import REMOTE, Person, synced

ONE, TWO = "C20240510001", "C20240510002"
PATHS = {ONE: f"records/2024/05/{ONE}.yaml", TWO: f"records/2024/05/{TWO}.yaml"}
ADD = ["add", "--kind", "individual", "--source", "store", "--owner", "li.na", "--region", "北京市/朝阳区"]
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


met = meeting("manager", "legal", customer=CUSTOMER)
pair = copied_pair()


def same(*people: Person) -> None:
    """All stand on the same commit, and nothing is left over."""
    assert len({one.head() for one in people}) == 1
    for one in people:
        assert one.git("status", "--porcelain") == ""
        assert one("audit").exit == 0
        assert one("check").exit == 0


def test_the_keys_of_customers_come_with_the_first_sync(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    assert "王样例" in li.done("show", ONE)
    assert zhao.head() == li.head()


def test_what_two_people_change_apart_is_united(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.done("update", ONE, "--set", "tier=diamond")
    zhao.done("interaction", "add", ONE, "--channel", "call", "--summary", "甲问价")
    li.done("update", ONE, "--set", "remarks=要发票")
    li.done("interaction", "add", ONE, "--channel", "visit", "--summary", "乙上门")
    synced(zhao, li, zhao)
    same(zhao, li)
    for one in (zhao, li):
        shown = one.done("show", ONE)
        assert all(text in shown for text in ("甲问价", "乙上门", "要发票"))
    assert "sync" in zhao.git("log", "-1", "--format=%s")


def test_a_field_changed_apart_waits_for_a_person(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.done("update", ONE, "--set", "owner=zhao.min")
    li.done("update", ONE, "--set", "owner=chen.jing")
    synced(zhao)
    remote = zhao.git("ls-remote", "origin", "refs/heads/main")
    said = li.refused(4, "sync")
    assert f"{PATHS[ONE]}: owner: " in said
    assert zhao.git("ls-remote", "origin", "refs/heads/main") == remote
    assert li.git("status", "--porcelain") == ""
    assert "chen.jing" in li.done("show", ONE)


def test_one_number_given_out_twice(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.done(*ADD, "--name", "赵的客户", "--phone", "13700137001")
    li.done(*ADD, "--name", "李的客户", "--phone", "13700137002")
    three = "C20240510003"
    synced(zhao, li, zhao)
    same(zhao, li)
    for one in (zhao, li):
        assert "赵的客户" in one.done("show", three)
        found = json.loads(one.done("search", "李的客户", "--format", "json"))
        (data,) = found["data"]
        assert data["number"] != three
        assert "李的客户" in one.done("show", data["number"])
    told = li("show", three)
    assert "C20240510004" in told.err


def test_a_stopped_sync_says_what_it_did_and_plain_git_knows_the_way(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.git("branch", "--unset-upstream")
    for one, name in ((li, "li.na2"), (zhao, "chen.jing")):
        one.done("add", "--kind", "individual", "--name", name, "--incomplete")
        one.done("update", ONE, "--set", f"owner={name}")
    li.done("sync")
    told = zhao("sync")
    assert told.exit == 4
    assert "That is committed here. Nothing else was merged" in told.out
    assert zhao.git("config", "branch.main.merge").strip() == "refs/heads/main"
    assert "CONFLICT" in zhao.git("pull", "--no-rebase", check=False)


def test_offline_nothing_is_lost(pair: tuple[Person, Person]) -> None:
    zhao, _li = pair
    zhao.done("update", ONE, "--set", "tier=diamond")
    away = zhao.world / "away"
    (zhao.world / REMOTE).rename(away)
    said = zhao.refused(1, "sync")
    assert "can't be reached" in said
    away.rename(zhao.world / REMOTE)
    zhao.done("sync")
    assert zhao.git("ls-remote", "origin", "refs/heads/main").split()[0] == zhao.head()


def test_a_commit_of_a_stranger_is_refused(pair: tuple[Person, Person], tmp_path: Path) -> None:
    zhao, _li = pair
    mallory = Person(zhao.world, "mallory").clone()
    mallory.change(PATHS[ONE], "owner: li.na", "owner: mallory")
    mallory.keep()
    mallory.push()
    said = zhao.refused(7, "sync")
    assert "not signed" in said
    assert mallory.head()[:12] in said
    assert zhao.git("status", "--porcelain") == ""
    assert "mallory" not in zhao.done("show", ONE)


def test_a_remote_that_was_set_back_is_named_and_mended(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    old = zhao.head()
    zhao.done("update", ONE, "--set", "tier=diamond")
    synced(zhao, li)
    bare = zhao.world / REMOTE
    subprocess.run(["git", "update-ref", "refs/heads/main", old], cwd=bare, check=True)
    told = li("sync")
    assert told.exit == 0
    assert "set back" in told.err
    synced(zhao)
    same(zhao, li)
    assert "diamond" in zhao.done("show", ONE, "--format", "json")


def test_clear_text_is_never_published(pair: tuple[Person, Person]) -> None:
    zhao, _li = pair
    text = (zhao.folder / PATHS[ONE]).read_text()
    line = next(line for line in text.splitlines() if line.startswith("name: "))
    zhao.change(PATHS[ONE], line, "name: 明文样例")
    zhao.keep_signed()
    zhao.done("seal", ONE)
    remote = zhao.git("ls-remote", "origin")
    said = zhao.refused(7, "sync")
    assert "lear text" in said
    assert zhao.git("ls-remote", "origin") == remote


def test_a_host_that_refuses_the_file_of_keys(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    subprocess.run(["git", "config", "receive.hideRefs", "refs/crm"], cwd=zhao.world / REMOTE, check=True)
    zhao.done(*ADD, "--name", "新样例", "--phone", "13700137003")
    told = zhao("sync")
    assert told.exit == 0
    assert "crm keys export" in told.err
    li.done("sync")
    assert li.head() == zhao.head()


def test_others_who_publish_in_between_come_first(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    li.done("update", TWO, "--set", "tier=diamond")
    zhao.done("update", ONE, "--set", "tier=diamond")
    hook = zhao.folder / ".git" / "hooks" / "pre-push"
    env = " ".join(f"{key}='{value}'" for key, value in li.env().items())
    hook.write_text(f"#!/bin/sh\nrm -f {hook}\ncd {li.folder} && env -u GIT_DIR {env} git push -q origin HEAD:main\n")
    hook.chmod(0o755)
    zhao.git("config", "core.hooksPath", str(hook.parent))
    zhao.done("sync")
    li.done("sync")
    same(zhao, li)


def test_a_purge_arrives_everywhere(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    li.done("update", ONE, "--set", "owner=chen.jing")
    synced(li, zhao)
    zhao.done("purge", ONE, "--request", "--note", "本人要求")
    zhao.done("sync")
    li.done("sync")
    plan = next((li.folder / "records/plans").iterdir()).stem
    li.done("purge", "approve", plan)
    synced(li, zhao)
    zhao.done("purge", "run", "--yes")
    synced(zhao, li, zhao, li)
    same(zhao, li)
    for one in (zhao, li):
        assert not (one.folder / PATHS[ONE]).exists()
        assert one("purge", "verify", ONE).exit == 0
        assert one("show", ONE).exit == 3
        assert "王样例" in one.done("show", TWO)


def test_a_change_offline_does_not_bring_a_destroyed_customer_back(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.done("purge", ONE, "--request", "--note", "本人要求")
    synced(zhao, li)
    plan = next((li.folder / "records/plans").iterdir()).stem
    li.done("purge", "approve", plan)
    synced(li, zhao)
    zhao.done("purge", "run", "--yes")
    li.done("interaction", "add", ONE, "--channel", "call", "--summary", "还在跟进")
    synced(zhao, li, zhao)
    same(zhao, li)
    assert not (li.folder / PATHS[ONE]).exists()


@pytest.mark.parametrize("moment", [3, 17, 31, 45, 59])
def test_a_sync_that_was_killed_goes_on(pair: tuple[Person, Person], moment: int) -> None:
    zhao, li = pair
    zhao.done("update", ONE, "--set", "tier=diamond")
    li.done("update", ONE, "--set", "remarks=要发票")
    synced(zhao)
    assert li.killed(moment, "sync")
    synced(li, zhao)
    same(zhao, li)
    shown = zhao.done("show", ONE, "--format", "json")
    assert all(text in shown for text in ("diamond", "要发票"))


def test_a_merge_is_told_once_in_the_history(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.done("update", ONE, "--set", "tier=diamond")
    li.done("update", ONE, "--set", "remarks=要发票")
    synced(zhao, li)
    for words in (["history"], ["history", ONE]):
        told = json.loads(li.done(*words, "--format", "json"))["data"]
        commits = [one["commit"] for one in told]
        assert len(commits) == len(set(commits))


def test_a_dry_run_publishes_nothing(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.done("update", ONE, "--set", "tier=diamond")
    synced(zhao)
    li.done("update", TWO, "--set", "tier=diamond")
    remote, head = li.git("ls-remote", "origin"), li.head()
    told = li.done("sync", "--dry-run")
    assert "Would take in 1 commit" in told
    assert "Would publish 1 commit" in told
    assert (li.git("ls-remote", "origin"), li.head()) == (remote, head)


def test_the_number_of_who_was_destroyed_leads_to_nobody_else(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    three = "C20240510003"
    zhao.done(*ADD, "--name", "赵的客户", "--phone", "13700137001")
    li.done(*ADD, "--name", "李的客户", "--phone", "13700137002")
    synced(zhao, li, zhao)
    zhao.done("purge", three, "--request")
    synced(zhao, li)
    li.done("purge", "approve", next((li.folder / "records/plans").iterdir()).stem)
    synced(li, zhao)
    zhao.done("purge", "run", "--yes")
    for words in (["show", three], ["interaction", "add", three, "--channel", "call", "--summary", "问价"]):
        said = zhao.refused(3, *words)
        assert "was destroyed" in said
        assert f"{three} was also given to another customer (now C20240510004)" in said
    assert "李的客户" in zhao.done("show", "C20240510004")
    assert "blob " not in zhao("purge", "verify").err  # the other customer's versions are theirs
