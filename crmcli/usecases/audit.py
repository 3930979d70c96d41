"""Every commit since the root verified in process: who signed it, whether they may have, and what must not have happened.

Names unsigned, foreign and altered commits, access files not to be trusted, house rules and certificates changed by
somebody not entitled, certificates changed or deleted, customers' files deleted without one. What the files hold is the
business of `check`. Changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Literal

from crmcli.errors import CrmError, Damaged, NotFound, Refused
from crmcli.model.certificate import FOLDER as PURGED
from crmcli.model.house import House
from crmcli.model.team import folded
from crmcli.store import history as past
from crmcli.store import vault as vaults
from crmcli.store.homes import Homes
from crmcli.store.touches import Touch, touches, trees
from crmcli.store.vault import Vault
from crmcli.text import _, n_
from crmcli.usecases.certificate_findings import UNAUTHORISED, Found, certificate_findings
from crmcli.usecases.certificate_trust import wrongly_changed
from crmcli.usecases.erasure import Doubts, doubts
from crmcli.usecases.house_rules import load
from crmcli.usecases.keyring import open_keyring
from crmcli.usecases.lost_files import lost_files
from crmcli.usecases.rule_trust import rule_line, touching
from crmcli.usecases.signers import in_words
from crmcli.usecases.trust import as_written, judged_history, pinned_root, trusted
from crmcli.usecases.trust_chain import Chain
from crmcli.usecases.trust_history import FILES, Step, made_by, raws_of
from crmcli.usecases.trust_judged import Judged
from crmcli.usecases.trust_merges import plain_merges
from crmcli.usecases.workplace import Workplace

RULES = "schemas"
_NAMED = 20  # customers named in one line
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # nothing that is judged goes by the clock
_LATEST = 253402214400  # git holds any number; people read dates up to the year 9999


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one commit. kind: a word for machines; author: as the commit says, proven or not; undo: whether
    an admin's `crm undo` takes it back."""

    commit: str
    at: datetime
    author: str
    kind: str
    message: str
    severity: Literal["error", "warning"] = "error"
    undo: bool = False


@dataclass(frozen=True)
class Audit:
    """What was looked at and found. by: commits a person; broken: why what stands at HEAD is not to be trusted."""

    root: str
    commits: int
    by: Mapping[str, int]
    problems: tuple[Problem, ...]
    broken: Damaged | None = None


def closed_vault(start: Path, env: Mapping[str, str], *, exact: bool) -> tuple[Vault, House]:
    """The vault at `start` (else the nearest one upwards) and its house rules, without any key: what is broken can be
    looked at, too."""
    vault = vaults.at(start, env) if exact else vaults.find(start, env)
    return vault, load(vault)


def audit(vault: Vault, house: House, homes: Homes, since: str | None = None) -> Audit:
    """Judge every commit that touched the vault, and every event, since the root or a later commit or day.

    Refused (kind "open-vault") where nothing is signed; Damaged where there is no history to judge.
    """
    if not house.settings.sealing and open_keyring(vault, homes, sealed=False) is None:
        raise _open()
    vault = as_written(vault)
    chain, tip = judged_history(vault, pinned_root(homes, vault.id), vault.git().head())
    asked = _asked(vault, house, chain, tip, since)
    work = _workplace(vault, house, homes)
    seen = examined(vault, house, chain, asked, lambda paths: doubts(work, paths) if work else None)
    by = Counter(one.person for one in seen.judged.values() if one.person and one.flaw is None)
    place = {name: nth for nth, name in enumerate(asked)}
    problems = sorted((*seen.problems, *_lost(vault, house, chain, place)), key=lambda one: place[one.commit])
    return Audit(chain.root, len(seen.judged), dict(by.most_common()), tuple(problems), _broken(vault, homes))


def _workplace(vault: Vault, house: House, homes: Homes) -> Workplace | None:
    """Where certificates can be weighed; None where what stands at HEAD is not to be trusted."""
    with suppress(CrmError):
        return Workplace(vault, house, _NEVER, turned=True, keyring=open_keyring(vault, homes, sealed=True))
    return None


@dataclass(frozen=True)
class Examined:
    """Commits of one vault, each judged, and what is wrong with them."""

    judged: Mapping[str, Judged]
    problems: tuple[Problem, ...]


