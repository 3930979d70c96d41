"""The row about meeting: a clone takes in many commits of another and publishes its own, beside git's pull and push."""

import shutil
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from places import HERE, Bench
from processes import Command, in_turn
from rows import OURS, Site, Timed

THEIRS, OWN = 100, 10  # customers changed there, and here
GIT = "git pull --quiet --no-rebase --no-edit origin main && git push --quiet origin HEAD:main"


@dataclass(frozen=True)
class Meeting:
    """Two clones of a sealed vault and a bare remote: one has published `THEIRS` changes, the other has `OWN`."""

    bench: Bench

    @cached_property
    def made(self) -> Path:
        """The folder of all three."""
        folder = self.bench.scratch / "meeting"
        folder.mkdir()
        shutil.copytree(self.bench.sealed, folder / "there", symlinks=True)
        self.bench.do("git", "clone", "--quiet", "--bare", "there", "remote.git", folder=folder)
        self.bench.do("git", "remote", "add", "origin", "../remote.git", folder=folder / "there")
        self.bench.do(*self.bench.words, "sync", folder=folder / "there")
        self.bench.do("git", "clone", "--quiet", "remote.git", "here", folder=folder)
        self.bench.do("git", "remote", "set-url", "origin", "../remote.git", folder=folder / "here")
        self.bench.do(*self.bench.words, "sync", folder=folder / "here")
        self._change(folder / "there", 0, THEIRS)
        self.bench.do(*self.bench.words, "sync", folder=folder / "there")
        self._change(folder / "here", THEIRS, OWN)
        return folder

    def meet(self, *words: str) -> Command:
        """One meeting, in a copy."""
        copy = self.bench.scratch / "meeting-copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.made, copy, symlinks=True)
        return Command(words, copy / "here", self.bench.env)

    def _change(self, vault: Path, first: int, count: int) -> None:
        listed = self.bench.do("git", "ls-files", "records/2*", folder=vault).splitlines()
        numbers = [Path(path).stem for path in listed[first : first + count]]
        self.bench.do(sys.executable, str(HERE / "inside.py"), "each", *numbers, folder=vault)


def sync(site: Site) -> Timed:
    """100 commits of others taken in, 10 of one's own published."""
    meeting = Meeting(site.bench)
    makers = {
        OURS: lambda turn: meeting.meet(*site.bench.words, "sync"),
        "git pull; git push": lambda turn: meeting.meet("sh", "-c", GIT),
    }
    return Timed(f"crm sync ({THEIRS} commits come, {OWN} go)", in_turn(makers))
