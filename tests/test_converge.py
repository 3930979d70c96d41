"""Three clones and a remote that never collects garbage, whatever happens in between: in the end all hold the same bytes,
nothing that was not purged is lost, and no purged salt is left anywhere but in backup files.

What happens is drawn by hypothesis; CRM_CONVERGE=N draws N stories, longer ones, instead of one.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest
import quick_age
from bytesearch import salts_hidden_in
from ended import Ended
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
FIELDS = dict(zip(NAMES, ("remarks", "postcode", "messenger"), strict=True))  # each person changes a field of their own
WHO = st.sampled_from(range(len(NAMES)))
ADMIN = st.sampled_from(range(2))
FOURTH = "wang.fang"
ACCESS, KEYS = "schemas/access.yaml", "schemas/keys.yaml"
WORDS = b"correct horse battery\n"
ROLES = ("admin", "manager", "legal", "sales")


@pytest.fixture(scope="module", autouse=True)
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Three people who have met; every story begins with a copy."""
    world = tmp_path_factory.mktemp("begun") / "world"
    zhao = founded(world, NAMES[0], *(CUSTOMER.format(n=n) for n in range(1, 4)))
    others = [let_in(zhao, Person(world, name), "admin", salts=False) for name in NAMES[1:]]
    zhao.done("team", "role", NAMES[1], "--role", "admin", "--role", "legal")
    for one in (zhao, *others) * 2:
        one.done("sync")
    Story.begun, Story.folder = (world, [zhao, *others]), tmp_path_factory.mktemp("stories")
    Story.fourth = Person(world, FOURTH).public()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pyrage.passphrase, "encrypt", quick_age.encrypt)
        patch.setattr(os, "sync", lambda: None)
        yield


