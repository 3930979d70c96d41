"""`make bench`: how long the daily work takes, beside plain git and, with --peers, beside other programs.

Whole processes in turn, on this machine, in this run: ratios count, absolute times drift. Prints one Markdown table a
size and one of how each row grows; keeps the raw runs in a JSON file. Touches nothing outside a scratch folder.
"""

import argparse
import json
import os
import platform
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import peers
from meeting import sync
from places import HERE, ROOT, Bench, crm_words
from processes import Broken
from rows import ONCE, OURS, ROWS, Fact, Site, Timed
from sealed import SEALED

SIZES = (1000, 10_000)
HEADS = (
    "work",
    "runs",
    "median",
    "of it work",
    "memory",
    "beside",
    "median there",
    "work there",
    "ratio",
    "memory there",
)
Done = dict[str, Timed | Fact]


def main() -> int:
    """Measure what the command line asks for; 1 when a row could not be measured."""
    asked = _asked()
    results: dict[int, Done] = {}
    broken: list[str] = []
    scratch = Path(tempfile.mkdtemp(prefix="crm-bench-"))
    try:
        for place, size in enumerate(asked.sizes):
            once = {} if place else {**ONCE, **SEALED}
            rows = {name: row for name, row in {**ROWS, "sync": sync, **once}.items() if name in asked.rows}
            results[size] = {}
            site = _site(asked, size, scratch)
            print(f"\n## {size:,} customers\n\n{_line(HEADS)}\n{_line(['---'] * len(HEADS))}", flush=True)
            for name, row in rows.items():
                try:
                    results[size][name] = row(site)
                    print("\n".join(_line(cells) for cells in _cells(results[size][name])), flush=True)
                except (Broken, subprocess.CalledProcessError) as cause:
                    broken.append(f"{name} at {size:,}: {cause}")
            _keep(asked.out, results)
            if not asked.keep:
                shutil.rmtree(site.bench.scratch)
        _print_growth(results)
    finally:
        if asked.keep:
            print(f"\nKept: {scratch}")
        else:
            shutil.rmtree(scratch, ignore_errors=True)
    floor = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nWork: seconds of all cores. Memory below {floor:.0f} MB is not told apart. Raw runs: {asked.out}")
    print("".join(f"\nNot measured: {said}" for said in broken), end="")
    return 1 if broken else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the daily work on vaults of synthetic customers.")
    names = [*ROWS, "sync", *ONCE, *SEALED]
    parser.add_argument("sizes", nargs="*", type=int, metavar="N", help="customers; default: 1000 10000")
    parser.add_argument("--rows", nargs="+", choices=names, default=names, metavar="ROW", help=", ".join(names))
    parser.add_argument("--peers", nargs="?", const="", metavar="VENV", help="beside other programs, installed there")
    parser.add_argument("--crm", type=shlex.split, default=crm_words(), help="the command to measure")
    parser.add_argument("--out", type=Path, default=ROOT / ".bench" / "runs.json", help="the file of raw runs")
    parser.add_argument("--keep", action="store_true", help="leave the scratch folder")
    asked = parser.parse_args()
    asked.sizes = asked.sizes or SIZES
    return asked


def _site(asked: argparse.Namespace, size: int, scratch: Path) -> Site:
    folder = scratch / str(size)
    folder.mkdir()
    bench = Bench(size, folder, asked.crm)
    listed = folder / "people.json"
    with listed.open("wb") as stream:  # never in this process: its memory is the floor of what can be measured
        subprocess.run([sys.executable, str(HERE / "vaults.py"), str(size)], check=True, stdout=stream, env=bench.env)
    people = bench.csv("people.csv", _people(listed))
    found: Sequence[peers.Peer] = ()
    if asked.peers is not None:
        binaries = peers.install(Path(asked.peers) if asked.peers else ROOT / ".bench" / "peers")
        found, missing = peers.load(bench, binaries, lambda: _people(listed))
        print("".join(f"\nNot there: {said}" for said in missing), end="")
    bench.plain.stat()  # made while both are the same
    return Site(bench, tuple(found), people)


def _people(listed: Path) -> Iterator[dict[str, str]]:
    with listed.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _cells(done: Timed | Fact) -> list[list[str]]:
    """The lines of one row: one for each program it is measured beside."""
    if isinstance(done, Fact):
        return [[done.work, "", done.value, "", "", done.beside, done.there, "", "", ""]]
    ours = done.runs[OURS]
    head = [done.work, str(len(ours.runs)), _seconds(ours.median), _seconds(ours.work), _megabytes(ours.memory)]
    lines = []
    for name, theirs in done.runs.items():
        if name != OURS:
            ratio = f"{ours.median / theirs.median:.1f}"
            there = (_seconds(theirs.median), _seconds(theirs.work), ratio, _megabytes(theirs.memory))
            lines.append([*head, name, *there])
            head = [""] * len(head)
    return lines


def _print_growth(results: dict[int, Done]) -> None:
    if len(results) < 2:
        return
    print(f"\n## From size to size\n\n{_line(['work', *(f'{size:,}' for size in results)])}")
    print(_line(["---"] * (len(results) + 1)))
    for name in ROWS:
        found = [done.get(name) for done in results.values()]
        said = [
            _seconds(one.runs[OURS].median) if isinstance(one, Timed) else one.value if one else "" for one in found
        ]
        if any(said):
            print(_line([name, *said]))


def _keep(path: Path, results: dict[int, Done]) -> None:
    """Write everything measured so far."""
    rows = {size: {name: _raw(one) for name, one in done.items()} for size, done in results.items()}
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()}
    path.parent.mkdir(parents=True, exist_ok=True)
    said = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine, "sizes": rows}
    path.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _raw(done: Timed | Fact) -> dict[str, object]:
    if isinstance(done, Fact):
        return dict(done.raw)
    return {name: runs.raw() for name, runs in done.runs.items()}


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.1f} s"


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.0f} MB"


if __name__ == "__main__":
    sys.exit(main())
