"""What `crm purge` has to say: plans, approvals, runs and the register as values to emit. Decides nothing."""

from collections.abc import Iterator
from datetime import tzinfo

from crmcli.model.certificate import Certificate
from crmcli.model.plain import write
from crmcli.reports.values import Column, Notice, Table
from crmcli.text import _, n_
from crmcli.usecases.purge_approve import Approved
from crmcli.usecases.purge_list import Register
from crmcli.usecases.purge_papers import Filed
from crmcli.usecases.purge_plan import Planned
from crmcli.usecases.purge_run import Done

SHOWN = 40


def planned(made: Planned) -> Notice:
    """Who is due and why; nothing at all to say when nobody is, or a plan lists them already."""
    due = [
        {"number": one.number, "due": str(one.on), "rule": one.rule, "clause": one.clause, "reasons": list(one.reasons)}
        for one in made.decisions
    ]
    data = {"plan": made.path, "commit": made.commit, "dry_run": made.dry_run, "due": due}
    numbers = tuple(one.number for one in made.decisions)
    return Notice("\n".join(_plan_lines(made)) if made.commit or made.dry_run else "", data, numbers)


def _plan_lines(made: Planned) -> Iterator[str]:
    if made.dry_run:
        yield _("Dry run, nothing is written:")
    else:
        yield _("Planned in {path}:").format(path=made.path)
    line = _("  {number}: due since {day}; {reasons}")
    for one in made.decisions[:SHOWN]:
        yield line.format(number=one.number, day=one.on, reasons="; ".join(one.reasons))
    if len(made.decisions) > SHOWN:
        yield _("  … and {count} more").format(count=len(made.decisions) - SHOWN)


def approved(made: Approved) -> Notice:
    """That a plan is approved, now or before."""
    numbers = tuple(item.number for item in made.filed.plan.items)
    if made.dry_run:
        said = _("Dry run: {plan} may be approved by {by}.")
    elif made.commit is None:
        said = _("{plan} is approved already.")
    else:
        said = n_("Approved {plan}: {count} customer.", "Approved {plan}: {count} customers.", len(numbers))
    data = {"plan": made.filed.path, "plan_file": made.filed.blob, "by": made.by, "commit": made.commit}
    return Notice(
        said.format(plan=made.filed.path, by=made.by, count=len(numbers)), {**data, "dry_run": made.dry_run}, numbers
    )


def question(filed: Filed) -> str:
    """What a person says yes or no to."""
    count = len(filed.plan.items)
    said = n_(
        "Destroy the file of {count} customer in {plan} for good?",
        "Destroy the files of {count} customers in {plan} for good?",
        count,
    )
    return said.format(count=count, plan=filed.path)


def done(ended: Done) -> Notice:
    """What was destroyed, and what that did not reach; nothing at all to say when there was nothing to do."""
    path = ended.chosen.filed.path if ended.chosen.filed else None
    data = {"plan": path, "commit": ended.commit, "dry_run": ended.dry_run, "destroyed": list(ended.destroyed)}
    return Notice("\n".join(_done_lines(ended)), {**data, "kept": len(ended.skipped)}, ended.destroyed)


def _done_lines(ended: Done) -> Iterator[str]:
    if not ended.destroyed:
        return
    numbers = ", ".join(ended.destroyed[:SHOWN]) + (" …" if len(ended.destroyed) > SHOWN else "")
    if ended.dry_run:
        yield _("Dry run, would destroy: {numbers}.").format(numbers=numbers)
        return
    yield _("Destroyed: {numbers}. The certificates are in records/purged.").format(numbers=numbers)
    yield _("This vault is open: earlier versions in git's history were not reached and can still be read.")


def register(found: Register, zone: tzinfo) -> Table:
    """The register of destruction, newest last."""
    heads = {
        "number": _("Number"),
        "destroyed_at": _("Destroyed at"),
        "method": _("Method"),
        "rule": _("Rule"),
        "clause": _("Clause"),
        "requested_by": _("Requested by"),
        "approved_by": _("Approved by"),
        "destroyed_by": _("Destroyed by"),
        "plan": _("Plan"),
        "history": _("History"),
    }
    columns = tuple(Column(name, head) for name, head in heads.items())
    return Table(columns, tuple(_row(one, zone) for one in found.certificates), "number")


def _row(certificate: Certificate, zone: tzinfo) -> dict[str, str]:
    at = certificate.destroyed_at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    return {**write(certificate), "destroyed_at": at, "plan": name_of(certificate.plan)}


def name_of(path: str) -> str:
    """A plan's name without folder and ending."""
    return path.rsplit("/", 1)[-1].removesuffix(".yaml")
