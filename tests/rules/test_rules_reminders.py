"""What is due and why: agreed steps, return visits by cadence, birthdays; at year ends, leap days and time zones."""

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crmcli.model import plain
from crmcli.model.dossier import Dossier
from crmcli.model.house import Codes, Completeness, House, Settings
from crmcli.model.reminders import Reminders
from crmcli.rules.reminders import due, next_birthday
from crmcli.store.yamlread import parse

ROOT = Path(__file__).parents[2]
ZONE = ZoneInfo("Asia/Shanghai")
BARE = {"id": "C20240510001", "uid": "4Z8K2M9QXA7PDR1TVW3BNC5GHJ", "kind": "individual", "status": "active"}
ENTERPRISE = {"kind": "enterprise", "company": "示例商贸"}
CALL = {"channel": "call", "summary": "询问新品"}
NOTHING = Reminders.model_validate({"cadence": {"diamond": "90y"}})
CADENCE = Reminders.model_validate({"cadence": {"gold": "30d", "silver": "1m"}, "otherwise": "90d"})
AHEAD = Reminders.model_validate({"birthdays_ahead": "3d"})


@cache
def house() -> House:
    settings = Settings.model_validate({"id": BARE["uid"], "format": "1"})
    tree = parse((ROOT / "schemas/codes.yaml").read_bytes(), "codes.yaml").tree
    return House(settings, Codes.model_validate(tree).lists, (), {}, Completeness(required={}))


def customer(**more: Any) -> Dossier:
    return plain.read({**BARE, **more}, house())


def call(at: str, next_on: str | None = None, entry: int = 1, **more: str) -> dict[str, str]:
    told = {"id": f"I0000000{entry}", "at": at, **CALL, **more}
    return told if next_on is None else {**told, "next_on": next_on}


def told(who: Dossier, rule: Reminders, today: str, days: int | None = 0) -> list[tuple[str, str, int]]:
    found = due([who], rule, date.fromisoformat(today), days, ZONE)
    return [(one.what, one.on.isoformat(), one.overdue) for one in found]


@pytest.mark.parametrize(
    ("today", "days", "expected"),
    [
        ("2024-05-16", 0, []),
        ("2024-05-16", 1, [("next-step", "2024-05-17", 0)]),
        ("2024-05-17", 0, [("next-step", "2024-05-17", 0)]),
        ("2024-05-18", 0, [("next-step", "2024-05-17", 1)]),
        ("2025-05-17", 0, [("next-step", "2024-05-17", 365)]),
        ("2024-05-10", None, [("next-step", "2024-05-17", 0)]),
    ],
)
def test_a_step_is_due_on_its_day_and_stays_until_it_is_done(
    today: str, days: int | None, expected: list[tuple[str, str, int]]
) -> None:
    who = customer(tier="diamond", interactions=[call("2024-05-10T09:30+08:00", "2024-05-17")])
    assert told(who, NOTHING, today, days) == expected


