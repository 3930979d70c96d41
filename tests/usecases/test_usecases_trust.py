"""Trust in a sealed vault: what an entitled admin signed counts, and every way around that is named."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import VAULT_ID, git, put
from trust_world import ACCESS, KEYS, ROLES, SETTINGS, TEAM, World, access, identity, keys, new_world, sealed_world

from crmcli.errors import Damaged, Refused
from crmcli.store import vault as vaults
from crmcli.store.git import Git
from crmcli.store.homes import Homes
from crmcli.usecases import trust
from crmcli.usecases.trust import as_written, judge, judged_history, pinned_root
from crmcli.usecases.trust_history import raws_of

NOTE = "records/2024/05/C20240510001.yaml"
GROWN = (*TEAM, "chen.jie")


@pytest.fixture
def made(tmp_path: Path) -> tuple[World, str]:
    return sealed_world(tmp_path)


@pytest.fixture
def world(made: tuple[World, str]) -> World:
    """A sealed vault whose root is pinned."""
    made[0].trusted()
    return made[0]


def refused(world: World, kind: str) -> str:
    """What is said of a vault that is not to be trusted, with a memory of what was and without one."""
    with pytest.raises(Damaged) as told:
        world.trusted()
    assert (told.value.exit, told.value.kind) == (7, kind), told.value.message
    assert told.value.hint
    world.forget()
    with pytest.raises(Damaged):
        world.trusted()
    return told.value.message


def grown(serial: int) -> dict[str, str | None]:
    return {ACCESS: access(serial, GROWN)}


# The root


def test_the_root_is_found_pinned_once_and_said_to_be(made: tuple[World, str]) -> None:
    world, root = made
    first, second = world.trusted(), world.trusted()
    assert (first.root, first.commit, first.pinned_now, second.pinned_now) == (root, root, True, False)
    assert pinned_root(world.homes, VAULT_ID) == root
    assert first.access.name_of(identity("li.na").signer) == "li.na"
    assert replace(first, pinned_now=False) == second
    assert (world.homes.config / "roots" / VAULT_ID).stat().st_mode & 0o777 == 0o600


def test_access_files_before_the_root_count_for_nothing(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    world.commit(None, {ACCESS: access(7, ["chen.jie"], masters=False)})
    root = world.commit("zhao.min", {ACCESS: access(1), KEYS: keys()})
    assert (world.trusted().root, world.trusted().access.admins) == (root, ("zhao.min",))


@pytest.mark.parametrize(("by", "kind"), [(None, "unsigned"), ("li.na", "not-admin"), ("chen.jie", "not-admin")])
def test_a_root_must_be_signed_by_an_admin_it_lists(tmp_path: Path, by: str | None, kind: str) -> None:
    world = new_world(tmp_path)
    world.commit(by, {ACCESS: access(1), KEYS: keys()})
    refused(world, kind)
    assert pinned_root(world.homes, VAULT_ID) is None


def test_another_root_than_the_pinned_one_is_refused(world: World, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other, _root = sealed_world(tmp_path / "other")
    foreign = World(other.vault, world.homes)
    foreign.commit("zhao.min", {NOTE: "a: 1\n"})
    other_root = foreign.commit("zhao.min", {ACCESS: access(1, GROWN), KEYS: keys()}, parents=[])
    assert "does not have the root" in refused(foreign, "root")
    assert other_root


def test_another_history_with_the_very_same_files_is_refused(world: World) -> None:
    world.commit("chen.jie", {NOTE: "a: 1\n"}, parents=[])
    assert git(world.root, "show", f"HEAD:{ACCESS}") == access(1)
    refused(world, "root")


def test_two_beginnings_are_not_chosen_between(made: tuple[World, str]) -> None:
    world, root = made
    evil = world.commit("chen.jie", {ACCESS: access(1, ["chen.jie"]), KEYS: keys()}, parents=[])
    world.commit("chen.jie", {}, parents=[evil, root])
    assert "two beginnings" in refused(world, "root")
    trust.pin(world.homes, VAULT_ID, root)
    refused(world, "foreign")


def test_a_changed_vault_id_does_not_leave_the_root_behind(world: World) -> None:
    other = "5" + VAULT_ID[1:]
    world.commit("li.na", {SETTINGS: f'id: {other}\nformat: "1"\nsealing: "yes"\n'})
    assert "id of the vault" in refused(World(vaults.at(world.root, dict(os.environ)), world.homes), "root")


def test_a_spoilt_pin_is_named(world: World) -> None:
    trust.root_pin(world.homes, VAULT_ID).write_text("main\n")
    refused(world, "root")


def test_a_shallow_clone_is_told_what_it_lacks(world: World, tmp_path: Path) -> None:
    world.commit("li.na", {NOTE: "a: 1\n"})
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{world.root}", "clone")
    clone = World(vaults.at(tmp_path / "clone", dict(os.environ)), world.homes)
    with pytest.raises(Refused) as told:
        clone.trusted()
    assert (told.value.kind, told.value.hint) == ("shallow", "git fetch --unshallow")


# Changes by those who may


def test_an_admin_changes_the_access_file(world: World) -> None:
    made = world.commit("zhao.min", grown(2))
    assert (world.trusted().commit, world.trusted().access.serial) == (made, 2)
    made = world.commit("chen.jie", {ACCESS: access(3, GROWN), KEYS: keys("QUJDRA==")})
    assert world.trusted().commit == made
    world.commit("li.na", {NOTE: "a: 1\n"})
    assert world.trusted().commit == made


def test_uncommitted_changes_have_no_effect(world: World) -> None:
    put(world.root, ACCESS, access(9, ["chen.jie"]))
    git(world.root, "add", ACCESS)
    assert world.trusted().access.serial == 1
    world.forget()
    assert world.trusted().access.admins == ("zhao.min",)


def test_a_merge_takes_the_files_of_the_newer_line(world: World) -> None:
    root = git(world.root, "rev-parse", "HEAD").strip()
    side = world.commit("li.na", {NOTE: "a: 1\n"})
    main = world.commit("zhao.min", grown(2), parents=[root])
    world.commit(None, {**grown(2), NOTE: "a: 1\n"}, parents=[side, main])
    assert world.trusted().commit == main


def test_bringing_the_trusted_files_back_ends_the_trouble(world: World) -> None:
    world.commit("li.na", grown(2))
    with pytest.raises(Damaged) as told:
        world.trusted()
    command = (told.value.hint or "").split("`")[1]
    git(world.root, *command.split()[1:])
    world.commit("li.na", {})
    assert world.trusted().access.serial == 1


@pytest.mark.parametrize("init", [(), ("--object-format=sha256",)])
def test_vaults_in_a_folder_and_repositories_of_both_kinds(tmp_path: Path, init: tuple[str, ...]) -> None:
    world, root = sealed_world(tmp_path, *init, prefix="crm")
    assert world.trusted().root == root
    made = world.commit("zhao.min", grown(2))
    assert world.trusted().commit == made
    world.commit(None, grown(3))
    refused(world, "unsigned")


# Attacks


@pytest.mark.parametrize(
    ("by", "kind"), [(None, "unsigned"), ("chen.jie", "foreign"), ("li.na", "not-admin"), ("wang.fang", "not-admin")]
)
@pytest.mark.parametrize("files", [{ACCESS: access(2, GROWN)}, {KEYS: keys("QUJDRA==")}])
def test_only_an_admin_lets_somebody_in(world: World, by: str | None, kind: str, files: dict[str, str | None]) -> None:
    made = world.commit(by, files, author="zhao.min")
    world.commit("zhao.min", {NOTE: "a: 1\n"})
    assert f"{made[:12]} by zhao.min" in refused(world, kind)


def test_a_signature_moved_to_another_change_does_not_hold(world: World) -> None:
    world.commit("zhao.min", grown(2), spoil=True)
    refused(world, "altered")


@pytest.mark.parametrize("serial", [0, 1])
def test_the_serial_must_rise(world: World, serial: int) -> None:
    world.commit("zhao.min", grown(serial))
    refused(world, "serial")


def test_wrapped_masters_change_only_with_the_serial(world: World) -> None:
    world.commit("zhao.min", {KEYS: keys("QUJDRA==")})
    refused(world, "serial")


@pytest.mark.parametrize(
    "text",
    ["people: [\n", "serial: many\n", "people: {}\n", access(2, masters=False), access(2).replace("serial", "serials")],
)
def test_a_file_that_does_not_hold_is_not_trusted_even_from_an_admin(world: World, text: str) -> None:
    world.commit("zhao.min", {ACCESS: text})
    refused(world, "unreadable")


def test_a_deleted_file_is_not_trusted(world: World) -> None:
    world.commit("zhao.min", {KEYS: None})
    refused(world, "unreadable")


@pytest.mark.parametrize("by", [None, "li.na", "zhao.min"])
def test_an_older_access_file_put_back_is_a_rollback(world: World, by: str | None) -> None:
    world.commit("zhao.min", {ACCESS: access(2, ["zhao.min", "wang.fang"]), KEYS: keys("QUJDRA==")})
    world.trusted()
    world.commit(by, {ACCESS: access(1), KEYS: keys()})
    refused(world, "rollback")


def test_a_branch_reset_to_before_is_a_rollback_for_whoever_saw_more(world: World) -> None:
    root = git(world.root, "rev-parse", "HEAD").strip()
    world.commit("zhao.min", {ACCESS: access(2, ["zhao.min"])})
    world.trusted()
    world.tip(root)
    with pytest.raises(Damaged) as told:
        world.trusted()
    assert told.value.kind == "rollback"


def test_a_fork_with_higher_serials_does_not_pass_for_newer(world: World) -> None:
    """Somebody who was an admin goes on from before the removal."""
    before = world.commit("zhao.min", grown(2))
    world.commit("zhao.min", {ACCESS: access(3)})
    world.trusted()
    world.commit("chen.jie", {ACCESS: access(3, ["chen.jie"])}, parents=[before])
    world.commit("chen.jie", {ACCESS: access(4, ["chen.jie"])})
    with pytest.raises(Damaged) as told:
        world.trusted()
    assert told.value.kind == "rollback"


def test_a_fork_merged_in_does_not_take_over(world: World) -> None:
    before = world.commit("zhao.min", grown(2))
    main = world.commit("zhao.min", {ACCESS: access(3)})
    world.trusted()
    fork = world.commit("chen.jie", {ACCESS: access(9, ["chen.jie"])}, parents=[before])
    for by in ("chen.jie", "li.na", None):
        world.commit(by, {ACCESS: access(9, ["chen.jie"])}, parents=[main, fork])
        refused(world, "torn")
        world.commit(by, {}, parents=[fork, main])
        refused(world, "torn")


def test_lines_changed_apart_are_joined_by_an_admin_of_both(world: World) -> None:
    root = git(world.root, "rev-parse", "HEAD").strip()
    one = world.commit("zhao.min", grown(2))
    other = world.commit("zhao.min", {ACCESS: access(2, [*TEAM, "sun.yu"])}, parents=[root])
    both = [*GROWN, "sun.yu"]
    world.commit("chen.jie", {ACCESS: access(3, both)}, parents=[one, other])
    refused(world, "torn")
    world.commit("zhao.min", {ACCESS: access(2, both)}, parents=[one, other])
    refused(world, "serial")
    made = world.commit("zhao.min", {ACCESS: access(3, both)}, parents=[one, other])
    assert world.trusted().commit == made


def test_a_merge_from_an_old_line_does_not_put_its_files_back(world: World) -> None:
    root = git(world.root, "rev-parse", "HEAD").strip()
    main = world.commit("zhao.min", grown(2))
    side = world.commit("li.na", {NOTE: "a: 1\n"}, parents=[root])
    world.commit(None, {}, parents=[side, main])
    refused(world, "rollback")
    old, more = (world.commit("li.na", {NOTE: f"a: {n}\n"}, parents=[root]) for n in (2, 3))
    world.commit("li.na", {ACCESS: access(1), KEYS: keys()}, parents=[main, old, more])
    refused(world, "rollback")


def test_a_merge_with_files_of_nobody_is_refused(world: World) -> None:
    root = git(world.root, "rev-parse", "HEAD").strip()
    main, side = (world.commit("li.na", {NOTE: f"a: {n}\n"}, parents=[root]) for n in (1, 2))
    world.commit("li.na", grown(2), parents=[main, side])
    refused(world, "not-admin")


def test_unrelated_history_brings_no_access_file_in(world: World) -> None:
    main = git(world.root, "rev-parse", "HEAD").strip()
    evil = world.commit("chen.jie", {ACCESS: access(9, ["chen.jie"]), KEYS: keys()}, parents=[])
    world.commit("li.na", {}, parents=[evil, main])
    refused(world, "not-admin")
    world.commit("li.na", {}, parents=[main, evil])
    assert world.trusted().access.serial == 1


def test_an_admin_who_builds_on_a_slipped_in_file_does_not_vouch_for_it(world: World) -> None:
    world.commit("li.na", grown(2))
    made = world.commit("zhao.min", {ACCESS: access(3, [*GROWN, "sun.yu"])})
    assert made[:12] in refused(world, "parent")


def test_somebody_let_in_unseen_cannot_go_on(world: World) -> None:
    first = world.commit("li.na", {ACCESS: access(2, roles={**ROLES, "li.na": "admin"})})
    world.commit("li.na", {ACCESS: access(3, GROWN, {**ROLES, "li.na": "admin"})})
    refused(world, "not-admin")
    world.tip(first)
    assert first[:12] in refused(world, "not-admin")


def test_a_removed_admin_changes_nothing_more(world: World) -> None:
    world.commit("zhao.min", grown(2))
    world.commit("zhao.min", {ACCESS: access(3)})
    world.commit("chen.jie", grown(4))
    refused(world, "foreign")


def test_replaced_objects_and_grafts_are_looked_through(world: World) -> None:
    honest = git(world.root, "rev-parse", "HEAD").strip()
    evil = world.commit(None, grown(2))
    signed = world.commit("zhao.min", {**grown(2)}, parents=[honest])
    world.tip(evil)
    git(world.root, "replace", evil, signed)
    refused(world, "unsigned")
    git(world.root, "replace", "-d", evil)
    blob, fake = (git(world.root, "rev-parse", f"{one}:{ACCESS}").strip() for one in (honest, evil))
    world.tip(honest)
    git(world.root, "replace", blob, fake)
    world.forget()
    put(world.root, ACCESS, access(2, GROWN))
    assert world.trusted().access.serial == 1
    assert world.trusted().access.serial == 1


# What a clone remembers


def test_the_second_command_asks_git_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.commit("li.na", {NOTE: "a: 1\n"})
    world.trusted()
    asked: list[str] = []
    ask = Git.ask
    monkeypatch.setattr(Git, "ask", lambda self, *args, **more: asked.append(args[0]) or ask(self, *args, **more))
    world.trusted()
    assert asked == ["cat-file"]
    git_calls = []
    for count in (1, 5):
        for n in range(count):
            world.commit("zhao.min", {ACCESS: access(10 * count + n + 2)})
        world.forget()
        asked.clear()
        world.trusted()
        git_calls.append(len(asked))
    assert git_calls[0] == git_calls[1] <= 8


@pytest.mark.parametrize("left", [b"", b"{", b"[]", b'{"vault": 1}', b"\xff"])
def test_a_spoilt_memory_only_costs_time(world: World, left: bytes) -> None:
    (world.vault.shared / "trusted").write_bytes(left)
    assert world.trusted().access.serial == 1
    assert json.loads((world.vault.shared / "trusted").read_bytes())["serial"] == 1


def test_the_memory_of_another_root_is_not_believed(world: World, tmp_path: Path) -> None:
    evil = world.commit(None, grown(2))
    memory = world.vault.shared / "trusted"
    told = json.loads(memory.read_bytes())
    blob = git(world.root, "rev-parse", f"{evil}:{ACCESS}").strip()
    memory.write_text(json.dumps({**told, "root": "0" * 40, "access": blob}))
    refused(world, "unsigned")


def test_a_clone_that_cannot_be_written_to_still_reads(made: tuple[World, str], tmp_path: Path) -> None:
    world, root = made
    (world.vault.common_dir / "crm").write_text("in the way")
    assert world.trusted().root == root


# Single commits


def test_a_commit_is_judged_by_its_parents_access_file(world: World) -> None:
    root = git(world.root, "rev-parse", "HEAD").strip()
    first = world.commit("wang.fang", {NOTE: "a: 1\n"})
    left = world.commit("zhao.min", {ACCESS: access(2, ["zhao.min", "li.na"])})
    after = world.commit("wang.fang", {NOTE: "a: 2\n"})
    nobody, spoilt = world.commit(None, {NOTE: "a: 3\n"}), world.commit("li.na", {NOTE: "a: 4\n"}, spoil=True)
    found = judge(world.vault, world.trusted(), [root, first, left, after, nobody, spoilt, "0" * 40])
    assert [one.person for one in found] == ["zhao.min", "wang.fang", "zhao.min", None, None, None, None]
    assert [one.flaw and one.flaw.kind for one in found] == [
        None,
        None,
        None,
        "foreign",
        "unsigned",
        "altered",
        "unknown",
    ]
    assert found[1].roles == ("manager",)
    assert found[1].access_before is not None
    assert found[1].access_before.serial == 1
    assert all(one.why for one in found[3:])


def test_homes_are_apart(made: tuple[World, str], tmp_path: Path) -> None:
    """Somebody else at the same clone has a pin of their own."""
    made[0].trusted()
    other = World(made[0].vault, Homes(tmp_path / "else", tmp_path / "else"))
    assert other.trusted().pinned_now


def test_commits_after_the_last_change_of_the_team_are_judged_without_the_history_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = world.commit("zhao.min", {ACCESS: access(2, ["zhao.min", "li.na"])})
    good, gone = world.commit("li.na", {NOTE: "a: 1\n"}), world.commit("wang.fang", {NOTE: "a: 2\n"})
    after = [good, gone, world.commit(None, {NOTE: "a: 3\n"}), world.commit("li.na", {NOTE: "a: 4\n"}, spoil=True)]
    trusted_now = world.trusted()
    walked = judged_history(as_written(world.vault), trusted_now.root, after[-1])[0]
    raws = raws_of(world.vault, after)
    expected = [walked.judged(name, raws[name]) for name in after]
    monkeypatch.setattr("crmcli.usecases.trust.judged_history", None)
    assert judge(world.vault, trusted_now, after) == expected
    assert [one.person for one in expected] == ["li.na", None, None, None]
    with pytest.raises(TypeError):
        judge(world.vault, trusted_now, [changed])


def test_a_change_of_the_team_since_it_was_trusted_counts(world: World) -> None:
    before = world.trusted()
    world.commit("zhao.min", {ACCESS: access(2, ["zhao.min", "li.na"])})
    gone = world.commit("wang.fang", {NOTE: "a: 1\n"})
    assert judge(world.vault, before, [gone])[0].person is None
    world.trusted()
    assert judge(world.vault, before, [gone])[0].person is None
