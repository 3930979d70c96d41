"""Whole processes, timed: wall time, peak memory, output. Nothing of the product is loaded here, so that this process
stays small: a child's peak memory can't be told from below its parent's (Linux counts it from before the exec).
"""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ENOUGH, MOST, LEAST = 15.0, 7, 3  # seconds a row may take in all; runs of it, unless they are very long
LONG = 60.0


class Broken(Exception):
    """A process ended otherwise than it should: a measure of it would mean nothing."""


@dataclass(frozen=True)
class Command:
    """One process: what it is called with, and where."""

    words: Sequence[str]
    folder: Path
    env: Mapping[str, str]
    fine: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Run:
    """One run: seconds, seconds of work by all cores, peak memory in bytes (of the process and all it waited for),
    standard output."""

    seconds: float
    work: float
    memory: int
    out: str = ""


@dataclass
class Runs:
    """The runs of one command."""

    runs: list[Run] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Seconds."""
        return statistics.median(run.seconds for run in self.runs)

    @property
    def work(self) -> float:
        """Seconds of work by all cores: steadier than the clock on a busy machine."""
        return statistics.median(run.work for run in self.runs)

    @property
    def memory(self) -> int:
        """The highest peak, in bytes."""
        return max(run.memory for run in self.runs)

    def raw(self) -> dict[str, list[float]]:
        """Everything measured, as it goes into the file of raw runs."""
        return {
            "seconds": [round(run.seconds, 4) for run in self.runs],
            "work": [round(run.work, 4) for run in self.runs],
            "memory": [run.memory for run in self.runs],
        }


Maker = Callable[[int], Command]  # the number of the run → its command


def run(command: Command) -> Run:
    """Run it once, to its end; Broken where it ends otherwise than as expected."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begun = time.perf_counter()
        child = subprocess.Popen(
            command.words, cwd=command.folder, env=command.env, stdin=subprocess.DEVNULL, stdout=out, stderr=err
        )
        _pid, status, used = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        said = [_text(stream) for stream in (out, err)]
    if child.returncode not in command.fine:
        raise Broken(f"{' '.join(command.words)} ended with {child.returncode}: {said[1][-500:]}{said[0][-500:]}")
    return Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, said[0])


def in_turn(makers: Mapping[str, Maker], warm: bool = True) -> dict[str, Runs]:
    """Run all commands in turn, again and again, so that what else the machine does hits all alike. What has run for
    long enough is left out of further turns. `warm`: a first turn is not counted."""
    found = {name: Runs() for name in makers}
    spent = dict.fromkeys(makers, 0.0)
    for turn in range(-1 if warm else 0, MOST):
        for name, maker in makers.items():
            if _enough(len(found[name].runs), spent[name]):
                continue
            one = run(maker(turn))
            spent[name] += one.seconds
            if turn >= 0 or one.seconds > LONG:
                found[name].runs.append(one)
    return found


def at_once(commands: Sequence[Command]) -> tuple[float, list[tuple[int, str]]]:
    """Start all of them at the same time; seconds until the last has ended, and exit code and output of each."""
    begun = time.perf_counter()
    children = [
        subprocess.Popen(
            one.words, cwd=one.folder, env=one.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True
        )
        for one in commands
    ]  # fmt: skip
    said = [child.communicate()[0] for child in children]
    return time.perf_counter() - begun, [(child.returncode, out) for child, out in zip(children, said, strict=True)]


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def _enough(runs: int, spent: float) -> bool:
    return runs >= MOST or (runs >= 1 and spent > LONG) or (runs >= LEAST and spent > ENOUGH)


def _text(stream: "tempfile._TemporaryFileWrapper[bytes]") -> str:
    stream.seek(0)
    return stream.read().decode("utf-8", "replace")
