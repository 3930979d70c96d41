"""Edit a customer's file as text: hand it out, take it back checked. The editor itself runs in `cli`.

In a sealed vault the text is in clear where its reader may see it; placeholders stand for what is masked or unreadable.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crmcli.errors import Conflict, Finding, Invalid, Where, invalid
from crmcli.model import edits, plain
from crmcli.model.findings import Lines, line_of
from crmcli.model.masks import masked
from crmcli.model.placeholders import Kept, placeheld, restored
from crmcli.rules.clear_text import comment
from crmcli.store.comments import comments_of
from crmcli.store.transaction import Change, Desk
from crmcli.store.yamlread import parse
from crmcli.store.yamlwrite import render
from crmcli.text import _
from crmcli.usecases.change import Outcome, Plan, Why, carry_out
from crmcli.usecases.records import Record, change, read, read_editable, refuse_changed_by_hand, validated
from crmcli.usecases.resolve import resolve
from crmcli.usecases.reveal import entered, view_of
from crmcli.usecases.update import planned
from crmcli.usecases.workplace import Workplace

MARK = "#! "


@dataclass(frozen=True)
class Sheet:
    """A customer's file handed out for editing, and what its placeholders stand for."""

    record: Record
    text: str
    kept: Kept = field(default_factory=Kept)


def hand_out(work: Workplace, ref: str, *, reveal: Why | None = None) -> Sheet:
    """The file as text to edit. `reveal`: why masked values stand there in full, which is entered in the history.

    Conflict, kind "uncommitted", for a file that was changed by hand.
    """
    record = read_editable(work, resolve(work, ref))
    refuse_changed_by_hand(work, record.path)  # before somebody's work in the editor is in vain
    if not work.sealed:
        return Sheet(record, record.data.decode())
    view = view_of(work, reveal)
    view.of(record)
    entered(work, view, reveal)
    tree, kept = placeheld(record.tree, {} if reveal else masked(record.tree, work.fields.values()))
    return Sheet(record, render(tree).decode(), kept)


def take_back(work: Workplace, sheet: Sheet, text: str, *, why: Why, dry_run: bool = False) -> Outcome:
    """Commit the edited text. Invalid with lines of that text; Conflict where the file changed in the meantime."""
    data = unmarked(text).encode()

    def plan(desk: Desk | None) -> Plan:
        if read(work, sheet.record.number).data != sheet.record.data:
            raise Conflict(_("{number} changed while you were editing.").format(number=sheet.record.number))
        source = parse(data, sheet.record.path)
        given = restored(source.tree, sheet.kept, source.lines, sheet.record.path)
        tree = plain.write(validated(work, given, sheet.record.path, source.lines))
        _refuse_identity(sheet.record, tree, source.lines)
        made = planned(work, sheet.record, tree, "edit", why, duplicate_ok=True)
        return _with_comments(work, made, tree, data, sheet.record)

    return carry_out(work, "edit", plan, dry_run=dry_run)


def marked(text: str, error: Invalid) -> str:
    """The text with what is wrong in it at the top, each line beginning with `#!`."""
    found = error.findings or (Finding(error.message, error.where or Where(), None, error.hint),)
    return "".join(f"{MARK}{_line(finding)}\n" for finding in found) + unmarked(text)


def unmarked(text: str) -> str:
    """The text without the lines that `marked` put there."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(MARK))


def _line(finding: Finding) -> str:
    parts = (f"{finding.where.line or ''}", finding.where.field, finding.message, finding.expected, finding.hint)
    return ": ".join(part for part in parts if part).replace("\n", " ")


def _refuse_identity(before: Record, after: Mapping[str, Any], lines: Lines) -> None:
    for name in ("id", "uid", "former"):
        if before.tree.get(name) != after.get(name):
            said = _("{field} never changes.").format(field=name)
            expected = before.tree.get(name)
            raise invalid(
                [Finding(said, Where(before.path, line_of((name,), lines), name), expected and str(expected))]
            )


def _with_comments(work: Workplace, made: Plan, tree: Mapping[str, Any], data: bytes, before: Record) -> Plan:
    """The plan with the comments as they stand in the edited text; Invalid for comments in a sealed vault."""
    if work.sealed:
        _refuse_comments(data, before.path)
        return made
    moved = edits.with_moves(before.tree, tree, work.today, work.house.codes["status"])
    content = change(work, moved, data, before.data).content
    if content == before.data:
        return made
    return Plan([Change(before.path, content)], made.message, made.numbers, made.findings, made.data)


def _refuse_comments(data: bytes, path: str) -> None:
    line = comments_of(data, path).line
    if line:
        raise invalid([comment(path, line)])
