"""Which column of a file is which field: by the catalogue's names, labels and headings, in either language.

What a heading may mean is derived from the catalogue alone. A heading that is unknown or may mean two fields is
refused, with all that may be meant; "-" leaves a column out. Pure.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from crmcli.errors import Finding, Invalid, Where, invalid
from crmcli.model.catalog import CatalogField
from crmcli.model.lines import KEY
from crmcli.model.nearest import nearest
from crmcli.text import _, label
from crmcli.usecases.entries import NOUNS, Noun
from crmcli.usecases.import_keys import NUMBER, dated

APART = "-"
REJECTED = ("line", "reason")
Fields = Mapping[str, CatalogField]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its place in the row, its heading, its field, and the field's name as `edits.put` takes it
    (`external.shop` for a row of the table `external`)."""

    place: int
    heading: str
    field: CatalogField
    name: str

    @property
    def short(self) -> str:
        """An entry's field by the entry's own key."""
        return self.field.key[-1]


@dataclass(frozen=True, slots=True)
class Subject:
    """What the rows are: customers (no noun), or entries of one noun."""

    word: str
    noun: Noun | None = None


def subject_of(word: str) -> Subject:
    """The subject by the word after --as: customers, or a noun's word or list key; Invalid naming the nearest."""
    nouns = {name: noun for noun in NOUNS.values() for name in (noun.key, noun.word)}
    if word == "customers":
        return Subject(word)
    if word not in nouns:
        known = ["customers", *(noun.key for noun in NOUNS.values())]
        raise Invalid(
            _("{word} can't be imported.").format(word=word),
            kind="usage",
            where=Where(field="--as"),
            hint=nearest(word, known) or _("One of: {names}.").format(names=", ".join(known)),
        )
    return Subject(nouns[word].key, nouns[word])


@dataclass(frozen=True)
class Mapper:
    """Turns headings into columns for one subject.

    fields  the catalogue by dotted name
    key     what --key says, or None
    given   what --map says: field names (or "-") by heading
    path    the file's name, for messages
    """

    subject: Subject
    fields: Fields
    key: str | None
    given: Mapping[str, str]
    path: str

    def columns(self, headings: Sequence[str], line: int, empty: Iterable[int]) -> list[Column]:
        """The columns that count; Invalid with a finding for each heading that can't be placed.

        empty  places of columns without any text: they need no heading
        """
        self._check_given(headings)
        self.key_field()
        where, blank = Where(self.path, line), set(empty)
        found: list[Column] = []
        wrong: list[Finding] = []
        for place, heading in enumerate(headings[: own_width(headings)]):
            if place in blank and not heading.strip():
                continue
            try:
                found += self._column(place, heading)
            except Invalid as error:
                wrong.append(Finding(error.message, Where(where.path, line, heading), None, error.hint))
        wrong = wrong or list(_twice(found, where))
        if wrong:
            raise invalid(wrong)
        return found

    def key_field(self) -> tuple[CatalogField, str] | None:
        """The field that --key names, and its full name; Invalid for one that can't tell customers apart."""
        if self.key is None:
            return None
        meant = self._among(self.key, _customers(self.fields), everything=True)
        if len(meant) != 1 or (meant[0][0].many and meant[0][0].name == meant[0][1]):
            known = [name for name, field in self.fields.items() if not field.noun and not field.many]
            raise Invalid(
                _("{name} can't be the key.").format(name=self.key),
                kind="usage",
                where=Where(field="--key"),
                hint=nearest(self.key, known)
                or _("For example: {names}.").format(names="number, phone, external.shop"),
            )
        return meant[0]

    def _column(self, place: int, heading: str) -> list[Column]:
        given = {folded(name): field for name, field in self.given.items()}.get(folded(heading))
        if given == APART:
            return []
        meant = self._meant(heading if given is None else given)
        if not meant and not heading.strip():
            raise Invalid(
                _("Column {place} has no heading.").format(place=place + 1), hint=_("Give it one, or empty it.")
            )
        if not meant:
            raise self._unknown(heading, given)
        if len(meant) > 1:
            names = ", ".join(name for _field, name in meant)
            message = _("The heading {heading} may mean {names}.").format(heading=heading, names=names)
            raise Invalid(message, hint=f"--map {heading}={meant[0][1]}")
        return [Column(place, heading, *meant[0])]

    def _meant(self, heading: str) -> list[tuple[CatalogField, str]]:
        """What the heading may mean: the first rank of fields that knows it decides."""
        said = folded(heading)
        key = self.key_field()
        if key is not None and key in self._among(heading, _customers(self.fields), everything=True):
            return [key]
        for rank, everything in self._ranks():
            found = self._among(said, rank, everything=everything)
            if found:
                return self._nearer(found)
        return []

    def _ranks(self) -> Iterator[tuple[list[CatalogField], bool]]:
        """Fields in the order in which they are asked, each with whether labels count or the dotted name alone."""
        noun = self.subject.noun
        entries = [field for field in self.fields.values() if field.noun in NOUNS and not field.assigned]
        if noun is not None:
            yield [field for field in entries if field.noun == noun.word], True
            yield _customers(self.fields), True
            return
        yield _customers(self.fields), True
        yield [field for field in entries if not dated(field.noun)], True
        yield entries, False

    def _nearer(self, found: list[tuple[CatalogField, str]]) -> list[tuple[CatalogField, str]]:
        """A customer's field that the entry has under the same name is the entry's: 备注 among sales is the sale's."""
        noun = self.subject.noun
        if noun is None or len(found) != 1 or found[0][0].noun or found[0][1] not in noun.fields:
            return found
        own = next(field for field in self.fields.values() if field.noun == noun.word and field.key[-1] == found[0][1])
        return [(own, own.name)]

    def _among(self, said: str, rank: Iterable[CatalogField], *, everything: bool) -> list[tuple[CatalogField, str]]:
        said, candidates = folded(said), list(rank)
        exact = [field for field in candidates if said in (folded(field.name), *self._short(field))]
        named = exact or [field for field in candidates if everything and said in map(folded, _labels(field))]
        return [(field, field.name) for field in named] or list(_table_rows(said, candidates))

    def _short(self, field: CatalogField) -> tuple[str, ...]:
        noun = self.subject.noun
        return (folded(field.key[-1]),) if noun and field.noun == noun.word else ()

    def _elsewhere(self, heading: str) -> str | None:
        """The list of entries that has such a column, where this import does not take it."""
        for noun in NOUNS.values():
            theirs = [field for field in self.fields.values() if field.noun == noun.word and not field.assigned]
            if noun != self.subject.noun and self._among(heading, theirs, everything=True):
                return noun.key
        return None

    def _check_given(self, headings: Sequence[str]) -> None:
        known = {folded(heading): heading for heading in headings}
        for heading in self.given:
            if folded(heading) not in known:
                raise Invalid(
                    _("The file has no column {heading}.").format(heading=heading),
                    kind="usage",
                    where=Where(self.path, field="--map"),
                    hint=nearest(heading, headings),
                )

    def _unknown(self, heading: str, given: str | None) -> Invalid:
        fields = [field for rank, _all in self._ranks() for field in rank if folded(heading) != folded(field.name)]
        names = [text for field in fields for text in (field.name, *_labels(field))]
        leave = _("Say what it is with --map {heading}=FIELD, or leave it out with --map {heading}=-")
        leave = leave.format(heading=heading)
        if given is not None:
            return Invalid(_("Unknown field {name}.").format(name=given), hint=nearest(given, names) or leave)
        message = _("Unknown heading {heading}.").format(heading=heading)
        other = self._elsewhere(heading)
        if other:
            hint = _("{heading} is a column of {what}, which are imported on their own: --as {what}.")
            return Invalid(message, hint=f"{hint.format(heading=heading, what=other)} {leave}")
        return Invalid(message, hint=" ".join(part for part in (nearest(heading, names), leave) if part))


