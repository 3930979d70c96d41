"""How verbs of the history show commits and changed fields: columns and rows that `history`, `diff` and `blame` share."""

from collections.abc import Callable, Iterable

from crmcli.cli.listing import PEOPLE
from crmcli.cli.session import session
from crmcli.errors import Finding
from crmcli.model.compare import Difference
from crmcli.model.sealed import Sealed
from crmcli.reports.field_labels import FieldLabels
from crmcli.store.history import Commit
from crmcli.text import _, language
from crmcli.usecases.view import field_of, left_out, words
from crmcli.usecases.workplace import Workplace

Value = Callable[[str, str | None], str]


def commit_heads() -> dict[str, str]:
    """The columns of `commit_row`."""
    return {"commit": _("Commit"), "at": _("At"), "by": _("By")}


def commit_row(work: Workplace, commit: Commit) -> dict[str, str]:
    """One commit: which, when in the vault's time zone, by whom."""
    at = commit.at.astimezone(work.house.zone).strftime("%Y-%m-%d %H:%M")
    return {"commit": commit.hash[:12], "at": at, "by": commit.author}


def change_heads() -> dict[str, str]:
    """The columns of `change_rows`."""
    return {"number": _("Number"), "field": _("Field"), "old": _("Before"), "new": _("After")}


def change_rows(
    name: Callable[[str], str], value: Value, changes: Iterable[tuple[str, Difference]]
) -> list[dict[str, str]]:
    """One row a changed field, called by `name` (see `namer`), its values said by `value` (see `valuer`); the ids of
    entries stand in the names already."""
    return [
        {
            "number": number,
            "field": name(change.field),
            "old": value(change.field, change.old),
            "new": value(change.field, change.new),
        }
        for number, change in changes
        if not names_entry(change.field)
    ]


def namer(work: Workplace) -> Callable[[str], str]:
    """What a field is called in a row: its label for people, its dotted name for programs."""
    return FieldLabels(work.fields.values()).of if session().format in PEOPLE else str


def valuer(work: Workplace) -> Value:
    """What a field's value is in a row: a code's label for people, the code for programs; any other as it is."""
    codes = {field.key: field.codes for field in work.fields.values() if field.codes}

    def said(field: str, value: str | None) -> str:
        way = tuple(field.split("."))
        known = codes.get(way) or codes.get((*way[:1], *way[2:]))  # without the entry's id
        people = session().format in PEOPLE and not isinstance(value, Sealed)
        return work.house.label(known, value, language()) if people and known and value else shown(value)

    return said


def shown(value: str | None) -> str:
    """A value in a row: words for one that can't be read, which programs are not given."""
    if isinstance(value, Sealed) and session().format not in PEOPLE:
        return ""
    return words(value) or ""


def unread(changes: Iterable[tuple[str, Difference]]) -> tuple[Finding, ...]:
    """What programs are told of the values they are not given; people see words in their place."""
    if session().format in PEOPLE:
        return ()
    values = ((one.field, value) for _number, one in changes for value in (one.old, one.new))
    return left_out(field_of(field) for field, value in values if isinstance(value, Sealed))


def names_entry(field: str) -> bool:
    """Whether a field is the id of an entry."""
    return field.endswith(".id")
