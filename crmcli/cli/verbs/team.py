"""`crm team [list]|add|role|retire|remove`: who is in the team of a sealed vault and what they may read."""

from typing import Annotated, Any, get_args

import typer

from crmcli.cli.listing import PEOPLE
from crmcli.cli.opening import workplace
from crmcli.cli.output import confirm, emit
from crmcli.cli.session import session
from crmcli.errors import Invalid, Refused, ValueProblem, Where
from crmcli.model.fields import Level
from crmcli.model.team import Role
from crmcli.reports.values import Column, Notice, Table
from crmcli.sealing.identity import public_of
from crmcli.text import _, n_
from crmcli.usecases import team
from crmcli.usecases.change import Outcome
from crmcli.usecases.members import Member, members

DEFAULT = "list"
NAME = Annotated[str, typer.Argument(metavar="NAME", help=_("The person's name in the team, as in owner: li.na"))]
EMAIL = Annotated[str, typer.Option("--email", metavar="MAIL", help=_("The e-mail address git knows them by."))]
KEY = Annotated[str, typer.Option("--key", metavar="KEY", help=_("The line that `crm keys` shows on their machine."))]
DEVICE = Annotated[str, typer.Argument(metavar="DEVICE", help=_("The device's name, as `crm team list` shows it."))]
ROLE = Annotated[
    list[str] | None,
    typer.Option("--role", metavar="ROLE", help=_("sales, staff, manager, legal or admin.")),
]


def group(noun: str) -> typer.Typer:
    """The commands of `crm team`."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command("list", help=_("Show who is in the team."))(_list)
    app.command("add", help=_("Add a person, or another device of theirs."))(_add)
    app.command("role", help=_("Give a person other roles."))(_role)
    app.command("retire", help=_("Take out one device, as a lost one; its owner stays in the team."))(_retire)
    app.command("remove", help=_("Remove a person; they keep what they could read until now."))(_remove)
    return app


def _list() -> None:
    found = members(workplace())
    heads = {
        "name": _("Name"),
        "email": _("E-mail"),
        "roles": _("Roles"),
        "reads": _("Reads up to"),
        "devices": _("Devices"),
        "acknowledged": _("Acknowledged"),
        "you": _("You"),
    }
    emit(Table(tuple(Column(name, text) for name, text in heads.items()), tuple(map(_row, found)), "name"))


def _row(member: Member) -> dict[str, str]:
    return {
        "name": member.name,
        "email": member.email,
        "roles": ", ".join(member.roles),
        "reads": member.reads.label if session().format in PEOPLE else member.reads.value,
        "devices": ", ".join(member.devices),
        "acknowledged": ", ".join(str(at.date()) if at else _never() for at in member.devices.values()),
        "you": _("you") if member.is_me else "",
    }


def _never() -> str:
    return _("never") if session().format in PEOPLE else "never"


def _add(name: NAME, key: KEY, email: EMAIL = "", role: ROLE = None) -> None:
    try:
        public = public_of(key)
    except ValueProblem as problem:
        hint = problem.hint or _("`crm keys` shows it on their machine.")
        raise Invalid(problem.message, where=Where(field="--key"), hint=hint) from None
    outcome = team.add(workplace(), name, email, _roles(role), public, dry_run=session().dry_run)
    _tell(outcome, _("{name} is in the team.").format(name=name))


def _role(name: NAME, role: ROLE = None) -> None:
    if not role:
        raise Invalid(_("No role is given."), where=Where(field="--role"), kind="usage", hint=_roles_hint())
    outcome = team.give_roles(workplace(), name, _roles(role), dry_run=session().dry_run)
    _tell(outcome, _("{name} has the roles {roles}.").format(name=name, roles=", ".join(role)))


def _retire(device: DEVICE) -> None:
    here, work, device = session(), workplace(), device.upper()
    owner = team.refuse_retiring(work, device)
    if not (here.dry_run or here.yes or here.interactive):
        raise Refused(_("Retiring a device must be confirmed."), hint=_("Add --yes."))
    question = _("Retire {device} of {name} and seal all files with new keys?").format(device=device, name=owner)
    if not here.dry_run and not confirm(question):
        emit(Notice(_("Nothing is changed.")))
        return
    outcome = team.retire(work, device, dry_run=here.dry_run)
    _tell(outcome, _("{device} of {name} is retired.").format(device=device, name=owner))


def _remove(name: NAME) -> None:
    here, work = session(), workplace()
    team.refuse_removing(work, name)
    if not (here.dry_run or here.yes or here.interactive):
        raise Refused(_("Removing a person must be confirmed."), hint=_("Add --yes."))
    if not here.dry_run and not confirm(
        _("Remove {name} from the team and seal all files with new keys?").format(name=name)
    ):
        emit(Notice(_("Nothing is changed.")))
        return
    outcome = team.remove(work, name, dry_run=here.dry_run)
    _tell(outcome, _("{name} is no longer in the team.").format(name=name))


def _roles(given: list[str] | None) -> list[str]:
    known = get_args(Role)
    for role in given or ():
        if role not in known:
            said = _("{role} is not a role.").format(role=role)
            raise Invalid(said, where=Where(field="--role"), hint=_roles_hint())
    return list(dict.fromkeys(given or ()))


def _roles_hint() -> str:
    return ", ".join(get_args(Role))


def _tell(outcome: Outcome, said: str) -> None:
    words = [_("Dry run, nothing is written.") if outcome.dry_run else said, *_about_keys(outcome.data)]
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
