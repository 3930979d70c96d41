"""Destruction as people and cron meet it: a plan, another person's approval, a run that keeps what may not go, a register."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conventions import WANG, ZHANG
from life_vault import ACCESS, POLICY, TEAM, Life

pytest_plugins = ["conventions", "life_vault"]

HOUSE = Path(__file__).parents[2]
FIRST, SECOND = "C20240510001", "C20240510002"
PLAN, CERTIFICATE = "records/plans/2026-11-22.yaml", "records/purged/2024/05/C20240510001.yaml"
ME = "Synthetic Tester <tester@example.invalid>"
RUN = ("purge", "run", "--yes")


@pytest.fixture
def due(life: Life) -> Life:
    """Both customers have left and are due; it is the day of the first plan."""

    def leave() -> None:
        life.on("2024-06-01").done("archive", FIRST, "--reason", "ended")
        life.done("archive", SECOND, "--reason", "churned", "--on", "2024-05-20")

    life.begin_as("due", leave)
    return life.on("2026-11-22")


@pytest.fixture
def approved(due: Life) -> Life:
    """The plan is approved."""

    def approve() -> None:
        due.done("purge", "plan")
        due.done("purge", "approve", "2026-11-22")

    due.begin_as("approved", approve)
    return due


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
    assert f"{who} was destroyed on 2027-03-03." in life("show", who).err
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


def test_planning_is_quiet_when_nothing_is_due_or_a_plan_lists_it_already(due: Life) -> None:
    due.on("2025-05-20").quiet("purge", "plan")
    due.on("2026-11-22").done("purge", "plan")
    for day in ("2026-11-22", "2026-11-23", "2027-01-01"):
        due.on(day).quiet("purge", "plan")


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
        due.quiet(*RUN)
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
    approved.quiet(*RUN)
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


def test_running_twice_is_quiet(approved: Life) -> None:
    approved.done(*RUN)
    approved.quiet(*RUN)
    approved.quiet("purge", "run", "2026-11-22", "--yes")
    approved.on("2026-11-23").quiet("purge", "plan")


def test_without_a_terminal_and_without_a_yes_nothing_is_destroyed(approved: Life) -> None:
    assert "--yes" in approved.stopped_by("purge", "run", exit=5)


def test_a_dry_run_destroys_nothing_and_says_what_would_go(approved: Life) -> None:
    before = approved.state()
    assert f"would destroy: {FIRST}, {SECOND}" in approved.done("purge", "run", "--dry-run")
    assert approved.state() == before


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
]


@pytest.mark.parametrize(("change", "code", "said"), SINCE, ids=lambda value: getattr(value, "__name__", ""))
def test_what_changed_since_the_plan_is_kept_with_its_reason_and_the_others_go(change, code, said, approved: Life) -> None:
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
    approved.quiet(*RUN)


def test_a_run_that_kept_everything_is_carried_out_and_a_new_plan_decides_anew(approved: Life) -> None:
    for number in (FIRST, SECOND):
        approved.done("hold", number, "--reason", "audit")
    before = approved.head()
    ended = approved(*RUN)
    assert (ended.exit, ended.out) == (5, "")
    assert approved.git("rev-list", "--count", f"{before}..HEAD").strip() == "1"
    assert "0 destroyed, 2 kept" in last(approved)
    approved.quiet(*RUN)
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


def test_the_oldest_approved_plan_comes_first(due: Life) -> None:
    due.on("2025-06-01").done("purge", "plan")
    due.on("2026-11-22").done("purge", "plan")
    for name in ("2026-11-22", "2025-06-01"):
        due.done("purge", "approve", name)
    assert f"Destroyed: {SECOND}." in due.done(*RUN)
    assert f"Destroyed: {FIRST}." in due.done(*RUN)
    due.quiet(*RUN)


def test_two_runs_at_once_destroy_once(approved: Life) -> None:
    before = approved.head()
    line = [sys.executable, "-m", "crmcli", *RUN]
    env = {**os.environ, "PYTHONPATH": str(HOUSE)}
    running = [subprocess.Popen(line, cwd=approved.folder, env=env, stdout=-1, stderr=-1, text=True) for _n in range(2)]
    ended = [(*child.communicate(), child.returncode) for child in running]
    assert [code for _out, _err, code in ended] == [0, 0], ended
    assert sorted(bool(out) for out, _err, _code in ended) == [False, True]
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
    assert (refusal.error["kind"], refusal.error["message"]) == ("destroyed", f"{FIRST} was destroyed on 2026-11-22.")
    sheet = tmp_path / "back.csv"
    sheet.write_text(f"number,owner\n{FIRST},chen.wei\n")
    assert approved("import", str(sheet), "--key", "number").exit == 2
    assert approved("add", "--file", approved.put("../one.yaml", text)).exit == 2
    approved.put(WANG, text)
    ended = approved("commit")
    assert ended.exit == 6
    assert f"{FIRST} was destroyed; its number is never used again." in ended.err
    assert f"{FIRST} was destroyed" in approved("check", "--format", "csv").out
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


def test_the_register_is_a_table_with_the_newest_last(due: Life) -> None:
    assert due("purge", "list").err == "Nothing found.\n"
    for day, moment in (("2025-06-01", "2025-06-01T23:30+00:00"), ("2026-11-22", "2026-11-22T09:00+08:00")):
        due.on(day).done("purge", "plan")
        due.done("purge", "approve", day)
        due.on(moment).done(*RUN)
    listed = json.loads(due.done("purge", "list", "--format", "json"))["data"]
    rows = listed["rows"] if isinstance(listed, dict) else listed
    assert [(row["number"], row["destroyed_at"], row["rule"]) for row in rows] == [
        (SECOND, "2025-06-02 07:30", "churned"),
        (FIRST, "2026-11-22 09:00", "ended"),
    ]
    assert rows[0]["history"] == "not reached"


def test_a_certificate_that_does_not_hold_is_named_and_the_others_are_listed(approved: Life) -> None:
    approved.done(*RUN)
    approved.change(CERTIFICATE, "history: not reached", "history: reached")
    ended = approved("purge", "list", "--format", "ids")
    assert (ended.exit, ended.out) == (7, f"{SECOND}\n")
    assert f"{CERTIFICATE}:15: history" in ended.err
    assert approved.refused("show", FIRST, exit=7).error["kind"] == "certificate"
    assert "never changed by hand" in approved("commit").err
    assert approved("check").exit == 6


def test_a_certificate_in_another_place_does_not_hold(approved: Life) -> None:
    approved.done(*RUN)
    (approved.folder / CERTIFICATE).rename(approved.folder / CERTIFICATE.replace("001", "009"))
    ended = approved("purge", "list")
    assert ended.exit == 7
    assert "The certificate is not where its number says." in ended.err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('format: "1"', 'format: "2"', f"{PLAN}:1: format"),
        (f"number: {SECOND}", f"number: {FIRST}", f"{PLAN}:12: items[2].number: {FIRST} stands there twice."),
        ("rule: churned\n", "rule: churned\n    why: none\n", "Unknown field why."),
    ],
)
def test_a_broken_plan_is_named_with_its_line_and_never_carried_out(old: str, new: str, said: str, approved: Life) -> None:
    approved.change(PLAN, old, new)
    ended = approved(*RUN)
    assert (ended.exit, ended.out) == (6, "")
    assert said in ended.err
    assert approved("purge", "run", "2026-11-22", "--yes").exit == 2
    assert (approved.folder / WANG).exists()


@pytest.mark.parametrize(("name", "code"), [("2026-11-23", 3), ("yesterday", 2), ("../2026-11-22", 2), ("2026-13-01", 2)])
def test_a_plan_that_is_not_there_is_not_approved(name: str, code: int, approved: Life) -> None:
    approved.stopped_by("purge", "approve", name, exit=code)


# file, old, new, the line named, field
FLAWS = [
    (POLICY, "term: 2y", "term: 2w", 15, "rules.ended.term"),
    (POLICY, "term: 2y", "term: 0y", 15, "rules.ended.term"),
    (POLICY, "term: 2y", "term: 999y", 15, "rules.ended.term"),
    (POLICY, "after: churned", "after: bored", 20, "rules.churned.after"),
    (POLICY, "after: churned", "after: archived", 20, "rules.churned.after"),
    (POLICY, "after: churned", "after: ended", 20, "rules.churned.after"),
    (POLICY, "role: legal", "role: judge", 24, "approval.role"),
    (POLICY, "    term: 1y\n", "", 16, "rules.churned.term"),
    (POLICY, "approval:", "aproval:", 23, "aproval"),
    (ACCESS, "people: {}", "people: []", 15, "people"),
    (ACCESS, "people: {}", "peple: {}", 15, "peple"),
    (ACCESS, "people: {}", "people:\n  a:\n    email: a@b.cn\n    roles: [king]", 18, "people.a.roles[1]"),
    (ACCESS, "people: {}", "people:\n  a:\n    email: none\n    roles: [legal]", 17, "people.a.email"),
    (ACCESS, "people: {}", "people:\n  a:\n    email: a@b.cn\n    roles: []", 18, "people.a.roles"),
    (ACCESS, "people: {}", "people:\n  a: {email: a@b.cn, roles: [legal]}\n  b: {email: A@b.cn, roles: [legal]}",
     17, "people.b.email"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "old", "new", "line", "field"), FLAWS)
def test_a_house_rule_that_does_not_hold_stops_destruction(
    path: str, old: str, new: str, line: int, field: str, approved: Life
) -> None:
    approved.change(path, old, new)
    place = f"{path}:{line}: {field}"
    words = ("purge", "approve", "2026-11-22") if path == ACCESS else ("purge", "plan")
    assert place in approved.stopped_by(*words)
    if path == POLICY:
        assert place in approved.stopped_by(*RUN)
    ended = approved("commit")
    assert ended.exit == 6
    assert place in ended.err
    assert place.split(":")[0] in approved("check", "--format", "csv").out


def test_a_policy_without_rules_is_refused_with_its_line(due: Life) -> None:
    text = (due.folder / POLICY).read_text()
    due.put(POLICY, text[: text.index("rules:")] + "rules: {}\n")
    assert f"{POLICY}:9: rules" in due.stopped_by("purge", "plan")
