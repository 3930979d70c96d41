"""The columns of one file and the one that tells which customer a row is about. Refuses what leaves that open. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from crmcli.errors import Finding, Invalid, Where
from crmcli.store.csvread import Sheet
from crmcli.text import _
from crmcli.usecases.import_keys import NUMBER
from crmcli.usecases.import_mapping import Column, Mapper


@dataclass(frozen=True)
class Columns:
    """All columns that count, and the key's among them; no key where every row is a customer of its own."""

    all: tuple[Column, ...]
    key: Column | None

    def unused(self, path: str, line: int) -> list[Finding]:
        """The customer's columns among entries: they change nothing unless customers are made, and that is said."""
        found = [column for column in self.all if column.field.noun is None and column != self.key]
        said = _("This column is about the customer; it was not imported.")
        return [Finding(said, Where(path, line, column.heading), severity="warning") for column in found]


def columns_of(mapper: Mapper, sheet: Sheet) -> Columns:
    """The columns of a sheet; Invalid for a heading that can't be placed, or where the key is missing or not clear."""
    filled = {place for row in sheet.rows for place, cell in enumerate(row.cells) if cell.strip()}
    found = mapper.columns(sheet.headings, sheet.line, set(range(len(sheet.headings))) - filled)
    key = _key(mapper, found, Where(sheet.path, sheet.line))
    for column in found:
        if column.field.assigned and column != key:
            raise Invalid(
                _("{name} is given by the system.").format(name=column.name),
                where=Where(sheet.path, sheet.line, column.heading),
                hint=_("Match customers by it with --key {name}, or leave it out with --map {heading}=-").format(
                    name=column.name, heading=column.heading
                ),
            )
    return Columns(tuple(found), key)


def _key(mapper: Mapper, found: Sequence[Column], where: Where) -> Column | None:
    """The column of --key; without --key, for entries, the only column that is the customer's."""
    asked = mapper.key_field()
    if asked is not None:
        key = next((column for column in found if column.name == asked[1]), None)
        if key is None:
            raise Invalid(_("No column holds {key}, which --key names.").format(key=asked[1]), where=where)
        return key
    theirs = [column for column in found if column.field.noun is None]
    sure = [column for column in theirs if column.field.key == NUMBER] or theirs
    if mapper.subject.noun is not None and len(sure) != 1:
        raise Invalid(
            _("Which customer a row belongs to is not clear."),
            where=where,
            hint=_("Name the column that identifies the customer with --key, for example --key phone."),
        )
    return sure[0] if mapper.subject.noun is not None else None
