"""What `crm purge` has to say: plans, approvals, runs and the register as values to emit. Decides nothing."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import tzinfo

from crmcli.cli.listing import PEOPLE
from crmcli.cli.session import session
from crmcli.model.certificate import Certificate
from crmcli.model.plain import write
from crmcli.model.team import spoken
from crmcli.reports.destruction_register import worded
from crmcli.reports.values import Column, Notice, Table
from crmcli.text import _, n_
from crmcli.usecases.devices import TeamDevice
from crmcli.usecases.purge_advice import clear_words
from crmcli.usecases.purge_approve import Approved
from crmcli.usecases.purge_list import Register
from crmcli.usecases.purge_papers import Filed
from crmcli.usecases.purge_plan import Planned
from crmcli.usecases.purge_request import Asked, Requested
from crmcli.usecases.purge_run import Chosen, Done
from crmcli.usecases.purge_verify import Verified

SHOWN = 40
FEW = 5
SPARE = (  # what a narrow terminal leaves out of the register, first to last
    *("plan", "clause", "requested_by", "approved_by", "destroyed_by", "copies", "rule", "method", "readable"),
    "history",
)


def planned(made: Planned) -> Notice:
    """Who is due and why; where nobody is, or a plan lists them already, just that."""
    due = [
        {"number": one.number, "due": str(one.on), "rule": one.rule, "clause": one.clause, "reasons": list(one.reasons)}
        for one in made.decisions
    ]
    data = {"plan": made.path, "commit": made.commit, "dry_run": made.dry_run, "due": due}
    new = made.decisions and (made.commit or made.dry_run)
    if new:
        return Notice("\n".join(_plan_lines(made)), data, tuple(one.number for one in made.decisions))
    return Notice(_nothing_new(made), data)


def _nothing_new(made: Planned) -> str:
    if made.path is None:
        return _("Nothing is planned; see above.") if made.findings else _("Nothing is due.")
    if made.approved:
        said = _("{plan} lists all that is due already and is approved: `crm purge run` carries it out.")
        return said.format(plan=made.path)
    said = _("{plan} lists all that is due already and waits for approval: `crm purge approve {name}`.")
    return said.format(plan=made.path, name=name_of(made.path))


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
    """What was destroyed, and what that did not reach; or why there was nothing to do."""
    path = ended.chosen.filed.path if ended.chosen.filed else None
    data: dict[str, object] = {
        "plan": path,
        "commit": ended.commit,
        "dry_run": ended.dry_run,
        "destroyed": list(ended.destroyed),
    }
    data |= {"kept": len(ended.skipped), "keys": list(ended.keys), "copies": list(ended.copies)}
    data |= {"clear": list(ended.clear), "waiting": ended.chosen.waiting}
    said = "\n".join(_done_lines(ended)) if ended.chosen.filed else _idle(ended.chosen)
    return Notice(said, data, ended.destroyed)


def _idle(chosen: Chosen) -> str:
    if chosen.ended:
        return _("There is nothing to carry out: everything in {plan} is destroyed.").format(plan=chosen.ended)
    if chosen.waiting is None:
        return _("There is nothing to carry out: no approved plan is waiting.")
    said = _("There is nothing to carry out: {plan} waits for approval (`crm purge approve {name}`).")
    return said.format(plan=chosen.waiting, name=name_of(chosen.waiting))


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
    if ended.meets:
        yield _("`crm sync` now lets the other clones know of it.")


def _sealed_lines(ended: Done) -> Iterator[str]:
    if ended.keys and ended.clear:
        yield _("Their keys are destroyed: sealed values of earlier versions can't be read any more.")
    elif ended.keys:
        yield _("Their keys are destroyed: earlier versions can't be read any more; open fields stay readable there.")
    if ended.clear:
        yield f"{clear_words(ended.clear)} {ended.advice}"
    if len(ended.keys) < len(ended.destroyed):
        yield _(
            "This machine had no key for some of them; a machine that has one destroys it once the certificate reaches it."
        )
    yield _("Out of reach: other clones until their next `crm sync`; backups of customers' keys.")
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
    number, path = ended.asked.item.number, ended.filed.path
    lines = [
        _("Planned in {path}: {number}.").format(path=path, number=number),
        _approval(ended.asked, name_of(ended.filed.path)),
    ]
    data = {**_asked_data(ended.asked), "plan": ended.filed.path, "destroyed": [], "dry_run": False}
    return Notice("\n".join(lines), data, (ended.asked.item.number,))


def _approval(found: Asked, name: str) -> str:
    said = _("Another person with the role {role} must approve it: `crm purge approve {name}`; then `crm purge run`.")
    return said.format(role=spoken(found.role), name=name)


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
    elif found.doubtful:
        lines.append(_("No key and no readable version is left here; look at what is named above."))
    else:
        lines.append(_("Nothing was found by key, number or uid, except open fields of earlier versions."))
    lines.append(_("Not looked at: texts that give neither number nor uid, packed files, other clones, backups, swap."))
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
        "state": _("Devices"),
    }
    if session().format not in PEOPLE:
        heads |= {"pending": "pending", "retired": "retired"}
    columns = tuple(Column(name, head, spare=_spare(name)) for name, head in heads.items())
    rows = (_row(one, zone) | _state(one, found.waiting.get(one.number)) for one in found.certificates)
    return Table(columns, tuple(rows), "number")


def _spare(name: str) -> int:
    return len(SPARE) - SPARE.index(name) if name in SPARE else 0


def _state(certificate: Certificate, waiting: tuple[TeamDevice, ...] | None) -> dict[str, str]:
    """Whether every device has acknowledged the destruction, and which ones have not."""
    if waiting is None and certificate.method == "key-destroyed":
        return {"state": _("not authorised") if session().format in PEOPLE else "void"}
    if waiting is None:
        return {}
    listed, retired = ([one for one in waiting if bool(one.retired) == gone] for gone in (False, True))
    if session().format not in PEOPLE:
        state = "pending" if listed else "retired" if retired else "complete"
        told = ("; ".join(f"{_who(one)} {_day(one)} {one.by}" for one in retired), ", ".join(map(_who, listed)))
        return {"state": state, "retired": told[0], "pending": told[1]}
    words = [_("pending: {devices}").format(devices=", ".join(map(_who, listed)))] if listed else []
    said = _("retired {day} by {name}, never acknowledged: {device}")
    words += [said.format(day=_day(one), name=one.by, device=_who(one)) for one in retired]
    return {"state": _("; ").join(words) or _("complete")}


def _who(device: TeamDevice) -> str:
    return f"{device.owner} ({device.id})"


def _day(device: TeamDevice) -> str:
    return str(device.retired.date()) if device.retired else ""


def _row(certificate: Certificate, zone: tzinfo) -> dict[str, str]:
    at = certificate.destroyed_at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    tree = {name: value for name, value in write(certificate).items() if isinstance(value, str)}
    copies = ", ".join(certificate.copies)
    line = {**tree, "destroyed_at": at, "plan": name_of(certificate.plan), "copies": copies}
    return worded(line) if session().format in PEOPLE else line


def name_of(path: str) -> str:
    """A plan's name without folder and ending."""
    return path.rsplit("/", 1)[-1].removesuffix(".yaml")
