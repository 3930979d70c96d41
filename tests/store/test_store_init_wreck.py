"""A repository that git itself was killed while making keeps nobody from making a vault."""

from pathlib import Path

import pytest

from crmcli.store import stale


@pytest.mark.parametrize("name", ["HEAD.lock", "config.lock"])
def test_what_a_killed_git_init_left_is_cleared(name: str, tmp_path: Path) -> None:
    (tmp_path / ".git" / "refs").mkdir(parents=True)
    (tmp_path / ".git" / name).touch()
    stale.clear_init(tmp_path)
    assert not (tmp_path / ".git" / name).exists()


@pytest.mark.parametrize("name", ["HEAD.lock", "config.lock"])
def test_a_lock_in_a_whole_repository_is_somebody_elses(name: str, tmp_path: Path) -> None:
    (tmp_path / ".git" / "objects").mkdir(parents=True)
    (tmp_path / ".git" / name).touch()
    stale.clear_init(tmp_path)
    assert (tmp_path / ".git" / name).exists()
