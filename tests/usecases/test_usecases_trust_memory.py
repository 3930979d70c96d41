"""The line from a commit to HEAD: whatever is remembered of it, it has those asked for that are on it, and nothing else."""

import subprocess
from pathlib import Path

import pytest
from conftest import isolated

from crmcli.store.vault import Vault, at
from crmcli.usecases import trust_memory
from crmcli.usecases.trust_memory import line


@pytest.fixture
def vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Vault:
    """A repository in which a side branch, begun before the commit `old`, was merged; every commit has a tag."""
    (tmp_path / "home").mkdir()
    env = {**isolated(tmp_path / "home"), "PATH": "/usr/bin:/bin"}
    who = {"GIT_AUTHOR_NAME": "x", "GIT_AUTHOR_EMAIL": "x@y", "GIT_COMMITTER_NAME": "x", "GIT_COMMITTER_EMAIL": "x@y"}
    root = tmp_path / "vault"
    (root / "schemas").mkdir(parents=True)
    (root / "schemas/vault.yaml").write_text("id: A1\n")

    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=root, env={**env, **who}, check=True, capture_output=True)

    def commit(name: str) -> None:
        git("commit", "-q", "--allow-empty", "-m", name)
        git("tag", name)

    git("init", "-q", "-b", "main")
    for name in ("first", "old", "one", "two"):
        commit(name)
    git("switch", "-q", "-c", "side", "first")
    commit("beside")
    git("switch", "-q", "main")
    git("merge", "-q", "-m", "met", "side")
    git("tag", "met")
    commit("new")
    monkeypatch.setattr(trust_memory, "FAR", 0)
    return at(root, env)


def hashes(vault: Vault, *names: str) -> list[str]:
    return [name or "" for name in vault.git().stands(names)]


def on_line(vault: Vault, new: str, *asked: str) -> list[str]:
    """Those of these that are told to be on the line from `old`, by a process of their own."""
    old, last, *wanted = hashes(vault, "old", new, *asked)
    found = line(vault, {}, old, last, wanted)
    return [name for name, commit in zip(asked, wanted, strict=True) if commit in found]


def test_what_is_not_on_the_line_is_never_told(vault: Vault) -> None:
    everything = ("first", "old", "one", "two", "beside", "met", "new")
    for asked in (("two",), ("new",), ("met", "new"), ("one",), ("beside",), everything):
        known = on_line(vault, "new", *asked)
        assert known == [name for name in asked if name in ("one", "two", "met", "new")]
    assert on_line(vault, "two", *everything) == ["one", "two"]
    assert on_line(vault, "beside", *everything) == []


def test_a_later_commit_is_remembered_and_the_way_before_it_not_walked_again(vault: Vault) -> None:
    assert on_line(vault, "new", "two") == ["two"]
    old, two, new = hashes(vault, "old", "two", "new")
    assert (vault.shared / "line").read_text() == f"{old} {two}"
    assert line(vault, {}, old, new, [new]) == {two, *hashes(vault, "met", "new")}


@pytest.mark.parametrize("text", ["", "x", "a b c", "{old} ../x", "{two} {beside}"])
def test_a_memory_that_does_not_fit_changes_nothing(text: str, vault: Vault) -> None:
    names = dict(zip(("old", "beside", "two"), hashes(vault, "old", "beside", "two"), strict=True))
    vault.shared.mkdir(parents=True)
    (vault.shared / "line").write_text(text.format(**names))
    assert on_line(vault, "new", "beside") == []
    assert on_line(vault, "new", "beside", "one", "two", "met") == ["one", "two", "met"]
