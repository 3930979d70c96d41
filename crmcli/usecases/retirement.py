"""Devices that are taken out of the team, named in each certificate that they have not acknowledged. Reads only."""

from collections.abc import Collection

from crmcli.model.certificate import Certificate, RetiredDevice
from crmcli.model.identity import certificate_path
from crmcli.store.files import read_record
from crmcli.store.transaction import Change
from crmcli.usecases.certificate_versions import with_retired
from crmcli.usecases.certificates import certificates
from crmcli.usecases.devices import waited_for
from crmcli.usecases.keyring import Keyring
from crmcli.usecases.workplace import Workplace


def retirements(work: Workplace, keyring: Keyring, gone: Collection[str]) -> list[Change]:
    """The certificates that wait for any of these devices, as they are to say who retired it; to be committed together
    with the change of the team."""
    found = certificates(work)[0] if gone else ()
    waiting = waited_for(work, found)
    late = {number: [one.id for one in devices if one.id in gone] for number, devices in waiting.items()}
    return [_change(work, keyring, one, late[one.number]) for one in found if _new(one, late.get(one.number, ()))]


def _new(one: Certificate, devices: Collection[str]) -> list[str]:
    """Those that it does not name yet: who was found again and lost again is named once."""
    return sorted(set(devices) - {known.device for known in one.retired})


def _change(work: Workplace, keyring: Keyring, one: Certificate, devices: Collection[str]) -> Change:
    path, at = certificate_path(one.number), work.now.replace(microsecond=0)
    more = [RetiredDevice(device=name, by=keyring.me, at=at) for name in _new(one, devices)]
    return Change(path, with_retired(path, read_record(work.root, path), [*one.retired, *more]))
