"""Three clones and a remote that never collects garbage, whatever happens in between: in the end all hold the same bytes,
nothing that was not purged is lost, and no purged salt is left anywhere.

What happens is drawn by hypothesis; CRM_CONVERGE=N draws N stories instead of a few.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from bytesearch import salts_hidden_in
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from people import REMOTE, Person, begun_with, founded, let_in

from crmcli.store.salts import Salts

STORIES = int(os.environ.get("CRM_CONVERGE", "1"))
NAMES = ("zhao.min", "li.na", "chen.jing")
CUSTOMER = """\
kind: individual
name: 王样例{n}
phone: "+86138123400{n:02d}"
region: 北京市/朝阳区
source: store
owner: li.na
"""
FIELDS = dict(zip(NAMES, ("remarks", "postcode", "wechat"), strict=True))  # each person changes a field of their own
WHO = st.sampled_from(range(len(NAMES)))


@pytest.fixture(scope="module", autouse=True)
def begun(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Three people who have met; every story begins with a copy."""
    world = tmp_path_factory.mktemp("begun") / "world"
    zhao = founded(world, NAMES[0], *(CUSTOMER.format(n=n) for n in range(1, 4)))
    others = [let_in(zhao, Person(world, name), "admin", salts=False) for name in NAMES[1:]]
    zhao.done("team", "role", NAMES[1], "--role", "admin", "--role", "legal")
    for one in (zhao, *others) * 2:
        one.done("sync")
    Story.begun, Story.folder = (world, [zhao, *others]), tmp_path_factory.mktemp("stories")


class Story(RuleBasedStateMachine):
    """Daily work, and what goes wrong in it."""

    begun: tuple[Path, list[Person]]
    folder: Path
    count = 0

    @initialize()
    def begin(self) -> None:
        Story.count += 1
        self.world = self.folder / f"{Story.count}"
        self.people = begun_with(self.begun[0], self.world, *self.begun[1])
        self.names = {"王样例1", "王样例2", "王样例3"}
        self.salts: dict[str, str] = {}
        self.old: dict[int, Path] = {}
        self.turn = 0

    def next(self) -> int:
        self.turn += 1
        return self.turn

    def numbers(self, person: Person) -> list[str]:
        return person.done("list", "--format", "ids").split()

    @rule(who=WHO)
    def add(self, who: int) -> None:
        turn = self.next()
        name = f"新样例{turn}"
        text = CUSTOMER.replace("王样例{n}", name).format(n=turn).replace("+86138123400", "+86137123400")
        if self.people[who]("add", "--file", "-", stdin=text.encode()).exit == 0:
            self.names.add(name)

    @rule(who=WHO, which=st.integers(0, 9))
    def update(self, who: int, which: int) -> None:
        one = self.people[who]
        numbers = self.numbers(one)
        if numbers:
            one("update", numbers[which % len(numbers)], "--set", f"{FIELDS[one.name]}={100000 + self.next()}")

    @rule(who=WHO, which=st.integers(0, 9))
    def note(self, who: int, which: int) -> None:
        one = self.people[who]
        numbers = self.numbers(one)
        if numbers:
            said = f"第{self.next()}次来电"
            one("interaction", "add", numbers[which % len(numbers)], "--channel", "call", "--summary", said)

    @rule(who=WHO)
    def sync(self, who: int) -> None:
        assert self.people[who]("sync").exit in (0, 4)

    @rule(who=WHO, moment=st.integers(1, 120))
    def killed_sync(self, who: int, moment: int) -> None:
        self.people[who].killed(moment, "sync")

    @rule(which=st.integers(0, 9))
    def purge(self, which: int) -> None:
        """A request, its approval by somebody else, the destruction; others hear of it with their next sync."""
        zhao, li = self.people[:2]
        numbers = self.numbers(zhao)
        if not numbers or any(one("sync").exit for one in (zhao, li)):
            return
        number = numbers[which % len(numbers)]
        shown = zhao.done("show", number)
        if zhao("purge", number, "--request").exit or any(one("sync").exit for one in (zhao, li)):
            return
        plans = sorted((zhao.folder / "records/plans").iterdir(), key=lambda path: path.stat().st_mtime)
        live = {name: uid for uid, name, _salt in self.kept(zhao)}
        if li("purge", "approve", plans[-1].stem).exit or li("sync").exit or zhao("sync").exit:
            return
        if zhao("purge", "run", "--yes").exit == 0:
            self.salts |= {name: uid for name, uid in live.items() if name not in {n for _u, n, _s in self.kept(zhao)}}
            self.names = {name for name in self.names if name not in shown}

    def kept(self, person: Person) -> list[tuple[str, str, bytes]]:
        (folder,) = (path for path in person.data.iterdir() if path.is_dir())
        return list(Salts(folder).all_live())

    @rule(who=WHO)
    def keep_a_copy(self, who: int) -> None:
        """Somebody copies their repository away."""
        copy = self.world / f"copy-{who}"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.people[who].folder, copy, symlinks=True)
        self.old[who] = copy

    @rule(who=WHO)
    def put_it_back(self, who: int) -> None:
        """The copy takes the place of the clone; what was only in the clone is published first."""
        one, copy = self.people[who], self.old.get(who)
        if copy and one("sync").exit == 0:
            shutil.rmtree(one.folder)
            shutil.copytree(copy, one.folder, symlinks=True)

    @rule(back=st.integers(1, 4))
    def set_back(self, back: int) -> None:
        """Somebody pushes an older state by force."""
        bare = self.world / REMOTE
        subprocess.run(["git", "update-ref", "refs/heads/main", f"refs/heads/main~{back}"], cwd=bare, check=False)

    def teardown(self) -> None:
        if not hasattr(self, "people"):
            return
        for _round in range(3):
            for one in self.people:
                ended = one("sync")
                assert ended.exit == 0, ended
        self.converged()
        shutil.rmtree(self.world)

    def converged(self) -> None:
        assert len({one.head() for one in self.people}) == 1
        for one in self.people:
            assert one.git("status", "--porcelain") == ""
            assert one("check").exit == 0
            assert one("audit").exit == 0
            shown = one.done("list")
            assert [name for name in self.names if name not in shown] == []
        if self.salts:
            places = [self.world / part for part in ("homes", "clones", REMOTE)]
            assert salts_hidden_in(places, set(self.salts)) == {}


Story.TestCase.settings = settings(
    max_examples=STORIES,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    phases=(Phase.generate,),
    database=None,
)
TestStory = Story.TestCase
