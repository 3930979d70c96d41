"""Customers' files that were deleted though nothing tells that they were destroyed or have another number now. One walk
through the history, whatever its length; reads only.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from crmcli.model.identity import certificate_path, number_at
from crmcli.store import history as past
from crmcli.store.history import Commit, contents
from crmcli.store.records import FOLDER, uid_of
from crmcli.store.vault import Vault

_WALK = ("--topo-order", "--full-history", "-m", "--diff-filter=D")
_GREP = (
    *("-z", "--files-with-matches", "--text", "--fixed-strings", "--full-name", "--no-color"),
    *("--no-recurse-submodules", "-f", "-"),
)


@dataclass(frozen=True, slots=True)
class Lost:
    """A customer's number, and the commit that deleted the file."""

    number: str
    commit: str


def lost_files(vault: Vault) -> list[Lost]:
    """Every customer's file that the history had, and that HEAD has at no place, nor a certificate for its customer."""
    by = _deleted(vault)
    here = dict(zip(by, vault.git().stands([f"HEAD:./{path}" for path in by]) if by else (), strict=True))
    uids = _uids(vault, by)
    left = [path for path in by if not _is_certified(*uids[path]) and (uids[path][0] or not here[path])]
    kept = _standing(vault, {uid for path in left if (uid := uids[path][0])})
    lost: dict[str, Lost] = {}
    for path in left:
        if uids[path][0] not in kept:  # who had several numbers is lost with the last one
            lost.setdefault(uids[path][0] or path, Lost(number_at(path) or "", by[path].hash))
    return list(lost.values())


def _deleted(vault: Vault) -> dict[str, Commit]:
    """Each path with the last commit that deleted the file; a merge, where it is none of its sides' doing."""
    found: dict[str, Commit] = {}
    merged: dict[str, Commit] = {}
    for commit in past.log(vault, *_WALK, paths=(FOLDER,)):
        for path in filter(number_at, commit.paths):
            (found if len(commit.parents) < 2 else merged).setdefault(path, commit)
    return {**merged, **found}


def _uids(vault: Vault, gone: Mapping[str, Commit]) -> dict[str, tuple[str | None, str | None]]:
    """The uid in the last version of each file, and the one in the certificate of its number; None for none."""
    names = [(f"{parent}:./{path}", path) for path, commit in gone.items() for parent in commit.parents]
    names += [(f"HEAD:./{certificate_path(number_at(path) or '')}", "") for path in gone]
    texts = contents(vault.git(), [name for name, _path in names]) if names else []
    found = {path: uid_of(data) for (_name, path), data in zip(names, texts, strict=True) if data}
    papers = map(uid_of, texts[len(texts) - len(gone) :])
    return {path: (found.get(path), paper) for path, paper in zip(gone, papers, strict=True)}


def _is_certified(uid: str | None, paper: str | None) -> bool:
    """Whether the certificate is of the customer who was in the file, as far as that can be told."""
    return paper is not None and uid in (paper, None)


def _standing(vault: Vault, uids: Collection[str]) -> set[str]:
    """Those of these uids that HEAD has in a customer's file, or in a certificate, at any place."""
    if not uids:
        return set()
    words = "".join(f"{uid}\n" for uid in uids).encode()
    git = vault.git()
    answer = git.ask("grep", *_GREP, "HEAD", "--", f"{FOLDER}/", stdin=words)
    if answer.code > 1 or answer.code < 0:
        raise git.error(("grep",), answer)
    names = answer.out.decode("utf-8", "surrogateescape").split("\0")[:-1]
    return {uid for data in (contents(git, names) if names else ()) if (uid := uid_of(data)) in uids and uid}
