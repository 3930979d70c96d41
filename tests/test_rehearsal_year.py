"""A year rehearsed, and as long after it as the default retention lasts, with cron's own lines running day by day.

Nine customers enter, buy, rise through the tiers, leave, come back, are held, planned, approved and destroyed. Stepped
are every day of the first year, then every first and second day of a month, and every day on which a person does
something: between them cron's lines have nothing to decide. On each day the lines that `crm cron` prints for it run at their
times, each of them twice. At the end the register, the history and the files must tell the same story.
"""

import json
import re
import shlex
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import git

from crmcli.cli import boundary
from crmcli.model.identity import record_path
from crmcli.store.yamlread import parse

FIRST, LAST = date(2024, 1, 1), date(2026, 4, 30)
CLERK, LAWYER = "clerk@example.com", "law@example.com"
TEAM = f"""\
people:
  clerk:
    email: {CLERK}
    roles: [sales]
  law:
    email: {LAWYER}
    roles: [legal]
"""
ENTER = {
    "wang": "2024-01-08",
    "li": "2024-01-15",
    "zhao": "2024-01-22",
    "qian": "2024-01-29",
    "sun": "2024-02-05",
    "zhou": "2024-02-12",
    "wu": "2024-02-19",
    "zheng": "2024-02-26",
    "firm": "2024-03-04",
}
SALES = [
    ("2024-01-10", 300),
    ("2024-04-15", 2000),
    ("2024-08-20", 4000),
    ("2024-11-11", 20_000),
    ("2025-02-14", 30_000),
]
STORY = [
    *((day, f"sale add wang --date {day} --product 茶 --amount {amount} --currency CNY") for day, amount in SALES),
    ("2024-01-10", "interaction add wang --channel call --summary 来电 --next-step 寄样品 --next-on 2024-01-22"),
    ("2024-01-23", "interaction add wang --channel message --summary 样品已寄"),
    ("2024-03-01", "archive qian --reason ended --on 2024-02-29"),
    ("2024-03-18", "archive li --reason ended --on 2024-03-01"),  # kept to the end of 2026-03-01, the day of a plan
    ("2024-04-10", "archive zhou --reason ended"),
    ("2024-06-03", "archive zhao --reason churned --on 2024-05-31"),
    ("2024-06-30", "archive sun --reason churned"),
    ("2024-06-30", "archive wu --reason churned"),
    ("2024-06-30", "archive zheng --reason churned"),
    ("2024-07-31", "update firm --set retain_until=2026-01-31"),
    ("2024-07-31", "archive firm --reason churned"),
    ("2024-09-02", "hold sun --reason litigation"),
    ("2024-11-04", "reactivate zhou --reason return"),
    ("2025-07-01", "reactivate wu --reason return"),  # after the plan that lists him was approved
    ("2026-01-12", "release sun"),
]
# Who is destroyed, when: the morning after the plan of the month's first day was approved.
GONE = {
    "zhao": "2025-06-02",
    "zheng": "2025-07-02",
    "sun": "2026-02-02",
    "firm": "2026-02-02",
    "qian": "2026-03-02",
    "li": "2026-04-02",
}
TIERS = {
    "2024-04-01": "new",
    "2024-07-01": "ordinary",
    "2024-10-01": "silver",
    "2025-01-01": "gold",
    "2025-04-01": "diamond",
}


@dataclass
class Diary:
    """What happened: commands that ended otherwise than with 0, the mails of `crm today`, the plans approved."""

    ended: list[tuple[str, str, int]] = field(default_factory=list)
    mails: dict[str, str] = field(default_factory=dict)
    approved: list[str] = field(default_factory=list)
    runs: Counter[str] = field(default_factory=Counter)


