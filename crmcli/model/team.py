"""The people of the team and what they may do, `schemas/access.yaml`. A file that lists nobody is a team of one.

Whoever works is known by the e-mail address of their git identity. Pure: no I/O, no clock.
"""

import re
from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import Field, field_validator

from crmcli.errors import ValueProblem
from crmcli.model.base import Part
from crmcli.model.scalars import Email, Owner
from crmcli.text import _

PATH = "schemas/access.yaml"
Role = Literal["sales", "staff", "manager", "legal", "admin"]
_IDENTITY = re.compile(r".*<([^<>]*)>\s*")


class Person(Part):
    """One person: the e-mail address git knows them by, and their roles."""

    email: Email
    roles: list[Role]

    @field_validator("roles")
    @classmethod
    def _some(cls, roles: list[Role]) -> list[Role]:
        if not roles:
            raise ValueProblem(_("A person has at least one role."), expected="sales, staff, manager, legal, admin")
        return roles


class Access(Part):
    """`schemas/access.yaml`."""

    people: Annotated[dict[Owner, Person], Field(default_factory=dict)]

    @field_validator("people")
    @classmethod
    def _each_once(cls, people: dict[str, Person]) -> dict[str, Person]:
        known: dict[str, str] = {}
        for name, person in people.items():
            if known.setdefault(folded(person.email), name) != name:
                said = _("{name} has the same e-mail address.").format(name=known[folded(person.email)])
                raise ValueProblem(said, place=(name, "email"))
        return people

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
        if role not in found.roles:
            return _("{email} does not have the role {role}.").format(email=approver, role=role)
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
