"""Rows sorted into drafts: one draft a customer, on file or new, with the rows that belong to it in their order. Pure.

A row that belongs to no customer, or to several, is rejected with the reason; it never stops the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crmcli.errors import Finding, ValueProblem, Where
from crmcli.model.spelling import SPACE, quoted
from crmcli.reports.render_csv import unguarded
from crmcli.store.csvread import Row
from crmcli.text import _
from crmcli.usecases.import_keys import Keys
from crmcli.usecases.import_mapping import Column, Subject, named
from crmcli.usecases.records import Record


@dataclass(frozen=True)
class Item:
    """A row with its values by field: the customer's own by name, entries' by noun and short name. Empty cells are gone."""

    row: Row
    key: str | None
    profile: Mapping[str, str]
    entries: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Reject:
    """A row that can't be taken in, and why."""

    row: Row
    findings: tuple[Finding, ...]


@dataclass
class Draft:
    """One customer as the file wants it: what is on file (None for a new one) and the rows that change it."""

    record: Record | None
    items: list[Item] = field(default_factory=list)


@dataclass
class Intake:
    """Takes rows one by one.

    keys    None where every row is a customer of its own
    create  whether entries may make the customer they need
    path    the file's name, for messages
    """

    subject: Subject
    columns: Sequence[Column]
    keys: Keys | None
    create: bool
    path: str
    drafts: list[Draft] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    _by_key: dict[str, Draft] = field(default_factory=dict)

    def take(self, row: Row) -> None:
        """Put the row to its customer's draft, or among the rejected."""
        item = self._item(row)
        try:
            self._draft(item).items.append(item)
        except ValueProblem as problem:
            where = Where(self.path, row.line, self.keys.name if self.keys else None)
            self.rejects.append(Reject(row, (Finding(problem.message, where, problem.expected, problem.hint),)))

    def _item(self, row: Row) -> Item:
        profile: dict[str, str] = {}
        entries: dict[str, dict[str, str]] = {}
        key = None
        for column in self.columns:
            value = unguarded(row.cells[column.place].strip(SPACE))
            if self.keys is not None and column.name == self.keys.name:
                key = value or None
            if value and column.field.noun:
                entries.setdefault(column.field.noun, {})[column.short] = value
            elif value and not column.field.assigned:
                profile[column.name] = value
        noun = self.subject.noun
        return Item(row, key, profile, entries if noun is None else {noun.word: entries.get(noun.word, {})})

    def _draft(self, item: Item) -> Draft:
        """The draft the row belongs to; ValueProblem where there is none or it is not clear which."""
        if self.keys is None:
            return self._begin(None)
        if item.key is None:
            if self.keys.assigned and self.subject.noun is None:
                return self._begin(None)
            raise ValueProblem(
                _("{field} is empty.").format(field=named(self.keys.field)), _("a value, since rows are matched by it")
            )
        value = self.keys.canonical(item.key)
        if value not in self._by_key:
            self._by_key[value] = self._begin(self._on_file(value, item.key))
        return self._by_key[value]

    def _begin(self, record: Record | None) -> Draft:
        draft = Draft(record)
        self.drafts.append(draft)
        return draft

    def _on_file(self, value: str, typed: str) -> Record | None:
        assert self.keys is not None
        found = self.keys.holders.get(value, [])
        if len(found) > 1:
            numbers = ", ".join(record.number for record in found[:10])
            raise ValueProblem(
                _("{count} customers match {ref}.").format(count=len(found), ref=quoted(typed)), hint=numbers
            )
        if found:
            return found[0]
        if self.keys.assigned or (self.subject.noun is not None and not self.create):
            hint = None if self.keys.assigned else _("Import the customers first, or add --create.")
            raise ValueProblem(_("No customer {ref}.").format(ref=quoted(typed)), hint=hint)
        return None
