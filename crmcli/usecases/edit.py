"""Edit a customer's file as text: hand it out, take it back checked. The editor itself runs in `cli`."""

from dataclasses import dataclass

from crmcli.errors import Conflict, Finding, Invalid, Where, invalid
from crmcli.model import edits, plain
from crmcli.model.findings import Lines, line_of
from crmcli.store.comments import comments_of
from crmcli.store.transaction import Change, Desk
from crmcli.store.yamlread import parse
from crmcli.store.yamlwrite import render
from crmcli.text import _
from crmcli.usecases.change import Outcome, Plan, Why, carry_out
from crmcli.usecases.records import Record, read, read_editable, record_of
from crmcli.usecases.resolve import resolve
from crmcli.usecases.update import planned
from crmcli.usecases.workplace import Workplace

MARK = "#! "


@dataclass(frozen=True)
class Sheet:
    """A customer's file handed out for editing."""

    record: Record
    text: str


def hand_out(work: Workplace, ref: str) -> Sheet:
    """The file as text to edit."""
    record = read_editable(work, resolve(work, ref))
    return Sheet(record, record.data.decode())


def take_back(work: Workplace, sheet: Sheet, text: str, *, why: Why, dry_run: bool = False) -> Outcome:
    """Commit the edited text. Invalid with lines of that text; Conflict where the file changed in the meantime."""
    data = unmarked(text).encode()

    def plan(desk: Desk | None) -> Plan:
        if read(work, sheet.record.number).data != sheet.record.data:
            raise Conflict(_("{number} changed while you were editing.").format(number=sheet.record.number))
        source = parse(data, sheet.record.path)
        edited = record_of(work, sheet.record.path, data, source.tree, source.lines)
        _refuse_identity(sheet.record, edited, source.lines)
        made = planned(work, sheet.record, edited.tree, "edit", why, duplicate_ok=True)
        return _with_comments(work, made, edited, sheet.record)

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


def _refuse_identity(before: Record, after: Record, lines: Lines) -> None:
    for name in ("id", "uid", "former"):
        if before.tree.get(name) != after.tree.get(name):
            said = _("{field} never changes.").format(field=name)
            expected = before.tree.get(name)
            raise invalid(
                [Finding(said, Where(before.path, line_of((name,), lines), name), expected and str(expected))]
            )


def _with_comments(work: Workplace, made: Plan, edited: Record, before: Record) -> Plan:
    """The plan with the comments as they stand in the edited text."""
    tree = edits.with_moves(before.tree, plain.write(edited.dossier), work.today)
    content = render(work.sealer.seal(tree), comments_of(edited.data, edited.path) if b"#" in edited.data else None)
    if content == before.data:
        return made
    return Plan([Change(before.path, content)], made.message, made.numbers, (), made.data)
