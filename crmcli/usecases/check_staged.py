"""What is about to be committed, looked at for clear text: asked by the pre-commit hook, so without keys, index or lock.

Every sealed vault of the repository counts, by its rules as they are about to be committed. Paths are from the top of
the work tree, as git itself names them. Changes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from crmcli.errors import CrmError, Finding, ValueProblem, Where
from crmcli.model import team
from crmcli.model.catalog import CatalogField
from crmcli.model.custom import CustomField
from crmcli.model.derive import catalog
from crmcli.model.fields import Level
from crmcli.model.house import CustomFields
from crmcli.model.lines import parse_flag
from crmcli.store.records import APART, FOLDER
from crmcli.store.staged import Staging
from crmcli.store.vault import SETTINGS
from crmcli.store.yamlread import parse
from crmcli.text import _
from crmcli.usecases.clear_text import in_clear

CUSTOM = "schemas/custom-fields.yaml"
GITS_OWN = ".git"  # .gitkeep, .gitattributes …
Rules = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Staged:
    """What is wrong with the commit to be made; the language of its first vault, if any."""

    findings: tuple[Finding, ...]
    language: str | None


def check_staged(start: Path, env: Mapping[str, str]) -> Staged:
    """All findings about customers' files of sealed vaults that are staged in the repository around `start`."""
    staging = Staging(start, env)
    rules = _rules(staging)
    vaults = sorted(path.removesuffix(SETTINGS) for path in rules if f"/{path}".endswith(f"/{SETTINGS}"))
    languages = (rules[prefix + SETTINGS].get("language") for prefix in vaults)
    language = next((word for word in languages if isinstance(word, str)), None)
    sealed = _sealed(staging, rules, vaults)
    return Staged(tuple(_findings(staging, rules, vaults, sealed)) if sealed else (), language)


def _findings(staging: Staging, rules: Rules, vaults: Sequence[str], sealed: set[str]) -> Iterator[Finding]:
    fields = {prefix: _fields(rules, prefix) for prefix in sealed}
    blobs: dict[str, str] = {}
    owners: dict[str, str] = {}
    for path, blob in staging.changed().items():
        owner = _owner(path, vaults)
        if owner in sealed and _is_customers(path.removeprefix(owner)):
            blobs[path], owners[path] = blob, owner
    for path, data in zip(blobs, staging.contents(list(blobs.values())), strict=True):
        yield from _of(path, data, fields[owners[path]])


def _of(path: str, data: bytes | None, fields: Iterable[CatalogField]) -> Iterator[Finding]:
    if data is None or not path.endswith((".yaml", ".yml")):
        hint = _("`git restore --staged PATH` leaves it out of the commit.")
        yield Finding(_("This is not a customer's file."), Where(path), _("records/YYYY/MM/NUMBER.yaml"), hint)
        return
    try:
        yield from in_clear(path, data, parse(data, path), fields)
    except CrmError as error:
        yield from error.findings or (Finding(error.message, error.where or Where(path), None, error.hint),)


def _owner(path: str, vaults: Sequence[str]) -> str | None:
    """The innermost vault below whose records a path lies."""
    return max((prefix for prefix in vaults if path.startswith(f"{prefix}{FOLDER}/")), key=len, default=None)


def _is_customers(path: str) -> bool:
    """Whether a path below records/ is a place for customers' files, not for papers or for git's own."""
    parts = path.split("/")
    return parts[1] not in APART and not parts[-1].startswith(GITS_OWN)


def _rules(staging: Staging) -> Rules:
    """The rules that say what is sealed, by path; empty for one that cannot be read: all that depends on it is sealed."""
    blobs = staging.named((SETTINGS, CUSTOM, team.PATH))
    return dict(zip(blobs, map(_tree, blobs, staging.contents(list(blobs.values()))), strict=True))


def _tree(path: str, data: bytes | None) -> Mapping[str, Any]:
    try:
        return parse(data or b"", path).tree
    except CrmError:
        return {}


def _sealed(staging: Staging, rules: Rules, vaults: Sequence[str]) -> set[str]:
    """The vaults that are sealed, or were until this very commit: nobody opens one again by a line in its settings."""
    before = zip(vaults, staging.contents([f"HEAD:{prefix}{SETTINGS}" for prefix in vaults]), strict=True)
    were = {prefix for prefix, data in before if data is not None and _says_sealed(_tree(SETTINGS, data))}
    return were | {prefix for prefix in vaults if _says_sealed(rules[prefix + SETTINGS])}


def _says_sealed(settings: Mapping[str, Any]) -> bool:
    """What the settings say; those that cannot be read are taken for a sealed vault's."""
    try:
        return bool(parse_flag(str(settings.get("sealing", "no" if settings else "yes")), None))
    except ValueProblem:
        return True


def _fields(rules: Rules, prefix: str) -> tuple[CatalogField, ...]:
    """The catalogue of a vault; a custom field whose declaration does not hold is not in it and so confidential."""
    fields = {field.name: field for field in catalog(_custom(rules.get(prefix + CUSTOM, {})))}
    levels = rules.get(prefix + team.PATH, {}).get("levels")
    known = {word.value: word for word in Level}
    said = levels.items() if isinstance(levels, dict) else ()
    raised = {name: known[word] for name, word in said if isinstance(word, str) and word in known}
    return tuple(team.with_levels(fields, raised).values())


def _custom(rules: Mapping[str, Any]) -> Mapping[str, CustomField]:
    try:
        return CustomFields.model_validate(rules).fields
    except ValidationError:
        return {}
