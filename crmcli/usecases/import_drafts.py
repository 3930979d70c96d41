"""Drafts made into valid customer files. A draft is validated once; rows that don't hold are taken out and named, and the
rest is made again without them. Pure: nothing is read or written here.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import chain
from typing import Any

from crmcli.errors import Finding, Invalid, ValueProblem, Where
from crmcli.model import plain
from crmcli.model.edits import put, with_moves
from crmcli.model.identity import new_entry_id, new_uid, number
from crmcli.usecases.entries import NOUNS, Noun, completed
from crmcli.usecases.import_keys import Keys, dated, days, required, scalar_at
from crmcli.usecases.import_mapping import Subject
from crmcli.usecases.import_rows import Draft, Item, Reject
from crmcli.usecases.records import Record, findings_of, validated
from crmcli.usecases.workplace import Workplace

Tree = dict[str, Any]
_ENTRY = re.compile(r"(\w+)\[([0-9]+)\]")
MADE_KIND = "individual"
LINE = ("product",)  # what tells the lines of one order apart


@dataclass(frozen=True)
class Settled:
    """A customer file that holds: what it was (None for a new one), what it becomes (the number of a new one still to
    be given), and the rows it comes from by the entries they made or changed."""

    record: Record | None
    tree: Tree
    items: tuple[Item, ...]
    touched: Mapping[str, Sequence[Item]]

    @property
    def before(self) -> Tree:
        """The tree on file; empty for a new customer."""
        return self.record.tree if self.record else {}

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return self.tree != self.before


@dataclass(frozen=True)
class Maker:
    """Makes files of drafts."""

    work: Workplace
    subject: Subject
    keys: Keys | None
    path: str

    def settle(self, draft: Draft) -> tuple[Settled | None, list[Reject]]:
        """The file a draft makes, or None when none of its rows holds; and the rows that don't."""
        items, rejects = list(draft.items), list[Reject]()
        while items:
            assembly = _Assembly(self, draft.record)
            for item in items:
                assembly.take(item)
            try:
                tree = self._checked(draft.record, assembly.tree)
                return Settled(draft.record, tree, tuple(items), assembly.touched), rejects
            except Invalid as error:
                blamed = assembly.blamed(findings_of(error), items)
                rejects += [Reject(item.row, tuple(found)) for item, found in blamed]
                gone = {id(item) for item, _found in blamed}
                items = [item for item in items if id(item) not in gone]
        return None, rejects

    def _checked(self, record: Record | None, tree: Tree) -> Tree:
        after = plain.write(validated(self.work, tree))
        return with_moves(record.tree if record else {}, after, self.work.today, self.work.house.codes["status"])


