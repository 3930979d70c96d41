"""The keys of whoever works: shown, written into a key kit, handed over to somebody of the team (FORMAT.md, section 9).

What leaves the machine is told to the history first: how many salts and for whom. Secrets are returned to
nobody; a file gets them encrypted. No file of the vault changes.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crmcli.errors import Conflict, CrmError, NotFound, Refused, Where
from crmcli.model.nearest import nearest
from crmcli.model.team import PATH
from crmcli.sealing.identity import Identity
from crmcli.sealing.kit import Kit, Master, locked, locked_for
from crmcli.store.delivery import deliver, is_taken
from crmcli.store.homes import Homes
from crmcli.store.private import read_private, write_private
from crmcli.store.records import path_of, read
from crmcli.store.salts import Entry
from crmcli.store.transaction import writing
from crmcli.store.vault import Vault
from crmcli.text import _
from crmcli.usecases.change import message
from crmcli.usecases.keyring import Keyring, own_identity
from crmcli.usecases.named_salts import unopened
from crmcli.usecases.resolve import resolve
from crmcli.usecases.workplace import Workplace

MEMORY = "kit"  # in the vault's folder of data: when the last kit was made, and of how much
OP = "keys export"


@dataclass(frozen=True, slots=True)
class Own:
    """One person's keys on this machine.

    public  the line that an admin needs
    listed  whether the folder at hand is of a sealed vault, and if so: name (None: not in the team), reads, salts, root
    """

    public: str
    device: str
    folder: Path
    listed: bool = False
    name: str | None = None
    reads: str | None = None
    salts: int = 0
    root: str | None = None


@dataclass(frozen=True, slots=True)
class Exported:
    """A kit or a hand-over: how many salts it holds, numbers of customers it should hold and can't, the event's commit
    (None in a dry run); `lacking`: of how many customers on file this machine lacks the key, where all were asked for."""

    count: int
    without: tuple[str, ...]
    commit: str | None
    lacking: int = 0


@dataclass(frozen=True, slots=True)
class LastKit:
    """The last kit of a vault made on this machine: when, with how many salts; `known`: how many customers, purged ones
    among them, this machine knew of."""

    made: datetime
    salts: int
    known: int


def show(homes: Homes, work: Workplace | None) -> Own:
    """The keys of whoever runs this; an identity is made where there was none."""
    identity = work.keyring.identity if work and work.keyring else own_identity(homes)
    own = (identity.public, identity.device, homes.config)
    if work is None or work.keyring is None:
        return Own(*own)
    keys = work.keyring
    return Own(*own, True, keys.me, keys.reads.value, len(keys.store.live()), keys.trusted.root)


def export_kit(
    work: Workplace, path: Path, passphrase: Callable[[], str], *, replace: bool, dry_run: bool = False
) -> Exported:
    """Write everything needed to go on elsewhere into an encrypted file: identity, masters, salts.

    The passphrase is asked for once nothing else is in the way. Conflict kind "exists", Refused for an open vault and
    for a place inside the vault, Invalid for an empty passphrase, Failure where the file can't be written.
    """
    keys = _keys(work)
    _refuse_place(work, path, replace=replace)
    kit = _kit(work, keys, list(keys.store.all_live()), identity=keys.identity)
    lacking = unopened(work.vault, keys.store)
    if dry_run:
        return Exported(len(kit.salts), (), None, lacking)
    data = locked(kit, passphrase())
    commit = _event(work, len(kit.salts))
    deliver(path, data, work.vault.state, replace=replace)
    _remember(keys, kit)
    return Exported(len(kit.salts), (), commit, lacking)


def hand_over(
    work: Workplace, person: str, path: Path, refs: Sequence[str], *, replace: bool, dry_run: bool = False
) -> Exported:
    """Write the salts of all customers, or of these, for somebody of the team, into a file that only their devices open.

    NotFound for somebody who is not in the team, or a customer who is not there; Refused where they have no device;
    otherwise as `export_kit`.
    """
    keys = _keys(work)
    recipients = _recipients(keys, person)
    _refuse_place(work, path, replace=replace)
    numbers = tuple(dict.fromkeys(resolve(work, ref) for ref in refs))
    held = {number: _salts(work, keys, number) for number in numbers}
    salts = [salt for found in held.values() for salt in found] if refs else list(keys.store.all_live())
    without = tuple(number for number, found in held.items() if not found)
    lacking = 0 if refs else unopened(work.vault, keys.store)
    if dry_run:
        return Exported(len(salts), without, None, lacking)
    data = locked_for(_kit(work, keys, salts, identity=None), recipients)
    commit = _event(work, len(salts), numbers, person)
    deliver(path, data, work.vault.state, replace=replace)
    return Exported(len(salts), without, commit, lacking)


def last_kit(folder: Path) -> LastKit | None:
    """What is remembered of the last kit in the vault's folder of data; None for nothing, or nothing readable."""
    try:
        told = json.loads(read_private(folder / MEMORY) or b"")
        made = datetime.fromisoformat(told["made"])
        return LastKit(made, int(told["salts"]), int(told["known"])) if made.tzinfo else None
    except (ValueError, TypeError, KeyError, CrmError):
        return None


