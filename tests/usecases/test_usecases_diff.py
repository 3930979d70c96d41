"""Which files differ: in a vault below the top of its repository, before the first commit, beside other files."""

import os
import shutil
from datetime import date, datetime
from pathlib import Path

from conftest import ONE, TWO, git, put

from crmcli.store.vault import Vault
from crmcli.usecases.diff import diff
from crmcli.usecases.workplace import Workplace, open_workplace

RULES = Path(__file__).parents[2] / "schemas"
NOW = datetime.fromisoformat("2024-06-01T09:30+08:00")
FILE = "id: C20240510001\nuid: 4Z8K2M9QXA7PDR1TVW3BNC5GHJ\nkind: individual\nname: 王芳\n"


def work(vault: Vault, folder: str = ".") -> Workplace:
    shutil.copytree(RULES, vault.root / folder / "schemas", dirs_exist_ok=True)
    return open_workplace(vault.root / folder, dict(os.environ), NOW, turned=True)


def told(place: Workplace, **days: date) -> list[tuple[str, str, str | None, str | None]]:
    return [(number, one.field, one.old, one.new) for number, one in diff(place, **days).changes]


def commit(vault: Vault, day: int) -> None:
    when = f"2024-05-{day:02}T12:00:00+08:00"
    git(vault.root, "add", "-A")
    git(vault.root, "commit", "-q", "-m", "x", env={"GIT_COMMITTER_DATE": when, "GIT_AUTHOR_DATE": when})


def test_a_vault_below_the_top_sees_its_own_customers_alone(vault: Vault) -> None:
    put(vault.root, f"sub/{ONE}", FILE)
    put(vault.root, ONE, FILE)
    commit(vault, 10)
    put(vault.root, f"sub/{ONE}", FILE.replace("王芳", "王 芳"))
    put(vault.root, ONE, FILE.replace("王芳", "不是"))
    commit(vault, 12)
    put(vault.root, "sub/records/plans/2024/05/x.yaml", "a: b\n")
    below = work(vault, "sub")
    day = date(2024, 5, 11)
    renamed = [("C20240510001", "name", "王芳", "王 芳")]
    assert told(below, first=day) == renamed
    assert told(below, first=day, last=date(2024, 5, 12)) == renamed
    assert told(below) == []


def test_without_any_commit_everything_is_new(vault: Vault) -> None:
    git(vault.root, "update-ref", "-d", "HEAD")
    put(vault.root, ONE, FILE)
    assert ("C20240510001", "name", None, "王芳") in told(work(vault))


def test_what_was_put_back_by_hand_since_is_no_difference(vault: Vault) -> None:
    put(vault.root, ONE, FILE)
    commit(vault, 10)
    put(vault.root, ONE, FILE.replace("王芳", "王 芳"))
    put(vault.root, TWO, FILE.replace("001\n", "002\n"))
    commit(vault, 12)
    put(vault.root, ONE, FILE)
    (vault.root / TWO).unlink()
    assert told(work(vault), first=date(2024, 5, 11)) == []
    assert {number for number, *_rest in told(work(vault))} == {"C20240510001", "C20240510002"}
