"""A span of commits judged as everybody who gets it must judge it: who signed it, and whether they might; whether all of
it is files that crm reads. Reads objects alone; signatures come first, so that a stranger's files are not even listed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from crmcli.errors import CrmError, Finding, Where
from crmcli.store.history import OVERSIZE
from crmcli.store.landing import FILES
from crmcli.store.spans import Brought
from crmcli.store.vault import Vault
from crmcli.text import _
from crmcli.usecases.audit import Problem, examined, ours_of
from crmcli.usecases.certificate_findings import UNAUTHORISED
from crmcli.usecases.erasure import doubts
from crmcli.usecases.records import findings_of
from crmcli.usecases.trust import as_written, judged_history
from crmcli.usecases.trust_chain import Chain
from crmcli.usecases.trust_history import made_by, raws_of
from crmcli.usecases.workplace import Workplace

FOLDERS = ("records/", "schemas/")
_CONTROL = re.compile("[\x00-\x1f\x7f]")  # no file of a vault may have such a name: `store.files.place`
# What to do about a commit of which this kind of thing is wrong (`audit.Problem`); the words may name the commit.
Advice = Callable[[str], str | None]
_FEW = 5  # commits that a line names
_NAMED = 100  # odd entries looked for in the tip, which is where they stand in the way


def untrusted(
    work: Workplace, tip: str, others: Sequence[str], commits: Sequence[str], advice: Advice, *, tell: bool = False
) -> tuple[Finding, ...]:
    """Which of these commits of the history of `tip` must be refused; `others`: what else counts as decided; `tell`:
    whether those that somebody else signed than they say are told of."""
    if work.keyring is None or not commits:
        return ()
    vault = as_written(work.vault)
    try:
        chain, _tip = judged_history(vault, work.keyring.trusted.root, tip, others)
    except CrmError as error:
        return findings_of(error)
    flawed = (*_unsound(chain, tip), *_unsigned(vault, chain, commits, advice))
    return tuple(_advised_once(flawed or _judged(work, chain, tip, commits, advice, tell=tell)))


def unreadable(vault: Vault, tip: str, files: Sequence[Brought]) -> tuple[Finding, ...]:
    """What is no file that crm reads: links and other repositories, odd names, files too large."""
    return (*_strange(vault, tip, files), *_oversize(vault, files))


def _advised_once(findings: Iterable[Finding]) -> Iterator[Finding]:
    told: set[str | None] = set()
    for one in findings:
        yield replace(one, hint=None) if one.hint in told else one
        told.add(one.hint)


def _unsound(chain: Chain, tip: str) -> Iterator[Finding]:
    """That the team or its keys, as they would stand, were made by somebody who might not."""
    if not chain.sound(tip):
        flaw = chain.flaw_of(tip)
        said = _("The team or its keys were changed by somebody who may not (commit {commit}). {why}")
        yield Finding(said.format(commit=flaw.commit[:12], why=flaw.why), damaged=True)


def _unsigned(vault: Vault, chain: Chain, commits: Sequence[str], advice: Advice) -> Iterator[Finding]:
    """Commits that nobody of the team signed, told by their objects alone; whether a merge needs it, its files tell."""
    told = [name for name in ours_of(vault, chain, commits) if len(chain.steps[name].parents) < 2]
    raws = raws_of(vault, told)
    for name in told:
        flaw = chain.judged(name, raws[name]).flaw
        if flaw:
            yield _named(name, made_by(raws[name])[0], flaw.why, advice(flaw.kind))


def _judged(
    work: Workplace, chain: Chain, tip: str, commits: Sequence[str], advice: Advice, *, tell: bool
) -> Iterator[Finding]:
    found = examined(as_written(work.vault), work.house, chain, commits, lambda paths: doubts(work, paths, tip))
    for problem in found.problems:
        if problem.severity == "error":
            yield _named(
                problem.commit, problem.author, problem.message, advice(UNAUTHORISED if problem.undo else problem.kind)
            )
    for finding in _under_others_names(found.problems) if tell else ():
        work.tell(finding)


def _under_others_names(problems: Iterable[Problem]) -> Iterator[Finding]:
    """One for each who signed as somebody else, with some of the commits."""
    told: dict[tuple[str, str], list[str]] = {}
    for one in problems:
        if one.kind == "author":
            told.setdefault((one.author, one.message), []).append(one.commit[:12])
    said = _("Commit {commit} by {author}: {why}")
    for (author, why), names in told.items():
        some = ", ".join(names[:_FEW]) + (" …" if len(names) > _FEW else "")
        yield Finding(said.format(commit=some, author=author, why=why), severity="warning")


def _named(commit: str, author: str, why: str, hint: str | None) -> Finding:
    said = _("Commit {commit} by {author}: {why}").format(commit=commit[:12], author=author, why=why)
    return Finding(said, hint=hint.format(commit=commit[:12]) if hint else None, damaged=True)


def _strange(vault: Vault, tip: str, files: Sequence[Brought]) -> Iterator[Finding]:
    """Links and other repositories where a vault has files, and names that no file of it may have. Outside of its own
    folders they count while they stand."""
    odd = [one for one in files if _is_odd(vault.prefix, one)]
    inside = tuple(vault.prefix + folder for folder in FOLDERS)
    around = [one.path for one in odd if not one.path.startswith(inside)][:_NAMED]
    listed = vault.git().run("ls-tree", "-z", "--full-tree", tip, "--", *around) if around else b""
    standing = {line.partition("\t")[2] for line in listed.decode("utf-8", "surrogateescape").split("\0")}
    for one in odd:
        if one.path.startswith(inside) or one.path in standing:
            said = _("It is a link or another repository; a vault has only files (commit {commit}).")
            if one.mode in FILES:
                said = _("No file of a vault may have such a name (commit {commit}).")
            path = _CONTROL.sub("?", one.path.removeprefix(vault.prefix))
            yield Finding(said.format(commit=one.commit[:12]), Where(path), damaged=True)


def _is_odd(prefix: str, one: Brought) -> bool:
    if one.path.startswith(prefix) and _CONTROL.search(one.path):
        return True
    return one.mode not in FILES and (one.path.startswith(prefix) or prefix.startswith(f"{one.path}/"))


def _oversize(vault: Vault, files: Sequence[Brought]) -> Iterator[Finding]:
    """Files larger than any that crm reads; by their sizes, none is loaded."""
    told = vault.git().facts([one.blob for one in files], "%(objectsize)") if files else []
    for one, facts in zip(files, told, strict=True):
        if facts and int(facts[0]) >= len(OVERSIZE):
            said = _("It is larger than any file that crm reads (commit {commit}).")
            where = Where(one.path.removeprefix(vault.prefix))
            yield Finding(said.format(commit=one.commit[:12]), where, damaged=True)
