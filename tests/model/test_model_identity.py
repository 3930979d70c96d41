"""Uids, entry ids, numbers and the paths that follow from them."""

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.errors import ValueProblem
from crmcli.model.identity import (
    SYMBOL,
    UID,
    certificate_path,
    new_entry_id,
    new_uid,
    number,
    number_at,
    parse_number,
    record_path,
)

DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))
RUNNING = st.integers(1, 999_999_999)


def test_uids_and_entry_ids_are_random_symbols() -> None:
    assert re.fullmatch(UID, new_uid())
    assert re.fullmatch(f"I{SYMBOL}{{8}}", new_entry_id("I"))
    assert len({new_uid() for _ in range(1000)} | {new_entry_id("I") for _ in range(1000)}) == 2000


@settings(deadline=None)
@given(st.binary(min_size=17, max_size=17))
def test_every_random_value_is_a_valid_id(seed: bytes) -> None:
    assert re.fullmatch(UID, new_uid(lambda count: seed[:count]))
    assert re.fullmatch(f"S{SYMBOL}{{8}}", new_entry_id("S", lambda count: seed[:count]))


def test_every_random_bit_of_an_id_counts() -> None:
    entries = {new_entry_id("I", lambda count, bit=bit: (1 << bit).to_bytes(count, "big")) for bit in range(40)}
    uids = {new_uid(lambda count, bit=bit: (1 << bit).to_bytes(count, "big")) for bit in range(130)}
    assert (len(entries), len(uids)) == (40, 130)


@pytest.mark.parametrize(
    ("running", "text"),
    [(1, "C20240510001"), (999, "C20240510999"), (1000, "C202405101000"), (123456, "C20240510123456")],
)
def test_a_number_grows_when_needed(running: int, text: str) -> None:
    assert number(date(2024, 5, 10), running) == text
    assert parse_number(text) == (date(2024, 5, 10), running)


@settings(deadline=None)
@given(DAYS, RUNNING)
def test_numbers_and_paths_lead_back(day: date, running: int) -> None:
    text = number(day, running)
    assert parse_number(text) == (day, running)
    assert parse_number(f" {text.lower()}\n") == (day, running)
    assert number_at(record_path(text)) == text
    assert certificate_path(text) == record_path(text).replace("records/", "records/purged/")


@pytest.mark.parametrize(
    "text",
    [
        "C20240510000",
        "C2024051000",
        "C202405100001",
        "C20240230001",
        "C18000101001",
        "X20240510001",
        "20240510001",
        "C",
        "C20240510001/..",
        "../C20240510001",
        "C2024０5１0001x",
        "C20240510-01",
        "C202405101234567890",
    ],
)
def test_other_numbers_are_refused(text: str) -> None:
    with pytest.raises(ValueProblem) as refused:
        parse_number(text)
    assert refused.value.expected


@pytest.mark.parametrize("running", [0, -1, 10**9])
def test_a_running_number_has_bounds(running: int) -> None:
    with pytest.raises(ValueProblem):
        number(date(2024, 5, 10), running)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("C20240510001", "records/2024/05/C20240510001.yaml"),
        ("C20240510030", "records/2024/05/C20240510030.yaml"),
        ("C20240510031", "records/2024/05/10-0/C20240510031.yaml"),
        ("C20240510999", "records/2024/05/10-0/C20240510999.yaml"),
        ("C202405101000", "records/2024/05/10-1/C202405101000.yaml"),
        ("C20240509012345", "records/2024/05/09-12/C20240509012345.yaml"),
    ],
)
def test_the_path_follows_from_the_number(text: str, path: str) -> None:
    if text == "C20240509012345":
        with pytest.raises(ValueProblem):
            record_path(text)
        text, path = "C2024050912345", "records/2024/05/09-12/C2024050912345.yaml"
    assert record_path(text) == path
    assert number_at(path) == text


def test_no_folder_holds_much_more_than_a_thousand() -> None:
    folders: dict[str, int] = {}
    for day in range(1, 32, 6):
        for running in range(1, 3001):
            folder = record_path(number(date(2024, 5, day), running)).rpartition("/")[0]
            folders[folder] = folders.get(folder, 0) + 1
    assert max(folders.values()) <= 1000


@pytest.mark.parametrize(
    "path",
    [
        "records/2024/05/C20240510031.yaml",
        "records/2024/05/10-0/C20240510001.yaml",
        "records/2024/06/C20240510001.yaml",
        "records/2024/05/C20240510001.yml",
        "records/2024/05/c20240510001.yaml",
        "records/purged/2024/05/C20240510001.yaml",
        "records/2024/05/../05/C20240510001.yaml",
        "/records/2024/05/C20240510001.yaml",
        "records/2024/02/C20240230001.yaml",
        "records/2024/05/C20240510000.yaml",
        "records/2024/05/C20240510001.yaml\n",
        "schemas/vault.yaml",
        "",
    ],
)
def test_any_other_path_holds_no_number(path: str) -> None:
    assert number_at(path) is None


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_number_or_a_problem(text: str) -> None:
    assert number_at(text) is None
    with pytest.raises(ValueProblem):
        parse_number(f"!{text}")
