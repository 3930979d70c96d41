"""`crm team [list]|add|role|retire|remove`: who is in the team of a sealed vault and what they may read."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from crmcli.cli.listing import PEOPLE
from crmcli.cli.opening import workplace
from crmcli.cli.output import confirm, emit
from crmcli.cli.session import session
from crmcli.errors import Invalid, Refused, ValueProblem, Where
from crmcli.model.codes import listed
from crmcli.model.fields import Level
from crmcli.model.team import ROLES, spoken
from crmcli.reports.safe_text import pad, width_of
from crmcli.reports.values import Column, Notice, Table
from crmcli.sealing.identity import public_of
from crmcli.text import _, n_
from crmcli.usecases import team
from crmcli.usecases.change import Outcome
from crmcli.usecases.members import Member, members
from crmcli.usecases.workplace import Workplace

DEFAULT = "list"
NAME = Annotated[str, typer.Argument(metavar="NAME", help=_("The person's name in the team, as in owner: li.na"))]
EMAIL = Annotated[str, typer.Option("--email", metavar="MAIL", help=_("The e-mail address git knows them by."))]
KEY = Annotated[str, typer.Option("--key", metavar="KEY", help=_("The line that `crm keys` shows on their machine."))]
DEVICE = Annotated[
    str, typer.Argument(metavar="DEVICE", help=_("The device, as `crm team` shows it, or its beginning."))
]
ROLE = Annotated[
    list[str] | None,
    typer.Option("--role", metavar="ROLE", help=_("sales, staff, manager, legal or admin.")),
]


def group(noun: str) -> typer.Typer:
    """The commands of `crm team`."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command("list", help=_("Show who is in the team."))(_list)
    app.command("add", help=_with_roles(_("Add a person, or another device of theirs.")))(_add)
    app.command("role", help=_with_roles(_("Give a person other roles.")))(_role)
    app.command("retire", help=_("Take out one device, as a lost one; its owner stays in the team."))(_retire)
    app.command("remove", help=_("Remove a person; they keep what they could read until now."))(_remove)
    return app


def _with_roles(said: str) -> str:
    """The help of a command with a line on each role."""
    told = {
        "sales": _("reads names and notes, no phones; enters customers with --incomplete only"),
        "staff": _("reads phones and e-mail, too: everyday work"),
        "legal": _("as staff; approves and carries out destructions"),
        "manager": _("reads everything; changes house rules, carries out destructions"),
        "admin": _("as manager; changes the team"),
    }
    width = max(width_of(spoken(role)) for role in told)
    lines = "\n".join(f"  {pad(spoken(role), width)}  {words}" for role, words in told.items())
    return "\n\n".join((said, lines, _("Give --role once for each role.")))


def _list() -> None:
    found = members(workplace())
    heads = {
        "name": _("Member"),
        "email": _("E-mail"),
        "roles": _("Roles"),
        "reads": _("Reads up to"),
        "devices": _("Devices"),
        "since": _("Since"),
        "acknowledged": _("Acknowledged"),
        "you": _("You"),
    }
    emit(Table(tuple(Column(name, text) for name, text in heads.items()), tuple(map(_row, found)), "name"))


def _row(member: Member) -> dict[str, str]:
    people = session().format in PEOPLE
    return {
        "name": member.name,
        "email": member.email,
        "roles": _(", ").join(map(spoken, member.roles)) if people else ", ".join(member.roles),
        "reads": member.reads.label if people else member.reads.value,
        "devices": ", ".join(_named(member, one, people=people) for one in member.devices),
        "since": ", ".join(str(at.date()) for at in member.since.values()),
        "acknowledged": ", ".join(str(at.date()) if at else _never() for at in member.devices.values()),
        "you": _("you") if member.is_me else "",
    }


def _named(member: Member, device: str, *, people: bool) -> str:
    return _("{device} (this one)").format(device=device) if people and device == member.here else device


def _never() -> str:
    return _("never") if session().format in PEOPLE else "never"


def _add(name: NAME, key: KEY, email: EMAIL = "", role: ROLE = None) -> None:
    try:
        public = public_of(key)
    except ValueProblem as problem:
        hint = problem.hint or _("`crm keys` shows it on their machine.")
        raise Invalid(problem.message, where=Where(field="--key"), hint=hint) from None
    roles = _roles(role)
    outcome = team.add(workplace(), name, email, roles, public, dry_run=session().dry_run)
    would = _("{name} would be let in with the device {device} as {roles}.")
    if not roles:
        would = _("{name} would be given the device {device} as well.")
    named = _(", ").join(map(spoken, roles))
    _tell(
        outcome,
        _("{name} is in the team.").format(name=name),
        would.format(name=name, device=public.device, roles=named),
    )


