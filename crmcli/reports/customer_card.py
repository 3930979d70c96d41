"""Customer card 客户档案卡 (R52): every field of a customer's kind with both labels, empty ones as blanks to fill in. Pure.

What a complete file would hold and this one lacks is marked. Machine forms get the file itself, with the empty fields named.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from crmcli.model.catalog import CatalogField
from crmcli.reports.dossier_card import HIDDEN, Labels
from crmcli.reports.values import Card, Column, Section, Table
from crmcli.text import label, language

Tree = Mapping[str, Any]
BLANK = "________"
TITLES = {
    "individual": ("Customer card", "顾客资料卡"),
    "enterprise": ("Customer file card", "客户档案卡"),
}


def title(kind: str = "enterprise") -> str:
    """The title of the card of a kind of customer."""
    en, zh = TITLES.get(kind, TITLES["enterprise"])
    return label(en=en, zh=zh)


def customer_card(
    tree: Tree,
    fields: Sequence[CatalogField],
    metrics: Mapping[str, str],
    labels: Labels,
    lacking: Sequence[CatalogField] = (),
    data: Mapping[str, Any] | None = None,
) -> Card:
    """The card of a plain tree; arguments as for `dossier_card.card`."""
    own = [field for field in fields if field.only in (None, tree.get("kind")) and field.name not in HIDDEN]
    missing = {field.name for field in lacking}
    sections = [*_profile(tree, own, labels, missing), *_metrics(metrics, own), *_lists(tree, own, labels, missing)]
    blank = [field.name for field in own if not (field.noun or field.metric or field.assigned or _at(tree, field.key))]
    told = {key: value for key, value in metrics.items() if key != "gaps"}
    more = {"metrics": told, "gaps": [field.name for field in lacking], "empty": blank}
    name = tree.get("name") or tree.get("company") or ""
    return Card(
        f"{title(tree['kind'])} {tree['id']} {name}".strip(),
        tuple(sections),
        {**(data or tree), **more},
        tree["id"],
    )


def both(en: str, zh: str) -> str:
    """Two labels side by side, that of the language in force first."""
    return f"{zh} {en}" if language() == "zh" else f"{en} {zh}"


def _profile(tree: Tree, fields: Sequence[CatalogField], labels: Labels, missing: set[str]) -> Iterator[Section]:
    own = [field for field in fields if not (field.noun or field.metric)]
    own.sort(key=lambda field: "." in field.name)
    for group, members in groupby(own, key=lambda field: field.name.split(".")[0] if "." in field.name else ""):
        listed = list(members)
        lines = tuple((_head(field), _shown(tree, field, labels, missing)) for field in listed)
        heading = both(listed[0].group_en, listed[0].group_zh) if group else both("Basic facts", "基本情况")
        yield Section(heading, lines)


def _head(field: CatalogField) -> str:
    return both(field.en, field.zh)


def _shown(tree: Tree, field: CatalogField, labels: Labels, missing: set[str]) -> str:
    value = _at(tree, field.key)
    if value:
        return _value(field, value, labels)
    if field.name in missing:
        return f"{BLANK} {_gap()}"
    return "—" if field.assigned else BLANK


def _gap() -> str:
    return label(en="(missing)", zh="（待补）")


def _value(field: CatalogField, value: Any, labels: Labels) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, dict):
        return ", ".join(f"{key}={text}" for key, text in value.items())
    return labels(field.codes, str(value), language()) if field.codes else str(value)


def _metrics(metrics: Mapping[str, str], fields: Sequence[CatalogField]) -> Iterator[Section]:
    told = [field for field in fields if field.metric and field.name != "gaps" and field.name in metrics]
    yield Section(both("Figures", "统计"), tuple((_head(field), metrics[field.name]) for field in told))


def _lists(tree: Tree, fields: Sequence[CatalogField], labels: Labels, missing: set[str]) -> Iterator[Section]:
    nouns: dict[str, list[CatalogField]] = {}
    for field in fields:
        if field.noun:
            nouns.setdefault(field.key[0], []).append(field)
    for key, members in nouns.items():
        heading = both(members[0].group_en, members[0].group_zh)
        lacks = any(field.name in missing for field in members)
        yield Section(f"{heading} {_gap()}" if lacks else heading, _entries(tree.get(key, ()), members, labels))


def _entries(entries: Sequence[Tree], fields: Sequence[CatalogField], labels: Labels) -> Table:
    """The entries in all their columns but the id; where there are none one empty line to fill in."""
    own = [field for field in fields if field.key[1] != "id"]
    columns = tuple(Column(field.key[1], _head(field), field.type in ("amount", "integer")) for field in own)
    rows = [
        {field.key[1]: _value(field, entry[field.key[1]], labels) for field in own if field.key[1] in entry}
        for entry in entries
    ]
    blank = {own[0].key[1]: "—" if own[0].assigned else BLANK}
    return Table(columns, tuple(rows or [blank]), "id")


def _at(tree: Any, key: tuple[str, ...]) -> Any:
    for part in key:
        tree = tree.get(part) if isinstance(tree, Mapping) else None
    return tree
