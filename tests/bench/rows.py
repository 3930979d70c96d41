"""The rows of the table: each a kind of work, what it is measured beside, and the commands.

To add one, write a function from a `Site` to a `Row` (or a `Fact`, for what is counted and not timed) and put it in
`ROWS` (`ONCE` for what does not depend on the size).
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from peers import Peer
from places import Bench
from processes import Command, Maker, Runs, at_once, in_turn, run, size_of

OURS = "crm"
TEXT, FIELDS = "不太满意", "tier:gold region:北京"
TOGETHER = 60
MEASURED = 5  # updates over which the growth is measured
PLAIN_UPDATE = 'sed -i "s/^owner: .*/owner: $2/" "$1"; git add "$1"; git commit --quiet --message "update $1"'


@dataclass(frozen=True)
class Site:
    """Where the rows work: the vault of this size, and the peers that are there."""

    bench: Bench
    peers: tuple[Peer, ...]
    people: Path


@dataclass(frozen=True)
class Row:
    """Something timed: our command and those beside it, each made anew for every turn."""

    work: str
    makers: Mapping[str, Maker]
    warm: bool = True

    def measure(self) -> "Timed":
        """Run all of them in turn."""
        return Timed(self.work, in_turn(self.makers, self.warm))


@dataclass(frozen=True)
class Timed:
    """What was timed, by the name of who did it."""

    work: str
    runs: Mapping[str, Runs]


@dataclass(frozen=True)
class Fact:
    """Something counted: ours, and what it is seen beside."""

    work: str
    value: str
    beside: str = ""
    there: str = ""
    raw: Mapping[str, object] = field(default_factory=dict)


Measure = Callable[[Site], Timed | Fact]


def version(site: Site) -> Timed:
    """Start-up alone."""
    python = Command([sys.executable, "-c", "pass"], site.bench.vault, site.bench.env)
    others = {peer.name: peer.start() for peer in site.peers}
    makers = {OURS: lambda turn: site.bench.crm("--version"), "python -c pass": lambda turn: python, **others}
    return Row("crm --version", makers).measure()


def show(site: Site) -> Timed:
    """One customer, by number."""
    return Row(
        "crm show NUMBER",
        {
            OURS: lambda turn: site.bench.crm("show", site.bench.numbers[turn]),
            "git show HEAD:FILE": lambda turn: site.bench.git("show", f"HEAD:{site.bench.files[turn]}"),
        },
    ).measure()


def search_fields(site: Site) -> Timed:
    """A search by fields; the others search for one word, since they have no fields."""
    return _search(site, FIELDS, "北京")


def search_text(site: Site) -> Timed:
    """A search in all text."""
    return _search(site, TEXT, TEXT)


def _search(site: Site, query: str, text: str) -> Timed:
    plain = ("grep", "--files-with-matches", "--fixed-strings", text, "--", "records")
    others = {peer.name: peer.search(text) for peer in site.peers}
    makers = {
        OURS: lambda turn: site.bench.crm("search", query),
        "git grep": lambda turn: site.bench.git(*plain, fine=(0, 1)),
        **others,
    }
    return Row(f"crm search '{query}'", makers).measure()


def update(site: Site) -> Timed:
    """One field of one customer, committed."""
    return Row(
        "crm update",
        {
            OURS: lambda turn: site.bench.crm("update", site.bench.numbers[turn], "--set", f"owner=new.{turn}"),
            "git add + git commit": lambda turn: site.bench.shell(PLAIN_UPDATE, site.bench.files[turn], f"new.{turn}"),
        },
    ).measure()


def growth(site: Site) -> Fact:
    """What .git grows by at an update, before git packs anything."""
    bench, turns = site.bench, count()
    before = [size_of(folder / ".git") for folder in (bench.vault, bench.plain)]
    for number, file in list(zip(bench.numbers, bench.files, strict=True))[-MEASURED:]:
        run(bench.crm("update", number, "--set", f"owner=grown.{next(turns)}"))
        run(bench.shell(PLAIN_UPDATE, file, f"grown.{next(turns)}"))
    after = [size_of(folder / ".git") for folder in (bench.vault, bench.plain)]
    ours, theirs = ((new - old) / MEASURED for old, new in zip(before, after, strict=True))
    return Fact(
        ".git grows by, an update", _kilobytes(ours), "git add + git commit", _kilobytes(theirs),
        {"crm": ours, "git": theirs},
    )  # fmt: skip


def import_(site: Site) -> Timed:
    """As many customers from a CSV file into an empty vault; beside it git taking in the files that this made."""
    bench, made = site.bench, bench_vault(site)
    plain = bench.scratch / "import-plain"

    def ours(turn: int) -> Command:
        bench.empty(made.name, "--unsealed")
        return bench.crm("import", str(site.people), vault=made)

    def theirs(turn: int) -> Command:
        copy = 'rm -rf "$1"; mkdir "$1"; cp -r "$2/records" "$1"; git -C "$1" init --quiet'
        run(bench.shell(copy, str(plain), str(made), folder=bench.scratch))
        return bench.shell("git add .; git commit --quiet --message import", folder=plain)

    timed = Row(f"crm import ({bench.size:,} customers)", {OURS: ours, "git add + git commit": theirs}, warm=False)
    return timed.measure()


def bench_vault(site: Site) -> Path:
    """Where customers are imported into."""
    return site.bench.scratch / "import"


def together(site: Site) -> Fact:
    """Sixty customers added at the same moment, into an empty vault: how many are there afterwards."""
    bench = site.bench
    vault = bench.empty("together", "--unsealed")
    fixed = ("--kind", "individual", "--region", "北京市/朝阳区", "--source", "store", "--format", "ids")
    people = [("--name", f"王{turn:02d}", "--phone", f"138001380{turn:02d}") for turn in range(TOGETHER)]
    seconds, ended = at_once([bench.crm("add", *fixed, *person, vault=vault) for person in people])
    numbers = {out.strip() for code, out in ended if code == 0}
    kept = bench.do("git", "ls-tree", "-r", "--name-only", "HEAD", "records", folder=vault).splitlines()
    clean = "clean" if not bench.do("git", "status", "--porcelain", folder=vault) else "not clean"
    ours = f"{len(kept)} kept, {len(numbers)} numbers, {clean}, {seconds:.1f} s"
    theirs = {peer.name: _jsoncrm_together(peer) for peer in site.peers if peer.name == "jsoncrm"}
    raw = {"kept": len(kept), "numbers": sorted(numbers), "codes": [code for code, _out in ended], "seconds": seconds}
    return Fact(f"{TOGETHER} crm add at once", ours, ", ".join(theirs), ", ".join(theirs.values()), raw)


def _jsoncrm_together(peer: Peer) -> str:
    file = peer.folder / "together.json"
    file.write_text("[]", encoding="utf-8")
    items = [json.dumps({"id": str(turn), "name": f"王{turn:02d}"}) for turn in range(TOGETHER)]
    add = ("add", "--database_file", file.name, "--item_json")
    seconds, _ended = at_once([Command([*peer.words, *add, item], peer.folder, peer.env) for item in items])
    try:
        kept = str(len(json.loads(file.read_text(encoding="utf-8"))))
    except ValueError:
        kept = "file broken, none"
    return f"{kept} kept, {seconds:.1f} s"


def _kilobytes(size: float) -> str:
    return f"{size / 1000:.1f} kB"


ROWS: Mapping[str, Measure] = {
    "version": version,
    "show": show,
    "search-fields": search_fields,
    "search-text": search_text,
    "update": update,
    "growth": growth,
    "import": import_,
}
ONCE: Mapping[str, Measure] = {"together": together}
