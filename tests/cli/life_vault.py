"""A vault to practise the end of a file in: its clock turns, several people work in it.

A test module asks for it with `pytest_plugins = ["conventions", "life_vault"]` and uses the fixture `life`.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conventions import Crm

from crmcli.store.yamlread import Tree, parse

FIRST, SECOND = "C20240510001", "C20240510002"
PLAN, CERTIFICATE = "records/plans/2026-11-22.yaml", "records/purged/2024/05/C20240510001.yaml"
RUN = ("purge", "run", "--yes")
ACCESS, POLICY = "schemas/access.yaml", "schemas/retention.yaml"
TEAM = """\
people:
  li.na:
    email: li.na@example.invalid
    roles: [sales, staff]
  zhao.min:
    email: Zhao.Min@example.invalid
    roles: [legal]
"""


class Life(Crm):
    """`crm` on a day and as a person of one's choice."""

    patch: pytest.MonkeyPatch
    states: Path

    def on(self, day: str) -> "Life":
        """From now on it is nine o'clock of that day in Shanghai, or exactly that moment."""
        self.patch.setenv("CRM_NOW", day if "T" in day else f"{day}T09:00+08:00")
        return self

    def by(self, name: str) -> "Life":
        """From now on this person works."""
        for role in ("AUTHOR", "COMMITTER"):
            self.patch.setenv(f"GIT_{role}_NAME", name)
            self.patch.setenv(f"GIT_{role}_EMAIL", f"{name}@example.invalid")
        return self

    def begin_as(self, name: str, make: Callable[[], object]) -> None:
        """Bring the vault to a state that is made once and then copied."""
        if (self.states / name).exists():
            shutil.rmtree(self.folder)
            shutil.copytree(self.states / name, self.folder, symlinks=True)
            self.patch.chdir(self.folder)
        else:
            make()
            shutil.copytree(self.folder, self.states / name, symlinks=True)

    def tree(self, path: str) -> Tree:
        """What stands in a file."""
        return parse((self.folder / path).read_bytes(), path).tree

    def head(self) -> str:
        """The commit HEAD is on."""
        return self.git("rev-parse", "HEAD").strip()

    def done(self, *words: str) -> str:
        """Run what must succeed; its stdout."""
        ended = self(*words)
        assert ended.exit == 0, ended
        return ended.out

    def idle(self, *words: str) -> str:
        """Run what must find nothing to do: no commit, no change, not a word where only results are wanted; why there
        is nothing."""
        before = self.state()
        ended = self(*words)
        assert (ended.exit, ended.err, ended.out.count("\n")) == (0, "", 1), ended
        for silently in (("--quiet", *words), ("--format", "ids", *words)):
            again = self(*silently)
            assert (again.exit, again.out, again.err) == (0, "", ""), again
        assert self.state() == before
        return ended.out


@pytest.fixture(scope="session")
def states(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the states that tests begin with are kept."""
    return tmp_path_factory.mktemp("states")


@pytest.fixture
def life(crm: Crm, states: Path, monkeypatch: pytest.MonkeyPatch) -> Life:
    """The vault of `crm`, with leave to turn the clock."""
    crm.change("schemas/vault.yaml", "rehearsal: false", "rehearsal: true")
    crm.keep()
    made = Life(crm.folder, crm._run)
    made.patch, made.states = monkeypatch, states
    return made


@pytest.fixture
def due(life: Life) -> Life:
    """Both customers have left and are due; it is the day of the first plan."""

    def leave() -> None:
        life.on("2024-06-01").done("archive", FIRST, "--reason", "ended")
        life.done("archive", SECOND, "--reason", "churned", "--on", "2024-05-20")

    life.begin_as("due", leave)
    return life.on("2026-11-22")


@pytest.fixture
def approved(due: Life) -> Life:
    """The plan is approved."""

    def approve() -> None:
        due.done("purge", "plan")
        due.done("purge", "approve", "2026-11-22")

    due.begin_as("approved", approve)
    return due
