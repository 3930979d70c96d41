"""What a search for traces takes for a phone or an ID number."""

import pytest

from crmcli.usecases.purge_traces import is_personal

COMMIT = b"a13800138000b" + b"0" * 27


@pytest.mark.parametrize(
    "data",
    [
        b"phone: 13800138000",
        b"8613800138000",
        b"(11010519491231002X)",
        "电话13800138000".encode("utf-16"),
        b"x13800138000f",
    ],
)
def test_numbers_are_seen_in_any_surrounding(data: bytes) -> None:
    assert is_personal(data)


@pytest.mark.parametrize(
    "data", [COMMIT, b"parent " + COMMIT + b"\n", COMMIT + b"0" * 24, b"C20261123010", b"138001380001"]
)
def test_digits_in_one_of_gits_names_are_none(data: bytes) -> None:
    assert not is_personal(data)
