"""The people of the team and what they may read and do, `schemas/access.yaml`. Nobody listed is a team of one.

In an open vault whoever works is known by the e-mail address of their git identity, in a sealed one by the signature of
their device (`sealing/FORMAT.md`, sections 6 and 7). Pure: no I/O, no clock.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, field_validator

from crmcli.errors import ValueProblem
from crmcli.model.base import Part
from crmcli.model.catalog import CatalogField
from crmcli.model.codes import Labels
from crmcli.model.devices import Device, DeviceId, Fingerprint, Generation, Serial, device_id
from crmcli.model.fields import Level
from crmcli.model.nearest import nearest
from crmcli.model.scalars import Email, Line, Owner
from crmcli.text import _, label

PATH = "schemas/access.yaml"
Role = Literal["sales", "staff", "manager", "legal", "admin"]
READS: dict[Role, Level] = {
    "sales": Level.INTERNAL,
    "staff": Level.CONFIDENTIAL,
    "legal": Level.CONFIDENTIAL,
    "manager": Level.RESTRICTED,
    "admin": Level.RESTRICTED,
}
ROLES: dict[str, Labels] = {
    "sales": Labels(en="sales", zh="销售"),
    "staff": Labels(en="staff", zh="职员"),
    "manager": Labels(en="manager", zh="主管"),
    "legal": Labels(en="legal", zh="法务"),
    "admin": Labels(en="admin", zh="管理员"),
}
# What numbers, folders, rules and lists of customers are made of: it must be readable without keys.
STAYS_OPEN = ("number", "kind", "status", "tier", "owner", "retain_until", "classes")
SEALING = tuple(level for level in Level if level is not Level.OPEN)
_IDENTITY = re.compile(r".*<([^<>]*)>\s*")


def spoken(role: str) -> str:
    """A role as people are told of it; they also type it."""
    return label(en=role, zh=f"{ROLES[role].zh}（{role}）" if role in ROLES else role)


class Person(Part):
    """One person: the e-mail address git knows them by, their roles, and their devices by id."""

    email: Email
    roles: list[Role]
    devices: Annotated[dict[DeviceId, Device], Field(default_factory=dict)]

    @field_validator("roles")
    @classmethod
    def _some(cls, roles: list[Role]) -> list[Role]:
        if not roles:
            raise ValueProblem(_("A person has at least one role."), expected="sales, staff, manager, legal, admin")
        return roles

    @field_validator("devices")
    @classmethod
    def _named_by_their_keys(cls, devices: dict[str, Device]) -> dict[str, Device]:
        for name, device in devices.items():
            if device_id(device.key) != name:
                said = _("The id of the device does not belong to its key.")
                raise ValueProblem(said, expected=device_id(device.key), place=(name,))
        return devices


class Access(Part):
    """`schemas/access.yaml`.

    serial   one more with every change
    people   by name
    roles    what a role reads, where it is not the default
    levels   fields raised above the model's level, by their name in the catalogue
    masters  the fingerprint of each master, by level and generation; none in an open vault
    """

    serial: Serial = 0
    people: Annotated[dict[Owner, Person], Field(default_factory=dict)]
    roles: Annotated[dict[Role, Level], Field(default_factory=dict)]
    levels: Annotated[dict[Line, Level], Field(default_factory=dict)]
    masters: Annotated[dict[Level, dict[Generation, Fingerprint]], Field(default_factory=dict)]

    @field_validator("people")
    @classmethod
    def _each_once(cls, people: dict[str, Person]) -> dict[str, Person]:
        known: dict[str, str] = {}
        for name, person in people.items():
            if known.setdefault(folded(person.email), name) != name:
                said = _("{name} has the same e-mail address.").format(name=known[folded(person.email)])
                raise ValueProblem(said, place=(name, "email"))
        return people

    @field_validator("people")
    @classmethod
    def _each_device_once(cls, people: dict[str, Person]) -> dict[str, Person]:
        known: dict[str, str] = {}
        for name, device in ((name, device) for name, person in people.items() for device in person.devices):
            if known.setdefault(device, name) != name:
                said = _("{name} has the same device.").format(name=known[device])
                raise ValueProblem(said, place=(name, "devices", device))
        return people

    @field_validator("roles", "levels", "masters")
    @classmethod
    def _sealing(cls, value: dict[str, object]) -> dict[str, object]:
        for name, held in value.items():
            if Level.OPEN in (name, held):
                said = _("Nothing is sealed at the level open.")
                raise ValueProblem(said, expected=", ".join(SEALING), place=(name,))
        return value

    @field_validator("masters")
    @classmethod
    def _without_gaps(cls, masters: dict[Level, dict[int, str]]) -> dict[Level, dict[int, str]]:
        for level, generations in masters.items():
            if sorted(generations) != list(range(1, len(generations) + 1)) or not generations:
                said = _("The generations of keys must count from 1 without gaps.")
                raise ValueProblem(said, place=(level.value,))
        return masters

    @property
    def sealed(self) -> bool:
        """Whether this is the access file of a sealed vault: it names masters."""
        return bool(self.masters)

    @property
    def admins(self) -> tuple[str, ...]:
        """The names of all who may change this file."""
        return tuple(name for name in self.people if self.may(name, "admin"))

    def reads(self, name: str) -> Level:
        """The highest level the person may read; open for somebody who is not listed."""
        person = self.people.get(name)
        levels = [self.roles.get(role, READS[role]) for role in person.roles] if person else []
        return max(levels, key=lambda level: level.rank, default=Level.OPEN)

    def readers(self, level: Level) -> tuple[str, ...]:
        """The roles that read a level."""
        return tuple(role for role, default in READS.items() if self.roles.get(role, default).rank >= level.rank)

    def may(self, name: str, *roles: Role) -> bool:
        """Whether the person has any of these roles."""
        return name in self.people and not set(roles).isdisjoint(self.people[name].roles)

    def level_generation(self, level: Level) -> int | None:
        """The generation under which new values of a level are sealed; None where it has no master."""
        return max(self.masters.get(level, {}), default=None)

    def name_of(self, signer: bytes) -> str | None:
        """Whose device has this Ed25519 public key (32 bytes)."""
        return self._signers.get(signer)

    @cached_property
    def _signers(self) -> dict[bytes, str]:
        # By the whole key: the id of a device is short enough to be met by trying.
        devices = ((name, one) for name, person in self.people.items() for one in person.devices.values())
        return {device.key: name for name, device in devices}

    def person(self, email: str) -> Person | None:
        """The person whom git knows by this address."""
        return next((one for one in self.people.values() if folded(one.email) == folded(email)), None)

    def refusal(self, approver: str, requesters: Collection[str], role: Role) -> str | None:
        """Why this address may not approve what these asked for; None when it may. A team of one approves its own."""
        if len(self.people) < 2:
            return None
        found = self.person(approver)
        if found is None:
            return _("{email} is not listed in {path}.").format(email=approver, path=PATH)
        return unfit(approver, found.roles, requesters, role)


def unfit(approver: str, roles: Collection[Role], requesters: Collection[str], role: Role) -> str | None:
    """Why somebody of the team, with this address and these roles, may not approve what these asked for; None when they
    may."""
    if role not in roles:
        return _("{email} does not have the role {role}.").format(email=approver, role=spoken(role))
    if folded(approver) in {folded(one) for one in requesters}:
        return _("{email} made the plan; another person must approve it.").format(email=approver)
    return None


def email_of(identity: str) -> str:
    """The address in a git identity, `Name <address>`."""
    found = _IDENTITY.fullmatch(identity)
    return found[1] if found else identity


def folded(email: str) -> str:
    """The address as addresses are compared."""
    return email.strip().casefold()


def raised_wrong(access: Access, fields: Mapping[str, CatalogField]) -> Iterator[ValueProblem]:
    """What is wrong with the raised levels; each problem's `place` is its way in the file. `fields`: the catalogue by
    name, with the levels of the model and of custom fields."""
    for name, level in access.levels.items():
        said, expected, hint = _wrong(level, fields[name]) if name in fields else _unknown(name, fields)
        if said:
            yield ValueProblem(said, expected, hint, place=("levels", name))


def with_levels(fields: Mapping[str, CatalogField], levels: Mapping[str, Level]) -> dict[str, CatalogField]:
    """The catalogue as it holds in the vault: a level is raised where the vault says so, never lowered."""
    raised = {name: _higher(field.level, levels.get(name)) for name, field in fields.items()}
    return {
        name: field if raised[name] is field.level else replace(field, level=raised[name])
        for name, field in fields.items()
    }


def _higher(level: Level, raised: Level | None) -> Level:
    return raised if raised and raised.rank > level.rank else level


def _wrong(level: Level, field: CatalogField) -> tuple[str | None, str | None, str | None]:
    if field.name in STAYS_OPEN or field.assigned or field.metric or (field.many and not field.table):
        return _("{name} cannot be sealed.").format(name=field.name), None, None
    if level.rank > field.level.rank:
        return None, None, None
    higher = ", ".join(one.value for one in Level if one.rank > field.level.rank)
    said = _("{name} is {level} already; a level can only be raised.")
    return said.format(name=field.name, level=field.level.label), higher or None, None


def _unknown(name: str, fields: Mapping[str, CatalogField]) -> tuple[str, None, str | None]:
    return _("Unknown field {name}.").format(name=name), None, nearest(name, fields)
