"""Who is in the team of a vault, with their devices. Changes nothing."""

from dataclasses import dataclass
from datetime import datetime

from crmcli.model.fields import Level
from crmcli.model.team import PATH, Access
from crmcli.usecases.devices import acknowledged, listed_since
from crmcli.usecases.house_rules import read_rules
from crmcli.usecases.workplace import Workplace


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the team.

    devices  by id, when each last acknowledged what was destroyed; None for never
    since    by id, when each was let in
    here     the id of the device at work, if it is theirs
    """

    name: str
    email: str
    roles: tuple[str, ...]
    reads: Level
    devices: dict[str, datetime | None]
    is_me: bool
    since: dict[str, datetime]
    here: str | None = None


def members(work: Workplace) -> list[Member]:
    """Everybody in the team, as the trusted access file lists them; in an open vault as the file stands."""
    access = work.keyring.access if work.keyring else read_rules(work.vault, PATH, Access)[0]
    me = work.keyring.me if work.keyring else None
    words, since = (acknowledged(work), listed_since(work)) if work.keyring else ({}, {})
    here = work.keyring.identity.device if work.keyring else None
    return [
        Member(
            name,
            person.email,
            tuple(person.roles),
            access.reads(name) if work.sealed else Level.RESTRICTED,
            {device: words.get(device) for device in person.devices},
            name == me,
            {device: since[device] for device in person.devices if device in since},
            here if here in person.devices else None,
        )
        for name, person in access.people.items()
    ]
