"""The card of one customer: labelled lines by group, then its lists as tables. Values as people read them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from crmcli.model.catalog import CatalogField
from crmcli.reports.values import Card, Column, Section, Table
from crmcli.text import Language

Labels = Callable[[str | None, str, str], str]
HIDDEN = frozenset({"uid"})


def card(
    tree: Mapping[str, Any],
    fields: Sequence[CatalogField],
    metrics: Mapping[str, str],
    labels: Labels,
    language: Language,
    lacking: Sequence[CatalogField] = (),
    data: Mapping[str, Any] | None = None,
) -> Card:
    """The card of a plain tree.

    fields   the catalogue in canonical order, metrics at its end
    labels   (code list, code, language) → label
    lacking  fields that a complete file would hold
    data     the tree for programs, where it differs
    """
    name = tree.get("name") or tree.get("company") or ""
    words = _Words(labels, language)
    told = {key: value for key, value in metrics.items() if key != "gaps"}
    gaps = {"gaps": ", ".join(words.of(field) for field in lacking)} if lacking else {}
    sections = [
        *_profile(tree, fields, words),
        *_numbers({**told, **gaps}, fields, words),
        *_lists(tree, fields, words),
    ]
    whole = {**(data or tree), "metrics": told, "gaps": [field.name for field in lacking]}
    return Card(f"{tree['id']} {name}".strip(), tuple(sections), whole, tree["id"])


class _Words:
    """Labels and values in one language."""

    def __init__(self, labels: Labels, language: Language) -> None:
        self._labels, self._language = labels, language

    def of(self, field: CatalogField) -> str:
        return field.zh if self._language == "zh" else field.en

    def group(self, field: CatalogField) -> str:
        return field.group_zh if self._language == "zh" else field.group_en

    def value(self, field: CatalogField, value: Any) -> str:
        if isinstance(value, list):
            return ", ".join(value)
        if isinstance(value, dict):
            return ", ".join(f"{key}={text}" for key, text in value.items())
        return self._labels(field.codes, str(value), self._language) if field.codes else str(value)


def _profile(tree: Mapping[str, Any], fields: Iterable[CatalogField], words: _Words) -> Iterable[Section]:
    own = [field for field in fields if not (field.noun or field.metric or field.name in HIDDEN)]
    for _group, members in groupby(own, key=lambda field: field.name.split(".")[0] if "." in field.name else ""):
        lines = [
            (words.of(field), words.value(field, value), words.group(field))
            for field in members
            if (value := _at(tree, field.key))
        ]
        if lines:
            yield Section(lines[0][2], tuple((head, text) for head, text, _group in lines))


def _numbers(metrics: Mapping[str, str], fields: Iterable[CatalogField], words: _Words) -> Iterable[Section]:
    lines = [(words.of(field), metrics[field.name]) for field in fields if field.metric and field.name in metrics]
    if lines:
        yield Section("", tuple(lines))


def _lists(tree: Mapping[str, Any], fields: Iterable[CatalogField], words: _Words) -> Iterable[Section]:
    nouns: dict[str, list[CatalogField]] = {}
    for field in fields:
        if field.noun and tree.get(field.key[0]):
            nouns.setdefault(field.key[0], []).append(field)
    for key, members in nouns.items():
        yield Section(words.group(members[0]), table(tree[key], members, words.of, words.value))


def table(
    entries: Sequence[Mapping[str, Any]],
    fields: Sequence[CatalogField],
    head: Callable[[CatalogField], str],
    shown: Callable[[CatalogField, Any], str],
) -> Table:
    """Entries of one kind as a table of the columns that any of them fills."""
    used = [field for field in fields if any(field.key[1] in entry for entry in entries)]
    columns = tuple(Column(field.key[1], head(field), field.type in ("amount", "integer")) for field in used)
    rows = tuple(
        {field.key[1]: shown(field, entry[field.key[1]]) if field.key[1] in entry else "" for field in used}
        for entry in entries
    )
    return Table(columns, rows, "id")


def entry_table(
    entries: Sequence[Mapping[str, Any]], fields: Sequence[CatalogField], labels: Labels, language: Language
) -> Table:
    """Entries of one kind as a table in one language."""
    words = _Words(labels, language)
    return table(entries, fields, words.of, words.value)


def _at(tree: Any, key: tuple[str, ...]) -> Any:
    for part in key:
        tree = tree.get(part) if isinstance(tree, Mapping) else None
    return tree


def card_of_entry(
    entry: Mapping[str, Any],
    fields: Sequence[CatalogField],
    labels: Labels,
    language: Language,
    data: Mapping[str, Any] | None = None,
) -> Card:
    """One entry on a card; `data` is the entry for programs, where it differs."""
    words = _Words(labels, language)
    lines = tuple(
        (words.of(field), words.value(field, entry[field.key[1]])) for field in fields if field.key[1] in entry
    )
    return Card(entry["id"], (Section("", lines),), dict(data or entry), entry["id"])
