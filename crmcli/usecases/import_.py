"""Take in a CSV file of customers or of their entries: every row that holds in one commit, the others named with reasons.

Two rows that say the same are two purchases; what is told apart by an order number is taken in once. A file that was
taken in already is refused by its mark, which stands in the history: its digest, in a sealed vault under a key.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from crmcli.errors import Conflict, Finding, Invalid, Where
from crmcli.model.fields import Level
from crmcli.sealing.masters import import_mark
from crmcli.store import csvread, rejects
from crmcli.store.csvread import Sheet
from crmcli.store.history import log
from crmcli.store.numbers import next_numbers
from crmcli.store.transaction import Change, Desk
from crmcli.text import _, n_
from crmcli.usecases.change import Outcome, Plan, carry_out, message
from crmcli.usecases.import_checks import Checker, Tally, repeated, tally
from crmcli.usecases.import_columns import Columns, columns_of
from crmcli.usecases.import_drafts import Maker, Settled
from crmcli.usecases.import_keys import Keys, keys
from crmcli.usecases.import_mapping import REJECTED, Mapper, Subject, mapping_of, own_width, subject_of
from crmcli.usecases.import_rows import Intake, Reject
from crmcli.usecases.records import Reading, change, read_all
from crmcli.usecases.workplace import Workplace

Progress = Callable[[int, int], None]
TRAILER = "Import"
_NAMED = 10


@dataclass(frozen=True)
class Wanted:
    """What a person asked for.

    subject       customers, or a noun's word or list key: transactions, interactions, contacts …
    key           the field by which rows find their customer; None: the only one that can (entries), or none (customers)
    create        make the customers that entries need
    mapping       `heading=field` texts; the field "-" leaves the column out
    incomplete    take in new customers with required fields missing
    duplicate_ok  take in a phone, e-mail, ID number or credit code that is on file
    again         take in a file that was taken in before
    rejects       where rejected rows go, a free name beside it where that is taken
    """

    subject: str = "customers"
    key: str | None = None
    create: bool = False
    mapping: Sequence[str] = ()
    incomplete: bool = False
    duplicate_ok: bool = False
    again: bool = False
    rejects: Path = Path("rejected.csv")
    encoding: str | None = None
    delimiter: str | None = None


def unseen(done: int, total: int) -> None:
    """Nobody watches."""


def import_file(
    work: Workplace, path: Path, wanted: Wanted, *, progress: Progress = unseen, dry_run: bool = False
) -> Outcome:
    """Import a file a person names; see `import_bytes`. NotFound where there is none."""
    return import_bytes(work, csvread.load(path), str(path), wanted, progress=progress, dry_run=dry_run)


def import_bytes(
    work: Workplace, data: bytes, name: str, wanted: Wanted, *, progress: Progress = unseen, dry_run: bool = False
) -> Outcome:
    """Import the bytes of a file called `name`.

    progress  called with (drafts done, drafts in all)

    `Outcome.data` holds the counts (see `Tally`), `subject`, `encoding`, `delimiter`, `columns` (field by heading) and
    `rejects` (the path, or None). Rejected rows are findings of severity "error", the first ten in full.
    Invalid for a file, a heading or an option that doesn't hold, and when no row at all holds; Conflict, kind
    "already-imported". Nothing has changed then.
    """
    subject = subject_of(wanted.subject)
    sheet = csvread.read(data, name, encoding=wanted.encoding, delimiter=wanted.delimiter)
    mapper = Mapper(subject, work.fields, wanted.key, mapping_of(wanted.mapping), sheet.path)
    job = _Job(work, subject, sheet, columns_of(mapper, sheet), wanted, progress, dry_run)
    try:
        return carry_out(work, "import", job.plan, dry_run=dry_run)
    except BaseException:
        job.forget_rejects()
        raise


@dataclass
class _Job:
    """One import while it is carried out."""

    work: Workplace
    subject: Subject
    sheet: Sheet
    columns: Columns
    wanted: Wanted
    progress: Progress
    dry_run: bool
    written: Path | None = None
    warnings: list[Finding] = field(default_factory=list)

    def plan(self, desk: Desk | None) -> Plan:
        """Everything decided, nothing written but the rejected rows."""
        self._refuse_again()
        intake = Intake(self.subject, self.columns.all, self._keys, self.wanted.create, self.sheet.path)
        for row in self.sheet.rows:
            intake.take(row)
        good, bad = self._settled(intake)
        bad = sorted(bad, key=lambda reject: reject.row.line)
        if not good and bad:
            raise self._nothing_holds(bad)
        numbers = self._numbers(desk, sum(settled.record is None for settled in good))
        changes = self._changes(good, numbers)
        self._write_rejects(bad)
        count = tally(good, len(self.sheet.rows), len(bad))
        touched = [change.path.rsplit("/", 1)[-1].removesuffix(".yaml") for change in changes]
        marked = {TRAILER: self._marks[0]} if self._marks else {}
        said = message("import", count.subject(self.subject.word), touched, None, **marked)
        return Plan(changes, said, tuple(touched), self._findings(bad), self._data(count))

    def forget_rejects(self) -> None:
        """Take the file of rejected rows away again: nothing was taken in, so there is nothing left over."""
        if self.written is not None:
            self.written.unlink(missing_ok=True)

    @cached_property
    def _reading(self) -> Reading:
        reading = read_all(self.work)
        self.warnings += reading.findings
        return reading

    @cached_property
    def _keys(self) -> Keys | None:
        column = self.columns.key
        return keys(column.field, column.name, self.work.house, self._reading.records) if column else None

    @cached_property
    def _marks(self) -> list[str]:
        """What names this file in the history, newest key first. A bare digest would let anybody test guesses of it."""
        keyring, digest, word = self.work.keyring, self.sheet.digest, self.subject.word
        if keyring is None:
            return [f"sha256:{digest} {word}"]
        generations = sorted(keyring.access.masters.get(Level.INTERNAL, ()), reverse=True)
        masters = [keyring.master(Level.INTERNAL, one) for one in generations]
        if not masters or masters[0] is None:
            return []
        return [f"hmac-sha256:{import_mark(one, keyring.vault, digest)} {word}" for one in masters if one]

    def _refuse_again(self) -> None:
        bare = f"sha256:{self.sheet.digest} {self.subject.word}"  # from when the vault was open
        lines = [f"--grep=Crm-{TRAILER}: {mark}" for mark in dict.fromkeys((*self._marks, bare))]
        found = [] if self.wanted.again else log(self.work.vault, "-F", "--full-history", "-1", *lines)
        if found:
            raise Conflict(
                _("This file was imported on {day} already (commit {hash}).").format(
                    day=found[0].at.date().isoformat(), hash=found[0].hash[:12]
                ),
                kind="already-imported",
                where=Where(self.sheet.path),
                hint=_("Add --again to import it once more."),
            )

    def _settled(self, intake: Intake) -> tuple[list[Settled], list[Reject]]:
        maker = Maker(self.work, self.subject, self._keys, self.sheet.path)
        gaps_ok = self.wanted.incomplete or self._creates
        checker = Checker(self.work, gaps_ok, self.wanted.duplicate_ok, lambda: self._reading)
        good: list[Settled] = []
        bad = list(intake.rejects)
        for done, draft in enumerate(intake.drafts, 1):
            settled, rejected = maker.settle(draft)
            wrong = checker.check(settled, self.sheet.path) if settled else []
            bad += [*rejected, *wrong]
            good += [settled] if settled and not wrong else []
            self.progress(done, len(intake.drafts))
        self.warnings += [*checker.warnings(), *repeated(good, self.sheet.path)]
        return good, bad

    @property
    def _creates(self) -> bool:
        return self.subject.noun is not None and self.wanted.create

    def _numbers(self, desk: Desk | None, count: int) -> list[str]:
        return list(next_numbers(desk, self.work.today, count)) if desk and count else [""] * count

    def _changes(self, good: Sequence[Settled], numbers: Sequence[str]) -> list[Change]:
        free = iter(numbers)
        if self.dry_run:
            return []
        made: list[Change] = []
        for settled in good:
            if settled.record is None:
                made.append(self._change(settled, {**settled.tree, "id": next(free)}))
            elif settled.changed:
                made.append(self._change(settled, settled.tree))
        return made

    def _change(self, settled: Settled, tree: Mapping[str, object]) -> Change:
        try:
            return change(self.work, tree, settled.record.data if settled.record else None)
        except Invalid as error:
            raise Invalid(
                error.message, hint=error.hint, where=Where(self.sheet.path, settled.items[-1].row.line)
            ) from None

    def _nothing_holds(self, bad: Sequence[Reject]) -> Invalid:
        self._write_rejects(bad)
        kept, self.written = self.written, None
        count = len(bad)
        message = n_("The only row cannot be imported.", "None of the {count} rows can be imported.", count).format(
            count=count
        )
        hint = _("The rows and the reasons are in {path}.").format(path=kept) if kept else None
        return Invalid(message, where=Where(self.sheet.path), hint=hint, findings=_shown(bad))

    def _write_rejects(self, bad: Sequence[Reject]) -> None:
        if not bad or self.dry_run:
            return
        width = own_width(self.sheet.headings)
        rows = [(*reject.row.cells[:width], str(reject.row.line), _reason(reject)) for reject in bad]
        headings = (*self.sheet.headings[:width], *REJECTED)
        self.written = rejects.write(self.wanted.rejects, [headings, *rows], self.sheet.delimiter)

    def _findings(self, bad: Sequence[Reject]) -> tuple[Finding, ...]:
        more = len(bad) - _NAMED
        ours = self.subject.noun is None or self.wanted.create
        unused = [] if ours else self.columns.unused(self.sheet.path, self.sheet.line)
        rest = (
            [Finding(_("{count} more rows are rejected.").format(count=more), Where(self.sheet.path))]
            if more > 0
            else []
        )
        return (*self.warnings, *unused, *_shown(bad), *rest)

    def _data(self, count: Tally) -> dict[str, object]:
        return {
            "subject": self.subject.word,
            "path": self.sheet.path,
            **count.data(),
            "encoding": self.sheet.encoding,
            "delimiter": self.sheet.delimiter,
            "columns": {column.heading: column.name for column in self.columns.all},
            "rejects": str(self.written) if self.written else None,
        }


def _shown(bad: Sequence[Reject]) -> list[Finding]:
    return [finding for reject in bad[:_NAMED] for finding in reject.findings]


def _reason(reject: Reject) -> str:
    return "; ".join(_said(finding) for finding in reject.findings)


def _said(finding: Finding) -> str:
    expected = _(" (expected {what})").format(what=finding.expected) if finding.expected else ""
    place = f"{finding.where.field}:" if finding.where.field else ""
    return " ".join(part for part in (place, finding.message + expected, finding.hint) if part)
