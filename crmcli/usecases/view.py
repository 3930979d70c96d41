"""What of a customer may be shown: the one place where values are masked, and where words stand for what can't be read.

In a sealed vault values with a mask show masked unless they are revealed; a view remembers what it let through, for the
event that says so (`reveal`). A value that its reader can't open is words for people and left out for programs, its
field named. In an open vault everything shows as it is.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from crmcli.errors import Finding
from crmcli.model.catalog import CatalogField
from crmcli.model.compare import Difference
from crmcli.model.fields import Level
from crmcli.model.masks import Place, mask, masked
from crmcli.model.readable import readable_tree
from crmcli.model.sealed import Sealed
from crmcli.sealing.leaves import Leaf, leaves, mapped
from crmcli.text import _, n_
from crmcli.usecases.records import Record
from crmcli.usecases.workplace import Workplace

Tree = dict[str, Any]
LISTED = ", "  # between the values of one cell


@dataclass(frozen=True, slots=True)
class Seen:
    """A customer's file as it may be shown.

    people  for people: words in place of what can't be read
    data    for programs: what can't be read is left out, the fields' names are listed below `sealed`
    sealed  those names: `phone`, `interactions.I7K2M9QXA.summary`
    """

    people: Tree
    data: Tree
    sealed: tuple[str, ...] = ()


class View:
    """What one command may show. `reveal`: whether masked values show in full."""

    def __init__(self, work: Workplace, *, reveal: bool = False) -> None:
        self._work, self._reveal = work, reveal
        self._revealed: dict[str, dict[str, None]] = {}

    @property
    def numbers(self) -> tuple[str, ...]:
        """The customers of whom masked values were let through in full."""
        return tuple(self._revealed)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields they belong to, as the catalogue names them."""
        return tuple(dict.fromkeys(name for names in self._revealed.values() for name in names))

    def of(self, record: Record) -> Seen:
        """The customer's file."""
        return self.of_tree(record.tree, damaged_in(record.findings), gone="destroyed" in record.missing)

    def of_tree(self, tree: Mapping[str, Any], damaged: Collection[str] = (), *, gone: bool = False) -> Seen:
        """A plain tree of a customer; `damaged` names the fields whose sealed values are not what they must be; `gone`:
        the customer's key was destroyed."""
        if not self._work.sealed:
            return Seen(dict(tree), dict(tree))
        masks = self._shown_as(tree)
        shown = mapped(tree, lambda leaf: masks.get(leaf.place, leaf.text))
        sealed = tuple(leaf.path for leaf in leaves(tree) if isinstance(leaf.text, Sealed))
        data = {**readable_tree(shown), "sealed": list(sealed)} if sealed else shown
        return Seen(mapped(shown, lambda leaf: _worded(leaf, damaged, gone=gone)), data, sealed)

    def _shown_as(self, tree: Mapping[str, Any]) -> dict[Place, str]:
        """The masks to show, by place; none where they are revealed, which is remembered."""
        if not self._reveal:
            return masked(tree, self._masked.values())
        for name, field in self._masked.items():
            if masked(tree, [field]):
                self._let_through(str(tree["id"]), name)
        return {}

    def difference(self, number: str, one: Difference) -> Difference:
        """What changed in a customer's field, both values masked; a sealed one stays `Sealed` (see `words`)."""
        field = self._field_at(one.field)
        if field is None:
            return one
        old, new = (value if value is None else self._of_field(number, field, value) for value in (one.old, one.new))
        return replace(one, old=old, new=new)

    def differences(self, found: Iterable[tuple[str, Difference]]) -> tuple[tuple[str, Difference], ...]:
        """What changed in several customers' fields, each with the customer's number."""
        return (
            tuple((number, self.difference(number, one)) for number, one in found)
            if self._work.sealed
            else tuple(found)
        )

    def value(self, number: str, name: str, text: str) -> str:
        """The value of a customer's field by the catalogue's name; of several values in one text each is masked."""
        field = self._masked.get(name) if self._work.sealed and text else None
        if field is None:
            return text
        several = field.noun is not None or field.many
        parts = text.split(LISTED) if several else [text]
        return LISTED.join(self._of_field(number, field, part) for part in parts)

    def _of_field(self, number: str, field: CatalogField, text: str) -> str:
        if isinstance(text, Sealed) or field.mask is None:
            return text
        if not self._reveal:
            return mask(field.mask, text)
        self._let_through(number, field.name)
        return text

    def _let_through(self, number: str, name: str) -> None:
        self._revealed.setdefault(number, {})[name] = None

    @cached_property
    def _masked(self) -> dict[str, CatalogField]:
        return {name: field for name, field in self._work.fields.items() if field.mask}

    @cached_property
    def _by_key(self) -> dict[tuple[str, ...], CatalogField]:
        return {field.key: field for field in self._masked.values()}

    def _field_at(self, dotted: str) -> CatalogField | None:
        """The masked field of a difference: `phone`, `custom.card`, `contacts.P7K2M9QXA.phone`."""
        way = tuple(dotted.split("."))
        return self._by_key.get(way) or self._by_key.get((*way[:1], *way[2:]))


def damaged_in(findings: Iterable[Finding]) -> frozenset[str]:
    """The fields whose values are not what they must be."""
    return frozenset(finding.where.field for finding in findings if finding.damaged and finding.where.field)


def sealed_words(level: Level) -> str:
    """What people read in place of a value of this level that they can't read."""
    return _("(sealed: {level})").format(level=level.label)


def destroyed_words() -> str:
    """What people read in place of a value whose key was destroyed."""
    return _("(destroyed)")


def words(value: str | None) -> str | None:
    """A value as people read it."""
    return sealed_words(value.level) if isinstance(value, Sealed) else value


def datum(value: str | None) -> str | None:
    """A value as programs read it: None for a sealed one."""
    return None if isinstance(value, Sealed) else value


def field_of(path: str) -> str:
    """The field at a path, entries left out: `interactions.I7K2M9QXA.summary` is `interactions.summary`."""
    first, *rest = path.split(".")
    return ".".join((first, *rest[1:])) if len(rest) > 1 else path


def left_out(names: Iterable[str]) -> tuple[Finding, ...]:
    """That sealed values of these fields are left out of what programs read; nothing for none."""
    count = Counter(names)
    said = n_(
        "{count} sealed value is left out: {fields}.", "{count} sealed values are left out: {fields}.", count.total()
    )
    told = said.format(count=count.total(), fields=", ".join(count))
    return (Finding(told, severity="warning"),) if count else ()


def still_sealed(paths: Iterable[str]) -> tuple[Finding, ...]:
    """That a reveal showed nothing of these fields, which its reader can't open; nothing for none."""
    names = ", ".join(dict.fromkeys(field_of(path) for path in paths))
    return (Finding(_("Stays sealed for you: {fields}.").format(fields=names), severity="warning"),) if names else ()


def _worded(leaf: Leaf, damaged: Collection[str], *, gone: bool) -> str:
    if not isinstance(leaf.text, Sealed):
        return leaf.text
    if leaf.path in damaged:
        return _("(damaged)")
    return destroyed_words() if gone else sealed_words(leaf.text.level)
