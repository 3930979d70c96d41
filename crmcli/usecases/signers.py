"""Who made a commit, in words: git's author, and in a sealed vault the person who signed it where that is somebody else,
since anybody may write any author into a commit. Reads only; whether they might is the business of `audit`.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from crmcli.errors import CrmError
from crmcli.model.team import PATH, Access, folded
from crmcli.store.history import Commit, blobs
from crmcli.store.walks import walked
from crmcli.text import _
from crmcli.usecases.trust_history import made_by, raws_of, read_as
from crmcli.usecases.trust_judged import signature
from crmcli.usecases.workplace import Workplace


def with_signers(work: Workplace, commits: Sequence[Commit]) -> list[Commit]:
    """The same commits, each with its maker in words as the author. One git process in a sealed vault."""
    names = makers_of(work, [one.hash for one in commits])
    return [replace(one, author=names.get(one.hash, one.author)) for one in commits]


def makers_of(work: Workplace, commits: Sequence[str]) -> dict[str, str]:
    """Commit → who made it, in words; those alone that somebody signed who is not its author."""
    if work.keyring is None or not commits:
        return {}
    raws = raws_of(work.vault, list(dict.fromkeys(commits)))
    keys = {name: signer for name, raw in raws.items() if (signer := signature(name, raw)[0])}
    people = _people(work, work.keyring.access, set(keys.values()))
    found = {}
    for name, signer in keys.items():
        author, email = made_by(raws[name])
        person, emails = people.get(signer, ("", ()))
        if person and folded(email) not in emails:
            found[name] = in_words(person, author)
    return found


def in_words(person: str, author: str) -> str:
    """Somebody who signed as somebody else."""
    return person if person == author else _("{signer} (as {author})").format(signer=person, author=author)


def _people(work: Workplace, access: Access, signers: Iterable[bytes]) -> Mapping[bytes, tuple[str, frozenset[str]]]:
    """Each signer's name and addresses: by the team as it is, those who left by the last one that listed them."""
    found: dict[bytes, tuple[str, frozenset[str]]] = {}
    missing = set(signers)
    for team in (access, *_earlier(work, access, missing)):
        for signer in [one for one in missing if team.name_of(one)]:
            name = team.name_of(signer) or ""
            found[signer] = (name, frozenset({folded(team.people[name].email)}))
            missing.discard(signer)
    return found


def _earlier(work: Workplace, access: Access, signers: Iterable[bytes]) -> Iterable[Access]:
    """Earlier teams, newest first; none where everybody is in this one."""
    head = work.vault.git().head()
    if head is None or all(access.name_of(one) for one in signers):
        return
    names = walked(work.vault, head, paths=[work.vault.prefix + PATH])
    for data in blobs(work.vault, [(name, PATH) for name in names]):
        with suppress(CrmError):
            yield read_as(data, PATH, Access)