class Story(RuleBasedStateMachine):
    """Daily work, and what goes wrong in it."""

    begun: tuple[Path, list[Person]]
    folder: Path
    fourth: str
    count = 0

    @initialize()
    def begin(self) -> None:
        Story.count += 1
        self.world = self.folder / f"{Story.count}"
        self.people = begun_with(self.begun[0], self.world, *self.begun[1])
        self.names = {"王样例1", "王样例2", "王样例3"}
        self.salts: dict[str, str] = {}
        self.said: dict[str, set[str]] = {}  # of each customer, what must stand in the end
        self.values: dict[tuple[str, str], str] = {}
        self.old: dict[int, Path] = {}
        self.backups: dict[int, Path] = {}
        self.turn = 0

    def next(self) -> int:
        self.turn += 1
        return self.turn

    def customers(self, person: Person) -> list[tuple[str, str]]:
        """Numbers and names."""
        return [(row["number"], row["name"]) for row in json.loads(person.done("list", "--format", "json"))["data"]]

    def meet(self, who: int, side: str = "theirs") -> Ended:
        """A sync; where two changed the same, it is told, decided, and goes on. Everybody knows best about their field."""
        one, ended = self.people[who], self.people[who]("sync")
        while ended.exit == 4 and (waiting := self.clashing(one)):
            if ACCESS in waiting:
                assert ACCESS in ended.err
                assert "make it again" in one.done("resolve", ACCESS, "--take", side)
            elif KEYS in waiting:
                one.done("resolve", KEYS, "--take", side)  # both had made the same change
            for number in waiting:
                if "/" not in number:
                    one.done("resolve", number, "--take", "ours")
            assert self.clashing(one) == set()
            ended = one("sync")
        return ended

    def clashing(self, one: Person) -> set[str]:
        return {row["number"] for row in json.loads(one("resolve", "--format", "json").out)["data"]}

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
        number, name = self.one_of(one, which)
        field, value = FIELDS[one.name], f"{100000 + self.next()}"
        if number and one("update", number, "--set", f"{field}={value}").exit == 0:
            self.values[name, field] = value

    @rule(who=WHO, which=st.integers(0, 9))
    def note(self, who: int, which: int) -> None:
        one = self.people[who]
        number, name = self.one_of(one, which)
        said = f"第{self.next()}次来电"
        if number and one("interaction", "add", number, "--channel", "call", "--summary", said).exit == 0:
            self.said.setdefault(name, set()).add(said)

    def one_of(self, person: Person, which: int) -> tuple[str, str]:
        known = self.customers(person)
        return known[which % len(known)] if known else ("", "")

    @rule(who=WHO, side=st.sampled_from(("ours", "theirs")))
    def sync(self, who: int, side: str) -> None:
        assert self.meet(who, side).exit in (0, 4)

    @rule(who=ADMIN)
    def let_in(self, who: int) -> None:
        """A fourth person, who never comes."""
        mail = f"{FOURTH}@example.invalid"
        self.people[who]("team", "add", FOURTH, "--email", mail, "--role", "staff", "--key", self.fourth)

    @rule(who=ADMIN)
    def take_out(self, who: int) -> None:
        """New keys for all customers' files, whatever the others do meanwhile."""
        self.people[who]("team", "remove", FOURTH, "--yes")

    @rule(who=ADMIN, role=st.sampled_from(ROLES))
    def role(self, who: int, role: str) -> None:
        ended = self.people[who]("team", "role", NAMES[2], "--role", role)
        assert ended.exit in (0, 6)  # 6: the key of a customer is not here yet

    @rule(who=WHO, moment=st.integers(1, 120))
    def killed_sync(self, who: int, moment: int) -> None:
        self.people[who].killed(moment, "sync")

    @rule(which=st.integers(0, 9))
    def purge(self, which: int) -> None:
        """A request, its approval by somebody else, the destruction; others hear of it with their next sync."""
        zhao, li = self.people[:2]
        if any(self.meet(who).exit for who in (0, 1)):
            return
        number, gone = self.one_of(zhao, which)
        if not number or zhao("purge", number, "--request").exit or any(self.meet(who).exit for who in (0, 1)):
            return
        plans = sorted((zhao.folder / "records/plans").iterdir(), key=lambda path: path.stat().st_mtime)
        live = {name: uid for uid, name, _salt in self.kept(zhao)}
        if li("purge", "approve", plans[-1].stem).exit or self.meet(1).exit or self.meet(0).exit:
            return
        if zhao("purge", "run", "--yes").exit == 0:
            self.salts |= {name: uid for name, uid in live.items() if name not in self.names_kept(zhao)}
            self.names -= {gone}

    def kept(self, person: Person) -> list[tuple[str, str, bytes]]:
        return [entry for file in person.data.glob("*/salts") for entry in Salts(file.parent).all_live()]

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
        if copy and self.meet(who).exit == 0:
            shutil.rmtree(one.folder)
            shutil.copytree(copy, one.folder, symlinks=True)

    @rule(who=WHO)
    def back_up(self, who: int) -> None:
        """A backup; and somebody copies the home away, with its customers' keys, its ledger and its exchange key."""
        one, place = self.people[who], self.world / "outside" / f"{who}-{self.next()}"
        place.mkdir(parents=True)
        if one("backup", str(place / "file"), stdin=WORDS).exit == 0:
            shutil.copytree(one.data, place / "data")
            self.backups[who] = place

    @rule(who=WHO, home=st.sampled_from(("kept", "old", "gone")), offline=st.booleans())
    def restored(self, who: int, home: str, offline: bool) -> None:
        """The clone is lost and comes back from the backup: beside the home of now, that of then, or an empty one."""
        one, place = self.people[who], self.backups.get(who)
        if place is None or self.meet(who).exit or (home != "kept" and not self.others_have_all(who)):
            return
        shutil.rmtree(one.folder)
        if home != "kept":
            shutil.rmtree(one.data)
        if home == "old":
            shutil.copytree(place / "data", one.data)
        before, remote, away = self.names_kept(one), self.world / REMOTE, self.world / "away.git"
        certified = set(self.salts) if home == "kept" else set() if offline else self.published()
        if offline:
            remote.rename(away)
        one.done("restore", str(place / "file"), str(one.folder), stdin=WORDS, at=self.world)
        if offline:
            away.rename(remote)
        assert not (self.names_kept(one) - before) & certified

    def published(self) -> set[str]:
        """The salts of customers whose certificate stands at the remote."""
        ask = ["git", "grep", "-h", "^uid:", "refs/heads/main", "--", "records/purged"]
        told = subprocess.run(ask, cwd=self.world / REMOTE, capture_output=True, text=True, check=False).stdout
        return {name for name, uid in self.salts.items() if uid in told}

    def names_kept(self, person: Person) -> set[str]:
        return {name for _uid, name, _salt in self.kept(person)}

    def others_have_all(self, who: int) -> bool:
        """Whether every customer's key that this machine has is on another one, too."""
        kept = [self.names_kept(one) for one in self.people]
        return kept[who] <= set().union(*(names for n, names in enumerate(kept) if n != who))

    @rule(back=st.integers(1, 4))
    def set_back(self, back: int) -> None:
        """Somebody pushes an older state by force."""
        bare = self.world / REMOTE
        subprocess.run(["git", "update-ref", "refs/heads/main", f"refs/heads/main~{back}"], cwd=bare, check=False)

    def teardown(self) -> None:
        if not hasattr(self, "people"):
            return
        for _round in range(3):
            for who in range(len(self.people)):
                ended = self.meet(who)
                assert ended.exit == 0, ended
        self.converged()
        shutil.rmtree(self.world)

    def converged(self) -> None:
        assert len({one.head() for one in self.people}) == 1
        for one in self.people:
            assert one.git("status", "--porcelain") == ""
            assert one("check").exit == 0
            assert one("audit").exit == 0
            assert {name for _number, name in self.customers(one)} == self.names
        self.nothing_lost()
        if self.salts:
            places = [self.world / part for part in ("homes", "clones", REMOTE)]
            assert salts_hidden_in(places, set(self.salts)) == {}

    def nothing_lost(self) -> None:
        """Every value and every note that somebody was told was kept stands there for the admin, and opens."""
        zhao = self.people[0]
        for number, name in self.customers(zhao):
            text = zhao.done("show", number, "--reveal", "--reason", "customer-call", "--format", "json")
            shown = json.loads(text)["data"]
            wanted = {field: value for (of, field), value in self.values.items() if of == name}
            assert {field: shown.get(field) for field in wanted} == wanted
            assert [said for said in self.said.get(name, ()) if said not in text] == []


Story.TestCase.settings = settings(
    max_examples=STORIES,
    stateful_step_count=12 if STORIES == 1 else 25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    phases=(Phase.generate,),
    database=None,
)
TestStory = Story.TestCase
