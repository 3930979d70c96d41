"""A year in a vault to practise in, and as long after it as the default retention lasts, with cron's own lines.

Nine customers enter, buy, rise through the tiers, leave, come back, are held, planned, approved and destroyed. The clerk
works and cron runs on her machine; the lawyer approves, in an open vault at the same machine, in a sealed one at his own,
with keys and a clone of his own.
"""

import json
import os
import re
import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from people import Person, founded, hand_over, let_in

EVERY_DAY = bool(os.environ.get("CRM_REHEARSE_ALL"))
FIRST, LAST = date(2024, 1, 1), date(2026, 4, 30)
CLERK, LAWYER = "clerk@example.invalid", "law@example.invalid"
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
    """The vault, its people and their clock; nothing here but what people type and cron runs."""

    firsts = 28  # the months whose first day is lived

    def __init__(self, world: Path) -> None:
        self.clock: dict[str, str] = {}
        self.clerk, self.law = (Person(world, name, clock=self.clock) for name in ("clerk", "law"))
        self.numbers: dict[str, str] = {}
        self.diary = Diary()

    @property
    def root(self) -> Path:
        """The vault where the clerk works."""
        return self.clerk.folder

    def at(self, day: date, time: str) -> None:
        self.clock["CRM_NOW"] = f"{day.isoformat()}T{time}+08:00"

    def data(self, *words: str) -> Any:
        return json.loads(self.clerk.done(*words, "--format", "json"))["data"]

    def head(self) -> str:
        # Read as git would, since it is asked a thousand times.
        return (self.root / ".git/refs/heads/main").read_text()

    def begin(self) -> None:
        """The vault and its team."""
        self.at(FIRST, "00:10")
        self.root.mkdir(parents=True)
        self.clerk.done("init", ".", "--unsealed", "--rehearsal")
        (self.root / "schemas/access.yaml").write_text(TEAM, encoding="utf-8")
        self.clerk.git("commit", "-qam", "the team")

    def cron_lines(self) -> list[tuple[str, list[str]]]:
        """cron's lines as (when, words)."""
        lines = [line for line in self.clerk.done("cron").splitlines() if re.match(r"[0-9*]", line)]
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
        self.clerk.done(*(self.numbers.get(word, word) for word in line.split()))

    def cron(self, when: str, words: list[str], day: date) -> None:
        """One line at its time, twice; the second time changes nothing."""
        minute, hour = when.split()[:2]
        self.at(day, f"{int(hour):02d}:{int(minute):02d}")
        ended = self.clerk(*words)
        verb = " ".join(word for word in words[:2] if not word.startswith("--"))
        self.diary.runs[verb] += 1
        if ended.exit:
            self.diary.ended.append((day.isoformat(), verb, ended.exit))
        if verb == "today" and ended.out:
            self.diary.mails[day.isoformat()] = ended.out
        before = self.head()
        self.clerk(*words)
        assert self.head() == before, (day, words)

    def approve(self, day: date) -> None:
        """The lawyer reads new plans at ten and approves them; the clerk may not."""
        plans = sorted((self.root / "records/plans").glob("*.yaml"))
        for name in (path.stem for path in plans if path.stem not in self.diary.approved):
            self.at(day, "10:00")
            self.clerk.refused(5, "purge", "approve", name)
            self.lawyer_approves(name)
            self.diary.approved.append(name)

    def lawyer_approves(self, name: str) -> None:
        """At the same machine, under his own name."""
        ended = self.law("purge", "approve", name, at=self.root)
        assert ended.exit == 0, ended


class Sealed(Rehearsal):
    """The same in a sealed vault: the lawyer has a home, keys and a clone of his own."""

    firsts = 14

    def begin(self) -> None:
        """The clerk, who plans and destroys, founds the vault."""
        self.at(FIRST, "00:10")
        self.clerk = founded(self.clerk.world, "clerk", clock=self.clock)
        let_in(self.clerk, self.law, "legal", salts=False)

    def lawyer_approves(self, name: str) -> None:
        """From his own machine, once what the clerk did has reached it; he has the customers' keys by then."""
        hand_over(self.clerk.push(), self.law.pull())
        self.law.done("purge", "approve", name)
        self.law.push()
        self.clerk.pull()


def matches(when: str, day: date) -> bool:
    """Whether a line is for that day (crontab(5), as far as our lines go: never both kinds of day at once)."""
    _minute, _hour, month_day, month, week_day = when.split()
    parts = ((month_day, day.day), (month, day.month), (week_day, day.isoweekday() % 7))
    return all(any(_holds(part, value) for part in text.split(",")) for text, value in parts)


def _holds(part: str, value: int) -> bool:
    first, _dash, last = part.partition("-")
    return part == "*" or int(first) <= value <= int(last or first)


def days() -> Iterator[date]:
    """Every day of the first year; then every first and second day of a month, and those on which a person does something:
    between them cron's lines have nothing to decide."""
    day = FIRST
    while day <= LAST:
        if day.year == FIRST.year or day.day in (1, 2) or day.isoformat() in _busy():
            yield day
        day += timedelta(days=1)


def some_days() -> Iterator[date]:
    """Those that matter, and the first and second of each month; CRM_REHEARSE_ALL lives all."""
    matter = set(days_that_matter())
    for day in days():
        if EVERY_DAY or day in matter or day.day in (1, 2):
            yield day


def days_that_matter() -> Iterator[date]:
    """Those on which a person does something, the first of each quarter, and those of the plans and runs that destroy."""
    for day in days():
        next_day = (day + timedelta(days=1)).isoformat()
        if {day.isoformat(), next_day} & {*GONE.values()} or day.isoformat() in _busy() or _is_quarter(day):
            yield day


def _busy() -> set[str]:
    return {day for day, _line in STORY} | set(ENTER.values()) | {"2024-01-22"}


def _is_quarter(day: date) -> bool:
    return day.day == 1 and day.month in (1, 4, 7, 10)


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
