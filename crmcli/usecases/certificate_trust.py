"""Which changes of certificates may stand: what an admin adds about devices that the very commit takes out of the team, and
what a merge makes of such additions on both sides (`sealing/FORMAT.md`, section 8). Reads only.
"""

from collections.abc import Iterator, Mapping, Sequence

from crmcli.model.certificate import FOLDER, RetiredDevice
from crmcli.store import history as past
from crmcli.store.touches import Touch
from crmcli.store.vault import Vault
from crmcli.usecases.certificate_versions import appended, certificate_of, united
from crmcli.usecases.trust_chain import Chain
from crmcli.usecases.trust_judged import Judged, State

Text = bytes | None
Places = set[tuple[str, str]]


def wrongly_changed(
    vault: Vault, chain: Chain, judged: Mapping[str, Judged], touched: Mapping[str, Mapping[str, Touch]]
) -> Places:
    """The pairs of commit and path where a certificate was changed that had to stay as it was. Two git processes."""
    places = list(_changed(touched))
    names = [(one, path) for name, path in places for one in (name, *chain.steps[name].parents)]
    texts = iter(past.blobs(vault, names) if names else ())
    wrong: Places = set()
    for name, path in places:
        now, *before = [next(texts) for _one in (name, *chain.steps[name].parents)]
        if len(before) == 1 and not _is_retirement(chain, judged[name], name, appended(path, before[0], now)):
            wrong.add((name, path))
        if len(before) > 1 and not _is_union(path, now, before):
            wrong.add((name, path))
    return wrong


def _changed(touched: Mapping[str, Mapping[str, Touch]]) -> Iterator[tuple[str, str]]:
    for name, files in touched.items():
        yield from ((name, path) for path, touch in files.items() if touch.changed and path.startswith(f"{FOLDER}/"))


def _is_retirement(chain: Chain, by: Judged, commit: str, devices: Sequence[RetiredDevice] | None) -> bool:
    """Whether an admin took all these devices out of the team by this commit, and says so."""
    state = chain.states.get(commit)
    if not devices or state is None or not by.may("admin"):
        return False
    gone = {name for before in chain.before(commit) for name in _devices(before)} - _devices(state)
    return all(one.device in gone and one.by == by.person for one in devices)


def _devices(state: State) -> set[str]:
    return {name for person in state.access.people.values() for name in person.devices}


def _is_union(path: str, now: Text, sides: Sequence[Text]) -> bool:
    """Whether a merge has what its sides have: the version of one of them that lacks no device which another one names,
    or of two that differ in these alone their union."""
    if now not in sides:
        return len(sides) == 2 and now is not None and united(path, *sides) == now
    held = _retired(path, now)
    return all(held >= _retired(path, side) for side in sides if united(path, side, now))


def _retired(path: str, text: Text) -> set[str]:
    found = certificate_of(path, text)
    return {one.device for one in found.retired} if found else set()
