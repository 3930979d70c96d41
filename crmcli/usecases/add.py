"""Add customers: checked, completed, compared with those on file, numbered, committed at once or not at all."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from crmcli.errors import Conflict, Finding, Invalid, NotFound, Where, invalid
from crmcli.model import plain
from crmcli.model.edits import put, with_moves
from crmcli.model.findings import Lines
from crmcli.model.identity import new_entry_id, new_uid, number, record_path
from crmcli.model.team import spoken
from crmcli.rules.completeness import Gap, values
from crmcli.rules.duplicates import Duplicate, Registry
from crmcli.rules.oddities import oddities
from crmcli.sealing.refusals import above
from crmcli.store.numbers import next_numbers
from crmcli.store.transaction import Desk
from crmcli.store.yamlread import MAX_MANY_BYTES, parse_many
from crmcli.text import _, label
from crmcli.usecases.change import Outcome, Plan, Why, carry_out, message
from crmcli.usecases.entries import NOUNS, completed
from crmcli.usecases.records import change, each, field_name, gap_finding, gaps_of, validated
from crmcli.usecases.workplace import Workplace

Tree = dict[str, Any]
READ = 4 * MAX_MANY_BYTES  # enough to tell that a file is too large; a device never ends


@dataclass(frozen=True)
class Draft:
    """A customer to be: a plain tree without id and uid, and where it was written down, for messages."""

    tree: Mapping[str, Any]
    path: str | None = None
    lines: Lines | None = None


def draft_from(work: Workplace, named: Mapping[str, str]) -> Draft:
    """A draft of values by dotted name; fields of entries (`contact.name`) make one entry of each noun."""
    tree: Tree = {}
    for name, value in named.items():
        noun = NOUNS.get(name.split(".")[0])
        if noun and "." in name:
            tree.setdefault(noun.key, [{}])[0][name.split(".", 1)[1]] = value
        else:
            put(tree, name, value, work.fields)
    return Draft(tree)


def drafts_at(path: Path) -> list[Draft]:
    """The drafts in a file a person names; NotFound where there is none, Invalid for a folder."""
    if not path.exists():
        raise NotFound(_("There is no file {path}.").format(path=path), where=Where(str(path)))
    if path.is_dir():
        raise Invalid(_("{path} is not a plain file.").format(path=path), where=Where(str(path)))
    with path.open("rb") as stream:
        return drafts_in(stream.read(READ), str(path))


def drafts_in(data: bytes, path: str) -> list[Draft]:
    """The drafts in a YAML file: one or many. Invalid for one that brings its own id or uid."""
    sources = parse_many(data, path)
    for source in sources:
        for name in ("id", "uid"):
            if name in source.tree:
                where = Where(path, source.lines.get((name,)), name)
                raise Invalid(
                    _("{name} is given by the system.").format(name=name), where=where, hint=_("Leave it out.")
                )
    return [Draft(source.tree, path, source.lines) for source in sources]


def add(
    work: Workplace,
    drafts: Sequence[Draft],
    *,
    why: Why | None = None,
    incomplete: bool = False,
    duplicate_ok: bool = False,
    dry_run: bool = False,
) -> Outcome:
    """Add one customer per draft (a plain tree without id and uid) in one commit.

    Invalid for a value that doesn't hold or a required field that is missing (unless `incomplete`); Conflict, kind
    "duplicate", for a phone, e-mail, ID number or credit code on file (unless `duplicate_ok`).
    """
    why = why or Why()

    def plan(desk: Desk | None) -> Plan:
        trees = [fresh(work, draft, number, why) for draft, number in zip(drafts, placeholders, strict=True)]
        lacking = [(tree, gap) for tree in trees for gap in gaps_of(work, tree)]
        _refuse_gaps(work, lacking, incomplete=incomplete)
        _refuse_above(work, trees)
        _refuse_duplicates(work, trees, duplicate_ok=duplicate_ok)
        # Last, since a number is spent once it is handed out, whatever comes of it.
        numbers = next_numbers(desk, work.today, len(drafts)) if desk else placeholders
        trees = [{**tree, "id": number} for tree, number in zip(trees, numbers, strict=True)]
        said = message("add", f"add {_span(numbers)}", numbers, why)
        given = dict(zip(placeholders, numbers, strict=True))
        warnings = tuple(gap_finding(given[tree["id"]], gap) for tree, gap in lacking)
        odd = tuple(one for tree in trees for one in oddities(tree, tree["id"]))
        return Plan([change(work, tree) for tree in trees], said, tuple(numbers), (*warnings, *odd))

    placeholders = _placeholders(work, len(drafts))
    for draft in drafts:
        fresh(work, draft, placeholders[0], why)
    return carry_out(work, "add", plan, dry_run=dry_run)


def fresh(work: Workplace, draft: Draft, number: str, why: Why) -> Tree:
    """A draft as a canonical new customer file with that number; Invalid where it doesn't hold."""
    begun = {"status": "lead", **draft.tree, **_entries(work, draft.tree), "id": number, "uid": new_uid()}
    tree = plain.write(validated(work, begun, draft.path, draft.lines))
    return with_moves({}, tree, work.today, work.house.codes["status"], why.reason)