@pytest.mark.parametrize(
    ("later", "closed"),
    [
        ("2024-05-11T09:30+08:00", True),
        ("2024-05-10T09:31+08:00", True),
        ("2024-05-10T02:31+01:00", True),  # 09:31 in Shanghai
        ("2024-05-10T09:30+08:00", False),
        ("2024-05-10T03:30+02:00", False),  # the same moment elsewhere
        ("2024-05-10T10:00+09:00", False),  # written later, 09:00 in Shanghai
        ("2024-05-01T09:30+08:00", False),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_only_a_later_interaction_closes_a_step_wherever_it_stands(later: str, closed: bool, turned: bool) -> None:
    entries = [call("2024-05-10T09:30+08:00", "2024-05-17"), call(later, entry=2)]
    who = customer(interactions=entries[::-1] if turned else entries)
    assert told(who, NOTHING, "2024-05-20") == ([] if closed else [("next-step", "2024-05-17", 3)])


def test_a_later_step_takes_the_place_of_an_earlier_one() -> None:
    first = call("2024-05-10T09:30+08:00", "2024-05-17", next_step="寄样品")
    second = call("2024-05-12T09:30+08:00", "2024-06-17", entry=2, next_step="问结果\n再约")
    (step,) = due([customer(interactions=[first, second])], NOTHING, date(2024, 7, 1), 0, ZONE)
    assert (step.on, step.detail) == (date(2024, 6, 17), "问结果 再约")


@pytest.mark.parametrize(
    ("tier", "today", "days", "expected"),
    [
        ("gold", "2024-06-08", 0, []),
        ("gold", "2024-06-08", 1, [("visit", "2024-06-09", 0)]),
        ("gold", "2024-06-09", 0, [("visit", "2024-06-09", 0)]),
        ("gold", "2024-06-10", 0, [("visit", "2024-06-09", 1)]),
        ("silver", "2024-06-10", 0, [("visit", "2024-06-10", 0)]),
        (None, "2024-08-07", 0, []),
        (None, "2024-08-08", 0, [("visit", "2024-08-08", 0)]),
        ("new", "2024-08-08", 0, [("visit", "2024-08-08", 0)]),
    ],
)
def test_a_visit_is_due_when_the_tiers_time_without_contact_is_over(
    tier: str | None, today: str, days: int, expected: list[tuple[str, str, int]]
) -> None:
    tiers = {"tier": tier} if tier else {}
    contacted = customer(**tiers, id="C20230101001", interactions=[call("2024-05-10T09:30+08:00")])
    assert told(contacted, CADENCE, today, days) == expected
    assert told(customer(**tiers), CADENCE, today, days) == expected, "counted from the day of the number"


def test_terms_in_months_end_on_the_last_day_of_a_short_month() -> None:
    who = customer(tier="silver", interactions=[call("2024-01-31T09:30+08:00")])
    assert told(who, CADENCE, "2024-02-28") == []
    assert told(who, CADENCE, "2024-02-29") == [("visit", "2024-02-29", 0)]


@pytest.mark.parametrize(
    ("at", "first"),
    [
        ("2024-05-10T23:59+08:00", "2024-06-09"),
        ("2024-05-10T16:00+00:00", "2024-06-10"),  # midnight in Shanghai
        ("2024-05-10T15:59+00:00", "2024-06-09"),
        ("2024-05-11T00:30+09:00", "2024-06-09"),  # 23:30 of the day before in Shanghai
        ("2023-12-31T23:30+07:00", "2024-01-31"),  # new year in Shanghai
    ],
)
def test_the_day_of_a_contact_is_the_day_in_the_vaults_zone(at: str, first: str) -> None:
    who = customer(tier="gold", interactions=[call(at)])
    before = date.fromisoformat(first) - timedelta(days=1)
    assert told(who, CADENCE, before.isoformat()) == []
    assert told(who, CADENCE, first) == [("visit", first, 0)]


def test_a_rule_without_a_cadence_for_the_tier_asks_for_no_visit() -> None:
    rule = Reminders.model_validate({"cadence": {"gold": "30d"}})
    assert told(customer(), rule, "2200-01-01") == []
    assert told(customer(tier="silver"), rule, "2200-01-01") == []


def test_a_step_on_the_list_stands_for_the_visit() -> None:
    who = customer(tier="gold", interactions=[call("2024-05-10T09:30+08:00", "2024-08-01")])
    assert told(who, CADENCE, "2024-07-31") == [("visit", "2024-06-09", 52)]
    assert told(who, CADENCE, "2024-08-01") == [("next-step", "2024-08-01", 0)]


@pytest.mark.parametrize(
    ("born", "today", "days", "expected"),
    [
        ("1990-05-10", "2024-05-10", 0, "2024-05-10"),
        ("1990-05-10", "2024-05-11", 0, None),
        ("1990-05-10", "2024-05-03", 6, None),
        ("1990-05-10", "2024-05-03", 7, "2024-05-10"),
        ("1990-01-02", "2024-12-31", 1, None),
        ("1990-01-02", "2024-12-31", 2, "2025-01-02"),
        ("1990-12-31", "2024-12-31", 0, "2024-12-31"),
        ("2000-02-29", "2024-02-28", 0, None),
        ("2000-02-29", "2024-02-29", 0, "2024-02-29"),
        ("2000-02-29", "2023-02-28", 0, "2023-02-28"),
        ("2000-02-29", "2023-03-01", 0, None),
        ("2000-02-29", "2100-02-28", 0, "2100-02-28"),
        ("2000-02-29", "2023-03-01", 365, "2024-02-29"),
        ("2000-02-28", "2024-02-29", 0, None),
    ],
)
def test_birthdays_come_round_in_leap_years_and_over_the_turn_of_the_year(
    born: str, today: str, days: int, expected: str | None
) -> None:
    assert told(customer(birthday=born), NOTHING, today, days) == ([("birthday", expected, 0)] if expected else [])


@pytest.mark.parametrize(("days", "first"), [(0, "2024-05-07"), (1, "2024-05-07"), (5, "2024-05-05")])
def test_birthdays_are_on_the_list_ahead_of_the_day(days: int, first: str) -> None:
    who, before = customer(birthday="1990-05-10"), date.fromisoformat(first) - timedelta(days=1)
    assert told(who, AHEAD, before.isoformat(), days) == []
    assert told(who, AHEAD, first, days) == [("birthday", "2024-05-10", 0)]


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_the_next_birthday_is_never_over_and_at_most_a_year_ahead(born: date, today: date) -> None:
    found = next_birthday(born, today)
    assert 0 <= (found - today).days <= 366
    assert (found.month, found.day) == (born.month, born.day) or (born.month, born.day, found.day) == (2, 29, 28)


def test_a_contact_persons_birthday_names_the_person_and_their_phone() -> None:
    li = {"id": "P00000001", "name": "李示例", "birthday": "1980-02-03", "phone": "+8613900139000"}
    quiet = {"id": "P00000002", "name": "赵示例", "birthday": "1980-02-04"}
    firm = customer(**ENTERPRISE, contacts=[li, quiet], phone="+861000000001")
    first, second = due([firm], NOTHING, date(2024, 2, 3), 1, ZONE)
    assert (first.name, first.detail, first.phone) == ("示例商贸", "李示例", "+8613900139000")
    assert (second.detail, second.phone) == ("赵示例", "+861000000001")


BORN_TODAY = {"birthday": "1990-05-10", "interactions": [call("2023-01-01T09:00+08:00", "2023-01-08")]}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("lead", ["next-step", "birthday"]),
        ("active", ["next-step", "birthday"]),
        ("ended", ["next-step"]),
        ("churned", ["next-step"]),
        ("archived", []),
    ],
)
def test_who_has_left_is_reminded_of_for_agreed_steps_and_archived_files_for_nothing(
    status: str, expected: list[str]
) -> None:
    assert [what for what, *_rest in told(customer(status=status, **BORN_TODAY), CADENCE, "2024-05-10")] == expected


