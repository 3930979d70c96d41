"""Unmistakable synthetic values, a vault in which they are planted, and the look for them after every command.

The person's own files (what is imported, exported, rejected; keys written for keeping) lie in a folder of their own,
`desk`, which is not searched: they are the person's, in clear. Everything else is: work tree, git's folder, the whole
home with its folders for data and configuration, the folder of temporary files, memory (`editor.MEMORY`).
"""

import io
import os
import pty
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import bytesearch
import pytest
from bytesearch import Hit, Needle

from crmcli.cli import boundary, editor

ROOT = str(Path(__file__).resolve().parents[1])
NOW = "2024-05-10T09:30+08:00"
SURNAMES = (
    "欧阳 ou yang",
    "司马 si ma",
    "诸葛 zhu ge",
    "上官 shang guan",
    "慕容 mu rong",
    "皇甫 huang fu",
    "令狐 ling hu",
)
SIGNS = {
    "青": "qing",
    "霜": "shuang",
    "墨": "mo",
    "染": "ran",
    "鹤": "he",
    "舞": "wu",
    "松": "song",
    "竹": "zhu",
    "砚": "yan",
}
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# What git is told, and by whom: every argument and the whole environment of each child; and the words of commits.
GIT = """#!/bin/sh
{{ printf '%s\\n' "$@"; env; }} >>'{log}/children'
case " $* " in *" commit "*) tee -a '{log}/words' | '{git}' "$@" ;; *) exec '{git}' "$@" ;; esac
"""
EDITOR = """#!/bin/sh
{{ printf '%s\\n' "$@"; env; }} >>'{log}/children'
sed -i -f '{script}' "$1"
"""


