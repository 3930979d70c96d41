"""Two clones gave one number to two customers: the one not yet published moves, and the old number leads to a clear word."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from people import REMOTE, Person, begun_with, founded, let_in

from crmcli.errors import Conflict
from crmcli.model.identity import certificate_path, record_path
from crmcli.store.git import Git
from crmcli.store.homes import Homes
from crmcli.store.transaction import Desk, writing
from crmcli.usecases.clear_past import clear_past
from crmcli.usecases.joining import join
from crmcli.usecases.purge_items import Kept, weigh
from crmcli.usecases.purge_request import ask, fulfil
from crmcli.usecases.renumber import Collision, Renumbered, collisions, renumber
from crmcli.usecases.workplace import Workplace, open_workplace

FETCHED = "refs/crm/fetched/origin/main"
ONE, TWO, THREE, FOUR = (f"C2024051000{running}" for running in (1, 2, 3, 4))
WANG = "kind: individual\nname: 王芳\nphone: '+8613812345678'\nsource: store\n"
LI = "kind: individual\nname: 李四\nphone: '+8613912345678'\nsource: store\ntags: [vip]\nstatus: active\n"


@pytest.fixture(scope="module", params=["open", "sealed"])
def founded_world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Person]]:
    """Zhao and Li, each with a clone of a vault without customers."""
    world = tmp_path_factory.mktemp(request.param) / "world"
    if request.param == "sealed":
        zhao = founded(world, "zhao.min")
        return world, [zhao, let_in(zhao, Person(world, "li.na"), "manager")]
    return world, open_vault(world)


def open_vault(world: Path) -> list[Person]:
    zhao = Person(world, "zhao.min")
    zhao.folder.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(world / REMOTE)], env=zhao.env(), check=True)
    zhao.done("init", ".", "--rehearsal", "--unsealed", at=zhao.folder)
    zhao.git("remote", "add", "origin", f"../../{REMOTE}")
    zhao.git("push", "-q", "-u", "origin", "HEAD:main")
    return [zhao, Person(world, "li.na").clone()]


@pytest.fixture
def team(founded_world: tuple[Path, list[Person]], tmp_path: Path) -> list[Person]:
    return begun_with(founded_world[0], tmp_path / "world", *founded_world[1])


@pytest.fixture
def alone(tmp_path: Path) -> list[Person]:
    """The same in an open vault only."""
    return open_vault(tmp_path / "world")


def open_work(person: Person) -> Workplace:
    now, homes = datetime.fromisoformat(person.clock["CRM_NOW"]), Homes(person.config, person.data)
    return open_workplace(person.folder, person.env(), now, turned=True, homes=homes)


@contextmanager
def at_desk(person: Person) -> Iterator[tuple[Workplace, Desk]]:
    """Their vault, as a sync has it."""
    work = open_work(person)
    with writing(work.vault, "sync") as desk:
        yield work, desk


def add(person: Person, *texts: str) -> Person:
    person.done("add", "--duplicate-ok", "--incomplete", "--file", "-", stdin="---\n".join(texts).encode())
    return person


def tip(person: Person) -> str:
    """What stands at the remote, fetched as a sync does."""
    person.git("fetch", "-q", "--refmap=", "origin", f"+refs/heads/main:{FETCHED}")
    return person.git("rev-parse", FETCHED).strip()


def found(person: Person) -> tuple[Collision, ...]:
    theirs = tip(person)
    with at_desk(person) as (work, desk):
        return collisions(work, desk, theirs)


def moved(person: Person) -> Renumbered:
    """Renumber as a sync does, up to the merge."""
    theirs = tip(person)
    with at_desk(person) as (work, desk):
        return renumber(work, desk, collisions(work, desk, theirs))


def meet(person: Person) -> Renumbered:
    """The same, and the merge."""
    done, theirs = moved(person), tip(person)
    with at_desk(person) as (work, desk):
        joined = join(work, desk, theirs)
        assert joined.commit
        assert joined.contests == ()
        desk.move(joined.commit)
    return done


def body(person: Person, number: str) -> bytes:
    return (person.folder / record_path(number)).read_bytes()


def collided(team: list[Person]) -> list[Person]:
    """Zhao has published 王芳 under the number that Li gave to 李四."""
    zhao, li = team
    add(zhao, WANG).push()
    return [zhao, add(li, LI)]


def test_the_unpublished_customer_takes_the_next_number_and_nothing_else_changes(team: list[Person]) -> None:
    _zhao, li = collided(team)
    before, was = body(li, ONE), li.tree(record_path(ONE))
    (one,) = found(li)
    assert (one.number, one.path, one.uid) == (ONE, record_path(ONE), was["uid"])
    assert moved(li) == Renumbered(((ONE, TWO),))
    assert not (li.folder / record_path(ONE)).exists()
    lines = body(li, TWO).splitlines()
    assert lines[0] == f"id: {TWO}".encode()
    assert lines[2:4] == [b"former:", f"  - {ONE}".encode()]
    assert [lines[1], *lines[4:]] == before.splitlines()[1:]
    assert li.git("status", "--porcelain") == ""
    said = li.git("log", "-1", "--format=%B")
    assert f"Crm-Op: renumber\nCrm-Record: {ONE}\nCrm-Record: {TWO}\nCrm-Renumbered: {ONE} {TWO}\n" in said
    assert f"renumber {ONE}" in said.splitlines()[0]


def test_both_customers_are_on_file_after_the_merge(team: list[Person]) -> None:
    zhao, li = collided(team)
    meet(li)
    assert body(li, ONE) == body(zhao, ONE)
    assert "李四" in li.done("show", TWO)
    assert found(li) == ()
    li.push()
    zhao.pull()
    assert body(zhao, TWO) == body(li, TWO)
    if (li.folder / "schemas/keys.yaml").exists():
        assert zhao("audit").exit == 0
    zhao.done("check")


def test_who_is_given_the_old_number_sees_who_has_it_and_is_told_of_the_other(team: list[Person]) -> None:
    zhao, li = collided(team)
    li.on("2024-06-02")
    meet(li)
    li.push()
    zhao.pull()
    for person in (zhao, li):
        shown = person("show", ONE)
        assert "王芳" in shown.out or "sealed" in shown.out
        assert f"{ONE} was also given to another customer (now {TWO}) until 2024-06-02." in shown.err.splitlines()[-1]
        assert "also given" not in person("show", TWO).err
        assert "also given" in person("update", ONE, "--set", "tier=gold").err
        assert "also given" in person("history", ONE).err
        assert "also given" in person("diff", ONE).err


def test_a_number_that_is_nobodys_any_more_leads_to_the_customer(team: list[Person]) -> None:
    _zhao, li = collided(team)
    li.on("2024-06-02")
    moved(li)
    shown = li("show", ONE)
    assert TWO in shown.out
    assert f"{ONE} was renumbered on 2024-06-02: it is {TWO} now." in shown.err
    assert TWO in li("history", ONE).out
    assert li("show", THREE).exit == 3


def test_a_hand_edit_is_in_the_way_and_spends_no_number(team: list[Person]) -> None:
    _zhao, li = collided(team)
    li.change(record_path(ONE), "source: store", "source: web")
    head, before = li.head(), body(li, ONE)
    theirs = tip(li)
    with at_desk(li) as (work, desk):
        hits = collisions(work, desk, theirs)
        for _again in range(2):
            with pytest.raises(Conflict) as refusal:
                renumber(work, desk, hits)
            assert refusal.value.kind == "uncommitted"
    assert (li.head(), body(li, ONE)) == (head, before)
    li.git("checkout", "-q", ".")
    assert moved(li).numbers == ((ONE, TWO),)


def test_the_next_number_is_free_on_both_sides_and_in_the_folder(team: list[Person]) -> None:
    zhao, li = team
    add(zhao, WANG, WANG, WANG).push()
    add(li, LI, LI)
    assert moved(li).numbers == ((ONE, FOUR), (TWO, "C20240510005"))
    (li.folder / record_path("C20240510006")).write_text("not committed")
    add(zhao, WANG).push()
    assert moved(li).numbers == ((FOUR, "C20240510007"),)


def test_many_days_move_in_one_commit_and_each_keeps_its_day(team: list[Person]) -> None:
    zhao, li = team
    for day in ("2024-05-10", "2024-05-11"):
        add(zhao.on(day), WANG)
        add(li.on(day), LI, LI)
    zhao.push()
    before = li.git("rev-list", "--count", "HEAD")
    assert moved(li).numbers == ((ONE, THREE), ("C20240511001", "C20240511003"))
    assert int(li.git("rev-list", "--count", "HEAD")) == int(before) + 1
    assert li.tree(record_path("C20240511003"))["former"] == ["C20240511001"]


def test_git_is_asked_as_often_for_many_files_as_for_one(alone: list[Person], monkeypatch: pytest.MonkeyPatch) -> None:
    zhao, li = alone
    add(zhao, *[WANG] * 40).push()
    add(li, LI)
    asked: list[str] = []
    ask = Git.ask
    monkeypatch.setattr(Git, "ask", lambda self, *args, **more: asked.append(args[0]) or ask(self, *args, **more))

    def count() -> int:
        theirs = tip(li)
        with at_desk(li) as (work, desk):
            asked.clear()
            renumber(work, desk, collisions(work, desk, theirs))
        return len(asked)

    one = count()
    li.git("reset", "-q", "--hard", f"{FETCHED}~1")
    for day in ("2024-05-11", "2024-05-12", "2024-05-13"):
        add(zhao.on(day), *[WANG] * 10)
        add(li.on(day), *[LI] * 10)
    zhao.push()
    assert count() <= one
    assert len(moved(li).numbers) == 0
    assert len(list((li.folder / "records").rglob("C*.yaml"))) == 30


def test_the_same_customer_on_both_sides_is_no_collision(team: list[Person]) -> None:
    zhao, li = collided(team)
    assert found(zhao) == ()
    li.git("reset", "-q", "--hard", "HEAD~1")
    li.git("cherry-pick", "-n", tip(li))
    li.keep()
    li.done("update", ONE, "--set", "tier=gold")
    assert li.git("merge-base", "HEAD", FETCHED).strip() != tip(li)
    assert found(li) == ()


def test_a_number_that_was_given_and_taken_back_is_given_all_the_same(team: list[Person]) -> None:
    zhao, li = team
    add(zhao, WANG).done("undo")
    zhao.push()
    add(li, LI)
    assert moved(li).numbers == ((ONE, TWO),)


def test_the_number_of_a_destroyed_customer_is_given(alone: list[Person]) -> None:
    zhao, li = alone
    add(zhao, WANG).done("--yes", "purge", ONE, "--request")
    assert (zhao.folder / certificate_path(ONE)).exists()
    zhao.push()
    add(li, LI)
    assert meet(li).numbers == ((ONE, TWO),)
    assert "李四" in li.done("show", TWO)
    shown = li("show", ONE)  # who was destroyed is meant, not whoever had the number for a while
    assert (shown.exit, TWO in shown.out) == (3, False)
    assert "was destroyed" in shown.err


def test_a_customer_may_have_to_move_twice(team: list[Person]) -> None:
    zhao, li = collided(team)
    moved(li)
    add(zhao, WANG).push()
    assert meet(li).numbers == ((TWO, THREE),)
    assert li.tree(record_path(THREE))["former"] == [ONE, TWO]
    assert f"(now {THREE})" in li("show", ONE).err
    assert f"(now {THREE})" in li("show", TWO).err
    assert len(li.done("--format", "csv", "history", THREE).splitlines()) == 4


def test_three_clones_collide_and_the_number_leads_to_all(alone: list[Person]) -> None:
    sun = add(Person(alone[0].world, "sun.yu").clone(), LI)
    _zhao, li = collided(alone)
    meet(li)
    li.push()
    assert meet(sun).numbers == ((ONE, THREE),)
    said = sun("show", ONE).err
    assert f"(now {TWO})" in said
    assert f"(now {THREE})" in said


def test_history_reaches_back_through_the_old_number_and_keeps_the_two_apart(team: list[Person]) -> None:
    zhao, li = team
    add(zhao, WANG)
    zhao.done("update", ONE, "--set", "tier=silver")
    zhao.push()
    add(li, LI)
    li.done("update", ONE, "--set", "tier=gold")
    meet(li)
    li.done("update", TWO, "--set", "owner=li.na")
    done = li.done("--format", "csv", "history", TWO).splitlines()[1:]
    words = (f"update {TWO}: owner", f"renumber {ONE}: {TWO}", f"update {ONE}: tier", f"add {ONE}")
    assert len(done) == len(words)
    for line, word in zip(done, words, strict=True):
        assert word in line
        assert "li.na" in line
    theirs = li.done("--format", "csv", "history", ONE).splitlines()[1:]
    assert len(theirs) == 2
    assert all("zhao.min" in line for line in theirs)


def test_what_a_renumbering_changed_is_the_number_alone(team: list[Person]) -> None:
    _zhao, li = collided(team)
    moved(li)
    patch = li.done("--format", "json", "history", TWO, "--patch", "--limit", "1")
    assert re.findall('"field": "(.*)"', patch) == ["id", f"former.{ONE}"]


def test_a_waiting_plan_is_named_and_its_customer_is_kept(team: list[Person]) -> None:
    _zhao, li = collided(team)
    work = open_work(li)
    filed = fulfil(work, replace(ask(work, ONE), alone=False)).filed
    (finding,) = moved(li).findings
    assert finding.message == f"{filed.path} lists {ONE}, who is {TWO} now; it can't be carried out for this customer."
    assert [type(found) for _item, found in weigh(open_work(li), filed.plan.items)] == [Kept]
    meet(li)
    assert [type(found) for _item, found in weigh(open_work(li), filed.plan.items)] == [Kept]
    assert found(li) == ()
    assert f"{ONE} was also given" in li("purge", ONE, "--request", "--dry-run").err


def test_a_request_by_a_former_number_means_the_customer_who_had_it(team: list[Person]) -> None:
    _zhao, li = collided(team)
    moved(li)
    assert ask(open_work(li), ONE).item.number == TWO


def test_a_destruction_counts_what_was_said_under_the_old_number(tmp_path: Path) -> None:
    zhao = founded(tmp_path / "world", "zhao.min")
    li = let_in(zhao, Person(zhao.world, "li.na"), "manager")
    add(zhao, WANG).push()
    add(li, LI, LI)
    with (li.folder / record_path(ONE)).open("a") as file:
        file.write("remarks: 明文金丝雀\n")
    li.keep()
    li.done("seal", ONE)
    meet(li)
    work = open_work(li)
    assert clear_past(work, [ONE, THREE, FOUR]) == [THREE]


def test_no_advice_touches_who_had_the_number_of_a_destroyed_customer(tmp_path: Path) -> None:
    zhao = founded(tmp_path / "world", "zhao.min")
    li = let_in(zhao, Person(zhao.world, "li.na"), "legal")
    add(zhao, WANG)
    with (zhao.folder / record_path(ONE)).open("a") as file:
        file.write("remarks: 明文金丝雀\n")
    zhao.keep()
    zhao.done("seal", ONE)
    zhao.push()
    meet(add(li, LI))
    li.push()
    zhao.pull()
    said = [zhao("purge", ONE, "--request").err]
    zhao.push()
    li.pull().done("purge", "approve", next((li.folder / "records/plans").iterdir()).stem)
    said.append(li.done("purge", "run", "--yes"))
    for one in (*said, li("purge", "verify").err):
        assert f"{ONE} was another customer's number, too: only `git filter-repo --strip-blobs-with-ids" in one
        assert "--invert-paths" not in one