def _role(name: NAME, role: ROLE = None) -> None:
    if not role:
        raise Invalid(_("No role is given."), where=Where(field="--role"), kind="usage", hint=_roles_hint())
    roles = _roles(role)
    outcome = team.give_roles(workplace(), name, roles, dry_run=session().dry_run)
    named = _(", ").join(map(spoken, roles))
    would = _("{name} would have the roles {roles} in place of all others.").format(name=name, roles=named)
    _tell(outcome, _("{name} has the roles {roles}.").format(name=name, roles=named), would)


def _retire(device: DEVICE) -> None:
    here, work = session(), workplace()
    device = team.device_called(work, device)
    owner = team.refuse_retiring(work, device)
    if not (here.dry_run or here.yes or here.interactive):
        hint = _(
            "All files are sealed with new keys, which {device} of {name} does not get, and nothing that it publishes "
            "from then on counts. Add --yes."
        )
        said = _("Retiring a device must be confirmed.")
        raise Refused(said, hint=hint.format(device=device, name=owner))
    question = _("Retire {device} of {name} and seal all files with new keys?").format(device=device, name=owner)
    if not here.dry_run and not confirm(question):
        emit(Notice(_("Nothing is changed.")))
        return
    outcome = team.retire(work, device, dry_run=here.dry_run)
    would = _("{device} of {name} would be retired.").format(device=device, name=owner)
    _tell(outcome, _("{device} of {name} is retired.").format(device=device, name=owner), would)


def _remove(name: NAME) -> None:
    here, work = session(), workplace()
    team.refuse_removing(work, name)
    lost = _("What {name} has not published by now is lost to the team: they cannot publish any more.").format(
        name=name
    )
    if not (here.dry_run or here.yes or here.interactive):
        raise Refused(_("Removing a person must be confirmed."), hint=f"{lost} {_('Add --yes.')}")
    question = _("Remove {name} from the team and seal all files with new keys?").format(name=name)
    if not here.dry_run and not confirm(f"{lost}\n{question}"):
        emit(Notice(_("Nothing is changed.")))
        return
    outcome = team.remove(work, name, dry_run=here.dry_run)
    would = _("{name} would be removed from the team.").format(name=name)
    _tell(outcome, _("{name} is no longer in the team.").format(name=name), would, _still_theirs(work, name))


def _still_theirs(work: Workplace, name: str) -> list[str]:
    count = team.owned_by(work, name)
    said = n_(
        "{count} customer still has {name} as owner: `crm search owner:{name}`.",
        "{count} customers still have {name} as owner: `crm search owner:{name}`.",
        count,
    )
    return [said.format(count=count, name=name)] if count else []


def _roles(given: list[str] | None) -> list[str]:
    return list(dict.fromkeys(map(_role_of, given or ())))


def _role_of(given: str) -> str:
    try:
        return listed(given, ROLES)
    except ValueProblem:
        said = _("{role} is not a role.").format(role=given)
        raise Invalid(said, where=Where(field="--role"), hint=_roles_hint()) from None


def _roles_hint() -> str:
    return _(", ").join(map(spoken, ROLES))


def _tell(outcome: Outcome, said: str, would: str, further: Sequence[str] = ()) -> None:
    words = [_("Dry run, nothing is written."), would] if outcome.dry_run else [said]
    words += [*_about_keys(outcome.data), *further]
    if not outcome.dry_run and outcome.commit is None:
        words = [_("Nothing to change.")]
    emit(Notice("\n".join(words), {**outcome.data, "commit": outcome.commit}), outcome.findings)


def _about_keys(data: Any) -> list[str]:
    count, levels = data.get("renewed", 0), _(", ").join(Level(code).label for code in data.get("levels", ()))
    if not levels:
        return []
    said = n_(
        "New keys for {levels}; {count} file is sealed with them.",
        "New keys for {levels}; {count} files are sealed with them.",
        count,
    )
    return [said.format(levels=levels, count=count), _("What they could read until now stays readable to them.")]
