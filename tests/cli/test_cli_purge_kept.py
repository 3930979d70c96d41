"""A run judges every customer anew: what changed since the plan is kept, with its reason, and the others go."""

import os
from datetime import datetime

import pytest
from conventions import WANG
from life_vault import CERTIFICATE, FIRST, POLICY, RUN, SECOND, Life

from crmcli.usecases.purge_run import choose, run
from crmcli.usecases.workplace import open_workplace

pytest_plugins = ["conventions", "life_vault"]


def last(life: Life) -> str:
    return life.git("log", "-1", "--format=%B")


def hold_it(life: Life) -> None:
    life.done("hold", FIRST, "--reason", "litigation")


def hold_and_release(life: Life) -> None:
    hold_it(life)
    life.done("release", FIRST)


def bring_back(life: Life) -> None:
    life.done("reactivate", FIRST, "--reason", "return")


def lengthen(life: Life) -> None:
    life.change(POLICY, "term: 2y", "term: 3y")
    life.done("commit")


def rename(life: Life) -> None:
    life.change(POLICY, "合作终止后保存 2 年", "另一条")
    life.done("commit")


def edit_and_commit(life: Life) -> None:
    life.change(WANG, "owner: li.na", "owner: chen.wei")
    life.keep()


def edit_alone(life: Life) -> None:
    life.change(WANG, "owner: li.na", "owner: chen.wei")


def take_away(life: Life) -> None:
    life.git("rm", "-q", WANG)
    life.keep()


def spoil(life: Life) -> None:
    life.put(WANG, "neither: one\n")
    life.keep()


def share_its_uid(life: Life) -> None:
    """In a file that does not hold at all: whose keys these are cannot be told."""
    life.put("records/2024/05/C20240510009.yaml", f"uid: {life.tree(WANG)['uid']}\nneither: one\n")
    life.keep()


def share_its_uid_without_a_word(life: Life) -> None:
    """In a file that nobody has committed."""
    life.put("records/2024/05/C20240510009.yaml", f"uid: {life.tree(WANG)['uid']}\nneither: one\n")


def share_its_uid_in_the_index(life: Life) -> None:
    share_its_uid_without_a_word(life)
    life.git("add", "records/2024/05/C20240510009.yaml")


SINCE = [
    (hold_it, "hold", "held since 2026-11-22: litigation"),
    (hold_and_release, "changed", "its file has changed since the plan"),
    (bring_back, "status", "not archived: active"),
    (lengthen, "term", "ended on 2024-06-01; ended: 3y, to 2027-06-01"),
    (rename, "rule", "it is due under another rule now: ended"),
    (edit_and_commit, "changed", "its file has changed since the plan"),
    (edit_alone, "changed", "its file has changed since the plan"),
    (take_away, "vanished", "it is no longer on file"),
    (spoil, "unreadable", ""),
    (share_its_uid, "twice", "C20240510009 has the same uid"),
    (share_its_uid_without_a_word, "twice", "C20240510009 has the same uid"),
    (share_its_uid_in_the_index, "twice", "C20240510009 has the same uid"),
]


@pytest.mark.parametrize(("change", "code", "said"), SINCE, ids=lambda value: getattr(value, "__name__", ""))
def test_what_changed_since_the_plan_is_kept_with_its_reason_and_the_others_go(
    change, code, said, approved: Life
) -> None:
    change(approved)
    kept = (approved.folder / WANG).read_bytes() if (approved.folder / WANG).exists() else None
    ended = approved(*RUN)
    assert ended.exit == 5
    assert f"{FIRST} is kept: " in ended.err
    assert said in ended.err
    assert f"Destroyed: {SECOND}." in ended.out
    assert f"Crm-Kept: {FIRST} {code}\n" in last(approved)
    assert ((approved.folder / WANG).read_bytes() if kept else None) == kept
    assert not (approved.folder / CERTIFICATE).exists()
    approved.idle(*RUN)


def test_a_run_that_kept_everything_is_carried_out_and_a_new_plan_decides_anew(approved: Life) -> None:
    for number in (FIRST, SECOND):
        approved.done("hold", number, "--reason", "audit")
    before = approved.head()
    ended = approved(*RUN)
    assert (ended.exit, ended.out) == (5, "")
    assert approved.git("rev-list", "--count", f"{before}..HEAD").strip() == "1"
    assert "0 destroyed, 2 kept" in last(approved)
    approved.idle(*RUN)
    assert approved("purge", "run", "2026-11-22", "--yes").exit == 5
    for number in (FIRST, SECOND):
        approved.on("2026-11-23").done("release", number)
    approved.done("purge", "plan")
    approved.done("purge", "approve", "2026-11-23")
    assert f"Destroyed: {FIRST}, {SECOND}." in approved.done(*RUN)


def test_a_policy_turned_longer_and_back_gets_a_plan_that_can_be_carried_out(approved: Life) -> None:
    approved.change(POLICY, "term: 2y", "term: 9y")
    approved.change(POLICY, "term: 1y", "term: 8y")
    approved.done("commit")
    assert approved(*RUN).exit == 5
    approved.git("checkout", "-q", "HEAD~2", "--", POLICY)
    approved.keep()
    assert "Planned in records/plans/2026-11-22-2.yaml" in approved.done("purge", "plan")


def test_a_plan_that_nobody_has_seen_is_not_run_in_place_of_one_that_is_done(due: Life) -> None:
    for day in ("2025-06-01", "2026-11-22"):
        due.on(day).done("purge", "plan")
        due.done("purge", "approve", day)
    now = datetime.fromisoformat("2026-11-22T09:00+08:00")
    work = open_workplace(due.folder, dict(os.environ), now, turned=True)
    seen = choose(work)
    due.done(*RUN)
    assert run(work, only=seen).destroyed == ()
    assert (due.folder / WANG).exists()


def test_a_plan_leaves_out_and_names_whose_uid_stands_in_another_file(approved: Life) -> None:
    share_its_uid(approved)
    ended = approved("purge", "plan")
    assert "C20240510009 has the same uid" in ended.err
    assert FIRST not in ended.out
    assert SECOND in ended.out


def test_a_file_that_git_is_told_to_take_for_unchanged_is_looked_into(due: Life) -> None:
    other = "records/2024/05/C20240510009.yaml"
    due.put(other, "neither: one\n")
    due.keep()
    due("purge", "plan")
    due.done("purge", "approve", "2026-11-22")
    due.git("update-index", "--assume-unchanged", other)
    share_its_uid_without_a_word(due)
    assert "C20240510009 has the same uid" in due(*RUN).err
    assert (due.folder / WANG).exists()
