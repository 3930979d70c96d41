"""kill -9 anywhere in any verb: afterwards all of a command is old or all is new, and the next command needs no help.

Each verb is killed at each of its moments (see killer): before each one, and after the start of each git child with
that child killed, too, or living on. Forked children of a warm process stand in for new ones; uids are seeded, so that
even the commit is known beforehand; nothing waits for the disk (a killed process loses no write, only a power cut
does). CRM_CRASH_ALL=1 runs the whole matrix; without it the modes with a git child take turns over the verbs.
"""

import itertools
import json
import os
import random
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import killer
import pytest
from conftest import GIT_CONFIG, git, put
from killer import kill_points

from crmcli.cli import boundary, editor
from crmcli.model import identity

ALL = bool(os.environ.get("CRM_CRASH_ALL"))
SURROUNDINGS = {"CRM_NOW": "2024-05-10T09:30+08:00", "CRM_LANG": "en", "GIT_TEST_FSYNC": "0", "EDITOR": "sed -i s/li.na/me/"}
WANG, LI, ZHOU = (f"records/2024/05/C2024051000{n}.yaml" for n in (1, 2, 3))
FOREIGN = "M  half-in\nMM half-out\nA  new-in\n?? loose\n"
HEADS = "number,name,kind,phone,region,source,owner"


def customers(first: int, *names: str) -> str:
    rest = "region: 北京市/朝阳区\nsource: store\nowner: li.na\n"
    return "---\n".join(f"kind: individual\nname: {name}\nphone: '{first + n}'\n{rest}" for n, name in enumerate(names))


FOUR = customers(13800138000, "王芳", "李雷", "周杰", "吴敏")
PREFACE = f"{HEADS}\nC20240510001,,,,,,before\n,孙立,individual,13700137001,上海市/浦东新区,store,li.na\n"
SIX = f"""{HEADS}
C20240510001,,,,,,chen.wei
C20240510003,,,,,,chen.wei
,郑爽,individual,13900139000,北京市/朝阳区,store,li.na
,冯刚,individual,13900139001,北京市/朝阳区,store,li.na
,褚英,individual,13900139002,上海市/浦东新区,website,li.na
C20240510004,,,,,,chen.wei
"""
BESIDE = {"two.yaml": customers(13900139000, "郑爽", "冯刚"), "six.csv": SIX}
UPDATE = tuple("update C20240510002 --set owner=next.one".split())
ADD = tuple("add --kind individual --name 何静 --phone 13600136000 --region 北京/朝阳 --source store --format ids".split())


@dataclass(frozen=True)
class Verb:
    """A command, what a person did before it, and the write that comes after it."""

    words: tuple[str, ...]
    then: tuple[str, ...] = UPDATE
    by_hand: Mapping[str, tuple[str, str]] | None = None


HAND = {WANG: ("before", "by.hand"), ZHOU: ("source: store", "source:   store"), "schemas/codes.yaml": ("#", "# ")}
VERBS = {
    "add": Verb(tuple("add --kind individual --name 郑爽 --phone 13900139000 --region 北京/朝阳 --source store".split()), ADD),
    "add two": Verb(("add", "--file", "../two.yaml"), ADD),
    "update": Verb(("update", "C20240510001", "--set", "owner=chen.wei", "--add-tag", "vip")),
    "edit": Verb(("edit", "C20240510003")),
    "interaction": Verb(tuple("interaction add C20240510001 --channel call --summary 询问新品".split())),
    "import": Verb(("import", "../six.csv", "--key", "number"), ADD),
    "undo": Verb(("undo",), ADD),
    "commit": Verb(("commit",), UPDATE, HAND),
}


