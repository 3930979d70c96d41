"""Days and moments."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.errors import ValueProblem
from crmcli.model.moments import parse_date, parse_moment, print_moment

SHANGHAI = SimpleNamespace(zone=ZoneInfo("Asia/Shanghai"))
BERLIN = SimpleNamespace(zone=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-10",
        "2024/5/10",
        "2024-5-10",
        "2024.05.10",
        "20240510",
        "2024年5月10日",
        "2024年05月10号",
        "２０２４－０５－１０",
        " 2024-05-10\n",
        "2024/5/10 0:00",
        "2024-05-10 00:00:00",
    ],
)
def test_days_as_people_write_them(text: str) -> None:
    assert parse_date(text, None) == date(2024, 5, 10)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2024-02-30", "no such day: 2024-02-30"),
        ("2023-02-29", "no such day"),
        ("2024-04-31", "no such day"),
        ("2024-05-00", "no such day"),
        ("2024-13-01", "no month 13"),
        ("2024-00-01", "no month 0"),
        ("1899-12-31", "year 1899"),
        ("2201-01-01", "year 2201"),
        ("0000-01-01", "year 0"),
        ("10/05/2024", "not a date"),
        ("2024-05/10", "not a date"),
        ("2024510", "not a date"),
        ("2024-05-10 10:00", "not a date"),
        ("2024-05-10T00:00+08:00", "not a date"),
        ("yesterday", "not a date"),
        ("٢٠٢٤-05-10", "not a date"),
    ],
)
def test_other_days_are_refused_in_clear_words(text: str, words: str) -> None:
    with pytest.raises(ValueProblem, match=words) as refused:
        parse_date(text, None)
    assert refused.value.expected


def test_the_leap_day_hint_says_how_long_the_month_is() -> None:
    with pytest.raises(ValueProblem) as refused:
        parse_date("2024-02-30", None)
    assert refused.value.expected == "a day from 1 to 29 in this month"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("2024-05-10T09:30+08:00", "2024-05-10T09:30+08:00"),
        ("2024-05-10T09:30:00+08:00", "2024-05-10T09:30+08:00"),
        ("2024-05-10T09:30:05+08:00", "2024-05-10T09:30:05+08:00"),
        ("2024-05-10T09:30:05.250+0800", "2024-05-10T09:30:05+08:00"),
        ("2024-05-10 01:30Z", "2024-05-10T01:30+00:00"),
        ("2024-05-10T01:30-00:00", "2024-05-10T01:30+00:00"),
        ("2024-05-10T01:30-03", "2024-05-10T01:30-03:00"),
        ("2024-05-10T09:30", "2024-05-10T09:30+08:00"),
        ("2024/5/10 9:30", "2024-05-10T09:30+08:00"),
        ("2024年5月10日9:30", "2024-05-10T09:30+08:00"),
        ("２０２４－０５－１０　０９：３０", "2024-05-10T09:30+08:00"),
        ("2024-05-10", "2024-05-10T00:00+08:00"),
        ("20240510", "2024-05-10T00:00+08:00"),
        ("1900-01-01 00:00", "1900-01-01T00:00+08:06"),
    ],
)
def test_moments_are_written_to_the_minute_with_their_offset(text: str, canonical: str) -> None:
    assert print_moment(parse_moment(text, SHANGHAI)) == canonical


def test_the_zone_decides_summer_and_winter_time() -> None:
    assert print_moment(parse_moment("2024-07-01 12:00", BERLIN)) == "2024-07-01T12:00+02:00"
    assert print_moment(parse_moment("2024-12-01 12:00", BERLIN)) == "2024-12-01T12:00+01:00"


@pytest.mark.parametrize("context", [None, SimpleNamespace(zone=None)])
@pytest.mark.parametrize("text", ["2024-05-10T09:30", "2024-05-10"])
def test_without_a_zone_the_offset_is_expected(text: str, context: object) -> None:
    with pytest.raises(ValueProblem, match="time zone"):
        parse_moment(text, context)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30T09:30+08:00",
        "2024-05-10T24:00+08:00",
        "2024-05-10T09:60+08:00",
        "2024-05-10T09:30:60+08:00",
        "2024-05-10T09:30+15:00",
        "2024-05-10T09:30+08:60",
        "2024-05-10T09+08:00",
        "2024-05-10+08:00",
        "09:30",
        "now",
    ],
)
def test_other_moments_are_refused(text: str) -> None:
    with pytest.raises(ValueProblem) as refused:
        parse_moment(text, SHANGHAI)
    assert refused.value.expected


@settings(deadline=None)
@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2200, 12, 31)),
    st.integers(-14 * 60, 14 * 60).map(lambda minutes: timedelta(minutes=minutes)),
)
def test_every_moment_survives_printing(local: datetime, ahead: timedelta) -> None:
    sign, minutes = "-" if ahead < timedelta() else "+", abs(ahead) // timedelta(minutes=1)
    text = f"{local:%Y-%m-%dT%H:%M:%S}{sign}{minutes // 60:02d}:{minutes % 60:02d}"
    moment = parse_moment(text, None)
    assert moment.replace(tzinfo=None) == local.replace(microsecond=0)
    assert moment.utcoffset() == ahead
    assert parse_moment(print_moment(moment), None) == moment
