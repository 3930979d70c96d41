"""Sealed vaults with a long past, made once and copied for every measurement: one customer's destruction is planned and
approved in them, and only has to be carried out.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from places import HERE, Bench
from processes import Command

CUSTOMERS = 10_000
EVERY = 20  # so often a commit changes the customer who is to be destroyed
ENDED, PLANNED, APPROVED, RUN = (
    f"{day}T09:00+08:00" for day in ("2026-01-10", "2029-01-15", "2029-01-16", "2029-01-17")
)


@dataclass(frozen=True)
class Past:
    """A sealed rehearsal vault of `CUSTOMERS` customers with so many commits, in a home of its own."""

    bench: Bench
    commits: int

    @cached_property
    def made(self) -> Path:
        """The folder that holds vault and home."""
        folder = self.bench.scratch / f"past-{self.commits}"
        vault = folder / "vault"
        folder.mkdir()
        shutil.copytree(self.bench.scratch / "home", folder / "home")
        self._do(folder, *self.bench.words, "init", str(vault), "--rehearsal", "--unsealed")
        self._do(vault, sys.executable, str(HERE / "vaults.py"), str(CUSTOMERS), ".")
        self._do(vault, *self.bench.words, "seal", "--yes")
        self._age(vault)
        self._do(vault, *self.bench.words, "archive", self.number(vault), "--reason", "ended", now=ENDED)
        self._do(vault, *self.bench.words, "purge", "plan", now=PLANNED)
        self._do(vault, *self.bench.words, "purge", "approve", "2029-01-15", now=APPROVED)
        self._do(vault, "git", "gc", "--quiet")
        return folder.rename(folder.with_name(f"{folder.name}-kept"))

    def purge(self, turn: int) -> Command:
        """The destruction, carried out in a copy of the vault and the home."""
        folder = self._copy()
        words = [*self.bench.words, "purge", "run", "--yes"]
        return Command(words, folder / "vault", self._env(folder, RUN))

    def rewrite(self, program: str, turn: int) -> Command:
        """The same customer's file taken out of the history by git-filter-repo, in a copy."""
        folder = self._copy()
        file = self.files(folder / "vault")[0]
        words = [program, "--force", "--quiet", "--invert-paths", "--path", file]
        return Command(words, folder / "vault", self._env(folder, RUN))

    def files(self, vault: Path) -> list[str]:
        """The customers' files; the first one's is the one to be destroyed."""
        return self._do(vault, "git", "ls-files", "records/2*").splitlines()

    def number(self, vault: Path) -> str:
        """The number of the customer to be destroyed."""
        return Path(self.files(vault)[0]).stem

    def _copy(self) -> Path:
        """The vault where it was made, as if nothing had happened; git knows its files, as it does where people work."""
        made, folder = self.made, self.bench.scratch / f"past-{self.commits}"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(made, folder, symlinks=True)
        self._do(folder / "vault", "git", "update-index", "-q", "--refresh")
        return folder

    def _age(self, vault: Path) -> None:
        """Commits that each change an open field of one customer, as a team would over years."""
        with subprocess.Popen(
            ["git", "fast-import", "--quiet"], cwd=vault, stdin=subprocess.PIPE, env=self._env(vault.parent)
        ) as child:
            assert child.stdin is not None
            child.stdin.writelines(self._stream(vault))
        if child.returncode:
            raise SystemExit("git fast-import failed")
        self._do(vault, "git", "reset", "--quiet", "--hard")

    def _stream(self, vault: Path) -> Iterator[bytes]:
        files = self.files(vault)
        texts = {file: (vault / file).read_bytes() for file in files}
        for turn in range(self.commits):
            file = files[0 if turn % EVERY == 0 else turn % len(files)]
            data = texts[file].replace(b"\nowner: ", b"\nowner: t%d." % turn)
            subject = b"update %d" % turn
            yield b"commit refs/heads/main\ncommitter Bench <bench@example.com> %d +0800\n" % (
                1_600_000_000 + turn * 60
            )
            yield b"data %d\n%s\n%s" % (len(subject), subject, b"" if turn else b"from refs/heads/main^0\n")
            yield b"M 100644 inline %s\ndata %d\n%s\n" % (file.encode(), len(data), data)

    def _env(self, folder: Path, now: str = "") -> Mapping[str, str]:
        turned = {"CRM_NOW": now} if now else {}
        return {**self.bench.env, "HOME": str(folder / "home"), **turned}

    def _do(self, folder: Path, *words: str, now: str = "") -> str:
        home = folder if (folder / "home").exists() else folder.parent
        ended = subprocess.run(words, cwd=folder, env=self._env(home, now), check=True, capture_output=True, text=True)
        return ended.stdout