@pytest.mark.parametrize("status", ["ended", "churned", "archived"])
def test_who_has_left_is_not_visited(status: str) -> None:
    assert told(customer(status=status), CADENCE, "2200-01-01") == []


@pytest.mark.parametrize(("withdrawn", "left"), [("2024-05-10", True), ("2024-05-09", True), ("2024-05-11", False)])
def test_withdrawn_consent_ends_visits_and_birthdays(withdrawn: str, left: bool) -> None:
    who = customer(id="C20230101001", birthday="1990-05-10", collection={"withdrawn_on": withdrawn})
    assert bool(told(who, CADENCE, "2024-05-10")) is not left
    stepping = customer(collection={"withdrawn_on": withdrawn}, **BORN_TODAY)
    assert told(stepping, CADENCE, "2024-05-10")[0][0] == "next-step"


def test_the_longest_overdue_comes_first_whoever_it_is() -> None:
    people = [
        customer(id="C20240510003", birthday="1990-07-01"),
        customer(id="C20240510002", interactions=[call("2024-05-10T09:30+08:00", "2024-06-30")]),
        customer(id="C20230101001", tier="gold"),
        customer(id="C20240510001", interactions=[call("2024-05-10T09:30+08:00", "2024-06-30")]),
    ]
    found = due(people, CADENCE, date(2024, 7, 1), 0, ZONE)
    assert [(one.what, one.number, one.overdue) for one in found] == [
        ("visit", "C20230101001", 517),
        ("next-step", "C20240510001", 1),
        ("next-step", "C20240510002", 1),
        ("birthday", "C20240510003", 0),
    ]


def test_a_task_is_the_owners_else_whoevers_who_agreed_on_it() -> None:
    step = call("2024-05-10T09:30+08:00", "2024-05-10", by="chen.jing")
    owners = [
        due([customer(interactions=[step], **more)], NOTHING, date(2024, 5, 10), 0, ZONE)[0].owner
        for more in ({"owner": "li.na"}, {})
    ]
    assert owners == ["li.na", "chen.jing"]
    assert due([customer(birthday="1990-05-10")], NOTHING, date(2024, 5, 10), 0, ZONE)[0].owner == ""


def test_every_reminder_says_why() -> None:
    reasons = [
        due([customer(**more)], CADENCE, date(2024, 9, 1), 300, ZONE)[0].reason
        for more in (
            {"interactions": [call("2024-05-10T16:30+00:00", "2024-09-01")]},
            {},
            {"tier": "gold", "interactions": [call("2024-05-20T09:00+08:00")]},
            {"status": "lead", "birthday": "1990-09-02", "interactions": [call("2024-08-31T09:00+08:00")]},
        )
    ]
    assert reasons == [
        "agreed on 2024-05-11, no contact since",
        "every 90 days; no contact since 2024-05-10",
        "every 30 days; last contact on 2024-05-20",
        "born on 1990-09-02",
    ]


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"cadence": {}},
        {"cadence": {"gold": "30"}},
        {"cadence": {"gold": "0d"}},
        {"otherwise": "101y"},
        {"otherwise": ""},
        {"birthdays_ahead": "-3d"},
        {"cadense": {"gold": "30d"}},
        {"cadence": "30d"},
    ],
)
def test_a_rule_that_does_not_hold_or_says_nothing_is_refused(tree: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Reminders.model_validate(tree)
