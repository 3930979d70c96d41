"""Customers handed out to other programs (R47), and the event that says so in the history (R34).

The event is durable before any data leave. It says how many, which numbers, the format and the reason; never the query,
which may hold personal values. Nothing found is no export. No file of the vault changes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from crmcli.errors import Finding, Refused, Where
from crmcli.model.catalog import CatalogField
from crmcli.model.identity import record_path
from crmcli.reports.documents import Form, render
from crmcli.rules.completeness import values
from crmcli.store.delivery import deliver, is_taken
from crmcli.store.files import read_record
from crmcli.store.transaction import writing
from crmcli.text import _
from crmcli.usecases.change import Why, message
from crmcli.usecases.lookup import Archived, Found, answer
from crmcli.usecases.notes import seal_note
from crmcli.usecases.records import read_path
from crmcli.usecases.view import View, field_of, left_out
from crmcli.usecases.workplace import Workplace

Tree = Mapping[str, Any]
NUMBER, CONTACTS, FIRST = ("id",), "contacts", "contact"


@dataclass(frozen=True)
class Wanted:
    """What a person asked for.

    columns  fields by name as in `crm list`; without any: whole files, in CSV the profile
    output   the file to write; None hands the text back
    replace  whether a file that stands there may be replaced
    reveal   whether masked values are handed out in full; the event says so
    """

    query: str
    form: Form
    columns: tuple[str, ...] = ()
    archived: Archived = "out"
    output: Path | None = None
    replace: bool = False
    reveal: bool = False


@dataclass(frozen=True)
class Exported:
    """What was handed out: how many customers, the text of all (None where a file has it), the event's commit (None in
    a dry run and for no customers). `shortened`: how many have contact people besides the first that CSV left out."""

    count: int
    text: str | None
    commit: str | None
    findings: tuple[Finding, ...]
    shortened: int = 0


@dataclass(frozen=True)
class _Gathered:
    numbers: tuple[str, ...]
    rows: Sequence[Mapping[str, Any]]
    columns: tuple[str, ...]
    findings: tuple[Finding, ...]
    shortened: int = 0


def export(work: Workplace, wanted: Wanted, *, why: Why, dry_run: bool = False) -> Exported:
    """Hand out what the query finds. A dry run counts alone.

    Invalid as `find`; Conflict, kind "exists", Refused or Failure where the file may not or cannot be written.
    """
    if wanted.output is not None:
        _refuse_inside(work, wanted.output)
    view = View(work, reveal=wanted.reveal)
    found = _gathered(work, wanted, view)
    count = len(found.numbers)
    if dry_run:
        return Exported(count, None, None, found.findings)
    text = render(wanted.form, found.rows, found.columns, found.findings)
    commit = _entered(work, found.numbers, wanted.form, why, revealed=bool(view.numbers)) if count else None
    if wanted.output is not None:
        deliver(wanted.output, text.encode("utf-8"), work.vault.state, replace=wanted.replace)
    return Exported(count, text if wanted.output is None else None, commit, found.findings, found.shortened)


def _refuse_inside(work: Workplace, path: Path) -> None:
    """A file is no customer's, no house rule's and not git's."""
    target = path.parent.resolve() / path.name
    ours = [work.root / "records", work.root / "schemas", work.vault.git_dir, work.vault.common_dir]
    if any(target.is_relative_to(folder.resolve()) for folder in ours):
        raise Refused(_("{path} lies among the vault's own files.").format(path=path), where=Where(str(path)))
    is_taken(path)


def _gathered(work: Workplace, wanted: Wanted, view: View) -> _Gathered:
    found = answer(work, wanted.query, view, columns=wanted.columns, sort=("number",), archived=wanted.archived)
    numbers = tuple(hit.number for hit in found.hits)
    if wanted.columns:
        unread = left_out(name for number in numbers for name in found.unread.get(number, ()))
        return _Gathered(numbers, [hit.values for hit in found.hits], wanted.columns, (*found.findings, *unread))
    seen = [view.of(read_path(work, hit.path)) for hit in found.hits]
    trees = [one.data for one in seen]
    if wanted.form != "csv":
        return _Gathered(numbers, trees, (), found.findings)
    return _profiles(work, found, trees, left_out(field_of(path) for one in seen for path in one.sealed))


def _profiles(work: Workplace, found: Found, trees: Sequence[Tree], unread: Sequence[Finding]) -> _Gathered:
    columns = dict(_columns(work, trees))
    rows = [{name: _cell(tree, way) for name, way in columns.items()} for tree in trees]
    several = sum(len(tree.get(CONTACTS, ())) > 1 for tree in trees)
    numbers = tuple(hit.number for hit in found.hits)
    return _Gathered(numbers, rows, tuple(columns), (*found.findings, *unread), several)


def _columns(work: Workplace, trees: Sequence[Tree]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The columns of the profile that any customer fills, by the name under which `crm import` takes them, and the way
    to each; a table has a column a row, a contact's fields are those of the first contact person."""
    for field in work.fields.values():
        if field.key == NUMBER:
            yield field.name, field.key
        elif field.noun in (None, FIRST) and not field.assigned:
            ways = _ways(field, trees)
            yield from ((name, way) for name, way in ways if any(_cell(tree, way) for tree in trees))


def _ways(field: CatalogField, trees: Sequence[Tree]) -> list[tuple[str, tuple[str, ...]]]:
    if not field.table:
        return [(field.name, field.key)]
    rows = sorted({row for tree in trees for row in tree.get(field.key[0], ())})
    return [(f"{field.name}.{row}", (*field.key, row)) for row in rows]


def _cell(tree: Tree, way: tuple[str, ...]) -> str:
    if way[0] == CONTACTS:
        return next(values(list(tree.get(CONTACTS, ()))[:1], way[1:]), "")
    return ",".join(values(tree, way))


def _entered(work: Workplace, numbers: tuple[str, ...], form: Form, why: Why, *, revealed: bool) -> str:
    """The event in the history; its commit."""
    count = len(numbers)
    subject = f"export {count} {'customer' if count == 1 else 'customers'} as {form}"
    more = {"count": str(count), "format": form} | ({"reveal": "yes"} if revealed else {})
    with writing(work.vault, "export") as desk:
        said = message("export", subject, numbers, _sealed(work, numbers, why), **more)
        return desk.event(said, work.stamp)


def _sealed(work: Workplace, numbers: Sequence[str], why: Why) -> Why:
    """The reason as it may enter git. Invalid for a note about several customers in a sealed vault."""
    if why.note is None or not work.sealed:
        return why
    files = [read_record(work.root, record_path(number)) for number in numbers[:2]]
    return replace(why, note=seal_note(work, files, why.note))
