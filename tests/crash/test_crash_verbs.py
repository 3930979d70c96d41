"""kill -9 anywhere in any verb: afterwards all of a command is old or all is new, and the next command needs no help.

Each verb is killed at each of its moments (see killer): before each one, and after the start of each git child with
that child killed, too, or living on. Forked children of a warm process stand in for new ones; uids are seeded, so that
even the commit is known beforehand; nothing waits for the disk (a killed process loses no write, only a power cut
does). CRM_CRASH_ALL=1 runs the whole matrix (three minutes); without it some verbs are killed at every third moment
only, and killing git alone or both takes turns over the verbs.
"""

import itertools
import json
import os
import random
import shlex
import shutil
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import killer
import pytest
from conftest import git, isolated, put
from killer import Action, kill_points
from killer import _one as strike

from crmcli.cli import boundary, editor
from crmcli.model import identity
from crmcli.store import vault as vaults

ALL = bool(os.environ.get("CRM_CRASH_ALL"))
SURROUNDINGS = {"CRM_NOW": "2024-05-10T09:30+08:00", "CRM_LANG": "en", "EDITOR": "sed -i s/li.na/me/"}
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
UPDATE = (*shlex.split("update C20240510002 --set owner=next.one"),)
ADD = (*shlex.split("add --kind individual --name 何静 --incomplete --format ids"),)


@dataclass(frozen=True)
class Verb:
    """A command, what a person did before it, and the write that comes after it."""

    words: tuple[str, ...]
    then: tuple[str, ...] = UPDATE
    by_hand: Mapping[str, tuple[str, str]] | None = None


HAND = {WANG: ("before", "by.hand"), ZHOU: ("source: store", "source:   other"), "schemas/codes.yaml": ("#", "# ")}
VERBS = {
    "add": Verb((*shlex.split("add --kind individual --name 郑爽 --phone 13900139000 --incomplete"),), ADD),
    "add two": Verb(("add", "--file", "../two.yaml"), ADD),
    "update": Verb(("update", "C20240510001", "--set", "owner=chen.wei", "--add-tag", "vip")),
    "edit": Verb(("edit", "C20240510003")),
    "interaction": Verb((*shlex.split("interaction add C20240510001 --channel call --summary 询问新品"),)),
    "import": Verb(("import", "../six.csv", "--key", "number"), ADD),
    "undo": Verb(("undo",), ADD),
    "commit": Verb(("commit",), UPDATE, HAND),
}

EVERY = {"update": 2, "import": 3}
TURNS = [(name, mode) for n, name in enumerate(VERBS) for mode in ("after", ("group", "git")[n % 2])]
MATRIX = list(itertools.product(VERBS, killer.MODES[1:])) if ALL else TURNS
INITS = [("new", "before"), ("somebody's", "before"), ("new", "after"), ("somebody's", "group")]
PAUSE = 0.004


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
    (place / "hooks").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (
            isolated(place).items() | SURROUNDINGS.items() | {("GIT_TEMPLATE_DIR", str(place / "hooks"))}
        ):
            patch.setenv(name, value)
        for name, text in BESIDE.items():
            put(place, name, text)
        crm(place, "init", "vault", "--unsealed")
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
    code = boundary.main(
        [*words, "--vault", str(folder)] if words[0] != "init" else ["init", str(folder / words[1]), *words[2:]]
    )
    assert code in exits, f"{words} ended with {code}"


@pytest.fixture(autouse=True)
def surroundings(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SURROUNDINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)
    if not ALL:
        monkeypatch.setattr(killer, "DELAYS", (PAUSE,))


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
    return Standing(
        seen, git(folder, "rev-parse", f"HEAD~{back}").strip(), git(folder, "status", "--porcelain", "-uall")
    )


