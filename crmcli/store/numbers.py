"""Running numbers of customers, never handed out twice: not after an undo, a purge, a dropped branch or a crash.

The highest number of each day is a mark in the vault's private folder, durable before the number is used. What others
handed out is read from the history of every ref and reflog, each commit once, and from the work tree. A lost or
unreadable file of marks is built anew from there; nothing is ever counted down.
"""

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from crmcli.errors import ValueProblem
from crmcli.model.identity import number, parse_number
from crmcli.store.files import private_folder, write_atomic
from crmcli.store.transaction import Desk

NAME = "numbers.json"
_FOLDERS = ("records", "records/purged")
# What was fetched and nobody has verified yet spends no numbers.
_UNKNOWN = "--exclude=refs/crm/fetched*"


@dataclass
class _Marks:
    """Per day (`20240510`) the highest number known; the tips of the history read so far; how far HEAD's log was read,
    by git dir (work trees have a log each)."""

    high: dict[str, int] = field(default_factory=dict)
    scanned: list[str] = field(default_factory=list)
    logs: dict[str, int] = field(default_factory=dict)

    def see(self, name: str) -> None:
        """Take note of a file's name, when it is a customer's."""
        if name.startswith("C") and name.endswith(".yaml"):
            with suppress(ValueProblem):
                day, running = parse_number(name.removesuffix(".yaml"))
                self.high[f"{day:%Y%m%d}"] = max(running, self.high.get(f"{day:%Y%m%d}", 0))


def next_numbers(desk: Desk, day: date, count: int) -> list[str]:
    """The next `count` numbers of `day`, in order. They are spent from here on, used or not."""
    return numbers_of_days(desk, {day: count})[day]


def numbers_of_days(desk: Desk, wanted: Mapping[date, int], *tips: str) -> dict[date, list[str]]:
    """The same for several days. `tips`: commits whose numbers count, whatever ref leads to them."""
    marks = _load(desk.vault.shared)
    _read_history(desk, marks, tips)
    found = {day: _spent(desk, marks, day, count) for day, count in wanted.items()}
    _save(desk.vault.shared, marks)
    return found


def _spent(desk: Desk, marks: _Marks, day: date, count: int) -> list[str]:
    for name in _names_of_day(desk.vault.root, day):
        marks.see(name)
    key = f"{day:%Y%m%d}"
    first = marks.high.get(key, 0) + 1
    marks.high[key] = first + count - 1
    return [number(day, running) for running in range(first, first + count)]


def _read_history(desk: Desk, marks: _Marks, tips: Iterable[str]) -> None:
    """Add the numbers of every commit not read yet, and remember the tips."""
    everything = () if marks.scanned else ("--reflog",)
    log = desk.vault.git_dir / "logs" / "HEAD"
    starts = [*tips, *_moves(log, marks.logs.get(str(log), 0)), *(f"^{tip}" for tip in marks.scanned)]
    asked = "".join(f"{start}\n" for start in starts).encode()
    listed = desk.git.run(
        "rev-list", "--parents", "--ignore-missing", _UNKNOWN, "--all", *everything, "--stdin", stdin=asked
    )
    commits = [line.split() for line in listed.decode().splitlines()]
    if commits:
        for name in _added(desk, [line[0] for line in commits]):
            marks.see(name)
    parents = {parent for line in commits for parent in line[1:]}
    marks.scanned = sorted(({line[0] for line in commits} | set(marks.scanned)) - parents)
    marks.logs[str(log)] = log.stat().st_size if log.exists() else 0


def _added(desk: Desk, commits: Iterable[str]) -> Iterable[str]:
    """Names of the files that these commits added below records/; merges are compared with each parent."""
    shape = ("-r", "--root", "-m", "--no-renames", "--diff-filter=A", "--name-only", "-z", "--no-commit-id")
    asked = "".join(f"{commit}\n" for commit in commits).encode()
    listed = desk.git.run("diff-tree", *shape, "--stdin", "--", "records", stdin=asked)
    return (path.rsplit("/", 1)[-1] for path in listed.decode("utf-8", "surrogateescape").split("\0"))


def _moves(log: Path, start: int) -> set[str]:
    """Commits HEAD stood on since byte `start` of its log: also those that no ref leads to any more."""
    try:
        with log.open("rb") as stream:
            stream.seek(start if start <= log.stat().st_size else 0)
            lines = stream.read().split(b"\n")
    except FileNotFoundError:
        return set()
    found = {word.decode("ascii", "replace") for line in lines for word in line.split(b" ", 2)[:2]}
    return {word for word in found if word.isalnum() and word.strip("0") and len(word) in (40, 64)}


def _names_of_day(root: Path, day: date) -> Iterable[str]:
    """File names in the folders where that day's customers and certificates stand."""
    for folder in _FOLDERS:
        month = root / folder / f"{day:%Y/%m}"
        names = _list(month)
        yield from names
        # The numbers of a folder are above those of the one before: the last that holds any is enough.
        for part in sorted((name for name in names if name.startswith(f"{day:%d}-")), key=_part, reverse=True):
            inside = _list(month / part)
            yield from inside
            if any(name.startswith(f"C{day:%Y%m%d}") for name in inside):
                break


def _part(folder: str) -> int:
    tail = folder.partition("-")[2]
    return int(tail) if tail.isdecimal() else -1


def _list(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 (names are enough)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _load(folder: Path) -> _Marks:
    """The marks; empty ones, to be filled from history, where the file is gone or not what `_save` wrote."""
    try:
        said = json.loads((folder / NAME).read_bytes())
        high = {str(day): int(top) for day, top in said["high"].items()}
        logs = {str(log): int(size) for log, size in said["logs"].items()}
        return _Marks(high, [str(tip) for tip in said["scanned"]], logs)
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return _Marks()


def _save(folder: Path, marks: _Marks) -> None:
    said = {"scanned": marks.scanned, "high": dict(sorted(marks.high.items())), "logs": marks.logs}
    write_atomic(private_folder(folder), NAME, json.dumps(said).encode(), 0o600)
