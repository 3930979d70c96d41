"""Prove that what certificates say is true: nothing of the customers is left here that can be read. Changes nothing.

Scanned are all objects of git, reachable or not, loose or packed; messages, refs, reflogs, index; git's folder with the
journal; the folders for keys and configuration; what in the work tree git does not have; leftover edits in memory and
rejected rows beside the vault. Other clones, machines and backups are out of reach, and named.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crmcli.errors import Finding, NotFound, Where
from crmcli.model.certificate import Certificate
from crmcli.model.identity import certificate_path, record_path
from crmcli.store.files import read_file
from crmcli.store.objects import contents, every
from crmcli.text import _, n_
from crmcli.usecases import purge_places
from crmcli.usecases.certificates import certificates, is_shared
from crmcli.usecases.erasure import verdicts
from crmcli.usecases.former import others_with
from crmcli.usecases.purge_advice import FEW, delete, rewrite, strip
from crmcli.usecases.purge_places import below, content, loose
from crmcli.usecases.purge_traces import Traces, Versions, is_personal, spoken_notes
from crmcli.usecases.resolve import number_in
from crmcli.usecases.trust import as_written
from crmcli.usecases.workplace import Workplace

SEARCHED = ("blob", "commit", "tag")  # a tree has names and hashes alone
OP = b"\nCrm-Op: "


@dataclass(frozen=True, slots=True)
class Scanned:
    """How much was looked at."""

    objects: int = 0
    versions: int = 0
    tokens: int = 0
    messages: int = 0
    refs: int = 0
    entries: int = 0
    files: int = 0


@dataclass(frozen=True)
class Verified:
    """The numbers of the certificates, what was scanned, what was found, and the copies that certificates name."""

    numbers: tuple[str, ...] = ()
    scanned: Scanned = Scanned()
    findings: tuple[Finding, ...] = ()
    copies: tuple[str, ...] = ()

    @property
    def doubtful(self) -> int:
        """How many findings say that people must look."""
        return sum(finding.severity == "warning" for finding in self.findings)

    @property
    def left(self) -> int:
        """How many findings say that something is left, or not to be trusted."""
        return sum(finding.severity == "error" for finding in self.findings)


def verify(work: Workplace, ref: str | None = None) -> Verified:
    """Look after every certificate, or after the one of the number `ref`; NotFound where it has none."""
    found, wrong = certificates(work)
    if ref is not None:
        found = tuple(one for one in found if one.number == number_in(ref))
        wrong = tuple(one for one in wrong if one.where.path == certificate_path(number_in(ref) or "C0"))
        if not (found or wrong):
            hint = _("`crm purge list` shows the register.")
            raise NotFound(_("There is no certificate of {ref}.").format(ref=ref), hint=hint)
    if not found:
        return Verified(findings=wrong)
    scan = _Scan(work, found)
    findings = (*wrong, *_unauthorised(work, found), *scan.findings())
    copies = tuple(dict.fromkeys(copy for one in found for copy in one.copies))
    return Verified(tuple(one.number for one in found), scan.scanned(), findings, copies)


def _unauthorised(work: Workplace, found: tuple[Certificate, ...]) -> list[Finding]:
    paths = {certificate_path(one.number) for one in found}
    return [finding for finding in verdicts(work).findings if finding.where.path in paths]


class _Scan:
    """One pass over everything that is here."""

    def __init__(self, work: Workplace, found: tuple[Certificate, ...]) -> None:
        self._work, self._found, self._vault = work, found, as_written(work.vault)
        others = others_with(work, {one.number: one.uid for one in found})
        self._shared = {number for number, _uid in others}
        self._traces = Traces(found, work.levels, others)
        self._wrong: list[Finding] = []
        self._objects = self._messages = self._files = 0
        self._scan_objects()
        self._entries, self._refs = self._scan_index(), self._count_refs()
        for path in self._places():
            self._scan_file(path)

    def scanned(self) -> Scanned:
        """How much was looked at."""
        versions = sum(one.count for one in self._traces.versions.values())
        return Scanned(
            self._objects, versions, self._traces.tokens, self._messages, self._refs, self._entries, self._files
        )

    def findings(self) -> list[Finding]:
        """What is left."""
        keys = [self._key(number, where) for number, where in self._traces.keys]
        found = [one for customer in self._found for one in self._of(customer)]
        return [*keys, *found, *self._wrong]

    def _scan_objects(self) -> None:
        listed = every(self._vault)
        self._objects = len(listed)
        for one, data in contents(self._vault, [one for one in listed if one.kind in SEARCHED]):
            self._traces.look(f"{one.kind} {one.hash[:12]}", data)
            if one.kind != "blob":
                self._messages += 1
                self._scan_message(f"{one.kind} {one.hash[:12]}", data)
            else:
                self._name(f"blob {one.hash[:12]}", data, strip(one.hash[:12]))

    def _scan_message(self, where: str, data: bytes) -> None:
        message = data.partition(b"\n\n")[2]
        if OP not in message:
            self._name(where, message)
        elif spoken_notes(message):
            for number in self._traces.named(message):
                said = _("The note of a commit about {number} is in clear.").format(number=number)
                self._wrong.append(Finding(said, Where(where), None, rewrite(self._vault, [number], self._shared)))

    def _name(self, where: str, data: bytes, hint: str | None = None) -> None:
        """Texts that are none of ours may say more than the number they name: people must look, unless they do."""
        named = self._traces.named(data)
        if not named or self._traces.is_paper(data):
            return
        personal = is_personal(data)
        said = _("It names {number}; look whether it says more than the number.")
        if personal:
            said = _("It names {number} beside a phone or an ID number in clear.")
        for number in named:
            words = said.format(number=number)
            self._wrong.append(Finding(words, Where(where), None, hint, "error" if personal else "warning"))

    def _scan_index(self) -> int:
        said = self._vault.git().run("ls-files", "-s", "-z").decode("utf-8", "surrogateescape").split("\0")[:-1]
        paths = {record_path(one.number) for one in self._found if not is_shared(self._work, one.number)}
        for path in {line.partition("\t")[2] for line in said} & paths:
            self._wrong.append(
                Finding(_("git's index still has the file."), Where(path), None, f"git rm --cached {path}")
            )
        return len(said)

    def _count_refs(self) -> int:
        return len(self._vault.git().run("for-each-ref", "--format=%(refname)").split())

    def _places(self) -> Iterator[Path]:
        """Every file but git's objects and what git has as it stands."""
        vault, keyring = self._vault, self._work.keyring
        folders = [vault.git_dir, vault.common_dir, *([keyring.homes.data, keyring.homes.config] if keyring else [])]
        ours = (path for folder in folders for path in below(folder, vault.common_dir / "objects"))
        yield from dict.fromkeys((*ours, *loose(vault)))

    def _scan_file(self, path: Path) -> None:
        data = content(path)
        if data is None:
            return
        self._files += 1
        self._traces.look(str(path), data, loose=True)
        inside = any(path.is_relative_to(place) for place in (self._vault.git_dir, self._vault.common_dir))
        if path.is_relative_to(purge_places.MEMORY) or (self._is_loose(path) and not inside):
            self._name(str(path), data, delete(str(path)))

    def _is_loose(self, path: Path) -> bool:
        """Whether a file lies in the work tree or beside it."""
        return path.parent == self._vault.root.parent or path.is_relative_to(self._vault.root)

    def _key(self, number: str, where: str) -> Finding:
        said = _("The key of {number} is still here: earlier versions can be read with it.").format(number=number)
        return Finding(
            said, Where(where), None, _("Any crm command destroys a key in its own place; delete copies of it.")
        )

    def _of(self, customer: Certificate) -> Iterator[Finding]:
        """What is left of one customer's file."""
        number, path = customer.number, record_path(customer.number)
        heads = self._vault.git().stands([f"HEAD:./{path}"])
        if (heads != [None] or read_file(self._work.root, path) is not None) and not is_shared(self._work, number):
            hint = _("`git rm {path}` removes it.").format(path=path)
            yield Finding(_("The file of {number} is still there.").format(number=number), Where(path), None, hint)
        versions = self._traces.versions[number]
        live = set(self._work.keyring.salts(customer.uid)) if self._work.keyring else set()
        if live and not any(name == number for name, _where in self._traces.keys):
            yield self._key(number, str(self._work.keyring.store.path) if self._work.keyring else "")
        if live & versions.salts:
            yield Finding(_("Sealed values of {number} still open here.").format(number=number), Where(path))
        if versions.clear:
            yield self._in_clear(number, versions)
        for where in versions.loose:
            said = _("It holds values of {number} in clear.").format(number=number)
            yield Finding(said, Where(where), None, delete(where))
        for where in versions.unread[:FEW]:
            said = _("A version of the file of {number} can't be parsed; look at it yourself.").format(number=number)
            yield Finding(said, Where(where), severity="warning")

    def _in_clear(self, number: str, versions: Versions) -> Finding:
        said = n_(
            "{count} version of the file of {number} can still be read: {fields}.",
            "{count} versions of the file of {number} can still be read: {fields}.",
            versions.clear,
        )
        names = ", ".join(list(versions.fields)[:FEW]) + (" …" if len(versions.fields) > FEW else "")
        if not self._work.sealed:
            said += " " + _("This vault is open; its history keeps everything.")
        words = said.format(count=versions.clear, number=number, fields=names)
        return Finding(words, Where(versions.where), None, rewrite(self._vault, [number], self._shared))
