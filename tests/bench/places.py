"""What a measurement stands on: the command, a home of its own, a vault of N customers, the same files under plain git."""

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from processes import Command

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
HEADINGS = ("kind", "name", "phone", "email", "region", "source")
GIT = (
    "[user]\n\tname = Bench\n\temail = bench@example.com\n[init]\n\tdefaultBranch = main\n[commit]\n\tgpgsign = false\n"
)


def crm_words() -> list[str]:
    """The installed command beside this Python, or the package in this checkout."""
    beside = Path(sys.executable).with_name("crm")
    return [str(beside)] if beside.exists() else [sys.executable, "-m", "crmcli"]


@dataclass(frozen=True)
class Bench:
    """One size: `scratch` holds the home, the vault and all else; gone at the end."""

    size: int
    scratch: Path
    words: Sequence[str]

    @cached_property
    def env(self) -> Mapping[str, str]:
        """A person who has never used any of it."""
        home = self.scratch / "home"
        home.mkdir(exist_ok=True)
        (home / ".gitconfig").write_text(GIT, encoding="utf-8")
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("CRM_", "GIT_", "XDG_", "LC_", "PYTHON"))
        }
        return {**kept, "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}

    @cached_property
    def vault(self) -> Path:
        """An open vault of `size` customers."""
        vault = self.empty("vault", "--unsealed")
        self.fill(vault, self.size)
        return vault

    @cached_property
    def sealed(self) -> Path:
        """A sealed vault of the same customers."""
        vault = self.empty("sealed", "--unsealed")
        self.fill(vault, self.size, sealed=True)
        return vault

    @cached_property
    def plain(self) -> Path:
        """A repository with the same files and history, for git alone."""
        self.do("git", "clone", "--quiet", "--local", str(self.vault), "plain", folder=self.scratch)
        return self.scratch / "plain"

    @cached_property
    def files(self) -> list[str]:
        """Some customers' files, spread over the vault."""
        listed = self.do("git", "ls-files", "records", folder=self.vault).splitlines()
        return listed[:: max(1, len(listed) // 40)]

    @cached_property
    def numbers(self) -> list[str]:
        """The numbers of `files`."""
        return [Path(path).stem for path in self.files]

    def empty(self, name: str, *options: str) -> Path:
        """A fresh vault without customers."""
        shutil.rmtree(self.scratch / name, ignore_errors=True)
        self.do(*self.words, "init", name, *options, folder=self.scratch)
        return self.scratch / name

    def fill(self, vault: Path, count: int, *, sealed: bool = False) -> None:
        """Put so many customers into a fresh open vault, and seal it then."""
        self.do(sys.executable, str(HERE / "vaults.py"), str(count), ".", folder=vault)
        if sealed:
            self.do(*self.words, "seal", "--yes", folder=vault)

    def crm(self, *words: str, vault: Path | None = None) -> Command:
        """The product, called in the vault."""
        return Command([*self.words, *words], vault or self.vault, self.env)

    def git(self, *words: str, fine: tuple[int, ...] = (0,)) -> Command:
        """Plain git, called in its own repository."""
        return Command(["git", *words], self.plain, self.env, fine)

    def shell(self, line: str, *words: str, folder: Path | None = None) -> Command:
        """Several programs in a row; `words` are $1, $2 …"""
        return Command(["sh", "-e", "-c", line, "sh", *words], folder or self.plain, self.env)

    def csv(self, name: str, people: Iterator[Mapping[str, str]]) -> Path:
        """A file to import, of these people."""
        path = self.scratch / name
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(HEADINGS)
            for one in people:
                writer.writerow(["individual", one.get("name") or one["company"], *(one[key] for key in HEADINGS[2:])])
        return path

    def do(self, *words: str, folder: Path) -> str:
        """Something that has to be done and is not measured."""
        done = subprocess.run(words, cwd=folder, env=self.env, check=True, capture_output=True, text=True)
        return done.stdout
