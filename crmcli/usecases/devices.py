"""The team's devices, and which purges each has yet to acknowledge (`sealing/FORMAT.md`, section 10). Changes nothing.

A device gives its word by an event: every certificate in the event's history was applied there. Devices that were taken out
of the team without that word are named for ever, with who took them out and when.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from crmcli.model.certificate import FOLDER, Certificate
from crmcli.model.devices import Device
from crmcli.model.identity import certificate_path, number_at
from crmcli.model.team import Access
from crmcli.store import history as past
from crmcli.text import _
from crmcli.usecases.exchange_keys import announced, keyring_of, standing
from crmcli.usecases.trust import as_written, judged_history
from crmcli.usecases.trust_chain import Chain
from crmcli.usecases.trust_history import raws_of
from crmcli.usecases.workplace import Workplace


@dataclass(frozen=True, slots=True)
class TeamDevice:
    """A device by its id and its owner's name. retired, by: when it was taken out of the team, and by whom; None for one
    that is in it."""

    id: str
    owner: str
    retired: datetime | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class _Issued:
    """A certificate: the devices listed when it was made, who made it, and the changes of the team known then."""

    listed: Collection[str]
    maker: str | None
    known: Collection[str]


@dataclass(frozen=True, slots=True)
class _Gone:
    """A device that was taken out of the team: its owner until then, its key, and the commit that did it."""

    owner: str
    signer: bytes
    commit: str


def pending(work: Workplace, numbers: Collection[str]) -> Mapping[str, tuple[TeamDevice, ...]]:
    """The devices that have not acknowledged the certificates of these customers: those listed when it was made, and
    others with an exchange key from before it; those taken out of the team afterwards among them. Numbers of which none
    is waited for are left out.

    The device that made a certificate has applied it, unless an exchange key of it stands from before.
    """
    issued = _commits(work)
    asked = [number for number in numbers if number in issued]
    if not asked:
        return {}
    keyring, vault = keyring_of(work), as_written(work.vault)
    chain, _tip = judged_history(vault, keyring.trusted.root, vault.git().head())
    gone = _gone(chain, keyring.access)
    keys = standing(announced(work, {one.signer: name for name, one in gone.items()}))
    given = _given(work, {one.commit for found in keys.values() for one in found}, asked)
    known = [TeamDevice(name, owner) for name, owner, _device in _listed(keyring.access)]
    known += _retired(work, chain, gone)
    raws = raws_of(vault, [issued[number] for number in asked])
    waiting: dict[str, tuple[TeamDevice, ...]] = {}
    for number in asked:
        made = _made(chain, issued[number], raws[issued[number]])
        late = {name for name, one in gone.items() if one.commit in made.known}
        words = {name: [(one.commit, number) in given for one in found] for name, found in keys.items()}
        waiting[number] = tuple(one for one in known if one.id not in late and _lacks(made, one.id, words.get(one.id)))
    return {number: devices for number, devices in waiting.items() if devices}


def waited_for(work: Workplace, found: Iterable[Certificate]) -> Mapping[str, tuple[TeamDevice, ...]]:
    """The same of these certificates, those that wait for none among them; not of those that destroyed no key here."""
    gone = work.keyring.store.ledger() if work.keyring else set()
    numbers = [one.number for one in found if one.method == "key-destroyed" and one.uid in gone]
    waiting = pending(work, numbers) if numbers else {}
    return {number: waiting.get(number, ()) for number in numbers}


def acknowledged(work: Workplace) -> Mapping[str, datetime]:
    """When each listed device gave its last word; devices that never did are left out."""
    found = announced(work)
    said = {one.hash: one.at for one in past.named(work.vault, [one.commit for one in found])}
    return {one.device: said[one.commit].astimezone(work.house.zone) for one in found}


def listed_since(work: Workplace) -> Mapping[str, datetime]:
    """When each device was let into the team; of one that was let in again, the first time."""
    vault = as_written(work.vault)
    chain, _tip = judged_history(vault, keyring_of(work).trusted.root, vault.git().head())
    found: dict[str, int] = {}
    for commit, state in chain.states.items():
        at = chain.steps[commit].at
        found.update({name: min(at, found.get(name, at)) for name in _devices(state.access)})
    return {name: datetime.fromtimestamp(at, UTC).astimezone(work.house.zone) for name, at in found.items()}


def _lacks(made: _Issued, device: str, words: Sequence[bool] | None) -> bool:
    """Whether the word of this device is waited for. `words`: what each of its standing exchange keys says."""
    if words:
        return not all(words)
    return device in made.listed and device != made.maker


def _commits(work: Workplace) -> Mapping[str, str]:
    """Number → the commit that brought its certificate first."""
    found: dict[str, str] = {}
    for commit in past.log(work.vault, "--topo-order", "--full-history", "-m", "--diff-filter=A", paths=(FOLDER,)):
        for path in commit.paths:
            number = number_at(f"records{path.removeprefix(FOLDER)}")
            if number:
                found[number] = commit.hash
    return found


def _given(work: Workplace, events: Collection[str], numbers: Collection[str]) -> Collection[tuple[str, str]]:
    """The pairs of event and customer where the event's history has the certificate."""
    pairs = [(event, number) for event in events for number in numbers]
    found = work.vault.git().stands(f"{event}:./{certificate_path(number)}" for event, number in pairs)
    return {pair for pair, blob in zip(pairs, found, strict=True) if blob}


def _made(chain: Chain, commit: str, raw: bytes) -> _Issued:
    states, signer = chain.before(commit), chain.judged(commit, raw).signer
    listed = {name: device.key for state in states for name, _owner, device in _listed(state.access)}
    maker = next((name for name, key in listed.items() if key == signer), None)
    return _Issued(listed.keys(), maker, frozenset[str]().union(*(state.before for state in states)))


def _gone(chain: Chain, access: Access) -> dict[str, _Gone]:
    """The devices that were listed once and are not now, with the change of the team that took each out."""
    found: dict[str, _Gone] = {}
    for commit, state in chain.states.items():
        here = _devices(state.access)
        for name, owner, device in (one for before in chain.before(commit) for one in _listed(before.access)):
            found.setdefault(name, _Gone(owner, device.key, commit))
        found = {name: one for name, one in found.items() if name not in here}
    return {name: one for name, one in found.items() if name not in _devices(access)}


def _retired(work: Workplace, chain: Chain, gone: Mapping[str, _Gone]) -> Iterator[TeamDevice]:
    raws = raws_of(work.vault, [one.commit for one in gone.values()])
    for name, one in gone.items():
        at = datetime.fromtimestamp(chain.steps[one.commit].at, UTC).astimezone(work.house.zone)
        by = chain.judged(one.commit, raws[one.commit]).person or _("somebody unknown")
        yield TeamDevice(name, one.owner, at, by)


def _listed(access: Access) -> Iterator[tuple[str, str, Device]]:
    """The devices of the team: id, owner, keys."""
    for owner, person in access.people.items():
        for name, device in person.devices.items():
            yield name, owner, device


def _devices(access: Access) -> dict[str, Device]:
    return {name: device for name, _owner, device in _listed(access)}
