"""Destruction as people and cron meet it: a plan, another person's approval, a run that keeps what may not go."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conventions import WANG, ZHANG
from life_vault import ACCESS, CERTIFICATE, FIRST, PLAN, POLICY, RUN, SECOND, TEAM, Life

pytest_plugins = ["conventions", "life_vault"]

HOUSE = Path(__file__).parents[2]
ME = "Synthetic Tester <tester@example.invalid>"


def team(life: Life) -> None:
    life.put(ACCESS, TEAM)
    life.done("commit")


def last(life: Life) -> str:
    return life.git("log", "-1", "--format=%B")


def test_the_whole_life_of_a_customer(life: Life) -> None:
    """From the first sale to the register, with what every step says by its exit code."""
    who = "C20240510003"
    person = "--kind individual --name 何静 --phone 13600136000 --region 北京/朝阳 --source store"
    steps = [
        ("2024-05-10", 0, f"add {person}"),
        ("2024-05-11", 0, f"sale add {who} --product 茶 --amount 30"),
        ("2024-05-11", 0, f"update {who} --set status=active --reason first-purchase"),
        ("2024-06-30", 0, f"archive {who} --reason churned --why competitor"),
        ("2024-07-01", 5, f"update {who} --set owner=li.na"),
        ("2024-08-01", 0, f"reactivate {who} --reason return"),
        ("2024-08-01", 0, f"sale add {who} --product 茶 --amount 30"),
        ("2025-02-28", 0, f"archive {who} --reason ended --why contract-ended"),
        ("2026-06-30", 0, "purge plan"),
        ("2027-02-01", 0, f"hold {who} --reason audit"),
        ("2027-03-01", 0, "purge plan"),
        ("2027-03-02", 0, f"release {who}"),
        ("2027-03-02", 0, "purge plan"),
        ("2027-03-02", 5, "purge run 2027-03-02 --yes"),
        ("2027-03-02", 3, "purge approve 2027-03-01"),
        ("2027-03-02", 0, "purge approve 2027-03-02"),
        ("2027-03-03", 5, "purge run"),
        ("2027-03-03", 0, "purge run --yes"),
        ("2027-03-03", 0, "purge run --yes"),
        ("2027-03-03", 3, f"show {who}"),
        ("2027-03-03", 3, "show 何静"),
        ("2027-03-03", 5, "undo"),
        ("2027-03-03", 0, "check"),
        ("2027-03-03", 0, f"history {who}"),
    ]
    for day, code, words in steps:
        ended = life.on(day)(*words.split())
        assert ended.exit == code, (words, ended)
    assert f"The file of {who} was destroyed on 2027-03-03." in life("show", who).err
    assert life.done("purge", "list", "--format", "ids") == f"{who}\n"
    assert life.done("list", "--all", "--format", "ids").split() == [FIRST, SECOND]
    assert life.git("status", "--porcelain") == ""


def test_a_plan_lists_who_is_due_with_reasons_and_the_hash_of_each_file(due: Life) -> None:
    said = due.done("purge", "plan")
    assert said.splitlines() == [
        f"Planned in {PLAN}:",
        f"  {FIRST}: due since 2026-06-02; ended on 2024-06-01; ended: 2y, to 2026-06-01",
        f"  {SECOND}: due since 2025-05-21; churned on 2024-05-20; churned: 1y, to 2025-05-20",
    ]
    tree = due.tree(PLAN)
    assert tree["requested_by"] == ME
    assert tree["policy"] == due.git("rev-parse", f"HEAD:{POLICY}").strip()
    assert [(one["number"], one["rule"], one["due"]) for one in tree["items"]] == [
        (FIRST, "ended", "2026-06-02"),
        (SECOND, "churned", "2025-05-21"),
    ]
    assert [one["file"] for one in tree["items"]] == due.git("rev-parse", f"HEAD:{WANG}", f"HEAD:{ZHANG}").split()
    assert due.git("show", "--format=", "--name-only").split() == [PLAN]
    assert last(due).startswith("purge plan 2026-11-22: 2 due\n\nCrm-Op: purge plan\n")


def test_planning_says_that_nothing_is_due_or_which_plan_lists_it_already(due: Life) -> None:
    assert due.on("2025-05-20").idle("purge", "plan") == "Nothing is due.\n"
    due.on("2026-11-22").done("purge", "plan")
    for day in ("2026-11-22", "2026-11-23", "2027-01-01"):
        assert f"{PLAN} lists all that is due already and waits for approval" in due.on(day).idle("purge", "plan")
    due.done("purge", "approve", "2026-11-22")
    assert "is approved: `crm purge run` carries it out." in due.idle("purge", "plan")


def test_a_run_without_a_plan_says_why_and_asks_for_nothing(due: Life) -> None:
    assert due.idle("purge", "run") == "There is nothing to carry out: no approved plan is waiting.\n"
    due.done("purge", "plan")
    assert f"{PLAN} waits for approval (`crm purge approve 2026-11-22`)" in due.idle("purge", "run")


@pytest.mark.parametrize("change", ["hold", "uid", "file"])
def test_what_a_run_would_keep_is_not_approved(change: str, due: Life) -> None:
    due.done("purge", "plan")
    found = due.tree(PLAN)["items"][0]
    if change == "hold":
        due.done("hold", FIRST, "--reason", "audit")
    else:
        due.change(PLAN, found[change], due.tree(ZHANG)["uid"] if change == "uid" else "ab" * 20)
        due.keep()
    refusal = due.refused("purge", "approve", "2026-11-22", exit=5)
    assert refusal.error["kind"] == "kept"
    assert [one["where"]["path"] for one in refusal.error["findings"]] == [WANG]
    assert due.stopped_by("--dry-run", "purge", "approve", "2026-11-22", exit=5)


def test_a_plan_that_would_say_otherwise_on_the_same_day_stands_beside_the_first(due: Life) -> None:
    due.done("purge", "plan")
    due.done("hold", SECOND, "--reason", "audit")
    assert "Planned in records/plans/2026-11-22-2.yaml" in due.done("purge", "plan")
    assert [one["number"] for one in due.tree("records/plans/2026-11-22-2.yaml")["items"]] == [FIRST]


@pytest.mark.parametrize(("moment", "found"), [("2025-05-20T15:59+00:00", 0), ("2025-05-20T16:00+00:00", 1)])
def test_the_day_is_the_day_in_the_time_zone_of_the_vault(moment: str, found: int, due: Life) -> None:
    listed = json.loads(due.on(moment).done("purge", "plan", "--dry-run", "--format", "json"))
    assert [one["number"] for one in listed["data"]["due"]] == [SECOND][:found]


def test_a_file_with_uncommitted_changes_is_left_out_and_named(due: Life) -> None:
    due.put(WANG, (due.folder / WANG).read_text() + "# by hand\n")
    ended = due("purge", "plan")
    assert ended.exit == 6
    assert f"{WANG}: Due, but the file has uncommitted changes." in ended.err
    assert [one["number"] for one in due.tree(PLAN)["items"]] == [SECOND]


def test_an_approval_is_an_event_bound_to_the_hash_of_the_plan(approved: Life) -> None:
    blob = approved.git("rev-parse", f"HEAD:{PLAN}").strip()
    assert f"Crm-Op: purge approve\nCrm-Record: {FIRST}\n" in last(approved)
    assert f"Crm-Approval: {PLAN} {blob}\n" in last(approved)
    assert approved.git("diff", "--name-only", "HEAD~1", "HEAD") == ""
    before = approved.state()
    assert approved.done("purge", "approve", PLAN) == f"{PLAN} is approved already.\n"
    assert approved.state() == before


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("li.na", "li.na@example.invalid does not have the role legal."),
        ("t", "t@example.invalid is not listed in schemas/access.yaml."),
    ],
)
def test_in_a_team_only_another_person_with_the_role_approves(name: str, said: str, due: Life) -> None:
    team(due)
    due.by("li.na").done("purge", "plan")
    assert said in due.by(name).stopped_by("purge", "approve", "2026-11-22", exit=5)
    assert "is not approved" in due.stopped_by("purge", "run", "2026-11-22", "--yes", exit=5)
    due.by("zhao.min").done("purge", "approve", "2026-11-22", "--note", "已核对合同")
    due.by("li.na").done(*RUN)
    certificate = due.tree(CERTIFICATE)
    assert certificate["requested_by"] == certificate["destroyed_by"] == "li.na <li.na@example.invalid>"
    assert certificate["approved_by"] == "zhao.min <zhao.min@example.invalid>"


def test_nobody_approves_their_own_plan_whatever_it_says(due: Life) -> None:
    team(due)
    due.by("zhao.min").done("purge", "plan")
    said = "zhao.min@example.invalid made the plan; another person must approve it."
    assert said in due.stopped_by("purge", "approve", "2026-11-22", exit=5)
    due.change(PLAN, "zhao.min <zhao.min@example.invalid>", "Li Na <li.na@example.invalid>")
    due.keep()
    assert said in due.stopped_by("purge", "approve", "2026-11-22", exit=5)


def test_a_team_of_one_approves_its_own_plans(due: Life) -> None:
    due.put(ACCESS, TEAM.split("  zhao.min")[0])
    due.done("commit")
    due.by("li.na").done("purge", "plan")
    due.done("purge", "approve", "2026-11-22")
    due.done(*RUN)


def test_an_approval_put_in_by_hand_counts_only_from_who_may_approve(due: Life) -> None:
    team(due)
    due.by("t").done("purge", "plan")
    mark = f"{PLAN} {due.git('rev-parse', f'HEAD:{PLAN}').strip()}"
    for name in ("t", "li.na"):
        due.by(name).git("commit", "--allow-empty", "-q", "-m", f"approve\n\nCrm-Approval: {mark}")
        due.idle(*RUN)
        told = due.stopped_by("purge", "run", "2026-11-22", "--yes", exit=5)
        assert f"{PLAN} is not approved. {name}@example.invalid" in told
    due.by("zhao.min").git("commit", "--allow-empty", "-q", "-m", f"approve\n\nCrm-Approval: {mark}")
    due.done(*RUN)


def test_an_approval_is_judged_by_the_team_of_its_time(due: Life) -> None:
    due.by("li.na").done("purge", "plan")
    due.done("purge", "approve", "2026-11-22")
    team(due)
    due.done(*RUN)
    assert due.tree(CERTIFICATE)["approved_by"] == "li.na <li.na@example.invalid>"


def test_a_plan_edited_after_its_approval_is_not_approved(approved: Life) -> None:
    approved.change(PLAN, "rule: churned", "rule: ended")
    assert "was changed after its approval" in approved.stopped_by("purge", "run", "2026-11-22", "--yes", exit=5)
    assert "has uncommitted changes" in approved.stopped_by("purge", "approve", "2026-11-22", exit=4)
    approved.keep()
    approved.idle(*RUN)
    assert (approved.folder / WANG).exists()


def test_a_run_deletes_the_files_and_writes_the_certificates_in_one_commit(approved: Life) -> None:
    texts = [(approved.folder / path).read_text() for path in (WANG, ZHANG)]
    before = approved.head()
    said = approved.done(*RUN)
    assert f"Destroyed: {FIRST}, {SECOND}." in said
    assert "earlier versions in git's history were not reached" in said
    assert approved.git("rev-list", "--count", f"{before}..HEAD").strip() == "1"
    changed = approved.git("show", "--format=", "--name-status", "--no-renames").split("\n")
    paths = [PLAN.replace("plans/2026-11-22", f"purged/2024/05/{number}") for number in (FIRST, SECOND)]
    assert changed[:4] == [f"D\t{WANG}", f"D\t{ZHANG}", *(f"A\t{path}" for path in paths)]
    blob = approved.git("rev-parse", f"HEAD:{PLAN}").strip()
    assert f"Crm-Op: purge run\nCrm-Record: {FIRST}\nCrm-Record: {SECOND}\nCrm-Plan: {PLAN} {blob}\n" in last(approved)
    assert approved.tree(CERTIFICATE) == {
        "format": "1",
        "number": FIRST,
        "uid": "4Z8K2M9QXA7PDR1TVW3BNC5GHJ",
        "kind": "customer-file",
        "left_on": "2024-06-01",
        "destroyed_at": "2026-11-22T09:00+08:00",
        "method": "file-deleted",
        "rule": "ended",
        "clause": "客户档案管理制度·销毁：合作终止后保存 2 年",
        "requested_by": ME,
        "approved_by": ME,
        "destroyed_by": ME,
        "plan": PLAN,
        "plan_file": blob,
        "history": "not reached",
    }
    papers = "".join((approved.folder / path).read_text() for path in (*paths, PLAN)) + last(approved)
    for text in texts:
        for line in text.splitlines():
            name, _colon, value = line.strip().removeprefix("- ").partition(": ")
            if name in ("name", "phone", "region", "id_number", "owner", "summary", "product", "shop", "source"):
                assert value.strip('"') not in papers


def test_running_twice_does_nothing(approved: Life) -> None:
    approved.done(*RUN)
    approved.idle(*RUN)
    assert f"everything in {PLAN} is destroyed" in approved.idle("purge", "run", "2026-11-22", "--yes")
    approved.on("2026-11-23").idle("purge", "plan")


def test_without_a_terminal_and_without_a_yes_nothing_is_destroyed(approved: Life) -> None:
    assert "--yes" in approved.stopped_by("purge", "run", exit=5)


def test_a_dry_run_destroys_nothing_and_says_what_would_go(approved: Life) -> None:
    before = approved.state()
    assert f"would destroy: {FIRST}, {SECOND}" in approved.done("purge", "run", "--dry-run")
    assert approved.state() == before


def test_who_changes_a_file_that_a_plan_lists_is_told_once(approved: Life) -> None:
    said = f"{FIRST} is to be destroyed by this plan, which does not reach a changed file."
    assert said in approved("hold", FIRST, "--reason", "audit").err
    assert "to be destroyed" not in approved("release", FIRST).err


def test_the_oldest_approved_plan_comes_first(due: Life) -> None:
    due.on("2025-06-01").done("purge", "plan")
    due.on("2026-11-22").done("purge", "plan")
    for name in ("2026-11-22", "2025-06-01"):
        due.done("purge", "approve", name)
    assert f"Destroyed: {SECOND}." in due.done(*RUN)
    assert f"Destroyed: {FIRST}." in due.done(*RUN)
    due.idle(*RUN)


def test_two_runs_at_once_destroy_once(approved: Life) -> None:
    before = approved.head()
    line = [sys.executable, "-m", "crmcli", *RUN]
    env = {**os.environ, "PYTHONPATH": str(HOUSE)}
    running = [subprocess.Popen(line, cwd=approved.folder, env=env, stdout=-1, stderr=-1, text=True) for _n in range(2)]
    ended = [(*child.communicate(), child.returncode) for child in running]
    assert [code for _out, _err, code in ended] == [0, 0], ended
    assert sorted("Destroyed: " in out for out, _err, _code in ended) == [False, True]
    assert [err for _out, err, _code in ended] == ["", ""]
    assert approved.git("rev-list", "--count", f"{before}..HEAD").strip() == "1"
    assert approved.git("status", "--porcelain") == ""


def test_a_destroyed_number_never_comes_back(approved: Life, tmp_path) -> None:
    text = (approved.folder / WANG).read_text()
    approved.done(*RUN)
    (approved.folder / ".git/crm").rename(tmp_path / "crm")
    person = "--kind individual --name 何静 --phone 13600136000 --region 北京/朝阳 --source store --format ids"
    assert approved.on("2024-05-10").done("add", *person.split()).strip() == "C20240510003"
    refusal = approved.refused("show", FIRST, exit=3)
    assert (refusal.error["kind"], refusal.error["message"]) == (
        "destroyed",
        f"The file of {FIRST} was destroyed on 2026-11-22.",
    )
    sheet = tmp_path / "back.csv"
    sheet.write_text(f"number,owner\n{FIRST},chen.wei\n")
    assert approved("import", str(sheet), "--key", "number").exit == 2
    assert approved("add", "--file", approved.put("../one.yaml", text)).exit == 2
    approved.put(WANG, text)
    ended = approved("commit")
    assert ended.exit == 6
    assert f"The file of {FIRST} was destroyed; the number is never used again." in ended.err
    assert f"The file of {FIRST} was destroyed" in approved("check", "--format", "csv").out
    assert approved.git("status", "--porcelain") == f"?? {WANG}\n"


def test_a_destruction_is_not_undone(approved: Life) -> None:
    approved.done(*RUN)
    assert "that cannot be undone" in approved.stopped_by("undo", exit=5)
    assert "that cannot be undone" in approved.stopped_by("undo", "HEAD", exit=5)
    assert approved.stopped_by("undo", approved.git("log", "-1", "--format=%H", "--grep=^archive").strip(), exit=4)


def test_the_clock_is_not_turned_outside_of_a_rehearsal(approved: Life) -> None:
    approved.change("schemas/vault.yaml", "rehearsal: true", "rehearsal: false")
    approved.keep()
    for words in (("plan",), ("approve", "2026-11-22"), ("run", "--yes"), ("run", "--dry-run")):
        assert approved.refused("purge", *words, exit=5).error["kind"] == "clock"
    approved.done("purge", "list")
