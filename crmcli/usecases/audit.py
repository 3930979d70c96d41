"""Every commit since the root verified in process: who signed it, whether they may have, and what must not have happened.

Names unsigned, foreign and altered commits, access files not to be trusted, house rules and certificates changed by
somebody not entitled, certificates changed or deleted. What the files hold is the business of `check`. Changes nothing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Literal

from crmcli.errors import Damaged, NotFound, Refused
from crmcli.model.certificate import FOLDER as PURGED
from crmcli.model.house import House
from crmcli.model.team import Role, folded
from crmcli.store import history as past
from crmcli.store import vault as vaults
from crmcli.store.homes import Homes
from crmcli.store.touches import Touch, touches, trees
from crmcli.store.vault import Vault
from crmcli.text import _
from crmcli.usecases.house_rules import load
from crmcli.usecases.keyring import open_keyring
from crmcli.usecases.rule_trust import rule_line, touching
from crmcli.usecases.trust import as_written, judged_history, pinned_root, trusted
from crmcli.usecases.trust_chain import Chain
from crmcli.usecases.trust_history import FILES, Step, made_by, raws_of
from crmcli.usecases.trust_judged import Judged
from crmcli.usecases.trust_merges import plain_merges

RULES = "schemas"
_DESTROYERS: tuple[Role, ...] = ("manager", "legal", "admin")
_LATEST = 253402214400  # git holds any number; people read dates up to the year 9999


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one commit. kind: a word for machines; author: as the commit says, proven or not."""

    commit: str
    at: datetime
    author: str
    kind: str
    message: str
    severity: Literal["error", "warning"] = "error"


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
    seen = examined(vault, house, chain, _asked(vault, house, chain, tip, since))
    by = Counter(one.person for one in seen.judged.values() if one.person and one.flaw is None)
    return Audit(chain.root, len(seen.judged), dict(by.most_common()), seen.problems, _broken(vault, homes))


@dataclass(frozen=True)
class Examined:
    """Commits of one vault, each judged, and what is wrong with them."""

    judged: Mapping[str, Judged]
    problems: tuple[Problem, ...]


def examined(vault: Vault, house: House, chain: Chain, commits: Sequence[str]) -> Examined:
    """Those of these commits of the chain that touched the vault, and events."""
    told = ours_of(vault, chain, commits)
    raws, touched = raws_of(vault, told), touches(vault, told, (RULES, PURGED))
    judged = {name: chain.judged(name, raws[name]) for name in told}
    plain, usurped = _plain_merges(vault, chain, judged), _usurped(vault, chain, touched)
    problems = tuple(
        _problem(chain.steps[name], house, raws[name], *found)
        for name in told
        for found in _of(
            chain,
            name,
            _Known(judged[name], made_by(raws[name])[1], touched.get(name, {}), name in plain, usurped.get(name, ())),
        )
    )
    return Examined(judged, problems)


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
    """What there is to know about one commit. email: its author's, as it says; plain: an unsigned merge as git makes it;
    usurped: house rules it changed without right."""

    judged: Judged
    email: str
    touched: Mapping[str, Touch]
    plain: bool
    usurped: Sequence[str]


Found = tuple[str, str, Literal["error", "warning"]]


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
        yield from _certificates(judged, known.touched, len(chain.steps[name].parents))
    if judged.email and folded(judged.email) != folded(known.email):
        said = _("It is signed by {name}, but names another author, {email}.")
        yield "author", said.format(name=judged.person, email=known.email), "warning"


def _certificates(judged: Judged, touched: Mapping[str, Touch], parents: int) -> Iterator[Found]:
    """Certificates that somebody not entitled issued, and any that did not stay as they were."""
    for path, touch in touched.items():
        if not path.startswith(f"{PURGED}/"):
            continue
        if touch.gone:
            yield "certificate", _("The certificate {path} was deleted.").format(path=path), "error"
        elif touch.changed and touch.added + touch.changed >= parents:
            yield "certificate", _("The certificate {path} was changed.").format(path=path), "error"
        elif touch.added >= max(parents, 1) and not judged.may(*_DESTROYERS):
            said = _("The certificate {path} was issued by somebody who may not destroy files.")
            yield "certificate", said.format(path=path), "error"


def _problem(
    step: Step, house: House, raw: bytes, kind: str, message: str, severity: Literal["error", "warning"]
) -> Problem:
    at = datetime.fromtimestamp(min(step.at, _LATEST), UTC).astimezone(house.zone)
    return Problem(step.hash, at, made_by(raw)[0], kind, message, severity)


def _broken(vault: Vault, homes: Homes) -> Damaged | None:
    try:
        trusted(vault, homes)
    except Damaged as error:
        return error
    return None


def _open() -> Refused:
    said = _("This vault is open: its commits are not signed by crm, so there is nothing to verify.")
    return Refused(said, hint=_("`crm seal` seals it from now on."), kind="open-vault")
