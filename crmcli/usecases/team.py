"""The people of a sealed vault: let in, given another role, taken out. Each change is one signed commit.

Whoever loses a level does not get the masters made from then on: the masters of the lost levels are made anew and every
customer's file is sealed afresh with them, in the same commit. What they could read before stays readable to them.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from crmcli.errors import Conflict, Finding, Invalid, NotFound, Refused, invalid
from crmcli.model.devices import Device
from crmcli.model.fields import Level
from crmcli.model.findings import findings
from crmcli.model.keys import PATH as KEYS
from crmcli.model.keys import Keys
from crmcli.model.nearest import nearest
from crmcli.model.team import PATH, SEALING, Access
from crmcli.sealing.identity import Public
from crmcli.sealing.masters import fingerprint, new_master, wrap
from crmcli.store.comments import comments_of
from crmcli.store.git import Git
from crmcli.store.transaction import Change, Desk
from crmcli.store.yamlread import parse
from crmcli.store.yamlwrite import render
from crmcli.text import _
from crmcli.usecases.change import Outcome, Plan, carry_out, message
from crmcli.usecases.founding import listed
from crmcli.usecases.house_rules import read_rules
from crmcli.usecases.keyring import Keyring
from crmcli.usecases.renewal import renewed
from crmcli.usecases.trust import Trusted, trusted
from crmcli.usecases.workplace import Workplace

Tree = dict[str, Any]


@dataclass
class _Draft:
    """The two files being changed, as plain trees, and the masters that this command made."""

    access: Tree
    keys: Tree
    made: dict[tuple[Level, int], bytes] = field(default_factory=dict)

    def model(self) -> Access:
        """The access file as it would be; Invalid where it would not hold."""
        try:
            return Access.model_validate(self.access)
        except ValidationError as error:
            raise invalid(findings(error, Access, PATH)) from None


def add(
    work: Workplace, name: str, email: str, roles: Sequence[str], public: Public, *, dry_run: bool = False
) -> Outcome:
    """Let a person in, or a further device of one who is there: the masters of their levels are wrapped for it."""

    def change(draft: _Draft) -> None:
        people = draft.access.setdefault("people", {})
        person = people.get(name)
        if person and (roles or email):
            raise Conflict(
                _("{name} is in the team already.").format(name=name),
                hint=_("To add a device, leave out --email and --role; `crm team role` changes roles."),
                kind="exists",
            )
        if person is None and not (roles and email):
            raise Invalid(_("A new person needs --email and --role."), kind="usage")
        fresh: Tree = {"email": email, "roles": list(roles)} if person is None else person
        people[name] = {**fresh, "devices": {**fresh.get("devices", {}), **listed(public)}}

    return _changed(work, f"team add {name}", "team add", change, dry_run=dry_run)


def remove(work: Workplace, name: str, *, dry_run: bool = False) -> Outcome:
    """Take a person out; new masters for every level they could read. Refused for the last admin."""

    def change(draft: _Draft) -> None:
        _person(draft, name)
        del draft.access["people"][name]

    return _changed(work, f"team remove {name}", "team remove", change, dry_run=dry_run)


def give_roles(work: Workplace, name: str, roles: Sequence[str], *, dry_run: bool = False) -> Outcome:
    """Give a person these roles instead of those they have."""

    def change(draft: _Draft) -> None:
        _person(draft, name)["roles"] = list(roles)

    return _changed(work, f"team role {name}", "team role", change, dry_run=dry_run)


def _changed(work: Workplace, subject: str, op: str, change: Callable[[_Draft], None], *, dry_run: bool) -> Outcome:
    keyring = _admin(work)

    def plan(desk: Desk | None) -> Plan:
        _admin(work)  # still: others may have changed the team while we waited
        git = desk.git if desk else work.vault.git()
        draft, olds = _draft(work, git, keyring)
        before = draft.model()
        change(draft)
        if draft.model() == before:
            return Plan([], message(op, subject, ()))
        draft.access["serial"] = str(before.serial + 1)
        after = draft.model()
        if not after.admins:
            raise Refused(_("The team needs at least one admin."), kind="last-admin")
        lost = _lost(before, after)
        _rotate(draft, work.vault.id, after, lost)
        _rewrap(draft, keyring, before)
        wrong: list[Finding] = []
        changes = [*_files(draft, olds), *(_renewals(work, keyring, draft, wrong) if lost else ())]
        data = {"renewed": len(changes) - 2, "levels": [level.value for level in lost]}
        return Plan(changes, message(op, subject, ()), (), tuple(wrong), data)

    outcome = carry_out(work, op, plan, dry_run=dry_run)
    if outcome.commit:
        trusted(work.vault, keyring.homes)  # so that this clone remembers to have seen it
    return outcome


def _admin(work: Workplace) -> Keyring:
    if work.keyring is None:
        hint = _("In an open vault the team is listed in {path}; `crm seal` seals the vault.").format(path=PATH)
        raise Refused(_("This vault is open; everybody reads everything."), hint=hint, kind="open-vault")
    if work.keyring.me not in work.keyring.access.admins:
        raise Refused(_("Only an admin changes the team."), hint=_("`crm team list` shows who is."), kind="not-admin")
    return work.keyring


def _draft(work: Workplace, git: Git, keyring: Keyring) -> tuple[_Draft, Mapping[str, bytes]]:
    """The two files as they are trusted."""
    olds = {PATH: git.blob(keyring.trusted.access_blob), KEYS: git.blob(keyring.trusted.keys_blob)}
    access, keys = (dict(deepcopy(parse(data, path).tree)) for path, data in olds.items())
    return _Draft(access, keys), olds


def _person(draft: _Draft, name: str) -> Tree:
    people: Tree = draft.access.get("people", {})
    if name not in people:
        raise NotFound(_("Nobody in the team is called {name}.").format(name=name), hint=nearest(name, people))
    found: Tree = people[name]
    return found


def _lost(before: Access, after: Access) -> list[Level]:
    """The levels that somebody could read before and can't now."""
    ranks = [(before.reads(name).rank, after.reads(name).rank) for name in before.people]
    return [level for level in SEALING if any(new < level.rank <= old for old, new in ranks)]


