"""People and machines that come to a vault and leave it, across clones."""

import json
from pathlib import Path

from device_world import TWO, data, destroyed, device, register
from people import REMOTE, Person, let_in, synced

pytest_plugins = ["device_world"]


def test_who_clones_a_vault_joins_it(pair: tuple[Person, Person]) -> None:
    zhao, _li = pair
    wang = Person(zhao.world, "wang.fang").clone()
    told = wang("join")
    assert told.exit == 0
    assert "pinned the vault's root" in told.err
    assert (wang.folder / ".git/hooks/pre-commit").exists()
    assert "merge-driver" in wang.git("config", "merge.crm.driver")
    assert "not in the vault's team yet" in told.out
    (line,) = [line.strip() for line in told.out.splitlines() if "crm team add" in line]
    assert line == f"crm team add NAME --email {wang.email} --role ROLE --key {wang.public()}"
    assert wang.done("join") == told.out
    assert "not in this vault's team" in wang.refused(5, "sync")
    zhao.done(*line.replace("NAME", "wang.fang").replace("ROLE", "sales").split()[1:])
    assert "does not take" not in zhao("sync").err
    wang.done("sync")
    assert "You are in the team as wang.fang" in wang.done("join")
    assert "The keys of 2 customers are not here yet" in wang.done("join")
    synced(zhao, wang)
    assert "Nothing is missing here." in wang.done("join")
    assert "王样例" in wang.done("show", TWO)
    assert zhao.head() == wang.head()
    found = json.loads(wang.done("join", "--format", "json"))["data"]
    assert (found["name"], found["listed"], found["lacking"]) == ("wang.fang", True, 0)


def test_one_person_at_two_machines(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    second = Person(li.world, "li.na", "2").clone()
    told = second.done("join")
    (line,) = [line.strip() for line in told.splitlines() if "crm team add" in line]
    assert line == f"crm team add li.na --key {second.public()}"  # git knows them by the same address
    zhao.done(*line.split()[1:])
    synced(zhao, second, zhao, second, li)
    assert {one["name"]: one["roles"] for one in data(zhao, "team")}["li.na"] == "manager, legal"
    for one in (li, second):
        assert "王样例" in one.done("show", TWO)
    destroyed(zhao)
    synced(zhao, li)
    assert register(zhao)["pending"] == f"li.na ({device(li)}), li.na ({device(second)})"
    zhao.done("sync")
    assert register(zhao)["pending"] == f"li.na ({device(second)})"
    synced(second, zhao)
    assert register(zhao)["state"] == "complete"


def test_who_was_removed_meets_nobody_any_more(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    li.done("update", TWO, "--set", "tier=gold")
    before = li.head()
    zhao.done("team", "remove", "li.na", "--yes")
    zhao.done("sync")
    assert "not in this vault's team any more" in li.refused(5, "sync")
    assert (li.head(), li.git("status", "--porcelain")) == (before, "")
    assert "li.na is no longer in the team with this device" in li.done("join")
    assert json.loads(li.done("join", "--format", "json"))["data"]["removed"]
    assert "You are in the team as zhao.min" in zhao.done("join")
    assert "王样例" in li.done("show", TWO)
    assert zhao.git("rev-parse", "HEAD") == zhao.git("ls-remote", "origin", "refs/heads/main").split()[0] + "\n"
    li.git("pull", "-q", "--no-edit")
    li.push()
    said = zhao.refused(7, "sync")
    assert "no longer listed" in said
    assert before[:12] in said
    assert zhao.git("status", "--porcelain") == ""


def test_a_remote_set_back_puts_nobody_out_of_the_team(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    old = zhao.head()
    wang = let_in(zhao, Person(zhao.world, "wang.fang"), "sales", salts=False)
    zhao.git("push", "-q", "--force", "origin", f"{old}:refs/heads/main")
    li.done("update", TWO, "--set", "tier=gold")
    li.done("sync")  # goes on from what stands there, where nobody knows wang
    wang.done("sync")
    assert wang.git("ls-remote", "origin", "refs/heads/main").split()[0] == wang.head()


def test_a_vault_that_was_sealed_since_meets_its_remote(tmp_path: Path) -> None:
    zhao = Person(tmp_path, "zhao.min")
    zhao.folder.mkdir(parents=True)
    zhao.done("init", ".", "--unsealed", at=zhao.folder)
    bare = tmp_path / REMOTE
    zhao.git("init", "-q", "--bare", "-b", "main", str(bare))
    zhao.git("branch", "-M", "main")
    zhao.git("remote", "add", "origin", str(bare))
    zhao.git("push", "-q", "origin", "HEAD:main")
    zhao.done("seal", "--yes")
    assert "not in the team" not in zhao("join").out
    zhao.done("sync")
    assert zhao.git("ls-remote", "origin", "refs/heads/main").split()[0] == zhao.head()


def test_there_is_nothing_to_join_in_an_open_vault(tmp_path: Path) -> None:
    zhao = Person(tmp_path, "zhao.min")
    zhao.folder.mkdir(parents=True)
    zhao.done("init", ".", "--unsealed", at=zhao.folder)
    assert "This vault is open" in zhao.refused(5, "join")


def test_two_admins_who_change_the_team_apart_must_decide(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.done("team", "role", "li.na", "--role", "manager", "--role", "admin")
    synced(zhao, li)
    wang, chen = (Person(zhao.world, name) for name in ("wang.fang", "chen.jing"))
    zhao.done("team", "add", wang.name, "--email", wang.email, "--role", "sales", "--key", wang.public())
    li.done("team", "add", chen.name, "--email", chen.email, "--role", "sales", "--key", chen.public())
    zhao.done("sync")
    said = li.refused(4, "sync")
    assert "schemas/access.yaml" in said
    assert li.git("status", "--porcelain") == ""
