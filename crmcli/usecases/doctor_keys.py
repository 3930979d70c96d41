"""What `crm doctor` looks at among the keys of one vault: the team's list, masters, salts, the last kit. Changes nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from crmcli.errors import CrmError
from crmcli.model.identity import SYMBOL
from crmcli.model.team import PATH
from crmcli.store.files import read_record
from crmcli.store.records import record_files
from crmcli.text import _, n_
from crmcli.usecases.health import Check, looked
from crmcli.usecases.keyring import Keyring
from crmcli.usecases.keys_kit import known, last_kit
from crmcli.usecases.unread import destroyed_elsewhere
from crmcli.usecases.workplace import Workplace

_UID = re.compile(rf"^uid: [\"']?({SYMBOL}{{26}})[\"']?\s*$".encode(), re.MULTILINE)
_SALT = re.compile(rf"ENC\[1,[a-z]+\.[0-9]+,({SYMBOL}{{8}}),".encode())
_SHOWN = 5
_OLD = 92  # days: a quarter


@dataclass
class _OnFile:
    """uids on file, the numbers of customers with tokens whose salt is not here, and the paths of destroyed ones."""

    uids: set[str] = field(default_factory=set)
    without: list[str] = field(default_factory=list)
    destroyed: list[str] = field(default_factory=list)


def examine(work: Workplace) -> Iterator[Check]:
    """All checks of the keys in one vault; none where there are no keys to look at."""
    keys = work.keyring
    if keys is None:
        return
    yield from looked("team", partial(_team, keys))
    yield from looked("masters", partial(_masters, keys))
    yield from looked("salts", partial(_salts, work, keys))
    yield from looked("kit", partial(_kit, work, keys))


def _team(keys: Keyring) -> Iterator[Check]:
    """Whether both halves of the identity are the ones that the access file lists."""
    own, me = keys.identity, keys.me
    devices = [device for person in keys.access.people.values() for device in person.devices.values()]
    if me is None and all(device.recipient != own.recipient for device in devices):
        hint = f"crm team add NAME --email MAIL --role ROLE --key {own.public}"
        yield Check("team", "warning", _("You are not in this vault's team yet; an admin lets you in."), hint)
    elif me is None or keys.access.people[me].devices[own.device].recipient != own.recipient:
        said = _("The two halves of your identity are not those of one device in {path}.").format(path=PATH)
        yield Check("team", "problem", said, _("`crm keys import FILE` brings them back from a key kit."))
    else:
        said = _("You are {name} and may read up to {level}.").format(name=me, level=keys.reads.label)
        yield Check("team", "ok", said)


def _masters(keys: Keyring) -> Iterator[Check]:
    """Whether each master that this person is entitled to opens, and is the one it must be."""
    if keys.me is None:
        return
    names = [
        (level, generation)
        for level, generations in keys.access.masters.items()
        for generation in generations
        if level.rank <= keys.reads.rank
    ]
    missing = [f"{level.label}.{generation}" for level, generation in names if not keys.master(level, generation)]
    if missing:
        said = _("You have no key for {levels}.").format(levels=_(", ").join(missing))
        hint = _("An admin runs `crm team remove {name}`, then `crm team add {name} …` again.").format(name=keys.me)
        yield Check("masters", "problem", said, hint)
    else:
        said = n_("{count} key of a level can be opened.", "{count} keys of levels can be opened.", len(names)).format(
            count=len(names)
        )
        yield Check("masters", "ok", said)


def _salts(work: Workplace, keys: Keyring) -> Iterator[Check]:
    """Customers whose key is not here, and keys without a customer."""
    live = keys.store.live()
    found = _on_file(work.root, keys)
    for one in destroyed_elsewhere(work, found.destroyed):
        yield Check("salts", "warning", one.message, one.hint)
    if found.without:
        said = n_(
            "The key of {count} customer is not here: {names}.",
            "The keys of {count} customers are not here: {names}.",
            len(found.without),
        )
        hint = _(
            "`crm keys import FILE` takes them in from a key kit, or from a teammate's `crm keys export --for YOU FILE`."
        )
        yield Check("salts", "warning", said.format(count=len(found.without), names=_some(found.without)), hint)
    else:
        said = n_("The key of {count} customer is here.", "The keys of {count} customers are here.", len(live))
        yield Check("salts", "ok", said.format(count=len(live)))
    orphans = sorted(live - found.uids)
    if orphans:
        said = n_(
            "{count} key has no customer on this branch: {uids}.",
            "{count} keys have no customer on this branch: {uids}.",
            len(orphans),
        )
        hint = _("Left by an undo, or from another branch. They are kept, since old versions need them.")
        yield Check("orphans", "ok", said.format(count=len(orphans), uids=_some(orphans)), hint)


def _on_file(root: Path, keys: Keyring) -> _OnFile:
    """Read from the bytes, so that a file that does not hold counts as well."""
    found, gone = _OnFile(), keys.store.ledger()
    for path in record_files(root):
        try:
            data = read_record(root, path)
        except CrmError:
            continue  # `crm check` names it
        uid = _UID.search(data)
        if uid is None:
            continue
        name = uid[1].decode()
        found.uids.add(name)
        needed = {one.decode() for one in _SALT.findall(data)}
        if name in gone:
            found.destroyed += [path] if needed else []
        elif needed - keys.store.of(name).keys():
            found.without.append(path.rsplit("/", 1)[-1].removesuffix(".yaml"))
    return found


def _kit(work: Workplace, keys: Keyring) -> Iterator[Check]:
    """Whether the keys survive the loss of this machine."""
    last = last_kit(keys.store.path.parent)
    if last is None:
        said = _("No key kit was made here. If this machine is lost, so is what only it can read.")
        hint = _("`crm keys export FILE` writes one; keep it elsewhere.")
        yield Check("kit", "warning" if keys.store.live() else "ok", said, hint)
        return
    newer, days = known(keys) - last.known, (work.now - last.made).days
    said = _("The last key kit is of {day}.").format(day=last.made.astimezone(work.house.zone).date().isoformat())
    if newer > 0:
        said += " " + n_("{count} customer was added since.", "{count} customers were added since.", newer).format(
            count=newer
        )
    hint = _("`crm keys export FILE --replace` writes a new one; keep it elsewhere.")
    yield Check("kit", "warning", said, hint) if newer > 0 or days > _OLD else Check("kit", "ok", said)


def _some(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
