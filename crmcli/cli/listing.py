"""Hits of a query as a table: columns by field name, codes shown with their labels to people only."""

from collections.abc import Sequence
from dataclasses import replace

from crmcli.cli.output import emit, note
from crmcli.cli.session import session
from crmcli.errors import Invalid
from crmcli.index.search import Hit
from crmcli.model.catalog import CatalogField
from crmcli.reports.values import Column, Table
from crmcli.text import _, label, language, n_
from crmcli.usecases.lookup import Archived, Found
from crmcli.usecases.view import destroyed_words, left_out, sealed_words, still_sealed
from crmcli.usecases.workplace import Workplace

PEOPLE = (None, "table", "markdown")
MOST = 10**9  # what --limit may say: more than any vault holds, less than SQLite and git can count to
USUAL = ("number", "name", "company", "kind", "status", "tier", "region", "owner", "spend", "last_contact")
SPARE = {"kind": 4, "owner": 3, "last_contact": 2, "spend": 1}  # of the usual ones, the highest first


def chosen(work: Workplace, columns: str | None) -> tuple[str, ...]:
    """The fields named as `A,B`; when none is the usual ones, as far as whoever works may read them."""
    named = tuple(part.strip() for part in (columns or "").split(",") if part.strip())
    above = {field.name for field in work.queryable if field.level.rank > work.reads.rank}
    return named or tuple(name for name in USUAL if name not in above)


def shown(archived: bool, all_: bool) -> Archived:
    """Whether archived customers are listed: left out unless --archived or --all is given; Invalid for both."""
    if archived and all_:
        raise Invalid(_("Give --archived or --all, not both."), kind="usage")
    return "only" if archived else "in" if all_ else "out"


def tell(work: Workplace, found: Found, columns: Sequence[str], *, reveal: bool = False) -> None:
    """Emit what a query found; files that could not be read are named and end the call with 6."""
    fields = {field.name: field for field in work.queryable}
    rows = tuple({name: _cell(work, found, hit, fields.get(name), name) for name in columns} for hit in found.hits)
    people = session().format in PEOPLE
    unread = [name for hit in found.hits for name in found.unread.get(hit.number, ())]
    sealed = still_sealed(unread) if reveal else () if people else left_out(unread)
    spare = SPARE if tuple(columns) == chosen(work, None) else {}
    heads = (replace(_column(name, fields.get(name)), spare=spare.get(name, 0)) for name in columns)
    table = Table(tuple(heads), rows, "number")
    emit(table, (*found.findings, *sealed))
    if not found.total:
        _nobody(work, found)
    if found.total > len(rows):
        note(_("{shown} of {total} shown; --limit 0 shows all.").format(shown=len(rows), total=found.total))


def _nobody(work: Workplace, found: Found) -> None:
    """Why nobody may have been found."""
    if found.archived:
        said = n_(
            "{count} archived customer matches; add --all.",
            "{count} archived customers match; add --all.",
            found.archived,
        )
        note(said.format(count=found.archived))
    if work.keyring and work.sealer.missing - {"destroyed"}:
        note(_("Names and other values that are sealed for you could not be searched."))


def _column(name: str, field: CatalogField | None) -> Column:
    """A field's label at the head; a row of a table, or a field by another of its names, as the person wrote it."""
    if field is None:
        return Column(name, name)
    return Column(field.name, label(en=field.en, zh=field.zh), field.type in ("amount", "integer"))


def _cell(work: Workplace, found: Found, hit: Hit, field: CatalogField | None, name: str) -> str:
    """What a cell says; for people words stand in it for what can't be read."""
    value = _value(work, field, hit.values[name])
    level = found.unread.get(hit.number, {}).get(name) if session().format in PEOPLE else None
    if level is None:
        return value
    gone = hit.path in work.sealer.destroyed
    return ", ".join(filter(None, (value, destroyed_words() if gone else sealed_words(level))))


def _value(work: Workplace, field: CatalogField | None, value: str) -> str:
    if not (field and field.codes and value and session().format in PEOPLE):
        return value
    return ", ".join(work.house.label(field.codes, code, language()) for code in value.split(", "))