def _entries(work: Workplace, tree: Mapping[str, Any]) -> Tree:
    """The draft's entries with ids and what is plain from the moment; anything that is no list of mappings stays."""
    made = {}
    for noun in NOUNS.values():
        given = tree.get(noun.key)
        if isinstance(given, list) and all(isinstance(entry, dict) for entry in given):
            made[noun.key] = [{"id": new_entry_id(noun.letter), **completed(work, noun, entry)} for entry in given]
    return made


def _refuse_gaps(work: Workplace, lacking: Sequence[tuple[Tree, Gap]], *, incomplete: bool) -> None:
    required = [gap for _tree, gap in lacking if gap.required]
    if required and not incomplete:
        raise invalid([_gap(work, gap) for gap in required])


def _gap(work: Workplace, gap: Gap) -> Finding:
    """A gap that --incomplete has to allow; who may not enter the field is told so."""
    hint = _("Give it, or add --incomplete to enter the file with the gap.")
    if work.keyring and gap.field.level.rank > work.reads.rank:
        hint = _("You may not enter it: it is {level}. Add --incomplete; somebody who is {roles} can add it later.")
        roles = " / ".join(map(spoken, work.keyring.readers(gap.field.level)))
        hint = hint.format(level=gap.field.level.label, roles=roles)
    said = _("{field} is missing.").format(field=label(en=gap.field.en, zh=gap.field.zh))
    return Finding(said, Where(field=gap.field.name), hint=hint)


def _refuse_above(work: Workplace, trees: Sequence[Tree]) -> None:
    """As sealing would refuse it, before a number is spent."""
    for field in work.fields.values():
        if work.keyring and field.level.rank > work.reads.rank and any(any(values(tree, field.key)) for tree in trees):
            raise above(field.name, field.level, work.keyring.readers(field.level))


def _refuse_duplicates(work: Workplace, trees: Sequence[Tree], *, duplicate_ok: bool) -> None:
    if duplicate_ok or not any(Registry([tree]).keys for tree in trees):
        return
    registry = Registry(record.tree for record in each(work, []))
    for tree in trees:
        found = registry.of(tree)
        if found:
            raise _conflict(work, found)
        registry.add(tree)


def _conflict(work: Workplace, found: Sequence[Duplicate]) -> Conflict:
    fields = _(", ").join(dict.fromkeys(field_name(work, duplicate.field) for duplicate in found))
    return Conflict(
        _("Already on file with the same {fields}.").format(fields=fields),
        kind="duplicate",
        hint=_("Update that customer, or add --duplicate-ok if they really are two."),
        candidates=[{"number": duplicate.number, "field": duplicate.field} for duplicate in found],
    )


def _placeholders(work: Workplace, count: int) -> list[str]:
    """Numbers that nobody holds now; what a dry run shows is not handed out."""
    all_numbers = (number(work.today, running) for running in range(1, 999_999_999))
    free = (one for one in all_numbers if not os.path.lexists(work.root / record_path(one)))
    return list(islice(free, count))


def _span(numbers: Sequence[str]) -> str:
    return numbers[0] if len(numbers) == 1 else f"{numbers[0]}..{numbers[-1]} ({len(numbers)})"
