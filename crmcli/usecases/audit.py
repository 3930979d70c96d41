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
from crmcli.store.touches import Touch, mixed, touches, trees
from crmcli.store.vault import Vault
from crmcli.text import _
from crmcli.usecases.house_rules import load
from crmcli.usecases.keyring import open_keyring
from crmcli.usecases.trust import as_written, judged_history, pinned_root, trusted
from crmcli.usecases.trust_chain import Chain, Judged
from crmcli.usecases.trust_history import FILES, Step, made_by, raws_of

RULES = "schemas"
_MANAGERS: tuple[Role, ...] = ("manager", "admin")
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
    told = _ours(vault, chain, _asked(vault, house, chain, tip, since))
    raws, touched = raws_of(vault, told), touches(vault, told, (RULES, PURGED))
    judged = {name: chain.judged(name, raws[name]) for name in told}
    plain = _plain_merges(vault, chain, judged)
    problems = [
        _problem(chain.steps[name], house, raws[name], *found)
        for name in told
        for found in _of(chain, name, judged[name], made_by(raws[name])[1], touched.get(name, {}), name in plain)
    ]
    by = Counter(one.person for one in judged.values() if one.person and one.flaw is None)
    return Audit(chain.root, len(told), dict(by.most_common()), tuple(problems), _broken(vault, homes))


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


def _ours(vault: Vault, chain: Chain, names: Sequence[str]) -> list[str]:
    """Those that touched the vault, and events, which touched nothing at all; others may share the repository."""
    known = trees(vault, [*names, *{one for name in names for one in chain.steps[name].parents}.difference(names)])
    return [name for name in names if _is_ours(known[name], [known[one] for one in chain.steps[name].parents])]


def _is_ours(tree: tuple[str | None, str | None], before: Sequence[tuple[str | None, str | None]]) -> bool:
    if not before:
        return tree[1] is not None
    return any(one[1] != tree[1] for one in before) or all(one[0] == tree[0] for one in before)


def _plain_merges(vault: Vault, chain: Chain, judged: Mapping[str, Judged]) -> set[str]:
    """The unsigned merges that bring nothing of their own, as `git pull` makes them."""
    names = [
        name
        for name, one in judged.items()
        if one.flaw and one.flaw.kind == "unsigned" and one.access_before and len(chain.steps[name].parents) > 1
    ]
    return set(names) - mixed(vault, names)


Found = tuple[str, str, Literal["error", "warning"]]


def _of(
    chain: Chain, name: str, judged: Judged, email: str, touched: Mapping[str, Touch], plain: bool
) -> Iterator[Found]:
    """Everything wrong with one commit."""
    flaw = chain.flaws.get(name)
    if flaw:
        yield (
            "access",
            _("The team or its keys were changed by somebody who may not. {why}").format(why=flaw.why),
            "error",
        )
    if plain and flaw is None:
        yield "unsigned", _("It is an unsigned merge; every file in it is as one of its parents has it."), "warning"
    elif judged.flaw and (flaw is None or flaw.kind != judged.flaw.kind):
        yield judged.flaw.kind, judged.flaw.why, "error"
    if name != chain.root:
        yield from _rules(judged, touched, len(chain.steps[name].parents))
        yield from _certificates(judged, touched, len(chain.steps[name].parents))
    person = judged.access_before.people.get(judged.person or "") if judged.access_before else None
    if person and folded(person.email) != folded(email):
        said = _("It is signed by {name}, but names another author, {email}.")
        yield "author", said.format(name=judged.person, email=email), "warning"


def _rules(judged: Judged, touched: Mapping[str, Touch], parents: int) -> Iterator[Found]:
    """House rules that somebody changed who is neither manager nor admin. A merge changes what no parent has."""
    if set(_MANAGERS).intersection(judged.roles):
        return
    for path, touch in touched.items():
        everywhere = touch.added + touch.changed + touch.gone >= max(parents, 1)
        if path.startswith(f"{RULES}/") and path not in FILES and everywhere:
            said = _("{path} was changed by somebody who is neither manager nor admin.")
            yield "rules", said.format(path=path), "error"


def _certificates(judged: Judged, touched: Mapping[str, Touch], parents: int) -> Iterator[Found]:
    """Certificates that somebody not entitled issued, and any that did not stay as they were."""
    entitled = set(_DESTROYERS).intersection(judged.roles)
    for path, touch in touched.items():
        if not path.startswith(f"{PURGED}/"):
            continue
        if touch.gone:
            yield "certificate", _("The certificate {path} was deleted.").format(path=path), "error"
        elif touch.changed and touch.added + touch.changed >= parents:
            yield "certificate", _("The certificate {path} was changed.").format(path=path), "error"
        elif touch.added >= max(parents, 1) and not entitled:
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
