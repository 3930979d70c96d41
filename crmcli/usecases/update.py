"""Change a customer's profile: set and clear fields, add and remove tags. One commit, or none when nothing changes."""

from collections.abc import Mapping
from typing import Any

from crmcli.errors import Conflict, Invalid
from crmcli.model import edits, plain
from crmcli.model.edits import Edits
from crmcli.rules.duplicates import KEYS, Registry
from crmcli.rules.oddities import oddities
from crmcli.store.transaction import Desk
from crmcli.text import _
from crmcli.usecases.change import Outcome, Plan, Why, carry_out, message
from crmcli.usecases.records import Record, change, each, field_name, gap_finding, gaps_of, read_editable, validated
from crmcli.usecases.resolve import resolve
from crmcli.usecases.workplace import Workplace

Tree = dict[str, Any]


def update(
    work: Workplace, ref: str, wanted: Edits, *, why: Why, duplicate_ok: bool = False, dry_run: bool = False
) -> Outcome:
    """Carry out the edits on the customer `ref` names."""
    if wanted == Edits():
        raise Invalid(_("Nothing to change."), hint=_("Give --set, --unset, --add-tag or --rm-tag."))

    def plan(desk: Desk | None) -> Plan:
        record = read_editable(work, resolve(work, ref))
        return planned(
            work, record, edits.apply(record.tree, wanted, work.fields), "update", why, duplicate_ok=duplicate_ok
        )

    return carry_out(work, "update", plan, dry_run=dry_run)


def planned(
    work: Workplace, record: Record, draft: Mapping[str, Any], op: str, why: Why, *, duplicate_ok: bool = False
) -> Plan:
    """The plan that turns a record into a draft of it: checked, moves entered in the histories, duplicates refused."""
    before = record.tree
    written = plain.write(validated(work, draft, record.path))
    after = edits.with_moves(before, written, work.today, work.house.codes["status"], why.reason)
    names = edits.changed_names(before, after)
    if not duplicate_ok and any(name in KEYS for name in names):
        _refuse_duplicates(work, after)
    said = message(op, f"{op} {record.number}: {', '.join(names)}", [record.number], why)
    changes = [change(work, after, record.data)] if names else []
    had = gaps_of(work, before)
    opened = tuple(gap_finding(record.number, gap) for gap in gaps_of(work, after) if gap not in had)
    odd = oddities(after, record.number, before)
    return Plan(changes, said, (record.number,), (*opened, *odd), {"fields": names})


def _refuse_duplicates(work: Workplace, tree: Tree) -> None:
    found = Registry(record.tree for record in each(work, [])).of(tree)
    if found:
        raise Conflict(
            _("{number} has the same {field}.").format(number=found[0].number, field=field_name(work, found[0].field)),
            kind="duplicate",
            hint=_("Add --duplicate-ok if they really are two."),
            candidates=[{"number": duplicate.number, "field": duplicate.field} for duplicate in found],
        )
