"""The event that says that masked values were shown: one a command, names and codes alone."""

import os
from datetime import datetime
from pathlib import Path

import pytest
from conftest import git

from crmcli.usecases.change import Why
from crmcli.usecases.init import init
from crmcli.usecases.reveal import enter, entered, view_of
from crmcli.usecases.workplace import Workplace, open_workplace

WHY = Why("delivery")


@pytest.fixture
def work(tmp_path: Path) -> Workplace:
    env, now = dict(os.environ), datetime.fromisoformat("2024-05-10T09:30+08:00")
    init(tmp_path / "vault", env, now)
    return open_workplace(tmp_path / "vault", env, now, turned=False)


def message(work: Workplace) -> list[str]:
    return git(work.root, "log", "-1", "--format=%B").split("\n")


def test_one_customer_is_named_in_the_subject(work: Workplace) -> None:
    commit = enter(work, ["C20240510001"], ["phone", "bank.account"], WHY)
    assert git(work.root, "rev-parse", "HEAD").strip() == commit
    assert git(work.root, "show", "--format=", "--name-only", "HEAD") == ""
    assert [line for line in message(work) if line] == [
        "reveal C20240510001: phone, bank.account",
        "Crm-Op: reveal",
        "Crm-Record: C20240510001",
        "Crm-Reason: delivery",
        "Crm-Fields: phone, bank.account",
    ]


@pytest.mark.parametrize(("count", "named"), [(2, 2), (50, 50), (51, 0)])
def test_few_customers_are_named_many_are_counted(work: Workplace, count: int, named: int) -> None:
    enter(work, [f"C20240510{number:03}" for number in range(1, count + 1)], ["phone"], WHY)
    said = message(work)
    assert said[0] == f"reveal {count} customers: phone"
    assert sum(line.startswith("Crm-Record: ") for line in said) == named
    assert (f"Crm-Count: {count}" in said) == (not named)


def test_nothing_revealed_is_no_event(work: Workplace) -> None:
    head = git(work.root, "rev-parse", "HEAD")
    assert enter(work, [], [], WHY) is None
    view = view_of(work, WHY)
    assert view.value("C20240510001", "phone", "+8613800138000") == "+8613800138000"
    assert entered(work, view, WHY) is None
    assert entered(work, view_of(work, None), None) is None
    assert git(work.root, "rev-parse", "HEAD") == head


def test_what_others_have_staged_stays_out_of_the_event(work: Workplace) -> None:
    (work.root / "theirs").write_text("staged")
    git(work.root, "add", "theirs")
    enter(work, ["C20240510001"], ["phone"], WHY)
    assert git(work.root, "status", "--porcelain") == "A  theirs\n"
