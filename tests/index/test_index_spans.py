"""What dates in a query mean."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from crmcli.errors import ValueProblem
from crmcli.index.spans import FOREVER, Span, of_number, span

NOW = datetime(2024, 3, 31, 1, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2024", "2024-01-01", "2025-01-01"),
        ("2024-12", "2024-12-01", "2025-01-01"),
        ("2024-2", "2024-02-01", "2024-03-01"),
        ("2024/05/10", "2024-05-10", "2024-05-11"),
        ("9999", "9999-01-01", FOREVER),
        ("9999-12-31", "9999-12-31", FOREVER),
        ("now", "2024-03-31", "2024-04-01"),
        ("TODAY", "2024-03-31", "2024-04-01"),
        ("今天-1d", "2024-03-30", "2024-03-31"),
        ("now-1m", "2024-02-29", "2024-03-01"),
        ("now-13m", "2023-02-28", "2023-03-01"),
        ("now+1y", "2025-03-31", "2025-04-01"),
        ("now+2w", "2024-04-14", "2024-04-15"),
        ("now-2h", "2024-03-30", "2024-03-31"),
        ("now-1y+1d", "2023-04-01", "2023-04-02"),
        ("2024-03-30T20:00Z", "2024-03-31", "2024-04-01"),
    ],
)
def test_a_date_means_days(text, low, high):
    assert span(text, NOW, moments=False) == Span(low, high)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2024-03-31", "2024-03-30T16:00:00.000000", "2024-03-31T16:00:00.000000"),
        ("today", "2024-03-30T16:00:00.000000", "2024-03-31T16:00:00.000000"),
        ("now", "2024-03-30T17:30:00.000000", "2024-03-30T17:30:00.000001"),
        ("now-24h", "2024-03-29T17:30:00.000000", "2024-03-29T17:30:00.000001"),
        ("2024-03-31T01:30", "2024-03-30T17:30:00.000000", "2024-03-30T17:31:00.000000"),
        ("2024-03-31 01:30:05", "2024-03-30T17:30:05.000000", "2024-03-30T17:30:06.000000"),
        ("2024-03-31T01:30:05.25", "2024-03-30T17:30:05.250000", "2024-03-30T17:30:05.250001"),
        ("2024-03-31T01:30-0500", "2024-03-31T06:30:00.000000", "2024-03-31T06:31:00.000000"),
        ("9999", "9998-12-31T16:00:00.000000", FOREVER),
    ],
)
def test_a_moment_lasts_as_long_as_it_is_written_exactly(text, low, high):
    assert span(text, NOW, moments=True) == Span(low, high)


def test_a_day_is_as_long_as_it_is_where_now_is():
    berlin = datetime(2024, 3, 31, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    assert span("today", berlin, moments=True) == Span("2024-03-30T23:00:00.000000", "2024-03-31T22:00:00.000000")


def test_the_first_day_of_the_calendar_does_not_fail():
    assert span("0001-01-01", NOW, moments=True).low <= "0001-01-01"
    assert span("0001", NOW.replace(tzinfo=UTC), moments=True).low.startswith("0001-01-01")


@pytest.mark.parametrize(
    "text",
    ["", "soon", "0000", "2024-13", "2024-02-30", "now-99999y", "now+999999w", "now-1x", "10:30", "2024-05-10T25:00"],
)
def test_what_is_no_date_is_a_problem_with_examples(text):
    for moments in (False, True):
        with pytest.raises(ValueProblem) as problem:
            span(text, NOW, moments=moments)
        assert "now-90d" in problem.value.expected


@pytest.mark.parametrize("text", ["", "abc", "1e5", "1,00", "--1", "1.", "١٢", "NaN", "9" * 61])
def test_what_is_no_number_is_a_problem(text):
    with pytest.raises(ValueProblem):
        of_number(text)


def test_numbers_are_exact_and_commas_of_thousands_allowed():
    assert of_number("1,234,567.50") == of_number("1234567.5")
    assert of_number("0.1") != of_number("0.10000000000000000001")
    assert of_number("-0") == of_number("0.00")