def mapping_of(given: Iterable[str]) -> dict[str, str]:
    """`heading=field` texts as a mapping; Invalid for one without an equals sign."""
    found = {}
    for text in given:
        heading, equals, field = text.rpartition("=")
        if not equals or not field:
            raise Invalid(
                _("{text} must be HEADING=FIELD.").format(text=text),
                kind="usage",
                where=Where(field="--map"),
                hint=_("For example: {names}.").format(names="--map 手机号码=phone"),
            )
        found[heading] = field
    return found


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """A heading without differences of width, case and space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def named(field: CatalogField) -> str:
    """The field's label in the current language."""
    return label(en=field.en, zh=field.zh)


def _customers(fields: Fields) -> list[CatalogField]:
    return [field for field in fields.values() if field.noun is None and (not field.assigned or field.key == NUMBER)]


def _labels(field: CatalogField) -> tuple[str, ...]:
    return (field.zh, field.en, *field.headings)


def _table_rows(said: str, rank: Iterable[CatalogField]) -> Iterator[tuple[CatalogField, str]]:
    """`external.shop` and `外部编号.shop`: one row of a table of scalars."""
    table, dot, row = said.partition(".")
    if dot and re.fullmatch(KEY, row):
        for field in rank:
            if field.table and table in map(folded, (field.name, *_labels(field))):
                yield field, f"{field.name}.{row}"


def _twice(columns: Sequence[Column], where: Where) -> Iterator[Finding]:
    taken: dict[str, Column] = {}
    for column in columns:
        other = taken.setdefault(column.name, column)
        if other is not column:
            message = _("{first} and {second} are both {name}.").format(
                first=other.heading, second=column.heading, name=column.name
            )
            yield Finding(message, Where(where.path, where.line, column.heading), None, f"--map {column.heading}=-")


def own_width(headings: Sequence[str]) -> int:
    """How many headings are the person's own: a file of rejected rows ends with two of ours."""
    return len(headings) - len(REJECTED) if tuple(headings[-len(REJECTED) :]) == REJECTED else len(headings)
