"""kill -9 where keys are at stake: adding, taking somebody out, sealing, keys taken in and handed out, a new vault.

After each kill, before anything else: no ciphertext anywhere in the vault, be it in an object that nothing reaches,
whose salt is not durable. After the next command: old or new, every value opens (by a reader of its own, `opener`) with
the keys that are here, identity whole, root pinned, nothing left over. CRM_CRASH_ALL=1 kills at every moment.
"""

import io
import itertools
import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import bytesearch
import killer
import opener
import pytest
import yaml
from conftest import git, isolated, put

from crmcli.cli import boundary
from crmcli.sealing.identity import new_identity
from crmcli.store import vault as vaults
from crmcli.usecases import keys_import, keys_kit

ALL = bool(os.environ.get("CRM_CRASH_ALL"))
MEMORIES = {"numbers.json", "trusted", "erased", "custom-fields", "never-sealed", "walks", "rules", "searched", "line"}
ME, LEAVING = "tester", "li.na"
TOKEN = re.compile(rb"ENC\[1,[a-z]+\.[0-9]+,([0-9A-Z]{8}),[A-Za-z0-9_-]+\]")
PEOPLE = "---\n".join(
    f"kind: individual\nname: {name}\nphone: '{13800138000 + n}'\nregion: 北京市/朝阳区\nsource: store\nremarks: 备注{n}\n"
    for n, name in enumerate(("王芳", "李雷", "周杰"))
)
ADD = ("add", "--kind", "individual", "--name", "郑爽", "--phone", "13900139000", "--incomplete", "--note", "来访")
NEXT = ("add", "--kind", "individual", "--name", "何静", "--incomplete")


@dataclass(frozen=True)
class Case:
    """A command, the state it begins with, how many commits it makes, every how-manieth moment it is killed at."""

    words: tuple[str, ...]
    state: str
    commits: int
    step: int


