"""The exchange keys of the team's devices: customers' salts travel encrypted to them (`sealing/FORMAT.md`, section 10).

Each device announces its own in a signed event. The event is a word given: every certificate in its history was applied
here, and the keys that it replaces are destroyed. So a key is destroyed first and the word given afterwards; killed in
between, the next call makes another key and announces that. No key is announced twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crmcli.errors import Refused
from crmcli.model.certificate import FOLDER
from crmcli.sealing.exchange import ExchangeKey, exchange_key_of, is_recipient, new_exchange_key
from crmcli.store import history as past
from crmcli.store.lock import Lock
from crmcli.store.message import Message
from crmcli.store.rotating import read_rotating, rotate
from crmcli.store.transaction import Desk
from crmcli.store.walks import walked
from crmcli.text import _
from crmcli.usecases.change import message
from crmcli.usecases.erasure import erase_certified
from crmcli.usecases.keyring import Keyring
from crmcli.usecases.trust import judge
from crmcli.usecases.workplace import Workplace

OP = "acknowledge"
KEY, REPLACES = "Crm-Exchange", "Crm-Replaces"
NAME = "exchange"  # in the vault's folder of data
_WALK = ("--topo-order", "--fixed-strings", f"--grep=Crm-Op: {OP}")


@dataclass(frozen=True, slots=True)
class Announced:
    """One exchange key: the commit that announced it, the listed device that signed it, `age1…`, and the keys of this
    device that were destroyed for it."""

    commit: str
    device: str
    recipient: str
    replaces: tuple[str, ...]


def announced(work: Workplace, others: Mapping[bytes, str] = {}) -> tuple[Announced, ...]:
    """Every exchange key that a device of the team, as it is now, ever announced up to HEAD; older ones first. `others`:
    further devices to tell of, their ids by what they sign with."""
    keyring, head = keyring_of(work), work.vault.git().head()
    found = past.named(work.vault, walked(work.vault, head, *_WALK)) if head else []
    events = [one for one in reversed(found) if one.trailer("Crm-Op") == OP and is_recipient(one.trailer(KEY) or "")]
    judged = judge(work.vault, keyring.trusted, [one.hash for one in events]) if events else []
    devices = {**others, **_devices(keyring)}
    return tuple(
        Announced(one.hash, devices[by.signer], one.trailer(KEY) or "", _listed(one.trailer(REPLACES)))
        for one, by in zip(events, judged, strict=True)
        if by.person is not None and by.signer in devices
    )


def standing(events: Iterable[Announced]) -> Mapping[str, tuple[Announced, ...]]:
    """The keys that no event of the same device replaces, by device. More than one: somebody works on several machines
    with one identity, or with several clones that have not met."""
    known = tuple(events)
    gone = {(one.device, key) for one in known for key in one.replaces}
    found: dict[str, dict[str, Announced]] = {}
    for one in known:
        if (one.device, one.recipient) not in gone:
            found.setdefault(one.device, {}).setdefault(one.recipient, one)
    return {device: tuple(keys.values()) for device, keys in found.items()}


def recipients(work: Workplace) -> Mapping[str, tuple[str, ...]]:
    """The exchange keys to encrypt to, by device; devices that have announced none are left out."""
    found = standing(announced(work))
    return {device: tuple(one.recipient for one in keys) for device, keys in found.items()}


def acknowledge(work: Workplace, desk: Desk) -> str | None:
    """Apply every certificate, put a new exchange key in the place of the old one and announce it; the event's commit.
    None where this device's key stands announced and no certificate came since.

    What the old key opens is to be read before (`exchange.take_in`). Refused for somebody who is not of the team.
    """
    keyring = keyring_of(work)
    keyring.refuse_stranger()
    erase_certified(work)
    place = _place(keyring)
    with Lock(place.with_name(f"{NAME}-lock"), OP):
        held = _held(place)
        events = [one for one in announced(work) if one.device == keyring.identity.device]
        mine = _mine(held, events)
        there = [one for one in standing(events).get(keyring.identity.device, ()) if one.recipient in mine]
        if _in_force(held, there) and not _certified_since(work, there[0].commit):
            return None
        key = new_exchange_key(sorted(mine))
        rotate(place, key.written)
        return desk.event(_said(keyring, key, there), work.stamp)


def secrets(keyring: Keyring) -> list[str]:
    """The secret exchange keys on this machine: one, or two where a change of keys was killed."""
    return [one.secret for one in _held(_place(keyring)) if one.secret]


def keyring_of(work: Workplace) -> Keyring:
    """Refused in an open vault, which has no keys."""
    if work.keyring is None:
        raise Refused(_("This vault is open; it has no keys."), kind="open-vault")
    return work.keyring


def _place(keyring: Keyring) -> Path:
    return keyring.store.path.with_name(NAME)


def _held(place: Path) -> list[ExchangeKey]:
    return [exchange_key_of(data) for data in read_rotating(place)]


def _devices(keyring: Keyring) -> dict[bytes, str]:
    """The ids of the listed devices by what they sign with."""
    people = keyring.access.people.values()
    return {device.key: name for person in people for name, device in person.devices.items()}


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(filter(None, (text or "").split(", ")))


def _mine(held: Sequence[ExchangeKey], events: Iterable[Announced]) -> set[str]:
    """Every key that was made in this home; also those that came after, where an older home was put back."""
    mine = {key for one in held for key in (*one.before, one.recipient) if key}
    for event in events:
        if mine.intersection(event.replaces):
            mine.add(event.recipient)
    return mine


def _in_force(held: Sequence[ExchangeKey], there: Sequence[Announced]) -> bool:
    """Whether the one key here is the one of ours that stands."""
    return len(held) == 1 and [one.recipient for one in there] == [held[0].recipient]


def _certified_since(work: Workplace, commit: str) -> bool:
    """Whether the certificates are others than in this event's history; a merge alone, which passes on what both sides
    have, is none."""
    then, now = work.vault.git().stands(f"{one}:./{FOLDER}" for one in (commit, "HEAD"))
    return then != now


def _said(keyring: Keyring, key: ExchangeKey, there: Sequence[Announced]) -> Message:
    gone = ", ".join(one.recipient for one in there)
    more = {"exchange": key.recipient or "", **({"replaces": gone} if gone else {})}
    return message(OP, f"{OP}: exchange key of {keyring.identity.device}", (), None, **more)