def examined(
    vault: Vault,
    house: House,
    chain: Chain,
    commits: Sequence[str],
    weighed: Callable[[Collection[str]], Doubts | None],
) -> Examined:
    """Those of these commits of the chain that touched the vault, and events. `weighed`: what is wrong with certificates,
    None where that can't be told."""
    told = ours_of(vault, chain, commits)
    raws, touched = raws_of(vault, told), touches(vault, told, (RULES, PURGED))
    judged = {name: chain.judged(name, raws[name]) for name in told}
    plain, usurped = _plain_merges(vault, chain, judged), _usurped(vault, chain, touched)
    changed = wrongly_changed(vault, chain, judged, touched)
    papers = {path for files in touched.values() for path in files if path.startswith(f"{PURGED}/")}
    doubted = weighed(papers) if papers else None

    def known(name: str) -> _Known:
        email, files = made_by(raws[name])[1], touched.get(name, {})
        wrong = {path for path in files if (name, path) in changed}
        return _Known(judged[name], email, files, wrong, name in plain, usurped.get(name, ()), doubted)

    found = ((name, one) for name in told for one in _of(chain, name, known(name)))
    problems = (_problem(chain.steps[name], house, _author(judged[name], raws[name]), *one) for name, one in found)
    return Examined(judged, tuple(problems))


def _asked(vault: Vault, house: House, chain: Chain, tip: str, since: str | None) -> list[str]:
    """The commits to judge, oldest first: what the root did not have yet, or what the stated commit or day had not."""
    passed = _history(chain, chain.steps[chain.root].parents)
    if since:
        passed |= _history(chain, _known(vault, house, chain, tip, since))
    return [name for name in chain.steps if name not in passed]


def _known(vault: Vault, house: House, chain: Chain, tip: str, since: str) -> Sequence[str]:
    """The commits up to which nothing is asked."""
    try:
        start = datetime.combine(date.fromisoformat(since), time(), house.zone).timestamp()
    except ValueError:
        commit = past.resolve(vault, since)
        if commit not in chain.steps:
            raise NotFound(_("{name} is not in the history of HEAD.").format(name=since)) from None
        return (commit,)
    return _before(chain, tip, start)


def _before(chain: Chain, tip: str, start: float) -> Sequence[str]:
    """The last commit of the main line before the first one from `start` on: a later one can't hide by an early date."""
    found: tuple[str, ...] = (tip,)
    step: Step | None = chain.steps[tip]
    while step:
        if step.at >= start:
            found = step.parents[:1]
        step = chain.steps[step.parents[0]] if step.parents else None
    return found


def _history(chain: Chain, commits: Sequence[str]) -> set[str]:
    """These commits and all before them."""
    found: set[str] = set()
    waiting = list(commits)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += chain.steps[name].parents
    return found


def ours_of(vault: Vault, chain: Chain, names: Sequence[str]) -> list[str]:
    """Those that touched the vault, and events, which touched nothing at all; others may share the repository."""
    known = trees(vault, [*names, *{one for name in names for one in chain.steps[name].parents}.difference(names)])
    return [name for name in names if _is_ours(known[name], [known[one] for one in chain.steps[name].parents])]


def _is_ours(tree: tuple[str | None, str | None], before: Sequence[tuple[str | None, str | None]]) -> bool:
    if not before:
        return tree[1] is not None
    return any(one[1] != tree[1] for one in before) or all(one[0] == tree[0] for one in before)


def _plain_merges(vault: Vault, chain: Chain, judged: Mapping[str, Judged]) -> set[str]:
    """The unsigned merges that bring nothing of their own, as `git pull` makes them."""
    unsigned = (name for name, one in judged.items() if one.flaw and one.flaw.kind == "unsigned" and one.accesses)
    return plain_merges(vault, chain.steps, [name for name in unsigned if len(chain.steps[name].parents) > 1])


