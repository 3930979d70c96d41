"""What a hundred thousand customers ask of git: no folder grows large, however they arrive, and a change stays small."""

import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import git, put

from crmcli.model.identity import number, record_path
from crmcli.store.transaction import Change, Message, Stamp, writing
from crmcli.store.vault import Vault

CUSTOMERS = 100_000
FULLEST = 1_100  # entries of any folder
GROWTH = 100_000  # bytes of .git at one update
BLOCK = 4_096  # a file takes at least so much of a disk
FIRST = date(2020, 1, 1)
STAMP = Stamp(datetime(2024, 5, 10, tzinfo=UTC), turned=False)
Arrivals = Mapping[date, int]  # new customers by day


def spread(days: int, count: int = CUSTOMERS) -> Arrivals:
    """The same number on each of so many days in a row, the rest on the first ones."""
    share, more = divmod(count, days)
    return {FIRST + timedelta(days=day): share + (day < more) for day in range(days)}


@cache
def path_of(day: date, running: int) -> str:
    return record_path(number(day, running))


def paths(arrivals: Arrivals) -> Iterable[str]:
    return (path_of(day, running) for day, count in arrivals.items() for running in range(1, count + 1))


def folders(files: Iterable[str]) -> dict[str, int]:
    """How many entries, files and folders, each folder has."""
    inside = Counter(path.rpartition("/")[0] for path in files)
    below: dict[str, set[str]] = defaultdict(set)
    for folder in list(inside):
        while folder:
            above = folder.rpartition("/")[0]
            below[above].add(folder)
            folder = above
    return {folder: inside[folder] + len(below[folder]) for folder in inside.keys() | below.keys()}


# One month takes all: 31 customers on each of its days open a folder a day, the first day opens one for each thousand.
ONE_MONTH = {**spread(31, 31 * 31), FIRST: CUSTOMERS - 30 * 31}
ARRIVALS = {
    "thirty a day, as many as stay with the month": spread(CUSTOMERS // 30),
    "evenly over one month": spread(31),
    "all on one day": spread(1),
    "in one month, as badly as can be": ONE_MONTH,
}


@pytest.mark.parametrize("arrivals", ARRIVALS.values(), ids=ARRIVALS)
def test_no_folder_of_a_hundred_thousand_customers_holds_more_than_a_thousand_and_some(arrivals: Arrivals) -> None:
    files = list(paths(arrivals))
    assert len(set(files)) == CUSTOMERS
    fullest = max(folders(files).items(), key=lambda item: item[1])
    assert fullest[1] <= FULLEST, fullest


def test_the_worst_month_is_really_full() -> None:
    """The arrivals above come near the limit: a rule that lets a folder grow would be seen."""
    assert folders(paths(ONE_MONTH))["records/2020/01"] > 1_000


def test_an_update_grows_git_by_little_among_three_thousand_customers_of_one_day(vault: Vault) -> None:
    files = list(paths({FIRST: 3_000}))
    fill(vault, files)
    target = files[1_500]
    before = on_disk(vault)
    update(vault, target, "li.na")
    grown = on_disk(vault) - before
    assert 0 < grown <= GROWTH
    assert git(vault.root, "status", "--porcelain") == ""
    # What a hundred thousand add to that is in the folders on the way to the file.
    here, worst = trees_on_the_way(vault, target), worst_trees(vault)
    assert grown - sum(map(blocks, here)) + sum(map(blocks, worst)) <= GROWTH


def test_a_second_update_grows_git_no_more_than_the_first(vault: Vault) -> None:
    files = list(paths({FIRST: 200}))
    fill(vault, files)
    sizes = [on_disk(vault)]
    for owner in ("one", "two", "six"):
        update(vault, files[100], owner)
        sizes.append(on_disk(vault))
    first, *later = (new - old for old, new in pairwise(sizes))
    assert max(later) <= first + BLOCK


def fill(vault: Vault, files: Iterable[str]) -> None:
    """A repository with a file at each path, packed, as after git's own housekeeping."""
    for path in files:
        put(vault.root, path, record(path, "nobody"))
    git(vault.root, "add", ".")
    git(vault.root, "commit", "-q", "-m", "many")
    git(vault.root, "gc", "-q")


def record(path: str, owner: str) -> str:
    """A file of usual size that does not compress well."""
    noise = "".join(f"  - {sha256(f'{path}{line}'.encode()).hexdigest()}\n" for line in range(30))
    return f"id: {Path(path).stem}\nowner: {owner}\nnoise:\n{noise}"


def update(vault: Vault, path: str, owner: str) -> None:
    with writing(vault, "update") as desk:
        change = Change(path, record(path, owner).encode())
        assert desk.commit([change], Message(f"update {Path(path).stem}: owner"), STAMP)


def on_disk(vault: Vault) -> int:
    """What .git takes on a disk that gives whole blocks."""
    return sum(blocks(path.stat().st_size) for path in vault.git_dir.rglob("*") if path.is_file())


def blocks(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def trees_on_the_way(vault: Vault, path: str) -> list[int]:
    """Bytes of the tree objects that a change of the file writes anew, as they lie there."""
    above = ["/".join(path.split("/")[:depth]) for depth in range(path.count("/") + 1)]
    return [loose(vault, git(vault.root, "rev-parse", f"HEAD:{folder}").strip()) for folder in above]


def worst_trees(vault: Vault) -> list[int]:
    """The same where each folder on the way is as full as it can be: the top, records, a year, a month, a part of a day."""
    names = [f"C20200101{place:05d}.yaml" for place in range(FULLEST)]
    return [
        loose(vault, tree(vault, names[:full], depth)) for depth, full in enumerate((20, 200, 12, FULLEST, FULLEST))
    ]


def tree(vault: Vault, names: Iterable[str], salt: int) -> str:
    """A folder with these files, written to the repository; its hash."""
    lines = (f"100644 blob {sha256(f'{salt}{name}'.encode()).hexdigest()[:40]}\t{name}\n" for name in names)
    made = subprocess.run(
        ["git", "mktree", "--missing"], cwd=vault.root, input="".join(lines), capture_output=True, text=True, check=True
    )
    return made.stdout.strip()


def loose(vault: Vault, name: str) -> int:
    """Bytes of a loose object's file."""
    return (vault.git_dir / "objects" / name[:2] / name[2:]).stat().st_size
