"""The versions of one certificate: nothing is ever changed in it, only devices that were retired are added at its end.

Recomputed from the bytes: whatever else differs, by a single byte, is another change. Values in, values out.
"""

from collections.abc import Iterable, Sequence

from crmcli.errors import CrmError
from crmcli.model import plain
from crmcli.model.certificate import FOLDER, Certificate, RetiredDevice
from crmcli.model.identity import certificate_path, number_at
from crmcli.store.comments import comments_of
from crmcli.store.yamlread import parse
from crmcli.store.yamlwrite import render
from crmcli.usecases.purge_papers import checked


def is_certificates(path: str) -> bool:
    """Whether a certificate belongs there: it stands below its folder as the customer's file stands below `records`."""
    return path.startswith(f"{FOLDER}/") and number_at(f"records{path.removeprefix(FOLDER)}") is not None


def certificate_of(path: str, data: bytes | None) -> Certificate | None:
    """The certificate at that path; None for one that does not hold, which `crm check` names."""
    try:
        found = checked(parse(data, path), path, Certificate) if data else None
        return found if found and certificate_path(found.number) == path else None
    except CrmError:
        return None


def with_retired(path: str, data: bytes, devices: Sequence[RetiredDevice]) -> bytes:
    """The same certificate with these devices as the retired ones."""
    return render({**parse(data, path).tree, "retired": list(map(plain.write, devices))}, comments_of(data, path))


def appended(path: str, old: bytes | None, new: bytes | None) -> tuple[RetiredDevice, ...] | None:
    """The retired devices that a version has beyond the one before; None where anything else, or nothing, differs."""
    before, after = certificate_of(path, old), certificate_of(path, new)
    if old is None or before is None or after is None:
        return None
    more = after.retired[len(before.retired) :]
    return tuple(more) if more and _recomputed(path, old, [*before.retired, *more]) == new else None


def united(path: str, one: bytes | None, other: bytes | None) -> bytes | None:
    """Two versions that differ in their retired devices alone, made one: each device once, as it was said first. None
    for any others."""
    both = [certificate_of(path, data) for data in (one, other)]
    devices = _once(device for found in both if found for device in found.retired)
    if one is None or other is None or None in both or not devices:
        return None
    text = _recomputed(path, one, devices)
    return text if text == _recomputed(path, other, devices) else None


def _recomputed(path: str, data: bytes, devices: Sequence[RetiredDevice]) -> bytes | None:
    """None where the result would be larger than any file that crm reads."""
    try:
        return with_retired(path, data, devices)
    except CrmError:
        return None


def _once(devices: Iterable[RetiredDevice]) -> list[RetiredDevice]:
    found: dict[str, RetiredDevice] = {}
    for one in sorted(devices, key=lambda one: (one.at, one.device, one.by)):
        found.setdefault(one.device, one)
    return list(found.values())
