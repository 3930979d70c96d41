"""kill -9 anywhere in a backup or a restore: the file, or the folder, is whole or not there, nothing else stays after the
next command, and no customer's key ever lies anywhere in clear but where keys lie.

CRM_CRASH_ALL=1 kills at every moment.
"""

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import killer
import opener
import pyrage
import pytest
import quick_age
from people import Person, founded

ALL = bool(os.environ.get("CRM_CRASH_ALL"))
WORDS = b"correct horse battery\n"
CUSTOMER = "kind: individual\nname: 王芳\nphone: '13800138000'\nregion: 北京市/朝阳区\nsource: store\n"
FILE, AGAIN = "shop.backup", "again"


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pyrage.passphrase, "encrypt", quick_age.encrypt)
        patch.setattr(killer, "DELAYS", killer.DELAYS if ALL else (0.004,))
        patch.setattr(os, "sync", lambda: None)
        yield


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A vault without a backup and with one, to be restored on another machine."""
    place = tmp_path_factory.mktemp("states")
    zhao = founded(place / "before", "zhao.min", CUSTOMER)
    zhao.done("sync")
    shutil.copytree(place / "before", place / "backed", symlinks=True)
    again = Person(place / "backed", "zhao.min")
    again.done("backup", f"../../{FILE}", stdin=WORDS)
    return {"before": place / "before", "backed": place / "backed"}


def copies(world: Path, tmp_path: Path) -> Callable[[], Path]:
    counter = itertools.count()

    def fresh() -> Path:
        n = next(counter)
        shutil.rmtree(tmp_path / f"state{n - 1}", ignore_errors=True)
        return Path(shutil.copytree(world, tmp_path / f"state{n}", symlinks=True))

    return fresh


def strange(world: Path, salt: bytes) -> list[str]:
    """Files of a command that should be gone, and files beside the salts that have a customer's key in clear."""
    # The journal's own file goes with the next write.
    loose = [path for path in world.rglob("*.tmp") if ".git" not in path.parts]
    left = [str(path) for path in (*world.rglob(".crm-*"), *loose)]
    forms = (salt, opener.base64url(salt).encode())
    bare = [path for path in world.rglob("*") if path.is_file() and path.name != "salts"]
    return left + [str(path) for path in bare if any(form in path.read_bytes() for form in forms)]


def salt_of(person: Person) -> bytes:
    (path,) = person.data.rglob("salts")
    (line,) = opener.salts(path.read_bytes())
    assert line.salt
    return line.salt


def killed(act: Callable[[Path], None], fresh: Callable[[], Path], check: Callable[[Path], None], mode: str) -> int:
    step = 1 if ALL else {"before": 41, "group": 9}[mode]
    moments = itertools.count(1, step)
    return sum(1 for _n in itertools.takewhile(lambda n: killer.strikes(act, fresh, check, n, mode), moments))


@pytest.mark.parametrize("mode", killer.MODES if ALL else ("before", "group"))
def test_a_killed_backup_is_whole_or_not_there(mode: str, states: dict[str, Path], tmp_path: Path) -> None:
    def act(world: Path) -> None:
        Person(world, "zhao.min")("backup", f"../../{FILE}", stdin=WORDS)

    def check(world: Path) -> None:
        zhao, file = Person(world, "zhao.min"), world / FILE
        salt = salt_of(zhao)
        assert not [path for path in strange(world, salt) if "/.crm-" not in path and not path.endswith(".tmp")]
        if file.exists():
            assert zhao("backup", "verify", str(file)).exit == 0
        zhao.done("list")
        assert strange(world, salt) == []
        zhao.done("backup", str(file), "--replace", stdin=WORDS)
        assert zhao("backup", "verify", str(file)).exit == zhao("audit").exit == 0
        assert zhao.git("for-each-ref", "refs/crm/backup") == zhao.git("status", "--porcelain") == ""

    assert killed(act, copies(states["before"], tmp_path), check, mode) >= 3


@pytest.mark.parametrize("mode", killer.MODES if ALL else ("before", "group"))
def test_a_killed_restore_is_whole_or_not_there(mode: str, states: dict[str, Path], tmp_path: Path) -> None:
    def act(world: Path) -> None:
        Person(world, "zhao.min", "-2")("restore", FILE, AGAIN, stdin=WORDS, at=world)

    def check(world: Path) -> None:
        first, second, folder = Person(world, "zhao.min"), Person(world, "zhao.min", "-2"), world / AGAIN
        salt = salt_of(first)
        assert not [path for path in strange(world, salt) if "/.crm-" not in path and not path.endswith(".tmp")]
        if not folder.exists():
            second.done("restore", FILE, AGAIN, stdin=WORDS, at=world)
        assert salt_of(second) == salt
        second.done("list", at=folder)
        assert second("check", at=folder).exit == second("audit", at=folder).exit == 0
        assert strange(world, salt) == []
        assert (folder / ".git/hooks/pre-commit").exists()

    assert killed(act, copies(states["backed"], tmp_path), check, mode) >= 3
