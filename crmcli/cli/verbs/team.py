"""`crm team list|add|remove|role`: who is in the team of a sealed vault and what they may read."""

from typing import Annotated, Any, get_args

import typer

from crmcli.cli.opening import workplace
from crmcli.cli.output import confirm, emit
from crmcli.cli.session import session
from crmcli.errors import Invalid, Refused, ValueProblem, Where
from crmcli.model.team import Role
from crmcli.reports.values import Column, Notice, Table
from crmcli.sealing.identity import public_of
from crmcli.text import _, n_
from crmcli.usecases import team
from crmcli.usecases.change import Outcome

NAME = Annotated[str, typer.Argument(metavar="NAME", help=_("The person's name in the team, as in owner: li.na"))]
EMAIL = Annotated[str, typer.Option("--email", metavar="MAIL", help=_("The e-mail address git knows them by."))]
KEY = Annotated[str, typer.Option("--key", metavar="KEY", help=_("The line that `crm keys` shows on their machine."))]
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
    app.command("remove", help=_("Remove a person; they keep what they could read until now."))(_remove)
    return app


def _list() -> None:
    found = team.members(workplace())
    heads = {
        "name": _("Name"),
        "email": _("E-mail"),
        "roles": _("Roles"),
        "reads": _("Reads up to"),
        "devices": _("Devices"),
        "you": _("You"),
    }
    emit(Table(tuple(Column(name, text) for name, text in heads.items()), tuple(map(_row, found)), "name"))


def _row(member: team.Member) -> dict[str, str]:
    return {
        "name": member.name,
        "email": member.email,
        "roles": ", ".join(member.roles),
        "reads": member.reads,
        "devices": ", ".join(member.devices),
        "you": _("you") if member.is_me else "",
    }


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


def _remove(name: NAME) -> None:
    here, work = session(), workplace()
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
    count, levels = data.get("renewed", 0), ", ".join(data.get("levels", ()))
    if not levels:
        return []
    said = n_(
        "New keys for {levels}; {count} file is sealed with them.",
        "New keys for {levels}; {count} files are sealed with them.",
        count,
    )
    return [said.format(levels=levels, count=count), _("What they could read until now stays readable to them.")]