def known(keys: Keyring) -> int:
    """How many customers this machine knows of by their salts, purged ones among them."""
    return len(keys.store.live() | keys.store.ledger())


def _keys(work: Workplace) -> Keyring:
    if work.keyring is None:
        raise Refused(
            _("This vault is open; it has no keys."), hint=_("`crm seal` seals it from now on."), kind="open-vault"
        )
    return work.keyring


def refuse_inside(vault: Vault, path: Path) -> None:
    """A key never lies where git, or `git add`, finds it."""
    target = path.parent.resolve() / path.name
    if any(target.is_relative_to(folder.resolve()) for folder in (vault.top, vault.git_dir, vault.common_dir)):
        hint = _("A USB stick that you lock away, or another folder.")
        said = _("{path} is inside the repository, where keys must never be.").format(path=path)
        raise Refused(said, where=Where(str(path)), hint=hint, kind="inside")


def _refuse_place(work: Workplace, path: Path, *, replace: bool) -> None:
    """The same; and nothing is written over unasked."""
    refuse_inside(work.vault, path)
    if is_taken(path) and not replace:
        hint = _("Add --replace to overwrite it. An old kit should go: it may hold keys that were destroyed since.")
        said = _("{path} is there already.").format(path=path)
        raise Conflict(said, hint=hint, where=Where(str(path)), kind="exists")


def _kit(work: Workplace, keys: Keyring, salts: Sequence[Entry], *, identity: Identity | None) -> Kit:
    return Kit(
        vault=work.vault.id,
        root=keys.trusted.root,
        made=work.now,
        identity=identity,
        masters=tuple(_masters(keys)) if identity else None,
        salts=tuple(salts),
        purged=tuple(sorted(keys.store.ledger())),
    )


def _masters(keys: Keyring) -> list[Master]:
    """Every master that this person may have."""
    names = [(level, generation) for level, found in keys.access.masters.items() for generation in found]
    held = ((level, generation, keys.master(level, generation)) for level, generation in names)
    return [Master(level=level, generation=generation, key=key) for level, generation, key in held if key]


def _recipients(keys: Keyring, person: str) -> list[str]:
    people = keys.access.people
    if person not in people:
        said = _("Nobody in the team is called {name}.").format(name=person)
        raise NotFound(said, hint=nearest(person, people) or _("`crm team list` shows who is in it."))
    found = [device.recipient for device in people[person].devices.values()]
    if not found:
        raise Refused(
            _("{name} has no device in {path}.").format(name=person, path=PATH),
            hint=_("`crm team add {name} --key …` enters the line that `crm keys` shows there.").format(name=person),
            kind="no-device",
        )
    return found


def _salts(work: Workplace, keys: Keyring, number: str) -> list[Entry]:
    """The salts of one customer; none where they are not here."""
    uid = str(read(work.root, path_of(work.root, number))[1].tree.get("uid", ""))
    return [(uid, name, salt) for name, salt in keys.store.of(uid).items()]


def _event(work: Workplace, count: int, numbers: Sequence[str] = (), person: str | None = None) -> str:
    more = {"for": person} if person else {}
    subject = f"{OP} for {person}" if person else OP
    said = message(OP, subject, numbers, None, count=str(count), **more)
    with writing(work.vault, OP) as desk:
        return desk.event(said, work.stamp)


def _remember(keys: Keyring, kit: Kit) -> None:
    told = {"made": kit.made.isoformat(timespec="seconds"), "salts": len(kit.salts), "known": known(keys)}
    write_private(keys.store.path.parent / MEMORY, json.dumps(told).encode())
