"""Running numbers are never handed out twice, whatever happens to files, branches, marks and processes."""

import multiprocessing
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from conftest import git, put

from crmcli.model.identity import certificate_path, record_path
from crmcli.store import numbers
from crmcli.store import vault as vaults
from crmcli.store.transaction import Change, Message, Stamp, writing
from crmcli.store.vault import Vault

DAY, OTHER = date(2024, 5, 10), date(2024, 5, 11)
STAMP = Stamp(datetime(2024, 5, 10, tzinfo=UTC), turned=False)


def add(vault: Vault, count: int = 1, day: date = DAY) -> list[str]:
    with writing(vault, "add") as desk:
        given = numbers.next_numbers(desk, day, count)
        desk.commit(
            [Change(record_path(number), f"id: {number}\n".encode()) for number in given], Message("add"), STAMP
        )
    return given


def following(vault: Vault, day: date = DAY) -> str:
    with writing(vault, "add") as desk:
        return numbers.next_numbers(desk, day, 1)[0]


def forget(vault: Vault) -> None:
    (vault.shared / numbers.NAME).unlink(missing_ok=True)


def test_a_day_counts_from_one_and_days_count_apart(vault: Vault) -> None:
    assert add(vault, 3) == ["C20240510001", "C20240510002", "C20240510003"]
    assert add(vault, 1, OTHER) == ["C20240511001"]
    assert add(vault) == ["C20240510004"]


def test_a_number_asked_for_and_not_used_is_spent(vault: Vault) -> None:
    assert [following(vault), following(vault)] == ["C20240510001", "C20240510002"]


def test_numbers_grow_past_three_digits_and_across_folders(vault: Vault) -> None:
    assert add(vault, 2001)[-1] == "C202405102001"
    forget(vault)
    assert following(vault) == "C202405102002"


def undone(vault: Vault) -> None:
    git(vault.root, "revert", "--no-edit", "HEAD")


def reset(vault: Vault) -> None:
    git(vault.root, "reset", "-q", "--hard", "HEAD^")


def dropped(vault: Vault) -> None:
    git(vault.root, "branch", "away")
    reset(vault)
    git(vault.root, "branch", "-q", "-D", "away")


def purged(vault: Vault) -> None:
    (vault.root / certificate_path("C20240510002")).parent.mkdir(parents=True)
    git(vault.root, "mv", record_path("C20240510002"), certificate_path("C20240510002"))
    git(vault.root, "commit", "-q", "-m", "purge")


@pytest.mark.parametrize("marks", ["kept", "lost", "broken"])
@pytest.mark.parametrize("lose", [undone, reset, dropped, purged])
def test_a_lost_customer_never_frees_its_number(vault: Vault, lose: Callable[[Vault], None], marks: str) -> None:
    add(vault)
    add(vault)
    lose(vault)
    if marks == "lost":
        forget(vault)
    if marks == "broken":
        (vault.shared / numbers.NAME).write_text('{"high": 3')
    assert following(vault) == "C20240510003"


@pytest.mark.parametrize("say", ["[]", "null", '{"high": {"x": "y"}}', '{"high": {}, "scanned": 1, "logs": {}}', "\0"])
def test_marks_of_any_other_shape_are_built_anew(vault: Vault, say: str) -> None:
    add(vault, 2)
    (vault.shared / numbers.NAME).write_text(say)
    assert following(vault) == "C20240510003"


def test_what_others_published_is_seen_also_on_other_branches(vault: Vault) -> None:
    add(vault)
    git(vault.root, "checkout", "-q", "-b", "theirs")
    put(vault.root, record_path("C20240510007"), "id: C20240510007\n")
    git(vault.root, "add", ".")
    git(vault.root, "commit", "-q", "-m", "theirs")
    git(vault.root, "checkout", "-q", "main")
    assert following(vault) == "C20240510008"


