"""What an import still asks of a customer file that holds: no gaps, nobody twice; and what it counts. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from crmcli.errors import Finding, Where
from crmcli.rules.duplicates import KEYS, Duplicate, Registry
from crmcli.text import _, label, n_
from crmcli.usecases.entries import NOUNS
from crmcli.usecases.import_drafts import Settled
from crmcli.usecases.import_rows import Reject
from crmcli.usecases.records import Reading, archived, field_name, gap_finding, gaps_of
from crmcli.usecases.workplace import Workplace


@dataclass
class Checker:
    """Checks customers one after the other, those before it included.

    stock  reads the customers on file; asked only when a value to compare comes up
    """

    work: Workplace
    incomplete: bool
    duplicate_ok: bool
    stock: Callable[[], Reading]
    gaps: Counter[str] = field(default_factory=Counter)

    def check(self, settled: Settled, path: str) -> list[Reject]:
        """All rows of the customer with the reasons why it can't be taken in; none when it can."""
        reasons = [*_archived(settled), *self._gaps(settled), *self._twice(settled)]
        if not reasons:
            return []
        rows = [item.row for item in settled.items]
        return [Reject(row, tuple(_placed(reason, path, row.line) for reason in reasons)) for row in rows]

    def warnings(self) -> list[Finding]:
        """The gaps that were let through, counted by field."""
        return [
            Finding(_lacking(count, _named(self.work, name)), Where(field=name), severity="warning")
            for name, count in self.gaps.items()
        ]

    def _gaps(self, settled: Settled) -> list[Finding]:
        if settled.record is not None:
            return []
        lacking = [gap for gap in gaps_of(self.work, settled.tree) if gap.required]
        if self.incomplete:
            self.gaps.update(gap.field.name for gap in lacking)
            return []
        hint = _("Add --incomplete to enter it with the gap.")
        return [Finding(gap_finding("", gap).message, Where(field=gap.field.name), None, hint) for gap in lacking]

    @cached_property
    def _registry(self) -> Registry:
        return Registry(record.tree for record in self.stock().records)

    def _twice(self, settled: Settled) -> list[Finding]:
        tree, before = settled.tree, settled.before
        if self.duplicate_ok or all(tree.get(key) == before.get(key) for key in KEYS):
            return []
        line = settled.items[0].row.line
        # A customer without a number yet is named by its line.
        said = tree if settled.record else {**tree, "id": _("line {line}").format(line=line)}
        found = [one for one in self._registry.of(said) if tree.get(one.field) != before.get(one.field)]
        if not found:
            self._registry.add(said)
        return [_held(self.work, one) for one in found]


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the rows: customers and entries by what happened to them, rows that said what another row of the
    file had said (`entries_repeated`), and rows that were rejected."""

    rows: int
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    entries_added: int = 0
    entries_updated: int = 0
    entries_skipped: int = 0
    entries_repeated: int = 0
    rejected: int = 0

    def data(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)

    def subject(self, word: str) -> str:
        """The commit's first line: counts alone, no names."""
        customers = f"{self.added} added, {self.updated} updated"
        count = self.entries_added
        entries = f", {count} {'entry' if count == 1 else 'entries'}" if count else ""
        return f"import {word}: {customers}{entries}"


def tally(good: Sequence[Settled], rows: int, rejected: int) -> Tally:
    """Count what the settled customers come to."""
    counts: Counter[str] = Counter()
    for settled in good:
        counts["added" if settled.record is None else "updated" if settled.changed else "unchanged"] += 1
        counts.update(_entries(settled))
    return Tally(rows, rejected=rejected, **counts)


def _entries(settled: Settled) -> Counter[str]:
    old, new = _by_id(settled.before), _by_id(settled.tree)
    counts: Counter[str] = Counter()
    for entry_id, items in settled.touched.items():
        kind = "added" if entry_id not in old else "updated" if old[entry_id] != new[entry_id] else "skipped"
        counts[f"entries_{kind}"] += 1
        counts["entries_repeated"] += len(items) - 1
    return counts


def repeated(good: Sequence[Settled], path: str) -> list[Finding]:
    """The rows that came to nothing of their own, by line."""
    lines = sorted(item.row.line for settled in good for items in settled.touched.values() for item in items[1:])
    if not lines:
        return []
    said = _("Entered once: rows about the same entry as an earlier row, in line {lines}.")
    shown = ", ".join(map(str, lines[:10])) + (", …" if len(lines) > 10 else "")
    return [Finding(said.format(lines=shown), Where(path), severity="warning")]


def _by_id(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {entry["id"]: entry for noun in NOUNS.values() for entry in tree.get(noun.key, ())}


def summary(data: Mapping[str, Any]) -> list[str]:
    """The counts in words, those that are nothing left out; the rows first."""
    forms: dict[str, Callable[[int], str]] = {
        "rows": lambda n: n_("{n} row read", "{n} rows read", n),
        "added": lambda n: n_("{n} customer added", "{n} customers added", n),
        "updated": lambda n: n_("{n} customer updated", "{n} customers updated", n),
        "unchanged": lambda n: n_("{n} customer unchanged", "{n} customers unchanged", n),
        "entries_added": lambda n: n_("{n} entry added", "{n} entries added", n),
        "entries_updated": lambda n: n_("{n} entry updated", "{n} entries updated", n),
        "entries_skipped": lambda n: n_("{n} entry there already", "{n} entries there already", n),
        "entries_repeated": lambda n: n_(
            "{n} row about the same entry as another", "{n} rows about the same entry as another", n
        ),
        "rejected": lambda n: n_("{n} row rejected", "{n} rows rejected", n),
    }
    return [form(data[name]).format(n=data[name]) for name, form in forms.items() if data[name]]


def _archived(settled: Settled) -> list[Finding]:
    """That an archived file is not changed; nothing where the rows say what is on file."""
    if settled.record is None or settled.before["status"] != "archived" or not settled.changed:
        return []
    refused = archived(settled.record.number)
    return [Finding(refused.message, hint=refused.hint)]


def _held(work: Workplace, one: Duplicate) -> Finding:
    hint = _("{holder} has it already; --key {field} updates that customer, --duplicate-ok enters another.")
    return Finding(
        _("Already on file with the same {fields}.").format(fields=field_name(work, one.field)),
        Where(field=one.field),
        None,
        hint.format(holder=one.number, field=one.field),
    )


def _lacking(count: int, field: str) -> str:
    return n_("{count} new customer lacks {field}.", "{count} new customers lack {field}.", count).format(
        count=count, field=field
    )


def _placed(finding: Finding, path: str, line: int) -> Finding:
    return Finding(finding.message, Where(path, line, finding.where.field), finding.expected, finding.hint)


def _named(work: Workplace, name: str) -> str:
    return label(en=work.fields[name].en, zh=work.fields[name].zh)
