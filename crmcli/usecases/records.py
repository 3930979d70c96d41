"""Customer files read into dossiers, and dossiers written back: the one place where store, sealing and model meet.

Reading many never stops at a bad file: what is wrong comes back as findings, the rest is read.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from crmcli.errors import Conflict, CrmError, Finding, NotFound, Refused, Where, dotted, invalid
from crmcli.model import plain
from crmcli.model.dossier import Dossier
from crmcli.model.findings import Lines, findings, line_of
from crmcli.model.identity import record_path
from crmcli.model.metrics import SOURCES, measure
from crmcli.model.readable import readable
from crmcli.model.sealed import START, Sealed, is_token
from crmcli.rules.completeness import Gap, gaps, values
from crmcli.sealing.sealer import Missing
from crmcli.store import records as files
from crmcli.store.comments import comments_of
from crmcli.store.transaction import Change
from crmcli.store.yamlread import parse
from crmcli.store.yamlwrite import render
from crmcli.text import _, label
from crmcli.usecases.workplace import Workplace

Tree = dict[str, Any]


@dataclass(frozen=True)
class Record:
    """One customer as read: where it lies, its bytes, its dossier and its canonical plain tree.

    findings  sealed values that are not what they must be; they are carried as they are
    missing   why others stayed sealed for this reader
    """

    path: str
    data: bytes
    dossier: Dossier
    tree: Tree
    findings: tuple[Finding, ...] = ()
    missing: frozenset[Missing] = frozenset()

    @property
    def number(self) -> str:
        """The customer's number."""
        return self.dossier.id

    @cached_property
    def readable(self) -> Dossier:
        """The dossier without what its reader can't open: what rules and figures go by."""
        return readable(self.dossier) if self.missing or self.findings else self.dossier


@dataclass(frozen=True)
class Reading:
    """What reading many files gave: the good ones, and what is wrong with the others."""

    records: tuple[Record, ...]
    findings: tuple[Finding, ...]


def read(work: Workplace, number: str) -> Record:
    """The customer with that number; NotFound, or Invalid naming every finding."""
    return read_path(work, files.path_of(work.root, number))


def read_editable(work: Workplace, number: str) -> Record:
    """The customer with that number, to be changed. Raises as `read`, Refused for an archived one, and Conflict for clear
    text in a sealed field that a hand edit left there."""
    record = read(work, number)
    if record.findings:
        refuse_changed_by_hand(work, record.path)
    if record.dossier.status == "archived":
        raise archived(number)
    return record


def refuse_changed_by_hand(work: Workplace, path: str) -> None:
    """Conflict, kind "uncommitted", where the file is not as in HEAD."""
    if work.vault.changed_by_hand([path]):
        raise Conflict(
            _("{path} has uncommitted changes.").format(path=path),
            hint=_("`crm commit` takes them in; `git restore --staged --worktree PATH` drops them."),
            where=Where(path),
            kind="uncommitted",
        )


def archived(number: str) -> Refused:
    """That an archived file can be read, not changed (R48)."""
    return Refused(
        _("{number} is archived and cannot be changed.").format(number=number),
        hint=_("`crm reactivate {number} --reason CODE` makes the customer active again.").format(number=number),
        where=Where(record_path(number)),
        kind="archived",
    )


def read_path(work: Workplace, path: str) -> Record:
    """The customer in that file; Invalid naming every finding."""
    data, source = files.read(work.root, path)
    return record_of(work, path, data, source.tree, source.lines)


def record_of(work: Workplace, path: str, data: bytes, tree: Mapping[str, Any], lines: Lines) -> Record:
    """The record in bytes that were read already, from a file or from history."""
    opened = work.sealer.open(tree, path, lines)
    dossier = _dossier(work, opened.tree, path, lines)
    return Record(path, data, dossier, plain.write(dossier), (*opened.damaged, *opened.clear), opened.missing)


def opened_tree(work: Workplace, data: bytes | None, path: str = "") -> Tree:
    """What stands in a version of a file, as its reader may see it; empty for one that is absent or can't be read."""
    try:
        return work.sealer.open(parse(data, path).tree, path).tree if data else {}
    except CrmError:
        return {}


