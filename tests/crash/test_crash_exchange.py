"""kill -9 anywhere in an acknowledgement: the word is never given while the old key is there, and the next call ends it.

CRM_CRASH_ALL=1 kills at every moment.
"""

import itertools
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import killer
import pytest
from exchange_world import at_work, opened, salts
from people import Person, founded

from crmcli.sealing.exchange import exchange_key_of
from crmcli.usecases.exchange_keys import NAME, acknowledge, announced, standing

ALL = bool(os.environ.get("CRM_CRASH_ALL"))
ONE = "C20240510001"
CUSTOMERS = tuple(
    f"kind: individual\nname: {name}\nphone: '{13800138000 + n}'\nregion: 北京市/朝阳区\nsource: store\n"
    for n, name in enumerate(("王芳", "李雷"))
)


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A device that has announced a key, and a certificate that came since."""
    world = tmp_path_factory.mktemp("certified") / "world"
    zhao = founded(world, "zhao.min", *CUSTOMERS)
    assert announce(zhao)
    zhao.on("2024-06-01").done("archive", ONE, "--reason", "ended")
    zhao.on("2026-11-22").done("purge", "plan")
    zhao.done("purge", "approve", "2026-11-22")
    zhao.done("purge", "run", "--yes")
    assert len(salts(zhao)) == 1
    return world


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A device that has announced none yet."""
    world = tmp_path_factory.mktemp("new") / "world"
    founded(world, "zhao.min", CUSTOMERS[0])
    return world


def announce(person: Person) -> str | None:
    with at_work(person) as (work, desk):
        return acknowledge(work, desk)


def act(folder: Path) -> None:
    announce(Person(folder, "zhao.min"))


def secrets(person: Person) -> set[str]:
    """Every exchange key in their home, whatever the file is called."""
    data = (path.read_bytes() for path in person.data.rglob(f"*{NAME}*") if path.is_file())
    return {key for each in data for line in each.splitlines() if (key := exchange_key_of(line).secret)}


def copies(world: Path, tmp_path: Path) -> Callable[[], Path]:
    counter = itertools.count()

    def fresh() -> Path:
        n = next(counter)
        shutil.rmtree(tmp_path / f"state{n - 1}", ignore_errors=True)
        return Path(shutil.copytree(world, tmp_path / f"state{n}", symlinks=True))

    return fresh


@pytest.mark.parametrize("mode", killer.MODES if ALL else ("before", "group"))
@pytest.mark.parametrize("start", ["certified", "new"])
def test_no_word_is_given_while_the_old_key_is_there(
    start: str, mode: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    fresh = copies(request.getfixturevalue(start), tmp_path)
    first = Person(fresh(), "zhao.min")
    old, before, kept = secrets(first), len(announced(opened(first))), salts(first)
    assert len(old) == before == (start == "certified")

    def check(folder: Path) -> None:
        zhao = Person(folder, "zhao.min")
        if f"{before + 1}\n" == zhao.git("rev-list", "--count", "--grep=^Crm-Op: acknowledge", "HEAD"):
            assert not secrets(zhao) & old
        announce(zhao)
        events = announced(opened(zhao))
        assert len(events) == before + 1
        assert announce(zhao) is None
        ((_device, (last,)),) = standing(events).items()
        (secret,) = secrets(zhao)
        assert exchange_key_of(secret.encode()).recipient == last.recipient
        assert secret not in old
        assert salts(zhao) == kept
        assert sorted(one.name for one in zhao.data.rglob("*exchange*")) == [NAME, f"{NAME}-lock"]
        assert zhao.git("status", "--porcelain") == ""

    step = 1 if ALL else {"before": 19, "after": 5, "group": 7, "git": 7}[mode]
    moments = itertools.count(1, step)
    struck = itertools.takewhile(lambda n: killer.strikes(act, fresh, check, n, mode), moments)
    assert sum(1 for _n in struck) >= 2
