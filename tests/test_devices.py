"""The devices of a team: what each has yet to acknowledge, and lost ones taken out."""

import shutil
from pathlib import Path

from device_world import CUSTOMER, ONE, TWO, data, destroyed, device, register
from people import Person, founded, let_in, synced

pytest_plugins = ["device_world"]


def test_a_purge_is_pending_until_every_device_has_acknowledged_it(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    destroyed(zhao)
    # The key of the one who destroyed it stands from before: others may still encrypt to it.
    assert {"zhao.min", "li.na"} == {one.split()[0] for one in register(zhao)["pending"].split(", ")}
    zhao.done("sync")
    assert (register(zhao)["state"], register(zhao)["pending"]) == ("pending", f"li.na ({device(li)})")
    assert f"pending: li.na ({device(li)})" in zhao.done("purge", "list")
    li.pull()
    li.done("list")  # its key is destroyed here, but nobody was given the word
    assert register(li)["state"] == "pending"
    synced(li, zhao)
    for one in (zhao, li):
        assert (register(one)["state"], register(one)["pending"], register(one)["retired"]) == ("complete", "", "")
        assert "complete" in one.done("purge", "list")


def test_who_destroys_alone_and_never_synced_waits_for_nobody(tmp_path: Path) -> None:
    zhao = founded(tmp_path / "world", "zhao.min", CUSTOMER.format(n=1))
    zhao.done("purge", ONE, "--request", "--yes", "--note", "本人要求")
    assert register(zhao)["state"] == "complete"


def test_whoever_never_synced_is_waited_for(tmp_path: Path) -> None:
    zhao = founded(tmp_path / "world", "zhao.min", CUSTOMER.format(n=1))
    li = let_in(zhao, Person(tmp_path / "world", "li.na"), "manager")
    zhao.done("team", "role", "li.na", "--role", "manager", "--role", "legal")
    zhao.done("team", "retire", device(li), "--yes")
    zhao.done("team", "add", "li.na", "--key", li.public())  # found again
    zhao.done("purge", ONE, "--request", "--note", "本人要求")
    zhao.push()
    li.pull().done("purge", "approve", next((li.folder / "records/plans").iterdir()).stem)
    li.push()
    zhao.pull().done("purge", "run", "--yes")
    assert register(zhao)["pending"] == f"li.na ({device(li)})"
    zhao.on("2024-06-01").done("team", "retire", device(li), "--yes")
    assert register(zhao)["retired"] == f"li.na ({device(li)}) 2024-06-01 zhao.min"


def test_a_device_that_joined_afterwards_is_not_waited_for(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    destroyed(zhao)
    synced(zhao, li, zhao)
    let_in(zhao, Person(zhao.world, "wang.fang"), "sales", salts=False)
    assert register(zhao)["state"] == "complete"


def test_a_device_with_a_key_from_before_is_waited_for_though_it_joined_apart(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.done("team", "role", "li.na", "--role", "manager", "--role", "legal", "--role", "admin")
    synced(zhao, li)
    wang = Person(li.world, "wang.fang")
    li.done("team", "add", wang.name, "--email", wang.email, "--role", "sales", "--key", wang.public())
    destroyed(zhao)  # knows nothing of wang
    li.push()
    wang.clone().done("sync")
    synced(zhao, li, zhao)
    assert register(zhao)["pending"] == f"wang.fang ({device(wang)})"
    synced(wang, zhao)
    assert register(zhao)["state"] == "complete"


def test_a_lost_device_is_retired_and_never_forgotten(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    lost = device(li)
    destroyed(zhao)
    zhao.done("sync")
    told = zhao.done("team", "retire", lost.lower(), "--yes")
    assert f"{lost} of li.na is retired." in told
    assert "New keys for" in told
    row = register(zhao)
    assert (row["state"], row["pending"], row["retired"]) == ("retired", "", f"li.na ({lost}) 2024-05-10 zhao.min")
    assert f"retired 2024-05-10 by zhao.min, never acknowledged: li.na ({lost})" in zhao.done("purge", "list")
    assert {one["name"]: one["devices"] for one in data(zhao, "team")}["li.na"] == ""
    assert zhao("audit").exit == 0
    zhao.done("add", "--kind", "individual", "--name", "新客户", "--source", "store", "--incomplete")
    zhao.push()
    li.pull()  # reads nothing new, not even what was only sealed anew
    assert "新客户" not in li("list").out
    assert "王样例" not in li("show", TWO).out
    assert "not in this vault's team" in li.refused(5, "sync")
    again = Person(li.world, "li.na", "2")
    zhao.done("team", "add", "li.na", "--key", again.public())
    zhao.done("sync")
    again.clone()
    synced(again, zhao, again)
    assert "王样例" in again.done("show", TWO)
    assert register(again)["state"] == "retired"


def test_what_a_device_acknowledged_before_it_was_retired_counts(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    destroyed(zhao)
    synced(zhao, li, zhao)
    zhao.done("team", "retire", device(li), "--yes")
    assert register(zhao)["state"] == "complete"


def test_who_leaves_before_they_acknowledged_is_named_too(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    destroyed(zhao)
    zhao.done("sync")
    zhao.done("team", "remove", "li.na", "--yes")
    assert register(zhao)["retired"] == f"li.na ({device(li)}) 2024-05-10 zhao.min"


def test_what_was_retired_before_the_destruction_is_not_waited_for(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.done("team", "retire", device(li), "--yes")
    again = Person(li.world, "li.na", "2")
    zhao.done("team", "add", "li.na", "--key", again.public())
    zhao.done("purge", ONE, "--request", "--note", "本人要求")
    zhao.done("sync")
    again.clone()
    synced(again, zhao, again)
    plan = max((again.folder / "records/plans").iterdir(), key=lambda path: len(path.name)).stem
    again.done("purge", "approve", plan)
    synced(again, zhao)
    zhao.done("purge", "run", plan, "--yes")
    synced(zhao, again, zhao)
    assert register(zhao)["state"] == "complete"


def test_a_run_says_how_others_learn_of_it(pair: tuple[Person, Person]) -> None:
    zhao, _li = pair
    said = "`crm sync` now lets the other clones know of it."
    assert said not in zhao.done("purge", "run", "--dry-run")
    assert said in zhao.done("purge", "run", "--yes")


def test_that_nobody_could_approve_a_request_is_said(pair: tuple[Person, Person]) -> None:
    zhao, _li = pair
    assert "Nobody in the team could approve" not in zhao("purge", "list").err
    zhao.done("team", "role", "li.na", "--role", "manager")
    zhao.done("purge", TWO, "--request", "--note", "本人要求")
    told = zhao("purge", "list")
    assert "another person with the role legal" in told.err
    assert "`crm team role NAME --role legal`" in told.err


def test_only_an_admin_retires_devices_and_never_the_one_at_work(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    assert "Only an admin" in li.refused(5, "team", "retire", device(zhao), "--yes")
    assert "the device you are working on" in zhao.refused(5, "team", "retire", device(zhao), "--yes")
    assert "must be confirmed" in zhao.refused(5, "team", "retire", device(li))
    assert "No device in the team" in zhao.refused(3, "team", "retire", "00000000", "--yes")
    assert zhao("team", "retire", device(li), "--dry-run").exit == 0
    assert zhao.git("status", "--porcelain") == ""
    assert device(li) in zhao.done("team")


def test_the_team_shows_when_each_device_last_acknowledged(pair: tuple[Person, Person]) -> None:
    zhao, _li = pair
    let_in(zhao, Person(zhao.world, "wang.fang"), "sales", salts=False)
    destroyed(zhao.on("2024-06-01"))
    zhao.done("sync")
    told = {one["name"]: one["acknowledged"] for one in data(zhao, "team")}
    assert told == {"zhao.min": "2024-06-01", "li.na": "2024-05-10", "wang.fang": "never"}
    assert {one["since"] for one in data(zhao, "team")} == {"2024-05-10"}
    assert zhao.done("team").count(f"{device(zhao)} (this one)") == zhao.done("team").count("(this one)") == 1


def test_new_keys_let_be_what_is_destroyed(pair: tuple[Person, Person]) -> None:
    zhao = pair[0]
    old = zhao.world / "old"
    shutil.copytree(zhao.folder, old, symlinks=True)
    destroyed(zhao)
    shutil.rmtree(zhao.folder)
    old.rename(zhao.folder)
    zhao.done("team", "role", "li.na", "--role", "staff")
    synced(*pair)
    assert pair[1]("audit").exit == 0