def left(folder: Path) -> list[str]:
    """What no command may leave behind in a vault: temporary files, locks, an unfinished journal."""
    vault = vaults.at(folder, os.environ)
    # An interrupted init may leave the private folder of a vault that never came to be: nothing ever looks there.
    loose = [path for path in vault.root.rglob(".*.tmp") if vault.git_dir not in path.parents]
    kept = [path for path in vault.state.iterdir() if path.name not in ("numbers.json", "never-sealed", "walks")]
    return [str(path) for path in (*vault.git_dir.rglob("*.lock"), *loose, *kept)]


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
    strike(action(verb.words), fresh=lambda: folder, check=lambda _folder: None, n=0, mode="before", delay=0)
    new = standing(folder)
    assert old.head != new.head
    assert new.status == FOREIGN
    assert git(folder, "rev-parse", "HEAD~1").strip() == old.head
    return Judge(verb, old, new)


def strikes(act: Action, fresh: Callable[[], Path], check: Callable[[Path], None], mode: str, step: int) -> int:
    """Kill at every `step`-th moment; how many times."""
    if ALL or step == 1:
        return kill_points(act, fresh, check, mode)
    moments = itertools.count(step // 2 + 1, 2 * step)
    return sum(1 for _n in itertools.takewhile(lambda n: strike(act, fresh, check, n, mode, PAUSE), moments))


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_killed_at_any_moment_is_old_or_new(name: str, template: Path, tmp_path: Path) -> None:
    verb = VERBS[name]
    fresh = copies(template, tmp_path, verb)
    assert strikes(action(verb.words), fresh, judge(verb, fresh), "before", EVERY.get(name, 3)) > 8


@pytest.mark.parametrize(("name", "mode"), MATRIX)
def test_a_verb_killed_around_a_git_child_is_old_or_new(name: str, mode: str, template: Path, tmp_path: Path) -> None:
    verb = VERBS[name]
    fresh = copies(template, tmp_path, verb)
    assert strikes(action(verb.words), fresh, judge(verb, fresh), mode, 1) >= 5


def test_a_git_that_outlives_its_crm_is_waited_for(template: Path, tmp_path: Path) -> None:
    verb = VERBS["update"]
    fresh = copies(template, tmp_path, verb)
    look, folder = judge(verb, fresh), fresh()
    put(folder, ".git/hooks/pre-commit", "#!/bin/sh\ntest -e .git/begun || { touch .git/begun; sleep 0.7; }\n").chmod(
        0o755
    )
    pid = os.fork()
    if not pid:
        try:
            os.chdir(folder)
            action(verb.words)(folder)
        finally:
            os._exit(0)
    while not (folder / ".git/begun").exists():
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    crm(folder, *verb.then)
    assert standing(folder, 1).head == look.new.head
    assert standing(folder).status == FOREIGN
    assert left(folder) == []


@pytest.mark.parametrize(("place", "mode"), itertools.product(("new", "somebody's"), killer.MODES) if ALL else INITS)
def test_a_killed_init_is_made_again_or_stands(place: str, mode: str, template: Path, tmp_path: Path) -> None:
    """In a new folder, and in a folder of a repository with somebody's half-staged work."""
    counter = itertools.count()

    def fresh() -> Path:
        folder = tmp_path / f"state{next(counter)}"
        folder.mkdir()
        if place != "new":
            git(folder, "init", "-q")
            half_staged(folder)
        return folder

    def check(folder: Path) -> None:
        crm(folder, "init", "vault", "--unsealed", exits=(0, 4))
        crm(folder / "vault", *ADD)
        top = folder if place != "new" else folder / "vault"
        told = git(top, "log", "--format=%s").split("\n")
        assert told[:2] == ["add C20240510001", "init: new vault"]
        assert told.count("init: new vault") == 1
        assert git(top, "status", "--porcelain", "-uall") == (FOREIGN if place != "new" else "")
        assert git(top, "fsck", "--strict", "--no-dangling") == ""
        assert left(folder / "vault") == []

    assert strikes(action(("init", "vault", "--unsealed")), fresh, check, mode, 5 if mode == "before" else 1) >= 5
