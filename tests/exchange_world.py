"""Devices that exchange customers' salts at the remote as a sync does it, step by step, each in this process.

A test module asks for the fixtures with `pytest_plugins = ["attack_world", "exchange_world"]`.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyrage
import pytest
from attack_world import State
from people import NOW, REMOTE, Person, begun_with

from crmcli.sealing.exchange import exchange_key_of
from crmcli.store.homes import Homes
from crmcli.store.salts import Entry, Salts
from crmcli.store.transaction import Desk, writing
from crmcli.usecases.exchange import SaltsFile, Taken, packed, read_salts, salts_commit, take_in
from crmcli.usecases.exchange_keys import acknowledge, recipients
from crmcli.usecases.workplace import Workplace, open_workplace

REF = "refs/crm/salts"
HERE = "refs/crm/fetched-salts/origin"


def opened(person: Person) -> Workplace:
    """The person's clone, opened as a command opens it."""
    now = datetime.fromisoformat(person.clock.get("CRM_NOW", NOW))
    homes = Homes(person.config, person.data)
    return open_workplace(person.folder, person.env(), now, turned=True, exact=True, homes=homes)


def store(person: Person) -> Salts:
    (folder,) = [one.parent for one in person.data.rglob("salts")] or [next(person.data.iterdir())]
    return Salts(folder)


def salts(person: Person) -> list[Entry]:
    """The live salts on their machine, in order of the customers."""
    return sorted(store(person).all_live())


@contextmanager
def at_work(person: Person) -> Iterator[tuple[Workplace, Desk]]:
    """Their clone with the right to write."""
    work = opened(person)
    with writing(work.vault, "sync") as desk:
        yield work, desk


def remote_file(person: Person) -> str | None:
    """The commit of the file of salts at the remote, fetched."""
    person.git("fetch", "-q", "origin", f"+{REF}:{HERE}", check=False)
    there = person.git("ls-remote", "origin", REF).split()
    return there[0] if there else None


def fetched(person: Person) -> SaltsFile | None:
    commit = remote_file(person)
    return read_salts(opened(person), commit) if commit else None


@dataclass
class Meeting:
    """What one meeting did: `event`: the acknowledgement; `file`: the commit of the salts that was published."""

    taken: Taken | None = None
    event: str | None = None
    file: str | None = None
    findings: list[str] = field(default_factory=list)


def meet(person: Person, *, push: bool = True, pull: bool = True) -> Meeting:
    """One sync of theirs, without what is not about salts. push False: it was killed, or refused, before publishing."""
    done = Meeting()
    if pull:
        person.pull()
    commit = remote_file(person)
    with at_work(person) as (work, desk):
        if commit:
            done.taken = take_in(work, read_salts(work, commit))
        done.event = acknowledge(work, desk)
        data = packed(work, done.taken)
        done.file = salts_commit(work, desk, data) if data else None
    if push:
        person.push()
        if done.file:
            publish(person, done.file)
    return done


def publish(person: Person, commit: str) -> None:
    person.git("push", "-q", "--force", "origin", f"{commit}:{REF}")


def kept_files(*people: Person) -> list[bytes]:
    """Every age file that the remote, which never collects garbage, or a clone ever had, as git's object."""
    found: dict[str, bytes] = {}
    for folder in (people[0].world / REMOTE, *(one.folder for one in people)):
        for line in _git(folder, "cat-file", "--batch-all-objects", "--batch-check").decode().splitlines():
            name, kind, _size = line.split()
            if kind == "blob" and name not in found:
                found[name] = _git(folder, "cat-file", "blob", name)
    return [data for data in found.values() if data.startswith(b"age-encryption.org/")]


def _git(folder: Path, *words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, check=True).stdout


@pytest.fixture(scope="session")
def met_state(state: State, tmp_path_factory: pytest.TempPathFactory) -> State:
    """Zhao, Li and Wang have met: each has the others' salts and knows their keys."""
    return _met(state, tmp_path_factory.mktemp("met") / "world")


@pytest.fixture(scope="session")
def purging_state(approved_state: State, tmp_path_factory: pytest.TempPathFactory) -> State:
    """The same, and the second customer may be destroyed."""
    return _met(approved_state, tmp_path_factory.mktemp("purging") / "world")


def _met(state: State, world: Path) -> State:
    people = begun_with(state[0], world, *state[1])
    all_meet(*people)
    all_meet(*people, rounds=1)
    return world, people


@pytest.fixture
def met(met_state: State, tmp_path: Path) -> list[Person]:
    return begun_with(met_state[0], tmp_path / "world", *met_state[1])


@pytest.fixture
def purging(purging_state: State, tmp_path: Path) -> list[Person]:
    return begun_with(purging_state[0], tmp_path / "world", *purging_state[1])


def key_file(person: Person) -> Path:
    return store(person).path.with_name("exchange")


def keys_left(*people: Person) -> list[pyrage.x25519.Identity]:
    """Every age key that any file of their homes and clones still holds, whatever its name."""
    found = []
    for person in people:
        for path in (*person.home.rglob("*"), *person.folder.rglob("*")):
            data = path.read_bytes() if path.is_file() else b""
            found += [exchange_key_of(line).secret for line in data.splitlines() if b"AGE-SECRET-KEY-" in line]
    return [pyrage.x25519.Identity.from_str(one) for one in found if one]


def opened_with(keys: list[pyrage.x25519.Identity], files: list[bytes]) -> list[bytes]:
    """What the files say that any of these keys opens."""
    said = []
    for data in files:
        try:
            said.append(bytes(pyrage.decrypt(data, keys)))
        except pyrage.DecryptError:
            continue
    return said


def lose(person: Person) -> None:
    """Their salts are not here, as on a new machine."""
    store(person).path.unlink()


def devices(person: Person) -> set[str]:
    return set(recipients(opened(person)))


def all_meet(*people: Person, rounds: int = 2) -> None:
    for _round in range(rounds):
        for one in people:
            meet(one)


def purge(zhao: Person) -> Entry:
    """Zhao destroys the second customer; the salt that was theirs."""
    before = salts(zhao)
    zhao.done("purge", "run", "--yes")
    (gone,) = set(before) - set(salts(zhao))
    return gone


def device(person: Person) -> str:
    """The id of this machine of theirs."""
    keyring = opened(person).keyring
    assert keyring
    return keyring.identity.device