class Rehearsal:
    """The vault, its people and its clock; nothing here but what people type and cron runs."""

    def __init__(self, root: Path, run: Callable[[list[str]], tuple[int, str]], patch: pytest.MonkeyPatch) -> None:
        self.root, self._run, self._patch = root, run, patch
        self.numbers: dict[str, str] = {}
        self.diary = Diary()

    def at(self, day: date, time: str) -> None:
        self._patch.setenv("CRM_NOW", f"{day.isoformat()}T{time}+08:00")

    def crm(self, *words: str) -> tuple[int, str]:
        return self._run(list(words))

    def done(self, *words: str) -> str:
        code, out = self.crm(*words, "--vault", str(self.root))
        assert code == 0, (words, out)
        return out

    def data(self, *words: str) -> Any:
        return json.loads(self.done(*words, "--format", "json"))["data"]

    def head(self) -> str:
        # Read as git would, since it is asked a thousand times.
        return (self.root / ".git/refs/heads/main").read_text()

    def begin(self) -> list[tuple[str, list[str]]]:
        """The vault and its team; cron's lines as (when, words)."""
        self.at(FIRST, "00:10")
        assert self.crm("init", str(self.root), "--unsealed", "--rehearsal", "--quiet")[0] == 0
        git(self.root, "config", "user.name", "Clerk")
        git(self.root, "config", "user.email", CLERK)
        (self.root / "schemas/access.yaml").write_text(TEAM, encoding="utf-8")
        git(self.root, "commit", "-qam", "the team")
        lines = [line for line in self.done("cron").splitlines() if re.match(r"[0-9*]", line)]
        cut = [line.split(maxsplit=5) for line in lines]
        return [(" ".join(parts[:5]), shlex.split(parts[5].replace("\\%", "%"))[1:]) for parts in cut]

    def enter(self, name: str) -> None:
        profile = f"--phone 1380013800{len(self.numbers)} --region 北京市/朝阳区 --source store --set status=active"
        person = f"--kind individual --name 示例{name}"
        firm = "--kind enterprise --company 示例商贸 --credit-code 91999999MA00000154 --industry retail --incomplete"
        told = self.data("add", *profile.split(), *(firm if name == "firm" else person).split())
        (self.numbers[name],) = told["numbers"]

    def act(self, line: str) -> None:
        """A line of the story: customers by the names used here."""
        self.done(*(self.numbers.get(word, word) for word in line.split()))

    def cron(self, when: str, words: list[str], day: date) -> None:
        """One line at its time, twice; the second time changes nothing."""
        minute, hour = when.split()[:2]
        self.at(day, f"{int(hour):02d}:{int(minute):02d}")
        code, out = self.crm(*words)
        verb = " ".join(word for word in words[:2] if not word.startswith("--"))
        self.diary.runs[verb] += 1
        if code:
            self.diary.ended.append((day.isoformat(), verb, code))
        if verb == "today" and out:
            self.diary.mails[day.isoformat()] = out
        before = self.head()
        self.crm(*words)
        assert self.head() == before, (day, words)

    def approve(self, day: date) -> None:
        """The lawyer reads new plans at ten and approves them; the clerk may not."""
        plans = sorted((self.root / "records/plans").glob("*.yaml"))
        for name in (path.stem for path in plans if path.stem not in self.diary.approved):
            self.at(day, "10:00")
            assert self.crm("purge", "approve", name, "--vault", str(self.root))[0] == 5
            with pytest.MonkeyPatch.context() as patch:
                for role in ("AUTHOR", "COMMITTER"):
                    patch.setenv(f"GIT_{role}_NAME", "Law")
                    patch.setenv(f"GIT_{role}_EMAIL", LAWYER)
                self.done("purge", "approve", name)
            self.diary.approved.append(name)


def matches(when: str, day: date) -> bool:
    """Whether a line is for that day (crontab(5), as far as our lines go: never both kinds of day at once)."""
    _minute, _hour, month_day, month, week_day = when.split()
    parts = ((month_day, day.day), (month, day.month), (week_day, day.isoweekday() % 7))
    return all(any(_holds(part, value) for part in text.split(",")) for text, value in parts)


def _holds(part: str, value: int) -> bool:
    first, _dash, last = part.partition("-")
    return part == "*" or int(first) <= value <= int(last or first)


def days() -> Iterator[date]:
    """The days stepped."""
    busy = {day for day, _line in STORY} | set(ENTER.values()) | {"2024-01-22"}
    day = FIRST
    while day <= LAST:
        if day.year == FIRST.year or day.day in (1, 2) or day.isoformat() in busy:
            yield day
        day += timedelta(days=1)