@dataclass
class Canaries:
    """Values no two of which are alike. kept: those a vault takes in; passing: those that are only mentioned."""

    kept: dict[str, Sequence[str]] = field(default_factory=dict)
    passing: dict[str, Sequence[str]] = field(default_factory=dict)
    needles: list[Needle] = field(default_factory=list)

    def name(self, *, kept: bool = True) -> str:
        """Eight characters: the initials of fewer turn up by chance in ciphertext."""
        n = self._count
        surname, *sounds = SURNAMES[n % len(SURNAMES)].split()
        signs = [list(SIGNS)[n // len(SIGNS) ** power % len(SIGNS)] for power in range(6)]
        return self._new(surname + "".join(signs), [*sounds, *(SIGNS[sign] for sign in signs)], kept=kept)

    def phone(self, *, kept: bool = True) -> str:
        return self._new(f"+86137{90000000 + 7919 * self._count}", kept=kept)

    def id_number(self, *, kept: bool = True) -> str:
        first = f"110105196{self._count % 10}0{self._count % 9 + 1}15{self._count % 1000:03d}"
        rest = (12 - sum(int(sign) * weight for sign, weight in zip(first, WEIGHTS, strict=True)) % 11) % 11
        return self._new(first + ("X" if rest == 10 else str(rest)), kept=kept)

    def mail(self, *, kept: bool = True) -> str:
        return self._new(f"kanarie{self._count:04d}@example.com", kept=kept)

    def account(self) -> str:
        return self._new(f"62228888{77770000000 + 104729 * self._count}")

    def text(self, what: str, *, kept: bool = True) -> str:
        return self._new(f"{what}里的金丝雀{self._count:04d}", kept=kept)

    def code(self) -> str:
        return self._new(f"VOGEL-{self._count:06d}")

    @property
    def _count(self) -> int:
        return len(self.kept) + len(self.passing)

    def _new(self, value: str, sounds: Sequence[str] = (), *, kept: bool = True) -> str:
        assert value not in self.kept | self.passing
        (self.kept if kept else self.passing)[value] = sounds
        self.needles += bytesearch.needles([value], {value: sounds} if sounds else None)
        return value


class Cage:
    """`crm` in a vault in which canaries are planted; every command is followed by a look."""

    def __init__(self, place: Path, home: Path, patch: pytest.MonkeyPatch, *, sealed: bool) -> None:
        self.sealed, self.patch = sealed, patch
        self.birds, self.found = Canaries(), set[str]()
        self.vault, self.desk, self.log = place / "vault", place / "desk", place / "log"
        self.temporary, self.memory = place / "tmp", place / "memory"
        for folder in (self.desk, self.log, self.temporary, self.memory, place / "bin"):
            folder.mkdir()
        self.places = [self.vault, home, self.temporary, self.memory]
        self._seen: dict[Path, tuple[int, ...]] = {}
        self._surround(place)

    def _surround(self, place: Path) -> None:
        git = subprocess.run(["sh", "-c", "command -v git"], capture_output=True, text=True, check=True).stdout.strip()
        self._program(place / "bin/git", GIT.format(log=self.log, git=git))
        self._program(place / "bin/editor", EDITOR.format(log=self.log, script=self.desk / "change.sed"))
        for name, value in {
            "PATH": f"{place / 'bin'}:{os.environ['PATH']}",
            "EDITOR": str(place / "bin/editor"),
            "TMPDIR": str(self.temporary),
            "PYTHONPATH": ROOT,
            "PYTHONDONTWRITEBYTECODE": "1",
            "CRM_NOW": NOW,
            "CRM_LANG": "en",
        }.items():
            self.patch.setenv(name, value)
        self.patch.setattr(editor, "MEMORY", self.memory)
        self.patch.setattr("tempfile.tempdir", None)
        self.patch.chdir(self.desk)

    def _program(self, path: Path, text: str) -> None:
        path.write_text(text)
        path.chmod(0o755)

    def __call__(
        self, *words: str, stdin: str = "", exits: int | tuple[int, ...] = 0, waiting: Sequence[Path] = ()
    ) -> None:
        """Run `crm`, then look. waiting: where a person has something in clear by nature."""
        self.patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
        place = () if words[0] == "init" else ("--vault", str(self.vault))
        code = boundary.main([*words, *place])
        assert code in (exits if isinstance(exits, tuple) else (exits,)), (words, code)
        hits = self.look(waiting)
        assert not (self.sealed and hits), (words, hits)

    def write(self, name: str, text: str, encoding: str = "utf-8") -> str:
        """A file on the desk, for a command."""
        (self.desk / name).write_text(text, encoding=encoding)
        return name

    def look(self, waiting: Sequence[Path] = ()) -> list[Hit]:
        """Search what is new or was changed since the last look."""
        new = [path for path in self._changed() if not any(path.is_relative_to(place) for place in waiting)]
        hits = bytesearch.search(new, self.birds.needles)
        names = "\n".join(map(str, new)).encode(errors="surrogateescape").lower()
        hits += [Hit("names", one.value, one.encoding) for one in self.birds.needles if one.data in names]
        self.found |= {hit.value for hit in hits}
        return hits

    def passed_over(self) -> None:
        """What lies there now was looked at elsewhere."""
        list(self._changed())

    def _changed(self) -> list[Path]:
        found = [Path(folder, name) for place in self.places for folder, _, names in os.walk(place) for name in names]
        states = {path: _state(path) for path in found}
        new = [path for path in found if self._seen.get(path) != states[path]]
        self._seen = states
        return new

    def look_everywhere(self) -> list[Hit]:
        """Search all of it: every object of git, however it is packed."""
        return bytesearch.search([*bytesearch.repository(self.vault), *self.places[1:]], self.birds.needles)

    def told_to_children(self) -> list[Hit]:
        return bytesearch.search([self.log / "children"], self.birds.needles)

    def guided(self, answers: Mapping[str, str]) -> None:
        """`crm add` at a terminal; answers by the label of the question, anything else is left empty."""
        ours, theirs = pty.openpty()
        line = [sys.executable, "-m", "crmcli", "--vault", str(self.vault), "add"]
        with subprocess.Popen(line, stdin=theirs, stdout=theirs, stderr=theirs, cwd=self.desk) as run:
            os.close(theirs)
            shown = ""
            while chunk := _read(ours):
                shown += chunk
                question = shown.rsplit("\n", 1)[-1]
                if question.endswith(": "):
                    label = question.removeprefix("* ").removesuffix(": ").split(" (")[0]
                    os.write(ours, f"{answers.get(label, '')}\n".encode())
                    shown += "\n"
        os.close(ours)
        assert run.returncode == 0, shown
        assert all(value in shown for value in answers.values()), shown
        hits = self.look()
        assert not (self.sealed and hits), hits


def _read(terminal: int) -> str:
    try:
        return os.read(terminal, 65536).decode()
    except OSError:
        return ""


def _state(path: Path) -> tuple[int, ...]:
    found = path.lstat()
    return found.st_ino, found.st_size, found.st_mtime_ns