def validated(work: Workplace, tree: Mapping[str, Any], path: str | None = None, lines: Lines | None = None) -> Dossier:
    """The dossier in a plain tree that a person gave; Invalid naming every finding with its place."""
    tokens = [place for place, text in texts(tree) if is_token(text) and not isinstance(text, Sealed)]
    if tokens:
        said = _("A text cannot begin with {sign}, as sealed values do.").format(sign=START)
        raise invalid([Finding(said, Where(path, line_of(place, lines or {}), dotted(place))) for place in tokens])
    return _dossier(work, tree, path, lines)


def texts(node: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text of a plain tree and the way to it."""
    if isinstance(node, str):
        yield place, node
    elif isinstance(node, Mapping | list):
        for key, value in node.items() if isinstance(node, Mapping) else enumerate(node):
            yield from texts(value, (*place, key))


def _dossier(work: Workplace, tree: Mapping[str, Any], path: str | None, lines: Lines | None) -> Dossier:
    try:
        return plain.read(tree, work.house)
    except ValidationError as error:
        raise invalid(findings(error, Dossier, path, lines)) from None


def read_all(work: Workplace) -> Reading:
    """Every customer file of the vault, all held at once; `each` needs far less memory."""
    wrong: list[Finding] = []
    good = tuple(each(work, wrong))
    return Reading(good, tuple(wrong))


def each(work: Workplace, wrong: list[Finding]) -> Iterator[Record]:
    """Every customer file of the vault, one after the other; what is wrong with the bad ones is added to `wrong`."""
    for path in files.record_files(work.root):
        try:
            record = read_path(work, path)
        except NotFound:
            continue  # taken back by another command since the folder was read
        except CrmError as error:
            wrong += findings_of(error)
        else:
            wrong += record.findings
            yield record


def findings_of(error: CrmError) -> tuple[Finding, ...]:
    """An error's findings, or the error itself as one."""
    return error.findings or (Finding(error.message, error.where or Where(), None, error.hint),)


def change(work: Workplace, tree: Mapping[str, Any], old: bytes | None = None, was: bytes | None = None) -> Change:
    """The change that writes a canonical tree to its place, the comments of the old bytes kept.

    was  the version before that git has, where the old bytes were changed by hand
    """
    path = record_path(tree["id"])
    before = (was if was is not None else old) if work.sealed else None
    sealed = work.sealer.seal(tree, parse(before, path).tree if before else None)
    kept = comments_of(old, path) if old and b"#" in old and not work.sealed else None
    return Change(path, render(sealed, kept))


def gaps_of(work: Workplace, tree: Tree) -> tuple[Gap, ...]:
    """What the customer's file still lacks under the house rules."""
    return gaps(tree, work.house.completeness, work.fields)


def gap_finding(place: str, gap: Gap) -> Finding:
    """A gap as something to say about a customer, named by number or path."""
    name = label(en=gap.field.en, zh=gap.field.zh)
    said = _("{field} is missing.") if gap.required else _("{field} is still to be added.")
    return Finding(said.format(field=name), Where(place, None, gap.field.name), severity="warning")


def field_name(work: Workplace, name: str) -> str:
    """What a sentence calls a customer's field: its name, to Chinese readers its label."""
    return label(en=name, zh=work.fields[name].zh)


def metrics_of(work: Workplace, record: Record) -> dict[str, str]:
    """The customer's computed values as canonical strings, without those that follow from what can't be read."""
    found = measure(record.readable, work.house.settings.currency)
    if record.readable is not record.dossier:
        found = {name: value for name, value in found.items() if not _sealed(work, record, SOURCES[name])}
    return {**found, "gaps": str(len(gaps_of(work, record.tree)))}


def _sealed(work: Workplace, record: Record, names: Iterable[str]) -> bool:
    """Whether any value of these fields could not be opened."""
    found = (value for name in names for value in values(record.tree, work.fields[name].key))
    return any(isinstance(value, Sealed) for value in found)