@dataclass(frozen=True)
class Standing:
    """All that a person can see of a vault: files, the commit HEAD is on, what git calls changed."""

    files: Mapping[str, bytes]
    head: str
    status: str


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four customers, an import (of one more) that can be undone, and somebody else's half-staged work."""
    place = tmp_path_factory.mktemp("template")
    surroundings = {"GIT_CONFIG_GLOBAL": str(put(place, "gitconfig", GIT_CONFIG)), "GIT_CONFIG_NOSYSTEM": "1"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (SURROUNDINGS | surroundings).items():
            patch.setenv(name, value)
        for name, text in BESIDE.items():
            put(place, name, text)
        crm(place, "init", "vault")
        folder = place / "vault"
        crm(folder, "add", "--file", str(put(place, "four.yaml", FOUR)))
        half_staged(folder)
        crm(folder, "import", str(put(place, "preface.csv", PREFACE)), "--key", "number")
        git(folder, "gc", "-q")
    return place


def half_staged(folder: Path) -> None:
    for name in ("half-in", "half-out"):
        put(folder, name, "first\n")
    git(folder, "add", "half-in", "half-out")
    git(folder, "commit", "-q", "-m", "somebody's")
    for name in ("half-in", "half-out", "new-in"):
        put(folder, name, "staged\n")
    git(folder, "add", ".")
    put(folder, "half-out", "staged and more\n")
    put(folder, "loose", "loose\n")


def crm(folder: Path, *words: str, exits: tuple[int, ...] = (0,)) -> None:
    """Run `crm` as the next person would."""
    code = boundary.main([*words, "--vault", str(folder)] if words[0] != "init" else [words[0], str(folder / words[1])])
    assert code in exits, f"{words} ended with {code}"


@pytest.fixture(autouse=True)
def surroundings(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SURROUNDINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)


def action(words: tuple[str, ...]) -> Callable[[Path], None]:
    """The command, in a process of its own that draws the same uids each time."""

    def run(folder: Path) -> None:
        drawn = random.Random(1).randbytes
        for made in (identity.new_uid, identity.new_entry_id):
            made.__defaults__ = (drawn,)
        editor.MEMORY = folder.parent
        boundary.main(list(words))

    return run


def copies(template: Path, tmp_path: Path, verb: Verb) -> Callable[[], Path]:
    """A new copy at each call, with the verb's hand edits; the one before is dropped."""
    counter = itertools.count()

    def copy() -> Path:
        n = next(counter)
        shutil.rmtree(tmp_path / f"state{n - 1}", ignore_errors=True)
        folder = shutil.copytree(template, tmp_path / f"state{n}", symlinks=True) / "vault"
        for path, (old, new) in (verb.by_hand or {}).items():
            put(folder, path, (folder / path).read_text().replace(old, new, 1))
        return folder

    return copy


def standing(folder: Path, back: int = 0) -> Standing:
    found = (path for path in folder.rglob("*") if path.is_file())
    files = {str(path.relative_to(folder)): path.read_bytes() for path in found}
    seen = {name: data for name, data in files.items() if not name.startswith(".git/")}
    return Standing(seen, git(folder, "rev-parse", f"HEAD~{back}").strip(), git(folder, "status", "--porcelain", "-uall"))


def left(folder: Path) -> list[str]:
    """What no command may leave behind: temporary files, locks, an unfinished journal."""
    state = next(path for path in (folder / ".git/crm").iterdir() if path.is_dir())
    return [
        *map(str, (folder / ".git").rglob("*.lock")),
        *map(str, folder.rglob(".*.tmp")),
        *(path.name for path in state.iterdir() if path.name != "numbers.json"),
    ]


def highest(folder: Path) -> int:
    marks = next((folder / ".git/crm").glob("*/numbers.json")).read_text()
    return int(json.loads(marks)["high"]["20240510"])


@dataclass(frozen=True)
class Judge:
    """Looks at a wreck through the next commands."""

    verb: Verb
    old: Standing
    new: Standing

    def __call__(self, folder: Path) -> None:
        for reader in ("check", "list"):
            crm(folder, reader)
        spent = highest(folder)
        crm(folder, *self.verb.then)
        (path,) = git(folder, "diff", "--name-only", "HEAD~1", "HEAD").split()
        assert self.verb.then != ADD or int(path[-8:-5]) > spent
        found = standing(folder, 1)
        assert found.head in (self.old.head, self.new.head)
        ended = self.old if found.head == self.old.head else self.new
        without = {name: data for name, data in found.files.items() if name != path}
        assert without == {name: data for name, data in ended.files.items() if name != path}
        assert found.status == ended.status
        assert git(folder, "fsck", "--strict", "--no-dangling") == ""
        assert left(folder) == []


def judge(verb: Verb, fresh: Callable[[], Path]) -> Judge:
    """Both states that may be found, from a run that nobody kills."""
    folder = fresh()
    old = standing(folder)
    killer._run_forked(action(verb.words), folder, 0, "before", 0, folder.parent / "never")
    new = standing(folder)
    assert old.head != new.head
    assert new.status == FOREIGN
    assert git(folder, "rev-parse", "HEAD~1").strip() == old.head
    return Judge(verb, old, new)


@pytest.mark.parametrize("mode", killer.MODES)
@pytest.mark.parametrize("name", VERBS)
def test_a_killed_verb_is_old_or_new(name: str, mode: str, template: Path, tmp_path: Path) -> None:
    verb = VERBS[name]
    fresh = copies(template, tmp_path, verb)
    points = kill_points(action(verb.words), fresh, judge(verb, fresh), mode)
    print("POINTS", name, mode, points)
