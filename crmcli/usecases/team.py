"""The people of a sealed vault: let in, given another role, taken out. Each change is one signed commit.

Whoever loses a level does not get the masters made from then on: the masters of the lost levels are made anew and every
customer's file is sealed afresh with them, in the same commit. What they could read before stays readable to them.
Certificates that wait for a device that goes say so from that commit on (`retirement`).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
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
from crmcli.model.spelling import quoted
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
from crmcli.usecases.keyring import Keyring
from crmcli.usecases.member_names import refuse_name
from crmcli.usecases.records import each
from crmcli.usecases.renewal import renewed
from crmcli.usecases.retirement import retirements
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
        if person is None:
            refuse_name(name, people)
        fresh: Tree = {"email": email, "roles": list(roles)} if person is None else person
        people[name] = {**fresh, "devices": {**fresh.get("devices", {}), **listed(public)}}

    return _changed(work, f"team add {name}", "team add", change, dry_run=dry_run)


def remove(work: Workplace, name: str, *, dry_run: bool = False) -> Outcome:
    """Take a person out; new masters for every level they could read. Refused for the last admin."""

    def change(draft: _Draft) -> None:
        _person(draft, name)
        del draft.access["people"][name]

    return _changed(work, f"team remove {name}", "team remove", change, dry_run=dry_run)


def retire(work: Workplace, device: str, *, dry_run: bool = False) -> Outcome:
    """Take one device out, a lost one say; new masters for every level that its owner can read. The owner stays in the
    team, without a device until another one is added. As `refuse_retiring`."""
    owner = refuse_retiring(work, device)

    def change(draft: _Draft) -> None:
        person = _person(draft, owner)
        left = {name: one for name, one in person.get("devices", {}).items() if name != device}
        draft.access["people"][owner] = {**person, "devices": left} if left else _without(person, "devices")

    return _changed(work, f"team retire {device}", "team retire", change, dry_run=dry_run)


def device_called(work: Workplace, text: str) -> str:
    """The id of the team's one device that begins so; NotFound for none, Conflict for several."""
    owners = {one: name for name, person in _admin(work).access.people.items() for one in person.devices}
    found = [one for one in owners if text and one.startswith(text.upper())]
    if not found:
        raise _no_device(text, owners)
    if len(found) > 1:
        said = _("{count} devices begin with {id}.").format(count=len(found), id=quoted(text))
        named = [{"device": one, "name": owners[one]} for one in found]
        raise Conflict(said, kind="ambiguous", hint=_("Write more of the id."), candidates=named)
    return found[0]


def owned_by(work: Workplace, name: str) -> int:
    """How many customers have this person as owner."""
    return sum(one.dossier.owner == name for one in each(work, []))


def _without(tree: Tree, key: str) -> Tree:
    return {name: value for name, value in tree.items() if name != key}


def refuse_retiring(work: Workplace, device: str) -> str:
    """Whose device it is. NotFound for none of the team's; Refused for the one at work here."""
    keyring = _admin(work)
    owners = {one: name for name, person in keyring.access.people.items() for one in person.devices}
    if device not in owners:
        raise _no_device(device, owners)
    if device == keyring.identity.device:
        hint = _("Retire it from another device of an admin.")
        raise Refused(_("This is the device you are working on."), hint=hint, kind="own-device")
    return owners[device]


def refuse_removing(work: Workplace, name: str) -> None:
    """What `remove` would refuse, told before anybody is asked: NotFound for nobody, Refused for the last admin."""
    access = _admin(work).access
    if name not in access.people:
        raise _nobody(name, access.people)
    if access.admins == (name,):
        raise _last_admin()


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
            raise _last_admin()
        lost = _lost(before, after)
        _rotate(draft, work.vault.id, after, lost)
        _rewrap(draft, keyring, before)
        wrong: list[Finding] = []
        files = list(_renewals(work, keyring, draft, wrong) if lost else ())
        papers = retirements(work, keyring, _ids(before) - _ids(after))
        data = {"renewed": len(files), "levels": [level.value for level in lost]}
        return Plan([*_files(draft, olds), *files, *papers], message(op, subject, ()), (), tuple(wrong), data)

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
        raise _nobody(name, people)
    found: Tree = people[name]
    return found


def _nobody(name: str, people: Collection[str]) -> NotFound:
    hint = nearest(name, people) or _("`crm team list` shows who is in it.")
    return NotFound(_("Nobody in the team is called {name}.").format(name=name), hint=hint)


def _no_device(device: str, known: Collection[str]) -> NotFound:
    hint = nearest(device, known) or _("`crm team list` shows the devices.")
    return NotFound(_("No device in the team is called {id}.").format(id=device), hint=hint)


def _last_admin() -> Refused:
    hint = _("Make somebody else an admin first: `crm team role NAME --role admin`.")
    return Refused(_("The team needs at least one admin."), hint=hint, kind="last-admin")


def _lost(before: Access, after: Access) -> list[Level]:
    """The levels that somebody, or a device, could read before and can't now."""
    now = _ranks(after)
    ranks = [(old, now.get(name, 0)) for name, old in _ranks(before).items()]
    return [level for level in SEALING if any(new < level.rank <= old for old, new in ranks)]


def _ids(access: Access) -> set[str]:
    return {name for person in access.people.values() for name in person.devices}


def _ranks(access: Access) -> dict[tuple[str, str], int]:
    """What each person reads, and each of their devices."""
    people = access.people.items()
    return {(name, one): access.reads(name).rank for name, person in people for one in ("", *person.devices)}


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
        raise Refused(said.format(level=which[0].label), kind="level")
    return wrap(master, [device.recipient for device in access.people[name].devices.values()])


def _files(draft: _Draft, olds: Mapping[str, bytes]) -> list[Change]:
    trees = {PATH: draft.access, KEYS: draft.keys}
    return [Change(path, render(tree, comments_of(olds[path], path))) for path, tree in trees.items()]


def _renewals(work: Workplace, keyring: Keyring, draft: _Draft, wrong: list[Finding]) -> list[Change]:
    """Every customer's file under the new masters."""
    trusted = Trusted.founding(draft.model(), Keys.model_validate(draft.keys))
    keys = Keyring(work.vault.id, keyring.homes, keyring.identity, trusted)
    return list(renewed(work, keys, wrong))
