"""A device that is retired before it acknowledged a destruction stands in the certificate, by an admin's hand alone."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from audited_world import signed_merge
from device_world import CUSTOMER, ONE, destroyed, device, register
from people import Person, begun_with, let_in, met_at, synced

PAPER = f"records/purged/2024/05/{ONE}.yaml"
ACCESS, KEYS = "schemas/access.yaml", "schemas/keys.yaml"
State = tuple[Path, list[Person]]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> State:
    """Two admins and two others; all have met, then one customer was destroyed, of which only the first admin knows."""
    world = tmp_path_factory.mktemp("four") / "world"
    zhao, li = met_at(world, CUSTOMER, "legal", "admin")
    wang, chen = (let_in(zhao, Person(world, name), "sales", salts=False) for name in ("wang.fang", "chen.jing"))
    zhao.done("purge", ONE, "--request", "--note", "本人要求")
    synced(zhao, wang, chen, li)
    li.done("purge", "approve", next((li.folder / "records/plans").iterdir()).stem)
    synced(li, zhao)
    destroyed(zhao)
    synced(zhao)
    return world, [zhao, li, wang, chen]


@pytest.fixture
def team(state: State, tmp_path: Path) -> list[Person]:
    """Zhao and Li, both admins, Wang and Chen, who have not heard of the destruction."""
    return begun_with(state[0], tmp_path / "world", *state[1])


def said(person: Person) -> list[dict[str, str]]:
    """What the certificate says of retired devices."""
    found: list[dict[str, str]] = person.tree(PAPER).get("retired", [])
    return found


def entry(device: str, by: str) -> dict[str, str]:
    return {"device": device, "by": by, "at": "2024-05-10T09:30+08:00"}


def live(person: Person) -> int:
    """How many customers' keys are left."""
    (file,) = person.data.rglob("salts")
    return sum(b"=" not in line for line in file.read_bytes().splitlines())


def test_the_certificate_says_who_was_retired_in_the_same_commit(team: list[Person]) -> None:
    zhao, li, wang, _chen = team
    before = (zhao.folder / PAPER).read_bytes()
    zhao.done("team", "retire", device(wang), "--yes")
    assert said(zhao) == [entry(device(wang), "zhao.min")]
    assert (zhao.folder / PAPER).read_bytes().startswith(before)
    assert {PAPER, ACCESS} < set(zhao.git("show", "--format=", "--name-only", "HEAD").split())
    assert zhao("audit").exit == zhao("check").exit == zhao("purge", "verify").exit == 0
    assert f"wang.fang ({device(wang)}) 2024-05-10 zhao.min" in register(zhao)["retired"]
    assert device(wang) in zhao.done("report", "destruction", "--format", "csv")
    synced(zhao, li, zhao)
    assert [said(li), live(li), li("audit").exit] == [said(zhao), 1, 0]


def test_it_is_not_undone(team: list[Person]) -> None:
    zhao, _li, wang, _chen = team
    zhao.done("team", "retire", device(wang), "--yes")
    assert "changed the team" in zhao.refused(4, "undo", "HEAD")


def test_whoever_leaves_is_named_with_every_device(team: list[Person]) -> None:
    zhao, _li, wang, chen = team
    zhao.done("team", "remove", "chen.jing", "--yes")
    zhao.done("team", "retire", device(wang), "--yes")
    assert [one["device"] for one in said(zhao)] == [device(chen), device(wang)]
    assert zhao("audit").exit == 0


def test_what_was_acknowledged_is_not_said(team: list[Person]) -> None:
    zhao, _li, wang, _chen = team
    synced(wang, zhao)
    zhao.done("team", "retire", device(wang), "--yes")
    assert said(zhao) == []


def test_a_device_found_again_and_lost_again_is_named_once(team: list[Person]) -> None:
    zhao, _li, wang, _chen = team
    zhao.done("team", "retire", device(wang), "--yes")
    zhao.done("team", "add", "wang.fang", "--key", wang.public())
    assert "wang.fang" in register(zhao)["pending"]
    zhao.on("2024-06-01").done("team", "retire", device(wang), "--yes")
    assert said(zhao) == [entry(device(wang), "zhao.min")]
    assert zhao("audit").exit == 0


def test_a_dry_run_changes_no_certificate(team: list[Person]) -> None:
    zhao, _li, wang, _chen = team
    told = zhao.done("team", "retire", device(wang)[:5].lower(), "--dry-run")
    assert f"{device(wang)} of wang.fang would be retired." in told
    zhao.refused(3, "team", "retire", "", "--dry-run")
    assert f"which {device(wang)} of wang.fang does not get" in zhao.refused(5, "team", "retire", device(wang))
    assert zhao.git("status", "--porcelain") == ""