@pytest.fixture
def lived(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Rehearsal:
    """The whole rehearsal."""
    called = tmp_path / "bin" / "crm"
    called.parent.mkdir()
    called.touch()
    (home / "hooks").mkdir()
    env = {"GIT_TEMPLATE_DIR": str(home / "hooks"), "CRM_LANG": "en"}
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", [str(called)])

    def run(words: list[str]) -> tuple[int, str]:
        code = boundary.main(words)
        return code, capsys.readouterr().out

    life = Rehearsal(tmp_path / "vault", run, monkeypatch)
    lines = life.begin()
    for day in days():
        live(life, lines, day)
    return life


def live(life: Rehearsal, lines: list[tuple[str, list[str]]], day: date) -> None:
    """One day: cron in the morning, the lawyer at ten, what people do at eleven."""
    for when, words in sorted(lines, key=lambda line: [int(part) for part in line[0].split()[1::-1]]):
        if matches(when, day):
            life.cron(when, words, day)
    life.approve(day)
    life.at(day, "11:00")
    for name in (name for name, entered in ENTER.items() if entered == day.isoformat()):
        life.enter(name)
    for line in (line for moment, line in STORY if moment == day.isoformat()):
        life.act(line)


def test_register_history_and_files_agree_after_a_rehearsed_year(lived: Rehearsal) -> None:
    """One test, so that the year is lived once."""
    every_line_ran_and_only_the_run_that_skipped_said_so(lived)
    the_register_names_who_is_gone_and_who_answered_for_it(lived)
    the_files_agree_with_the_register(lived)
    the_history_agrees_with_the_register(lived)
    nobody_went_before_the_term_the_law_and_the_hold_were_over(lived)
    who_came_back_is_on_file_and_active(lived)
    tiers_rose_on_the_first_day_of_a_quarter_and_never_else(lived)
    mails_came_when_there_was_something_to_do(lived)


def every_line_ran_and_only_the_run_that_skipped_said_so(lived: Rehearsal) -> None:
    assert set(lived.diary.runs) == {"classify", "purge plan", "purge run", "today", "check"}
    assert lived.diary.runs["classify"] == 10
    assert lived.diary.runs["purge plan"] == 28
    assert lived.diary.ended == [("2025-07-02", "purge run", 5)]


def the_register_names_who_is_gone_and_who_answered_for_it(lived: Rehearsal) -> None:
    register = {row["number"]: row for row in lived.data("purge", "list")}
    assert {number: row["destroyed_at"][:10] for number, row in register.items()} == {
        lived.numbers[name]: day for name, day in GONE.items()
    }
    for row in register.values():
        assert (row["approved_by"], row["requested_by"]) == (f"Law <{LAWYER}>", f"Clerk <{CLERK}>")
        assert date.fromisoformat(row["plan"]) == date.fromisoformat(row["destroyed_at"][:10]) - timedelta(days=1)
    rules = {name: register[lived.numbers[name]]["rule"] for name in GONE}
    assert {name for name, rule in rules.items() if rule == "ended"} == {"li", "qian"}
    assert {name for name, rule in rules.items() if rule == "churned"} == {"zhao", "zheng", "sun", "firm"}
    (table,) = lived.data("report", "destruction")["tables"].values()
    assert {row["number"] for row in table} == register.keys()


def the_files_agree_with_the_register(lived: Rehearsal) -> None:
    records = lived.root / "records"
    gone = {lived.numbers[name] for name in GONE}
    assert {path.stem for path in (records / "purged").rglob("*.yaml")} == gone
    kept = {path.stem for path in records.rglob("C*.yaml") if "purged" not in path.parts}
    assert kept == set(lived.numbers.values()) - gone == {row["number"] for row in lived.data("list", "--all")}
    planned = [tree_of(path) for path in (records / "plans").glob("*.yaml")]
    listed = Counter(item["number"] for plan in planned for item in plan["items"])
    assert listed == Counter([*gone, lived.numbers["wu"]])
    assert git(lived.root, "status", "--porcelain") == ""
    assert {row["severity"] for row in lived.data("check")} <= {"warning"}


def the_history_agrees_with_the_register(lived: Rehearsal) -> None:
    told = commits(lived.root)
    assert {one["clock"] for one in told if one["op"]} == {"turned"}
    destroyed = {number: one["day"] for one in told if one["op"] == "purge run" for number in one["records"]}
    assert destroyed == {lived.numbers[name]: day for name, day in GONE.items()}
    deleted = git(lived.root, "log", "--diff-filter=D", "--format=", "--name-only", "--", "records/2*").split()
    assert sorted(Path(path).stem for path in deleted) == sorted(destroyed)
    approvals = {one["approval"]: one["author"] for one in told if one["op"] == "purge approve"}
    blobs = git(lived.root, "ls-tree", "-r", "--format=%(path) %(objectname)", "HEAD", "records/plans").splitlines()
    assert approvals == dict.fromkeys(blobs, LAWYER)
    assert {one["plan"] for one in told if one["op"] == "purge run"} == set(blobs)
    moments = [one["at"] for one in told if one["clock"]]
    assert moments == sorted(moments, reverse=True), "written in the order of the turned clock"


def nobody_went_before_the_term_the_law_and_the_hold_were_over(lived: Rehearsal) -> None:
    certificates = {path.stem: tree_of(path) for path in (lived.root / "records/purged").rglob("*.yaml")}
    left = {name: certificates[lived.numbers[name]]["left_on"] for name in GONE}
    assert left == {
        "zhao": "2024-05-31",
        "zheng": "2024-06-30",
        "sun": "2024-06-30",
        "firm": "2024-07-31",
        "qian": "2024-02-29",
        "li": "2024-03-01",
    }
    plans = {path.stem: tree_of(path) for path in (lived.root / "records/plans").glob("*.yaml")}
    due = {item["number"]: item["due"] for plan in plans.values() for item in plan["items"]}
    assert (due[lived.numbers["qian"]], due[lived.numbers["firm"]]) == ("2026-03-01", "2026-02-01")
    assert all(item["due"] <= name for name, plan in plans.items() for item in plan["items"])


def who_came_back_is_on_file_and_active(lived: Rehearsal) -> None:
    for name in ("zhou", "wu"):
        tree = tree_of(lived.root / record_path(lived.numbers[name]))
        assert [move["status"] for move in tree["status_history"]][-3:] == [
            "ended" if name == "zhou" else "churned",
            "archived",
            "active",
        ]
    (kept,) = [one["kept"] for one in commits(lived.root) if one["kept"]]
    assert kept == f"{lived.numbers['wu']} status"


def tiers_rose_on_the_first_day_of_a_quarter_and_never_else(lived: Rehearsal) -> None:
    wang = tree_of(lived.root / record_path(lived.numbers["wang"]))
    assert {move["date"]: move["tier"] for move in wang["tier_history"]} == TIERS
    moves = [one["day"] for one in commits(lived.root) if one["op"] == "classify"]
    assert moves
    assert {(day[5:7], day[8:]) for day in moves} <= {("01", "01"), ("04", "01"), ("07", "01"), ("10", "01")}


def mails_came_when_there_was_something_to_do(lived: Rehearsal) -> None:
    mails = lived.diary.mails
    assert "寄样品" in mails["2024-01-22"]
    assert not any("寄样品" in mail for day, mail in mails.items() if day > "2024-01-23")
    assert min(mails) == "2024-01-22"
    gone = {day: name for name, day in GONE.items()}
    assert not any(lived.numbers[gone[day]] in mail for day in gone for late, mail in mails.items() if late >= day)


def tree_of(path: Path) -> dict[str, Any]:
    return dict(parse(path.read_bytes(), path.name).tree)


def commits(root: Path) -> list[dict[str, Any]]:
    """What git itself tells of each commit, newest first."""
    trailers = ("Op", "Record", "Approval", "Plan", "Kept", "Clock")
    shape = "%x1f".join(["%aI", "%ae", *(f"%(trailers:key=Crm-{name},valueonly,unfold)" for name in trailers)])
    told = []
    for text in git(root, "log", "-z", f"--format={shape}").rstrip("\0").split("\0"):
        at, author, *values = (part.strip() for part in text.split("\x1f"))
        op, records, approval, plan, kept, clock = values
        day = datetime.fromisoformat(at).date().isoformat()
        known = {"at": at, "day": day, "author": author, "op": op, "records": records.split(), "clock": clock}
        told.append({**known, "approval": approval, "plan": plan, "kept": kept})
    return told