def test_what_came_and_went_between_two_adds_is_seen(vault: Vault) -> None:
    add(vault)
    put(vault.root, record_path("C20240510007"), "id: C20240510007\n")
    git(vault.root, "add", ".")
    git(vault.root, "commit", "-q", "-m", "theirs")
    reset(vault)
    assert following(vault) == "C20240510008"


def test_a_renumbering_that_git_calls_a_rename_is_seen(vault: Vault) -> None:
    add(vault)
    git(vault.root, "config", "diff.renames", "copies")
    git(vault.root, "mv", record_path("C20240510001"), record_path("C20240510006"))
    git(vault.root, "commit", "-q", "-m", "renumbered")
    git(vault.root, "mv", record_path("C20240510006"), record_path("C20240510001"))
    git(vault.root, "commit", "-q", "-m", "and back")
    assert following(vault) == "C20240510007"


def test_a_number_first_seen_in_a_merge_is_seen(vault: Vault) -> None:
    add(vault)
    git(vault.root, "checkout", "-q", "-b", "side", "HEAD^")
    git(vault.root, "commit", "-q", "--allow-empty", "-m", "side")
    git(vault.root, "merge", "-q", "--no-commit", "main")
    put(vault.root, record_path("C20240510004"), "id: C20240510004\n")
    git(vault.root, "add", ".")
    git(vault.root, "commit", "-q", "-m", "merge")
    git(vault.root, "rm", "-q", record_path("C20240510004"))
    git(vault.root, "commit", "-q", "-m", "gone")
    forget(vault)
    assert following(vault) == "C20240510005"


@pytest.mark.parametrize("path", [record_path("C20240510041"), certificate_path("C20240510041")])
def test_files_that_nobody_committed_count_too(vault: Vault, path: str) -> None:
    put(vault.root, path, "id: C20240510041\n")
    assert following(vault) == "C20240510042"


def test_history_read_once_may_vanish_later(vault: Vault) -> None:
    add(vault, 2)
    following(vault)
    reset(vault)
    git(vault.root, "reflog", "expire", "--expire=now", "--all")
    git(vault.root, "gc", "-q", "--prune=now")
    assert following(vault) == "C20240510004"


def test_work_trees_share_the_marks(vault: Vault, tmp_path: Path) -> None:
    git(vault.root, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    assert add(vaults.at(tmp_path / "side", vault.env)) == ["C20240510001"]
    assert add(vault) == ["C20240510002"]


def test_lost_marks_are_rebuilt_from_the_logs_of_every_work_tree(vault: Vault, tmp_path: Path) -> None:
    git(vault.root, "worktree", "add", "-q", "--detach", str(tmp_path / "side"))
    side = vaults.at(tmp_path / "side", vault.env)
    assert add(side, 2)[-1] == "C20240510002"
    reset(side)
    forget(vault)
    assert following(vault) == "C20240510003"


def test_a_vault_in_a_subfolder_counts_its_own(vault: Vault) -> None:
    put(vault.root, f"sub/deep/{record_path('C20240510009')}", "x\n")
    put(vault.root, "sub/deep/schemas/vault.yaml", "id: SUB\n")
    git(vault.root, "add", ".")
    git(vault.root, "commit", "-q", "-m", "sub")
    inner = vaults.at(vault.root / "sub/deep", vault.env)
    git(vault.root, "rm", "-q", "-r", "sub/deep/records")
    git(vault.root, "commit", "-q", "-m", "gone")
    assert following(inner) == "C20240510010"
    assert following(vault) == "C20240510001"


def take(root: str) -> None:
    add(vaults.at(Path(root), os.environ))


def test_processes_at_the_same_time_get_different_numbers(vault: Vault) -> None:
    context = multiprocessing.get_context("fork")
    adders = [context.Process(target=take, args=(str(vault.root),)) for _n in range(10)]
    for adder in adders:
        adder.start()
    for adder in adders:
        adder.join()
    assert sorted(path.stem for path in vault.root.glob("records/2024/05/*")) == [
        f"C20240510{n:03d}" for n in range(1, 11)
    ]
    assert git(vault.root, "status", "--porcelain") == ""
