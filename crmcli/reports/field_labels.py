"""What people call a field of a customer's file, by the dotted name that programs read: the labels of `crm show`. Pure."""

from collections.abc import Iterable

from crmcli.model.catalog import CatalogField
from crmcli.text import _, label


class FieldLabels:
    """The labels of these fields in the language in force."""

    def __init__(self, fields: Iterable[CatalogField]) -> None:
        self._by_key = {field.key: field for field in fields}

    def of(self, dotted: str) -> str:
        """`bank.account` is `Bank details: Account number`, `interactions.I7K2M9QXA.summary` is `Interactions
        I7K2M9QXA: Summary`; a field that nothing is known of keeps its name."""
        first, *rest = dotted.split(".")
        alone = self._by_key.get((first,))
        if alone and not (alone.table and rest):
            return _own(alone)
        if alone:
            return _("{group}: {field}").format(group=_own(alone), field=".".join(rest))
        field = self._by_key.get((first, *rest[-1:]))
        if field is None or len(rest) != (2 if field.noun else 1):
            return dotted
        said = _("{group} {entry}: {field}") if field.noun else _("{group}: {field}")
        return said.format(group=label(en=field.group_en, zh=field.group_zh), entry=rest[0], field=_own(field))


def _own(field: CatalogField) -> str:
    return label(en=field.en, zh=field.zh)
