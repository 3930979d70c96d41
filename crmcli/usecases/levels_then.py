"""The levels under which other versions of the house rules put customers' fields: what was open when it was written, or
is since, is no clear text to refuse."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from crmcli.errors import CrmError
from crmcli.model.catalog import CatalogField
from crmcli.model.derive import catalog
from crmcli.model.fields import Level
from crmcli.model.house import CustomFields
from crmcli.model.team import PATH as ACCESS
from crmcli.model.team import Access, with_levels
from crmcli.store.history import contents
from crmcli.store.spans import Brought
from crmcli.usecases.trust_history import CUSTOM, read_as
from crmcli.usecases.workplace import Workplace

Fields = Mapping[str, CatalogField]


def fields_at(work: Workplace, commit: str, brought: Sequence[Brought] = ()) -> Fields:
    """The fields with the lowest level that each has in the rules of the commit, and in those among `brought`, which
    must have been judged. Ours, where the levels of custom fields here don't count."""
    if work.custom.warning:
        return work.fields
    customs, accesses = (_versions(work, commit, path, brought) for path in (CUSTOM, ACCESS))
    found: dict[str, CatalogField] = {}
    for data in customs:
        with suppress(CrmError):
            declared = read_as(data, CUSTOM, CustomFields).fields
            found = dict(lower(found, {field.name: field for field in catalog(declared)}))
    return with_levels(found or work.fields, _raised(accesses))


def lower(one: Fields, other: Fields) -> Fields:
    """The fields of both, each with the lower level of the two."""
    both = {name: (one.get(name), other.get(name)) for name in {**one, **other}}
    return {name: _lower(*pair) for name, pair in both.items()}


def _lower(one: CatalogField | None, other: CatalogField | None) -> CatalogField:
    known = [field for field in (other, one) if field]
    return replace(known[0], level=_lowest(field.level for field in known))


def _versions(work: Workplace, commit: str, path: str, brought: Sequence[Brought]) -> list[bytes | None]:
    blobs = [one.blob for one in brought if one.path == work.vault.prefix + path]
    return list(contents(work.vault.git(), [f"{commit}:./{path}", *blobs]))


def _raised(accesses: Iterable[bytes | None]) -> dict[str, Level]:
    """The levels that every one of these access files raises, as low as one of them does."""
    levels: list[Mapping[str, Level]] = []
    for data in accesses:
        with suppress(CrmError):
            levels.append(read_as(data, ACCESS, Access).levels)
    names = {name for one in levels for name in one}
    return {name: _lowest(one.get(name, Level.OPEN) for one in levels) for name in names}


def _lowest(levels: Iterable[Level]) -> Level:
    return min(levels, key=lambda level: level.rank)
