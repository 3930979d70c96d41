"""The rows about sealing: a sealed vault beside the same customers in an open one, a purge beside git-filter-repo."""

import json
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from pasts import Past
from places import HERE, Bench
from processes import Maker, in_turn, size_of
from rows import OURS, Fact, Measure, Row, Site, Timed

UPDATES = 200
SHORT, LONG = 1000, 10_000  # commits
Words = Callable[[str, int], tuple[str, ...]]


def fields(site: Site) -> Fact:
    """One value sealed and opened, in process."""
    bench = site.bench
    took = json.loads(bench.do(sys.executable, str(HERE / "inside.py"), "fields", folder=bench.scratch))
    said = f"{took['seal']:.0f} µs, {took['open']:.0f} µs"
    return Fact("a value sealed, opened", said, "its key, once a customer", f"{took['key']:.0f} µs", took)


def show(site: Site) -> Timed:
    """One customer."""
    return _beside(site, "crm show NUMBER, sealed", lambda number, turn: ("show", number))


def update(site: Site) -> Timed:
    """An open field of one customer."""
    return _beside(site, "crm update, sealed", lambda number, turn: ("update", number, "--set", f"owner=s.{turn}"))


def update_sealed(site: Site) -> Timed:
    """A sealed field of one customer."""
    words: Words = lambda number, turn: ("update", number, "--set", f"remarks=新{turn}")  # noqa: E731
    return _beside(site, "crm update of a sealed value", words)


def _beside(site: Site, work: str, words: Words) -> Timed:
    bench = site.bench
    makers = {name: _maker(bench, vault, words) for name, vault in ((OURS, bench.sealed), ("open vault", bench.vault))}
    return Row(work, makers).measure()


def _maker(bench: Bench, vault: Path, words: Words) -> Maker:
    return lambda turn: bench.crm(*words(bench.numbers[turn], turn), vault=vault)


def purge(site: Site) -> Timed:
    """One customer destroyed, under a long history and a short one; git-filter-repo on a copy of the long one."""
    long, short = Past(site.bench, LONG), Past(site.bench, SHORT)
    program = _filter_repo()
    makers: dict[str, Maker] = {OURS: long.purge, f"the same, {SHORT:,} commits": short.purge}
    if program:
        makers["git filter-repo"] = lambda turn: long.rewrite(program, turn)
    return Timed(f"crm purge run ({LONG:,} commits)", in_turn(makers))


def _filter_repo() -> str | None:
    beside = Path(sys.executable).with_name("git-filter-repo")
    return str(beside) if beside.exists() else shutil.which("git-filter-repo")


def size(site: Site) -> Fact:
    """What `.git` grows by at many updates of one customer, packed: every other one changes a sealed value."""
    grown = {name: _grown(site.bench, name) for name in ("sealed", "open")}
    ours, theirs = grown["sealed"], grown["open"]
    said = f"{ours / 1000:.0f} kB, {ours / theirs:.1f} ×"
    return Fact(f".git grows by, {UPDATES} updates sealed", said, "open vault", f"{theirs / 1000:.0f} kB", grown)


def _grown(bench: Bench, kind: str) -> int:
    vault = bench.empty(f"size-{kind}", "--unsealed")
    bench.fill(vault, 1, sealed=kind == "sealed")
    before = _packed(bench, vault)
    number = next(vault.glob("records/*/*/C*.yaml")).stem
    bench.do(sys.executable, str(HERE / "inside.py"), "updates", number, str(UPDATES), folder=vault)
    return _packed(bench, vault) - before


def _packed(bench: Bench, vault: Path) -> int:
    bench.do("git", "gc", "--quiet", "--prune=now", folder=vault)
    return size_of(vault / ".git" / "objects")


SEALED: Mapping[str, Measure] = {
    "sealed-fields": fields,
    "sealed-show": show,
    "sealed-update": update,
    "sealed-update-value": update_sealed,
    "sealed-size": size,
    "purge": purge,
}
