"""`crm purge plan|approve|run|list`: destruction in three steps, and its register. Says nothing when there is nothing."""

from typing import Annotated

import typer

from crmcli.cli.opening import workplace
from crmcli.cli.output import confirm, emit, end_with, note
from crmcli.cli.session import session
from crmcli.cli.why import NOTE
from crmcli.errors import Damaged, Refused
from crmcli.reports.values import Column, Notice, Table
from crmcli.text import _, n_
from crmcli.usecases.purge_approve import approve
from crmcli.usecases.purge_list import register
from crmcli.usecases.purge_plan import Planned, plan
from crmcli.usecases.purge_run import Done, choose, run
from crmcli.usecases.workplace import Workplace

PLAN = Annotated[str, typer.Argument(metavar="PLAN", help=_("The plan's day, as 2026-11-22, or its path."))]
WHICH = Annotated[
    str | None, typer.Argument(metavar="PLAN", help=_("The oldest approved plan not carried out yet, without."))
]
SHOWN = 40


def group(noun: str) -> typer.Typer:
    """The commands of `crm purge`."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command("plan", help=_("Commit a plan of what is due for destruction."))(plan_)
    app.command("approve", help=_("Approve a plan."))(approve_)
    app.command("run", help=_("Destroy what an approved plan lists."))(run_)
    app.command("list", help=_("Show the register of destruction."))(list_)
    return app


def plan_() -> None:
    """Plan; quiet where nothing is due, or a plan lists it already."""
    made = plan(workplace(), dry_run=session().dry_run)
    due = [
        {"number": one.number, "due": str(one.on), "rule": one.rule, "clause": one.clause, "reasons": list(one.reasons)}
        for one in made.decisions
    ]
    data = {"plan": made.path, "commit": made.commit, "dry_run": made.dry_run, "due": due}
    emit(Notice(_planned(made), data, tuple(one.number for one in made.decisions)), made.findings)
    if made.path and made.commit:
        note(_("Read it; `crm purge approve {name}` approves it.").format(name=_name(made.path)))


def approve_(name: PLAN, note: NOTE = None) -> None:
    """Approve; says so when it was approved before."""
    made = approve(workplace(), name, note=note, dry_run=session().dry_run)
    numbers = tuple(item.number for item in made.filed.plan.items)
    said = n_("Approved {plan}: {count} customer.", "Approved {plan}: {count} customers.", len(numbers))
    said = said if made.commit or made.dry_run else _("{plan} is approved already.")
    data = {"plan": made.filed.path, "plan_file": made.filed.blob, "by": made.by, "commit": made.commit}
    emit(Notice(said.format(plan=made.filed.path, count=len(numbers)), data, numbers))


def run_(name: WHICH = None) -> None:
    """Destroy after a yes; quiet where nothing is left to do, 5 at the end when something was kept."""
    work = workplace()
    if not (session().dry_run or session().yes or session().interactive):
        raise Refused(_("Destruction needs a yes."), hint=_("Add --yes."))
    chosen = choose(work, name)
    count = len(chosen.filed.plan.items) if chosen.filed else 0
    if chosen.filed and not session().dry_run and not confirm(_question(count).format(count=count, plan=chosen.filed.path)):
        return emit(Notice(_("Nothing is destroyed.")))
    done = run(work, name, only=chosen, dry_run=session().dry_run) if chosen.filed else Done(chosen)
    path = done.chosen.filed.path if done.chosen.filed else None
    data = {"plan": path, "commit": done.commit, "dry_run": done.dry_run, "destroyed": list(done.destroyed)}
    emit(Notice(_done(done), {**data, "kept": len(done.skipped)}, done.destroyed), (*chosen.findings, *done.skipped))
    if done.skipped:
        end_with(Refused.exit)
    return None
