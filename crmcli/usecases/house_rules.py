"""The house rules read from `schemas/` and made one `House`. A rule that doesn't hold is refused with file and line."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from pydantic import ValidationError

from crmcli.errors import Finding, Invalid, NotFound, Where, dotted, invalid
from crmcli.model.base import Part
from crmcli.model.custom import CustomField
from crmcli.model.derive import catalog
from crmcli.model.findings import Lines, findings
from crmcli.model.house import CodeList, Codes, Completeness, CustomFields, House, Settings
from crmcli.model.nearest import nearest
from crmcli.rules.completeness import unknown_fields
from crmcli.store.files import read_record
from crmcli.store.vault import Vault
from crmcli.store.yamlread import parse
from crmcli.text import _
from crmcli.usecases.resources import shipped

Rules = TypeVar("Rules", bound=Part)
CODES, COMPLETENESS = "schemas/codes.yaml", "schemas/completeness.yaml"
OWN = frozenset({"reveal_reason"})  # lists that no field uses
FIXED = {
    "kind": ("individual", "enterprise"),
    "status": ("lead", "active", "ended", "churned", "archived"),
}


def load(vault: Vault) -> House:
    """All rules of the vault; Invalid naming every finding otherwise."""
    settings, _lines = read_rules(vault, "schemas/vault.yaml", Settings)
    codes, code_lines = read_rules(vault, CODES, Codes)
    custom, _lines = read_rules(vault, "schemas/custom-fields.yaml", CustomFields)
    complete, complete_lines = read_rules(vault, COMPLETENESS, Completeness)
    unknown = _unknown_names(complete, complete_lines, custom.fields)
    wrong = [*_wrong_lists(codes.lists, code_lines), *unknown]
    if wrong:
        raise invalid(wrong)
    return House(settings, _filled(codes.lists), tuple(codes.regions), custom.fields, complete)


def read_rules(vault: Vault, path: str, model: type[Rules]) -> tuple[Rules, Lines]:
    """One rule file as its model, and the line of each of its keys; Invalid with file and line otherwise."""
    source = parse(_bytes(vault, path), path)
    try:
        return model.model_validate(source.tree), source.lines
    except ValidationError as error:
        raise invalid(findings(error, model, path, source.lines)) from None


def _bytes(vault: Vault, path: str) -> bytes:
    try:
        return read_record(vault.root, path)
    except NotFound as error:
        hint = _("`git restore {path}` brings it back.").format(path=path)
        raise Invalid(error.message, where=error.where, hint=hint) from error


def _lists_of_model() -> set[str]:
    return {found.codes for found in catalog() if found.codes} | OWN


def _filled(lists: dict[str, CodeList]) -> dict[str, CodeList]:
    """The lists, those that a vault older than the program lacks as they ship."""
    lacking = _lists_of_model() - lists.keys()
    if not lacking:
        return lists
    defaults = Codes.model_validate(parse(shipped("schemas", "codes.yaml")[CODES], CODES).tree).lists
    return {**lists, **{name: words for name, words in defaults.items() if name in lacking}}


def _wrong_lists(lists: Mapping[str, CodeList], lines: Lines) -> Iterator[Finding]:
    known = _lists_of_model()
    for name in lists.keys() - known:
        where = Where(CODES, lines.get(("lists", name)), f"lists.{name}")
        yield Finding(_("No field uses the list {name}.").format(name=name), where, hint=nearest(name, known))
    for name, words in FIXED.items():
        if name in lists and set(lists[name]) != set(words):
            where = Where(CODES, lines.get(("lists", name)), f"lists.{name}")
            yield Finding(_("The list {name} is fixed.").format(name=name), where, ", ".join(words))


def _unknown_names(rule: Completeness, lines: Lines, custom: Mapping[str, CustomField]) -> Iterator[Finding]:
    fields = {found.name: found for found in catalog(custom)}
    for place, name in unknown_fields(rule, fields):
        where = Where(COMPLETENESS, lines.get(place), dotted(place))
        yield Finding(_("Unknown field {name}.").format(name=name), where, hint=nearest(name, fields))
