"""`crm purge plan|approve|run|list|verify`: destruction in three steps, its register, and the proof that it reached
everything; `crm purge REF --request`: all steps for one customer who asks for it."""

from typing import Annotated

import typer

from crmcli.cli import purge_words as words
from crmcli.cli.opening import workplace
from crmcli.cli.output import confirm, emit, end_with
from crmcli.cli.output import note as aside
from crmcli.cli.session import session
from crmcli.cli.why import NOTE
from crmcli.errors import Damaged, Invalid, Refused
from crmcli.model.spelling import quoted
from crmcli.reports.values import Notice
from crmcli.text import _
from crmcli.usecases.purge_approve import approve
from crmcli.usecases.purge_list import register
from crmcli.usecases.purge_plan import plan
from crmcli.usecases.purge_request import ask, fulfil
from crmcli.usecases.purge_run import Done, choose, run
from crmcli.usecases.purge_verify import verify

PLAN = Annotated[str, typer.Argument(metavar="PLAN", help=_("The plan's day, as 2026-11-22, or its path."))]
WHICH = Annotated[
    str | None, typer.Argument(metavar="PLAN", help=_("If left out: the oldest approved plan not yet carried out."))
]
WHOM = Annotated[str, typer.Argument(metavar="REF", help=_("The customer's number, or an exact name or phone."))]
REQUEST = Annotated[
    bool, typer.Option("--request", help=_("The customer asks for it: terms of retention don't count."))
]
OTHERWISE = "REF --request"  # the action when the first word is none of the others


def group(noun: str) -> typer.Typer:
    """The commands of `crm purge`."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command("plan", help=_("Commit a plan of what is due for destruction."))(_plan)
    app.command("approve", help=_("Approve a plan."))(_approve)
    app.command("run", help=_("Destroy what an approved plan lists."))(_run)
    app.command("list", help=_("Show the register of destruction."))(_list)
    app.command("verify", help=_("Check that nothing of destroyed customers can be read any more."))(_verify)
    app.command(OTHERWISE, help=_("Destroy the file of one customer who asks for it."))(_request)
    return app


def _plan() -> None:
    made = plan(workplace(), dry_run=session().dry_run)
    emit(words.planned(made), made.findings)
    if made.commit and made.path:
        aside(_("Read it; `crm purge approve {name}` approves it.").format(name=words.name_of(made.path)))


def _approve(plan_: PLAN, note: NOTE = None) -> None:
    emit(words.approved(approve(workplace(), plan_, note=note, dry_run=session().dry_run)))


def _run(plan_: WHICH = None) -> None:
    here, work = session(), workplace()
    seen = None if here.dry_run or here.yes else choose(work, plan_)
    if seen and seen.filed and not here.interactive:
        raise Refused(_("Destruction must be confirmed."), hint=_("Add --yes."))
    if seen and seen.filed and not confirm(words.question(seen.filed)):
        emit(Notice(_("Nothing is destroyed.")))
        return
    done = Done(seen) if seen and seen.filed is None else run(work, plan_, only=seen, dry_run=here.dry_run)
    emit(words.done(done), (*done.chosen.findings, *done.findings, *done.skipped))
    _end(done)


def _end(done: Done) -> None:
    if done.skipped:
        end_with(Refused.exit)


def _request(ref: WHOM, request: REQUEST = False, note: NOTE = None) -> None:
    if not request:
        said = _("crm purge {ref} is not a command.").format(ref=quoted(ref))
        hint = _("plan, approve, run, list or verify; or `crm purge REF --request` for a customer who asks for it.")
        raise Invalid(said, hint=hint, kind="usage")
    here, work = session(), workplace()
    asked = ask(work, ref)
    if here.dry_run:
        emit(words.asked(asked), (*asked.mentions, *asked.past))
        return
    if asked.alone and not confirm(_("Destroy the file of {number} for good?").format(number=asked.item.number)):
        emit(Notice(_("Nothing is destroyed.")))
        return
    ended = fulfil(work, asked, note=note)
    findings = (*ended.done.findings, *ended.done.skipped) if ended.done else asked.past
    emit(words.requested(ended), (*asked.mentions, *findings))
    if ended.done:
        _end(ended.done)


def _verify(ref: Annotated[str | None, typer.Argument(metavar="NUMBER", help=_("All if left out."))] = None) -> None:
    found = verify(workplace(), ref)
    emit(words.verified(found), found.findings)


def _list() -> None:
    work = workplace()
    found = register(work)
    emit(words.register(found, work.house.zone), (*found.damaged, *found.open))
    if found.damaged:
        end_with(Damaged.exit)