@pytest.mark.parametrize("same", [False, True])
def test_two_admins_who_retire_apart_have_both_said(team: list[Person], same: bool) -> None:
    zhao, li, wang, chen = team
    synced(li, zhao)
    zhao.done("team", "retire", device(wang), "--yes")
    li.on("2024-05-11").done("team", "retire", device(wang if same else chen), "--yes")
    zhao.done("sync")
    told = li.refused(4, "sync")
    assert ACCESS in told
    assert PAPER not in told
    li.done("resolve", ACCESS, "--take", "theirs")
    li.done("sync")
    other = [] if same else [{"device": device(chen), "by": "li.na", "at": "2024-05-11T09:00+08:00"}]
    assert said(li) == [entry(device(wang), "zhao.min"), *other]
    assert li("audit").exit == 0
    synced(zhao)
    assert [said(zhao), zhao("audit").exit, live(zhao), live(li)] == [said(li), 0, 1, 1]


def test_git_by_itself_leaves_it_to_crm_resolve(team: list[Person]) -> None:
    zhao, li, wang, chen = team
    synced(li, zhao)
    zhao.done("team", "retire", device(wang), "--yes")
    li.done("team", "retire", device(chen), "--yes")
    zhao.push()
    li.git("pull", "-q", check=False)
    assert PAPER in li.git("diff", "--name-only", "--diff-filter=U")
    li.done("resolve", ACCESS, "--take", "ours")
    assert {one["device"] for one in said(li)} == {device(wang), device(chen)}
    assert li("audit").exit == 0


def test_a_clone_that_saw_the_old_certificate_goes_on(team: list[Person]) -> None:
    zhao, li, wang, chen = team
    synced(li)
    seen = (li.folder / PAPER).read_bytes()
    zhao.done("team", "retire", device(wang), "--yes")
    synced(zhao, li)
    assert [live(li), (li.folder / PAPER).read_bytes() != seen] == [1, True]
    synced(chen)  # sees the new one alone
    assert [live(chen), said(chen)] == [1, said(zhao)]
    assert "wang.fang" not in register(li)["pending"]


def _append(by: Person, lost: str, *, named: str | None = None) -> None:
    with (by.folder / PAPER).open("a") as file:
        file.write(f'retired:\n  - device: {lost}\n    by: {named or by.name}\n    at: "2024-05-10T09:30+08:00"\n')


def _kept_instead(person: Person) -> None:
    """What stands there, in place of the last commit, of which this clone knows nothing any more."""
    person.git("reset", "-q", "--soft", "HEAD~1")
    for memory in (person.folder / ".git/crm").rglob("trusted"):
        memory.unlink()
    person.keep_signed()


def _not_an_admin(zhao: Person, wang: Person, lost: str) -> Person:
    wang.pull()
    _append(wang, lost)
    wang.keep_signed()
    return wang


def _nobody_removed(zhao: Person, wang: Person, lost: str) -> Person:
    _append(zhao, lost)
    zhao.keep_signed()
    return zhao


def _removed_before(zhao: Person, wang: Person, lost: str) -> Person:
    zhao.done("team", "retire", lost, "--yes")
    zhao.git("checkout", "-q", "HEAD~1", "--", PAPER)
    _kept_instead(zhao)  # the team alone
    return _nobody_removed(zhao, wang, lost)


def _retold(change: Callable[[str], str]) -> Callable[[Person, Person, str], Person]:
    def attack(zhao: Person, wang: Person, lost: str) -> Person:
        zhao.done("team", "retire", lost, "--yes")
        text = (zhao.folder / PAPER).read_text()
        (zhao.folder / PAPER).write_text(change(text))
        assert change(text) != text
        _kept_instead(zhao)
        return zhao

    return attack


ATTACKS = {
    "not an admin": _not_an_admin,
    "nobody removed": _nobody_removed,
    "removed before": _removed_before,
    "another field": _retold(lambda text: text.replace("clause: ", "clause: x")),
    "a comment": _retold(lambda text: f"# x\n{text}"),
    "in anothers name": _retold(lambda text: text.replace("    by: zhao.min", "    by: li.na")),
    "somebody who stays": _retold(lambda text: re.sub("device: .*", "device: 7K2M9QXA", text)),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_any_other_change_is_refused_by_name(team: list[Person], attack: str) -> None:
    zhao, li, wang, chen = team
    by = ATTACKS[attack](zhao, wang, device(chen))
    told = by("audit")
    assert (told.exit, f"The certificate {PAPER} was changed" in told.out) == (6, True), told
    assert by.head()[:12] in told.out
    by.push()
    refused = li.refused(7, "sync")
    assert f"The certificate {PAPER} was changed" in refused
    assert by.head()[:12] in refused
    assert live(li) == 2  # what came with it is not taken, the sound certificate before it neither


def test_a_merge_that_drops_what_was_said_is_named(team: list[Person]) -> None:
    zhao, li, wang, _chen = team
    synced(li)
    zhao.done("team", "retire", device(wang), "--yes")
    synced(zhao)
    li.done("update", "C20240510002", "--set", "tier=gold")
    ours = li.head()
    li.git("fetch", "-q")
    theirs = li.git("rev-parse", "origin/main").strip()
    li.git("read-tree", theirs)
    li.git("update-index", "--cacheinfo", f"100644,{li.git('rev-parse', f'{ours}:{PAPER}').strip()},{PAPER}")
    made = signed_merge(li, ours, theirs)
    told = li("audit")
    assert (told.exit, f"The certificate {PAPER} was changed" in told.out, made[:12] in told.out) == (6, True, True)