CASES = {
    "add": Case(ADD, "sealed", 1, 7),
    "team remove": Case(("team", "remove", LEAVING, "--yes"), "sealed", 1, 9),
    "seal": Case(("seal", "--yes"), "open", 1, 9),
    "keys export": Case(("keys", "export", "../kit.age", "--replace"), "sealed", 1, 7),
    "keys import": Case(("keys", "import", "../../kept.age"), "elsewhere", 0, 3),
    "keys import over": Case(("keys", "import", "../../kept.age", "--replace-identity"), "another's", 0, 3),
}


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Machines to practise on: `sealed`, of an admin with a colleague and three customers; an `open` vault; `elsewhere`,
    the sealed one's clone where nobody worked yet; `another's`, where somebody has an identity already."""
    place = tmp_path_factory.mktemp("states")
    put(place, "people.yaml", PEOPLE)
    with pytest.MonkeyPatch.context() as patch:
        for name, more in (("sealed", ()), ("open", ("--unsealed",))):
            machine(patch, place / name)
            crm(place / name, "init", ".", *more)
            crm(place / name, "add", "--file", str(place / "people.yaml"))
        machine(patch, place / "sealed")
        key = new_identity().public
        crm(place / "sealed", "team", "add", LEAVING, "--email", "l@example.invalid", "--role", "sales", "--key", key)
        crm(place / "sealed", "keys", "export", str(place / "kept.age"))
        for name in ("elsewhere", "another's"):
            machine(patch, place / name)
            (place / name / "vault").rmdir()
            git(place, "clone", "-q", str(place / "sealed/vault"), f"{name}/vault")
        crm(place / "another's", "keys", "show", exits=(0,))
    return place


def machine(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """From now on we are at this machine."""
    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    (folder / "vault").mkdir(exist_ok=True)
    (home / "hooks").mkdir(exist_ok=True)
    more = {"CRM_NOW": "2024-05-10T09:30+08:00", "CRM_LANG": "en", "GIT_TEMPLATE_DIR": str(home / "hooks")}
    for name, value in {**isolated(home), **more}.items():
        patch.setenv(name, value)


def crm(folder: Path, *words: str, exits: tuple[int, ...] = (0,)) -> None:
    """Run `crm` in the machine's vault, as the next person would."""
    before = Path.cwd()
    os.chdir(folder / "vault")
    try:
        run(words, exits)
    finally:
        os.chdir(before)


def run(words: tuple[str, ...], exits: tuple[int, ...] = (0,)) -> None:
    sys.stdin = io.TextIOWrapper(io.BytesIO("很长的口令 long enough\n".encode()))
    code = boundary.main(list(words))
    assert code in exits, f"{words} ended with {code}"


def action(words: tuple[str, ...]) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        os.chdir(folder / "vault")
        run(words)

    return act


@pytest.fixture(autouse=True)
def surroundings(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits for the disk, and the passphrase is stretched once, not at every moment."""
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)
    monkeypatch.setattr(sys, "stdin", sys.stdin)
    monkeypatch.setattr(killer, "DELAYS", killer.DELAYS if ALL else (0.004,))
    for module, name in ((keys_kit, "locked"), (keys_import, "unlocked")):
        monkeypatch.setattr(module, name, once(getattr(module, name)))


def once(function: Callable[..., object]) -> Callable[..., object]:
    made: list[object] = []

    def answer(*given: object) -> object:
        made[:] = made or [function(*given)]
        return made[0]

    return answer


# What must hold


def salts(folder: Path) -> dict[str, bytes]:
    """The salts that are durable on this machine, by id."""
    found = (line for path in (folder / "home/data").rglob("salts") for line in opener.salts(path.read_bytes()))
    return {line.id: line.salt for line in found if line.salt}


def unopenable(folder: Path) -> set[str]:
    """The ids of salts that something sealed anywhere in the vault needs and this machine has not."""
    used = {name.decode() for _, data in bytesearch.contents([folder / "vault"]) for name in TOKEN.findall(data)}
    return used - salts(folder).keys()


def identity(folder: Path) -> tuple[str, str]:
    """Both halves of this machine's identity."""
    age, signing = ((folder / "home/config/crmcli" / name).read_text() for name in ("identity.age", "signing.key"))
    return next(line for line in age.splitlines() if line.startswith("AGE-SECRET-KEY")), signing


def opened(folder: Path, read: Callable[[str], str], paths: list[str]) -> list[object]:
    """The customers' files, each value opened by a reader of its own with nothing but what lies on this machine."""
    age, _signing = identity(folder)
    vault = yaml.load(read("schemas/vault.yaml"), yaml.BaseLoader)["id"]
    masters = opener.masters_of(read("schemas/keys.yaml"), read("schemas/access.yaml"), vault, ME, age)
    trees = [yaml.load(read(path), yaml.BaseLoader) for path in paths]
    return [opener.open_tree(tree, vault, tree["uid"], masters, salts(folder)) for tree in trees]


def sound(folder: Path) -> None:
    """Nothing is left over, and all opens: in the work tree and at HEAD."""
    root = folder / "vault"
    assert git(root, "status", "--porcelain", "-uall") == ""
    assert git(root, "fsck", "--strict", "--no-dangling") == ""
    paths = git(root, "ls-files", "records").split()
    for read in (lambda path: (root / path).read_text(), lambda path: git(root, "show", f"HEAD:{path}")):
        found = opened(folder, read, paths)
        assert "ENC[" not in str(found)
        assert {tree["name"] for tree in found} >= {"何静"}  # type: ignore[index]
        assert all("name: ENC[" in read(path) for path in paths)
    vault = vaults.at(root, os.environ)
    kept = [path for path in vault.state.iterdir() if path.name not in MEMORIES]
    assert [*vault.git_dir.rglob("*.lock"), *root.glob("[!.]*/**/.*.tmp"), *kept] == []
    age, signing = identity(folder)
    access = yaml.load(git(root, "show", "HEAD:schemas/access.yaml"), yaml.BaseLoader)
    assert access["people"][ME]["devices"][opener.device_id(opener.signer(signing))]["recipient"] == opener.recipient(
        age
    )
    (pinned,) = (folder / "home/config/crmcli/roots").iterdir()
    first = git(root, "log", "--reverse", "--format=%H", "-S", "masters:", "--", "schemas/access.yaml").split()[0]
    assert pinned.read_text().split()[0] == first


def copies(start: Path, tmp_path: Path, patch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """A fresh copy of a machine at each call; the one before is dropped."""
    counter = itertools.count()

    def fresh() -> Path:
        n = next(counter)
        shutil.rmtree(tmp_path / f"state{n - 1}", ignore_errors=True)
        folder = shutil.copytree(start, tmp_path / f"state{n}", symlinks=True)
        machine(patch, folder)
        return Path(folder)

    return fresh


MODES = [(name, mode) for n, name in enumerate(CASES) for mode in ("before", ("group", "git", "after")[n % 3])]


@pytest.mark.parametrize(("name", "mode"), list(itertools.product(CASES, killer.MODES)) if ALL else MODES)
def test_keys_and_ciphertext_survive_a_kill_together(
    name: str, mode: str, states: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[name]
    shutil.copy(states / "kept.age", tmp_path / "kept.age")
    fresh = copies(states / case.state, tmp_path, monkeypatch)
    old = git(fresh() / "vault", "rev-parse", "HEAD").strip()

    def check(folder: Path) -> None:
        sealed_before = case.state != "elsewhere" and case.state != "another's"
        assert not sealed_before or unopenable(folder) == set()
        if not sealed_before:
            crm(folder, *case.words)  # the same again: nobody works there without it
        for reader in ("check", "list"):
            crm(folder, reader)
        crm(folder, *NEXT)
        commits = git(folder / "vault", "rev-list", "HEAD", f"^{old}").split()
        assert len(commits) - 1 in (0, case.commits)
        if name == "seal" and len(commits) == 1:
            assert 'sealing: "false"' in (folder / "vault/schemas/vault.yaml").read_text().replace(
                "false\n", '"false"\n'
            )
            crm(folder, *case.words)
        sound(folder)

    done = fresh()
    crm(done, *case.words)  # nobody kills
    check(done)
    moments = itertools.count(1, 1 if ALL else 2 * case.step if mode == "before" else 7)
    struck = itertools.takewhile(lambda n: killer.strikes(action(case.words), fresh, check, n, mode), moments)
    assert sum(1 for _n in struck) >= (1 if name.startswith("keys import") else 3)


@pytest.mark.parametrize("mode", killer.MODES if ALL else ("before", "group"))
def test_a_killed_init_leaves_no_half_identity_and_no_vault_without_keys(
    mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nothing").mkdir()
    fresh = copies(tmp_path / "nothing", tmp_path, monkeypatch)

    def check(folder: Path) -> None:
        crm(folder, "init", ".", exits=(0, 4))
        crm(folder, *NEXT)
        told = git(folder / "vault", "log", "--format=%s").split("\n")
        assert told[:2] == ["add C20240510001", "init: new vault"]
        assert unopenable(folder) == set()
        sound(folder)

    moments = itertools.count(1, 1 if ALL or mode != "before" else 11)
    words = ("init", ".")
    struck = itertools.takewhile(lambda n: killer.strikes(action(words), fresh, check, n, mode), moments)
    assert sum(1 for _n in struck) >= 5
