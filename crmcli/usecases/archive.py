"""Archive the file of a customer who left, and bring one back (R48). Each move is dated and has its reason."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from crmcli.errors import Conflict, Invalid, Where
from crmcli.model import plain
from crmcli.model.codes import quoted_label
from crmcli.model.dossier import Dossier
from crmcli.model.identity import new_entry_id
from crmcli.store.transaction import Desk
from crmcli.text import _
from crmcli.usecases.change import Outcome, Plan, Why, carry_out, message
from crmcli.usecases.records import Record, change, read, refuse_changed_by_hand, validated
from crmcli.usecases.resolve import resolve
from crmcli.usecases.workplace import Workplace

Tree = dict[str, Any]
End = Literal["ended", "churned"]
ENDS: dict[str, End] = {"ended": "ended", "churned": "churned"}


def archive(
    work: Workplace, ref: str, end: End | None, *, on: date | None = None, why: Why, dry_run: bool = False
) -> Outcome:
    """Archive the customer `ref` names: cooperation ended or churn was confirmed on that day (today without one).

    A customer who has left already is archived as it stands. Nothing happens to an archived one. Invalid where the
    way of leaving is missing, contradicts the file (an archived one, too), or its day lies ahead or before the last move.
    """

    def plan(desk: Desk | None) -> Plan:
        record = read(work, resolve(work, ref))
        refuse_changed_by_hand(work, record.path)
        status = record.dossier.status
        if status == "archived":
            _refuse_contradiction(work, record.dossier, end, on)
            return _plan(record, [], "archive", why)
        tree = record.tree
        if status in ("lead", "active"):
            day = _left_on(work, record, on)
            tree = _moved(tree, _wanted(end), day, why.reason)
        else:
            _refuse_contradiction(work, record.dossier, end, on)
        return _written(work, record, _moved(tree, "archived", work.today, why.reason), "archive", why)

    return carry_out(work, "archive", plan, dry_run=dry_run)


def reactivate(work: Workplace, ref: str, *, why: Why, dry_run: bool = False) -> Outcome:
    """Make a customer who left, archived or not, active again. Nothing happens to an active one; Conflict for a lead."""

    def plan(desk: Desk | None) -> Plan:
        record = read(work, resolve(work, ref))
        if record.dossier.status == "lead":
            raise Conflict(
                _("{number} has not left: it is a lead.").format(number=record.number),
                hint=_("`crm update {number} --set status=active` makes it active.").format(number=record.number),
            )
        if record.dossier.status == "active":
            return _plan(record, [], "reactivate", why)
        return _written(work, record, _moved(record.tree, "active", work.today, why.reason), "reactivate", why)

    return carry_out(work, "reactivate", plan, dry_run=dry_run)


def _wanted(end: End | None) -> End:
    if end is None:
        raise Invalid(
            _("Say how the customer left."),
            kind="usage",
            where=Where(field="--reason"),
            hint=_("Add --reason ended (cooperation ended) or --reason churned (churn confirmed)."),
        )
    return end


def _left_on(work: Workplace, record: Record, on: date | None) -> date:
    day = on or work.today
    where = Where(field="--on")
    if day > work.today:
        said = _("{day} is in the future; today is {today}.")
        raise Invalid(said.format(day=day.isoformat(), today=work.today.isoformat()), where=where)
    last = max(record.dossier.status_history, key=lambda move: move.date, default=None)
    if last and day < last.date:
        said = _("{day} lies before the last move: {status} on {last}.")
        named = quoted_label(last.status, work.house.codes["status"])
        raise Invalid(said.format(day=day.isoformat(), status=named, last=last.date.isoformat()), where=where)
    met = [sale.date for sale in record.readable.transactions] + [one.at.date() for one in record.readable.interactions]
    if met and day < max(met):
        said = _("{day} lies before the last purchase or contact, on {last}.")
        raise Invalid(said.format(day=day.isoformat(), last=max(met).isoformat()), where=where)
    return day


def _refuse_contradiction(work: Workplace, dossier: Dossier, end: End | None, on: date | None) -> None:
    """Invalid where the file says that the customer left otherwise, or on another day."""
    left = next((move for move in reversed(dossier.status_history) if move.status != "archived"), None)
    status, day = (left.status, left.date) if left else (dossier.status, None)
    if end in (None, status) and on in (None, day):
        return
    said = _("{number} left already: {status} on {day}.").format(
        number=dossier.id,
        status=quoted_label(status, work.house.codes["status"]),
        day=day.isoformat() if day else "?",
    )
    hint = _("Leave --reason and --on out to archive it as it stands.")
    if dossier.status == "archived":
        hint = _("`crm reactivate {number} --reason CODE` first, then archive it anew.").format(number=dossier.id)
    raise Invalid(said, where=Where(field="--reason" if end not in (None, status) else "--on"), hint=hint)


def _moved(tree: Mapping[str, Any], status: str, day: date, reason: str | None) -> Tree:
    move = {"id": new_entry_id("H"), "date": day.isoformat(), "status": status, "reason": reason}
    kept = {key: value for key, value in move.items() if value}
    return {**tree, "status": status, "status_history": [*tree.get("status_history", ()), kept]}


def _written(work: Workplace, record: Record, tree: Tree, op: str, why: Why) -> Plan:
    after = plain.write(validated(work, tree, record.path))
    return _plan(record, [change(work, after, record.data)], op, why)


def _plan(record: Record, changes: list[Any], op: str, why: Why) -> Plan:
    return Plan(changes, message(op, f"{op} {record.number}: status", [record.number], why), (record.number,))