def _usurped(vault: Vault, chain: Chain, touched: Mapping[str, Mapping[str, Touch]]) -> dict[str, list[str]]:
    """Commit → the house rules that it changed although who made it may not."""
    paths = {path for files in touched.values() for path in files if path.startswith(f"{RULES}/")}.difference(FILES)
    if not paths:
        return {}
    ever = {*touching(vault, chain.root, list(chain.steps)[-1], RULES), *touched}
    changed = touches(vault, [name for name in chain.steps if name in ever], (RULES,))
    raws = raws_of(vault, list(changed))
    judged = {name: chain.judged(name, raws[name]) for name in changed if name != chain.root}
    found: dict[str, list[str]] = {}
    for path in sorted(paths):
        line = {name: one for name, one in judged.items() if path in changed[name]}
        for name in rule_line(vault, chain.steps, chain.root, path, line).wrong:
            found.setdefault(name, []).append(path)
    return found


@dataclass(frozen=True)
class _Known:
    """What there is to know about one commit. email: its author's, as it says; changed: certificates that had to stay as
    they were; plain: an unsigned merge as git makes it; usurped: house rules it changed without right; doubts: what is
    wrong with certificates, None where that can't be told."""

    judged: Judged
    email: str
    touched: Mapping[str, Touch]
    changed: Collection[str]
    plain: bool
    usurped: Sequence[str]
    doubts: Doubts | None = None


def _of(chain: Chain, name: str, known: _Known) -> Iterator[Found]:
    """Everything wrong with one commit."""
    flaw, judged = chain.flaws.get(name), known.judged
    if flaw:
        yield (
            "access",
            _("The team or its keys were changed by somebody who may not. {why}").format(why=flaw.why),
            "error",
        )
    if known.plain and flaw is None:
        yield "unsigned", _("It is an unsigned merge; every file in it is as git merges its parents."), "warning"
    elif judged.flaw and (flaw is None or flaw.kind != judged.flaw.kind):
        yield judged.flaw.kind, judged.flaw.why, "error"
    for path in known.usurped:
        yield "rules", _("{path} was changed by somebody who is neither manager nor admin.").format(path=path), "error"
    if name != chain.root:
        parents = len(chain.steps[name].parents)
        yield from certificate_findings(name, judged, known.touched, known.changed, known.doubts, parents)
    if judged.email and folded(judged.email) != folded(known.email):
        said = _("It is signed by {name}, but names another author, {email}.")
        yield "author", said.format(name=judged.person, email=known.email), "warning"


def _lost(vault: Vault, house: House, chain: Chain, asked: Collection[str]) -> Iterator[Problem]:
    """The commits that deleted customers' files without a certificate, each with the numbers."""
    numbers: dict[str, list[str]] = {}
    for one in lost_files(vault):
        if one.commit in asked:
            numbers.setdefault(one.commit, []).append(one.number)
    raws = raws_of(vault, list(numbers))
    for commit, gone in numbers.items():
        said = n_(
            "The file of {numbers} was deleted without a certificate.",
            "The files of {count} customers were deleted without a certificate: {numbers}.",
            len(gone),
        )
        named = ", ".join(sorted(gone)[:_NAMED]) + (" …" if len(gone) > _NAMED else "")
        message = said.format(count=len(gone), numbers=named)
        author = _author(chain.judged(commit, raws[commit]), raws[commit])
        yield _problem(chain.steps[commit], house, author, "deleted", message, "warning")


def _problem(
    step: Step, house: House, author: str, kind: str, message: str, severity: Literal["error", "warning"]
) -> Problem:
    at = datetime.fromtimestamp(min(step.at, _LATEST), UTC).astimezone(house.zone)
    said = "certificate" if kind == UNAUTHORISED else kind
    return Problem(step.hash, at, author, said, message, severity, kind == UNAUTHORISED)


def _author(judged: Judged, raw: bytes) -> str:
    """Who made a commit; who signed it, where that is proven to be somebody else."""
    author, email = made_by(raw)
    signer = judged.person if folded(judged.email or "") != folded(email) else None
    return in_words(signer, author) if signer else author


def _broken(vault: Vault, homes: Homes) -> Damaged | None:
    try:
        trusted(vault, homes)
    except Damaged as error:
        return error
    return None


def _open() -> Refused:
    said = _("This vault is open: its commits are not signed by crm, so there is nothing to verify.")
    return Refused(said, hint=_("`crm seal` seals it from now on."), kind="open-vault")