class _Assembly:
    """One customer's tree while rows are put into it, and which row every entry comes from."""

    def __init__(self, maker: Maker, record: Record | None) -> None:
        self.maker, self.record = maker, record
        self.tree: Tree = deepcopy(record.tree) if record else _begun(maker.work)
        self.touched: dict[str, list[Item]] = defaultdict(list)
        self._marked: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._on_file = {noun.key: len(self.tree.get(noun.key, ())) for noun in NOUNS.values()}
        for noun in NOUNS.values():
            for place, entry in enumerate(self.tree.get(noun.key, ())):
                self._mark_known(noun, entry, place)

    def take(self, item: Item) -> None:
        """Put one row's values in their places."""
        if self.record is None or self.maker.subject.noun is None:
            self._profile(item)
        for word, values in item.entries.items():
            self._entry(NOUNS[word], dict(values), item)

    def blamed(self, findings: Iterable[Finding], items: Sequence[Item]) -> list[tuple[Item, list[Finding]]]:
        """The rows that the findings are about, each with its own; a finding of nobody's is everybody's."""
        by_row: dict[int, list[Finding]] = defaultdict(list)
        for finding in findings:
            for item in self._rows_of(finding.where.field or "", items):
                where = Where(self.maker.path, item.row.line, finding.where.field)
                by_row[id(item)].append(Finding(finding.message, where, finding.expected, finding.hint))
        return [(item, by_row[id(item)]) for item in items if id(item) in by_row]

    def _rows_of(self, field: str, items: Sequence[Item]) -> Sequence[Item]:
        found = _ENTRY.match(field)
        if found and isinstance(self.tree.get(found[1]), list):
            entry = self.tree[found[1]][int(found[2]) - 1]
            return self.touched.get(entry["id"] if isinstance(entry, dict) else "", items)
        top = field.partition(".")[0].partition("[")[0]
        return [item for item in items if any(self._top(name) == top for name in item.profile)] or items

    def _top(self, name: str) -> str:
        fields = self.maker.work.fields
        return (fields.get(name) or fields[name.partition(".")[0]]).key[0]

    def _profile(self, item: Item) -> None:
        work, key = self.maker.work, self.maker.keys.name if self.maker.keys else None
        for name, value in item.profile.items():
            # The customer was found by it: another spelling of the same value is no change.
            if name != key or self.record is None:
                put(self.tree, name, value, work.fields)
        if "kind" not in self.tree:
            kinds: set[str] = {found.only for name in item.profile if (found := work.fields.get(name)) and found.only}
            made = kinds or ({MADE_KIND} if self.maker.subject.noun else kinds)
            if len(made) == 1:
                self.tree["kind"] = made.pop()

    def _entry(self, noun: Noun, given: Mapping[str, str], item: Item) -> None:
        filled = completed(self.maker.work, noun, given)
        entries = self.tree.setdefault(noun.key, [])
        known = self._known(noun, entries, _without(filled, given, (*days(noun.key), "currency")))
        # A day that was left out is a gap, not today: the rows of a file happened some time ago.
        filled = _without(filled, given, days(noun.key) if known is None else (*days(noun.key), "currency"))
        if known is None:
            entries.append({"id": new_entry_id(noun.letter), **filled})
            known = len(entries) - 1
            self._mark_known(noun, entries[known], known)
        else:
            entries[known] = {**entries[known], **filled}
        self.touched[entries[known]["id"]].append(item)

    def _known(self, noun: Noun, entries: Sequence[Tree], row: Mapping[str, str]) -> int | None:
        """The place of the entry that a row is about, None for a new one.

        One order has several lines: a row is the line that says the same. Failing that it corrects a line on file, of
        the same product, that no other row was about; otherwise it is a line of its own.
        """
        places = self._marked.get((noun.key, self._mark(noun, row) or ""), [])
        if "external" not in noun.fields:
            return next(iter(places), None)
        same = (place for place in places if self._agree(noun, row, row, entries[place]))
        free = (place for place in places if place < self._on_file[noun.key] and self._untouched(entries[place]))
        corrected = (place for place in free if self._agree(noun, LINE, row, entries[place]))
        return next(chain(same, corrected), None)

    def _untouched(self, entry: Tree) -> bool:
        return entry["id"] not in self.touched

    def _agree(self, noun: Noun, names: Iterable[str], row: Mapping[str, str], entry: Mapping[str, str]) -> bool:
        """Whether row and entry have the same values; a name the row leaves out agrees."""
        given = (name for name in names if name in row)
        return all(self._canonical(noun, name, row[name]) == self._said(noun, name, entry) for name in given)

    def _said(self, noun: Noun, name: str, entry: Mapping[str, str]) -> str | None:
        return self._canonical(noun, name, entry[name]) if name in entry else None

    def _mark_known(self, noun: Noun, entry: Tree, place: int) -> None:
        mark = self._mark(noun, entry)
        if mark:
            self._marked[noun.key, mark].append(place)

    def _mark(self, noun: Noun, entry: Mapping[str, str]) -> str | None:
        """What entries that may be one have in common: their external id; for entries without a day (a contact)
        what every one of them must have; nothing otherwise, since two purchases may be alike."""
        names = ("external",) if "external" in noun.fields else () if dated(noun.word) else required(noun.key)
        if not names or not all(entry.get(name) for name in names):
            return None
        return "\0".join(self._canonical(noun, name, entry[name]) for name in names)

    def _canonical(self, noun: Noun, name: str, value: str) -> str:
        scalar = scalar_at((noun.key, name))
        try:
            return scalar.print(scalar.parse(value, self.maker.work.house))
        except ValueProblem:
            return value


def _begun(work: Workplace) -> Tree:
    """A new customer before anything is known of it; the number only holds the place of the one given at the end."""
    return {"id": number(work.today, 1), "uid": new_uid(), "status": "lead"}


def _without(filled: Mapping[str, str], given: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The values of a row without those that were only filled in, as far as named."""
    left = set(names) - set(given)
    return {name: value for name, value in filled.items() if name not in left}
