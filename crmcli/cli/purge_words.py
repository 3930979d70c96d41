"""What `crm purge` has to say: plans, approvals, runs and the register as values to emit. Decides nothing."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import tzinfo

from crmcli.model.certificate import Certificate
from crmcli.model.plain import write
from crmcli.reports.values import Column, Notice, Table
from crmcli.text import _, n_
from crmcli.usecases.purge_approve import Approved
from crmcli.usecases.purge_list import Register
from crmcli.usecases.purge_papers import Filed
from crmcli.usecases.purge_plan import Planned
from crmcli.usecases.purge_request import Asked, Requested
from crmcli.usecases.purge_run import Done
from crmcli.usecases.purge_verify import Verified

SHOWN = 40
FEW = 5


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
        yield line.format(number=one.number, day=one.on, reasons=_("; ").join(one.reasons))
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
    data: dict[str, object] = {
        "plan": path,
        "commit": ended.commit,
        "dry_run": ended.dry_run,
        "destroyed": list(ended.destroyed),
    }
    data |= {"kept": len(ended.skipped), "keys": list(ended.keys), "copies": list(ended.copies)}
    return Notice("\n".join(_done_lines(ended)), data, ended.destroyed)


def _done_lines(ended: Done) -> Iterator[str]:
    if not ended.destroyed:
        return
    numbers = ", ".join(ended.destroyed[:SHOWN]) + (" …" if len(ended.destroyed) > SHOWN else "")
    if ended.dry_run:
        yield _("Dry run, would destroy: {numbers}.").format(numbers=numbers)
        return
    yield _("Destroyed: {numbers}. The certificates are in records/purged.").format(numbers=numbers)
    if ended.sealed:
        yield from _sealed_lines(ended)
    else:
        yield _("This vault is open: earlier versions in git's history were not reached and can still be read.")


def _sealed_lines(ended: Done) -> Iterator[str]:
    if ended.keys:
        yield _("Their keys are destroyed: earlier versions can't be read any more; open fields stay readable there.")
    if len(ended.keys) < len(ended.destroyed):
        yield _(
            "This machine had no key for some of them; a machine that has one destroys it once the certificate reaches it."
        )
    yield _("Out of reach: other clones until they pull and run any crm command; backups of customers' keys.")
    if ended.copies:
        count = len(ended.copies)
        said = n_(
            "Also out of reach: {count} export or key kit that may hold them: {copies}",
            "Also out of reach: {count} exports or key kits that may hold them: {copies}",
            count,
        )
        more = " …" if count > FEW else ""
        yield said.format(count=count, copies=_("; ").join(ended.copies[:FEW]) + more)


def asked(found: Asked) -> Notice:
    """What a request would do."""
    number = found.item.number
    lines = [_("Dry run, would destroy: {numbers}.").format(numbers=number)]
    if not found.alone:
        lines.append(_approval(found, "…"))
    return Notice("\n".join(lines), {**_asked_data(found), "dry_run": True}, (number,))


def requested(ended: Requested) -> Notice:
    """What became of a request."""
    if ended.done:
        told = done(ended.done)
        return Notice(told.message, {**told.data, **_asked_data(ended.asked)}, told.ids)
    lines = [_("Planned in {path}:").format(path=ended.filed.path), _approval(ended.asked, name_of(ended.filed.path))]
    data = {**_asked_data(ended.asked), "plan": ended.filed.path, "destroyed": [], "dry_run": False}
    return Notice("\n".join(lines), data, (ended.asked.item.number,))


def _approval(found: Asked, name: str) -> str:
    said = _("Another person with the role {role} must approve it: `crm purge approve {name}`; then `crm purge run`.")
    return said.format(role=found.role, name=name)


def _asked_data(found: Asked) -> dict[str, object]:
    return {"number": found.item.number, "alone": found.alone, "role": found.role, "on_file": found.on_file}


def verified(found: Verified) -> Notice:
    """What was scanned, what is left and what no scan of this machine reaches."""
    counts = found.scanned
    data = {**asdict(counts), "certificates": list(found.numbers), "copies": list(found.copies), "left": found.left}
    if not found.numbers:
        return Notice(_("There is no certificate: nothing to verify."), data)
    said = n_("Verified {count} certificate.", "Verified {count} certificates.", len(found.numbers))
    scanned = _(
        "Scanned objects: {objects}, versions of the files: {versions}, sealed values: {tokens}, "
        "messages: {messages}, refs: {refs}, index entries: {entries}, files: {files}."
    )
    lines = [said.format(count=len(found.numbers)), scanned.format(**asdict(counts))]
    if found.left:
        lines.append(_("Something is left; see above."))
    else:
        lines.append(_("Nothing of these customers can be read here any more, except open fields of earlier versions."))
    lines.append(_("Not looked at: other clones and machines, backups, swap."))
    if found.copies:
        lines.append(_("Exports and key kits named in the certificates:"))
        lines += [f"  {copy}" for copy in found.copies[:SHOWN]]
    return Notice("\n".join(lines), data, found.numbers)


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
        "readable": _("Readable"),
        "copies": _("Out of reach"),
    }
    columns = tuple(Column(name, head) for name, head in heads.items())
    return Table(columns, tuple(_row(one, zone) for one in found.certificates), "number")


def _row(certificate: Certificate, zone: tzinfo) -> dict[str, str]:
    at = certificate.destroyed_at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    tree = {name: value for name, value in write(certificate).items() if isinstance(value, str)}
    copies = ", ".join(certificate.copies)
    return {**tree, "destroyed_at": at, "plan": name_of(certificate.plan), "copies": copies}


def name_of(path: str) -> str:
    """A plan's name without folder and ending."""
    return path.rsplit("/", 1)[-1].removesuffix(".yaml")