def _rotate(draft: _Draft, vault: str, access: Access, lost: Sequence[Level]) -> None:
    """A new generation of each lost level."""
    for level in lost:
        generation = (access.level_generation(level) or 0) + 1
        master = new_master()
        draft.made[level, generation] = master
        prints = draft.access["masters"].setdefault(level.value, {})
        prints[str(generation)] = fingerprint(master, vault, level, generation)


def _rewrap(draft: _Draft, keyring: Keyring, before: Access) -> None:
    """Every master wrapped for each device of exactly those who may have it; what is in order stays as it is.

    The old generations stay wrapped for nobody who is no longer entitled; their copies in the history do.
    """
    access = draft.model()
    wrapped = draft.keys.setdefault("wrapped", {})
    for level in access.masters:
        for generation in access.masters[level]:
            held = wrapped.setdefault(level.value, {}).setdefault(str(generation), {})
            entitled = [name for name, person in access.people.items() if person.devices and _may(access, name, level)]
            for name in held.keys() - set(entitled):
                del held[name]
            for name in entitled:
                if name not in held or access.people[name].devices != _devices(before, name):
                    held[name] = _wrapped(draft, keyring, access, (level, generation), name)


def _may(access: Access, name: str, level: Level) -> bool:
    return access.reads(name).rank >= level.rank


def _devices(access: Access, name: str) -> Mapping[str, Device]:
    return access.people[name].devices if name in access.people else {}


def _wrapped(draft: _Draft, keyring: Keyring, access: Access, which: tuple[Level, int], name: str) -> str:
    master = draft.made.get(which) or keyring.master(*which)
    if master is None:
        said = _("You don't hold the key of {level} yourself, so you can't hand it on.")
        raise Refused(said.format(level=which[0].value), kind="level")
    return wrap(master, [device.recipient for device in access.people[name].devices.values()])


def _files(draft: _Draft, olds: Mapping[str, bytes]) -> list[Change]:
    trees = {PATH: draft.access, KEYS: draft.keys}
    return [Change(path, render(tree, comments_of(olds[path], path))) for path, tree in trees.items()]


def _renewals(work: Workplace, keyring: Keyring, draft: _Draft, wrong: list[Finding]) -> list[Change]:
    """Every customer's file under the new masters."""
    trusted = Trusted.founding(draft.model(), Keys.model_validate(draft.keys))
    keys = Keyring(work.vault.id, keyring.homes, keyring.identity, trusted)
    return list(renewed(work, keys, wrong))


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the team."""

    name: str
    email: str
    roles: tuple[str, ...]
    reads: str
    devices: tuple[str, ...]
    is_me: bool


def members(work: Workplace) -> list[Member]:
    """Everybody in the team, as the trusted access file lists them; in an open vault as the file stands."""
    access = work.keyring.access if work.keyring else read_rules(work.vault, PATH, Access)[0]
    me = work.keyring.me if work.keyring else None
    return [
        Member(
            name,
            person.email,
            tuple(person.roles),
            (access.reads(name) if work.sealed else Level.RESTRICTED).value,
            tuple(person.devices),
            name == me,
        )
        for name, person in access.people.items()
    ]
