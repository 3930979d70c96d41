"""Bring a vault back from a backup, or only say what the backup holds. What was destroyed never comes back with it.

The backup is judged first (`backup_file`). The new clone is made in a folder that passes and moved to its place in one
step, once the customers' keys and the pinned root are durable: killed anywhere, the place has all of it or nothing.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from crmcli.errors import Conflict, CrmError, Failure, Finding, NotFound, Refused, Where
from crmcli.model.identity import number_at
from crmcli.store import attributes, hooks, merge_driver, plain_signing
from crmcli.store import vault as vaults
from crmcli.store.files import fsync_folder
from crmcli.store.git import Git
from crmcli.store.remote import Remote, fetch
from crmcli.store.salts import Salts
from crmcli.text import _
from crmcli.usecases.audit import audit
from crmcli.usecases.backup_file import Examined, Surroundings, examined, opened_at
from crmcli.usecases.erasure import verdicts
from crmcli.usecases.incoming import verify_incoming
from crmcli.usecases.keyring import refuse_homes_inside, signing
from crmcli.usecases.keys_import import identity_here
from crmcli.usecases.named_salts import ever_named
from crmcli.usecases.records import findings_of
from crmcli.usecases.trust import pin

# What the remote said of certificates: asked; can't be reached; not to be trusted; none is known.
Asked = Literal["asked", "offline", "distrusted", "none"]


@dataclass(frozen=True, slots=True)
class Held:
    """What a backup holds. root: None for an open vault; remote: the address where the clones meet."""

    vault: str
    root: str | None
    made: datetime
    head: str
    commits: int
    customers: int
    salts: int
    remote: str | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What a sound backup holds, and how many of its commits `crm audit` names."""

    held: Held
    named: int = 0


@dataclass(frozen=True)
class Restored:
    """What was restored.

    salts     customers' keys that are new here; `there`: those that were here before
    left_out  destroyed customers whose keys were left out: their numbers, or uids where no file tells
    strange   how many keys were left out since no value in the history names them
    asked     what the remote said of certificates newer than the backup
    listed    whether this machine's identity is in the team (True for an open vault)
    """

    held: Held
    salts: int = 0
    there: int = 0
    left_out: tuple[str, ...] = ()
    strange: int = 0
    asked: Asked = "none"
    findings: tuple[Finding, ...] = ()
    listed: bool = True


@dataclass(frozen=True)
class _Gone:
    uids: frozenset[str]
    asked: Asked = "none"
    findings: tuple[Finding, ...] = ()


def verify(path: Path, here: Surroundings) -> Verified:
    """Open the backup and judge it; nothing is kept. Raises as `examined`."""
    with examined(path, here) as found:
        held = _held(found)
        keys = found.work.keyring
        if keys is None:
            return Verified(held)
        told = audit(found.work.vault, found.work.house, keys.homes).problems
        return Verified(held, len({one.commit for one in told if one.severity == "error"}))


def restore(path: Path, folder: Path, here: Surroundings, *, dry_run: bool = False) -> Restored:
    """Make `folder` a clone with everything in the backup, and take in the customers' keys.

    Conflict kind "exists" where anything is there, NotFound where there is no folder around it, Refused where this
    machine's keys would lie in it and inside a vault or a .git folder; otherwise as `examined`.
    """
    folder = folder.absolute()
    _refuse_place(folder, here)
    with examined(path, here, None if dry_run else folder.parent) as found:
        made = None if dry_run else _cloned(found, here)
        done = _with_salts(found, here, keep=made is not None)
        if made is not None:
            _put(made, folder)
            if found.manifest.root:
                _let_git_sign(folder / found.manifest.prefix, here)
        return done


def _held(found: Examined) -> Held:
    said = found.manifest
    remote = said.remote.url if said.remote else None
    numbers = (found.commits, found.customers, len(said.salts))
    return Held(said.vault, said.root, said.made, said.head, *numbers, remote)


def _refuse_place(folder: Path, here: Surroundings) -> None:
    where = Where(str(folder))
    if os.path.lexists(folder) and not (folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir())):
        said = _("{path} is there already.").format(path=folder)
        raise Conflict(
            said, hint=_("Name a folder that is not there yet, or an empty one."), where=where, kind="exists"
        )
    if not folder.parent.is_dir():
        raise NotFound(_("{path} is not there.").format(path=folder.parent), where=where, kind="no-folder")
    refuse_homes_inside(here.homes, [folder])
    place = folder.resolve()
    if vaults.above(place) or _in_git(place):
        said = _("{path} is inside a vault or a .git folder; a restored vault needs a place of its own.")
        raise Refused(said.format(path=folder), where=where, hint=_("Name a folder elsewhere."), kind="inside")


def _in_git(folder: Path) -> bool:
    """Whether git keeps its own things there, a repository without files (bare) included."""
    return ".git" in folder.parts or any(
        (one / "HEAD").is_file() and (one / "objects").is_dir() for one in folder.parents
    )


def _cloned(found: Examined, here: Surroundings) -> Path:
    """The new clone, not in its place yet; its top."""
    said, top = found.manifest, found.folder / "clone"
    git = Git(found.folder, here.env)
    git.run("clone", "--quiet", "--no-tags", "--no-checkout", "--branch", said.branch, "--", str(found.top), str(top))
    attributes.begin_with(top / ".git", said.prefix)
    git = Git(top, here.env)
    git.run("reset", "--quiet", "--hard")
    git.run("remote", "remove", "origin", check=False)
    if said.remote:
        _meet_at(git, said.remote.name, said.remote.url, said.branch)
    vault = vaults.at(top / said.prefix, here.env)
    merge_driver.put_in_place(vault)
    if said.root:
        hooks.put_in_place(vault)
    return top


def _let_git_sign(root: Path, here: Surroundings) -> None:
    """Not before the clone is in its place, which the setting names; without an identity the first command in it does."""
    if identity_here(here.homes):
        plain_signing.put_in_place(replace(vaults.at(root, here.env), signing=signing(here.homes)))


def _meet_at(git: Git, name: str, url: str, branch: str) -> None:
    git.run("remote", "add", "--", name, url)
    git.run("config", f"branch.{branch}.remote", name)
    git.run("config", f"branch.{branch}.merge", f"refs/heads/{branch}")


def _with_salts(found: Examined, here: Surroundings, *, keep: bool) -> Restored:
    """Take in the customers' keys, but for those of the destroyed and those that nothing names."""
    work, said = found.work, found.manifest
    if work.keyring is None or said.root is None:
        return Restored(_held(found))
    store, access = Salts(here.homes.data / said.vault), work.keyring.access
    offered = {entry[:2]: entry for entry in said.salts}
    named = ever_named(work.vault, offered)
    held, numbers = _held(found), _numbers(found)
    gone = _gone(found, here, store)
    wanted = {name: entry for name, entry in offered.items() if name in named and name[0] not in gone.uids}
    there = sum(entry[:2] in wanted for entry in store.all_live())
    if keep:
        pin(here.homes, said.vault, said.root)
        # The restored history may lack their certificates: from now on this machine knows by itself, whoever brings keys.
        store.destroy(gone.uids)
        store.add(wanted.values())
    left_out = tuple(dict.fromkeys(numbers.get(uid, uid) for uid, _id in offered if uid in gone.uids))
    strange = sum(name not in named for name in offered)
    own = identity_here(here.homes)
    listed = own is not None and access.name_of(own.signer) is not None
    return Restored(held, len(wanted) - there, there, left_out, strange, gone.asked, gone.findings, listed)


def _numbers(found: Examined) -> Mapping[str, str]:
    """uid → number, of the customers who have a file."""
    git, vault = found.work.vault.git(), found.work.vault
    listed = git.ask("grep", "-z", "--no-color", "-E", "^uid: ", "HEAD", "--", f":(top,literal){vault.prefix}records")
    lines = listed.out.decode("utf-8", "replace").splitlines()
    pairs = (line.removeprefix("HEAD:").split("\0")[:2] for line in lines if "\0" in line)
    told = ((line.removeprefix("uid: ").strip("\"' "), number_at(path)) for path, line in pairs)
    return {uid: number for uid, number in told if number}


def _gone(found: Examined, here: Surroundings, store: Salts) -> _Gone:
    """Everybody known to be destroyed: by the ledger of this home, by certificates in the backup and at the remote."""
    asked = _at_remote(found, here, verdicts(found.work).authorised)
    return replace(asked, uids=asked.uids | store.ledger())


def _at_remote(found: Examined, here: Surroundings, known: frozenset[str]) -> _Gone:
    """What certificates at the remote say besides; whatever goes wrong there, the backup itself is sound."""
    said, git = found.manifest, Git(found.top, here.env)
    if said.remote is None:
        return _Gone(known)
    try:
        _meet_at(git, said.remote.name, said.remote.url, said.branch)
        tip = fetch(git, Remote(said.remote.name, said.branch)).tip
        if tip is None or not git.ask("merge-base", "--is-ancestor", tip, said.head).code:
            return _Gone(known, "asked")
        wrong = verify_incoming(found.work, tip)
        if wrong:
            return _Gone(known, "distrusted", tuple(_warnings(wrong)))
        git.run("reset", "--quiet", "--hard", tip)
        there = opened_at(found.folder, found.top, said, here)
        return _Gone(known | verdicts(there).authorised, "asked")
    except Failure as error:
        return _Gone(
            known, "offline" if error.kind == "offline" else "distrusted", tuple(_warnings(findings_of(error)))
        )
    except CrmError as error:
        return _Gone(known, "distrusted", tuple(_warnings(findings_of(error))))


def _warnings(findings: Iterable[Finding]) -> Iterable[Finding]:
    return (replace(one, severity="warning", damaged=False) for one in findings)


def _put(made: Path, folder: Path) -> None:
    """Give the new clone its place, durably and at once."""
    try:
        os.sync()
        made.rename(folder)
        fsync_folder(folder.parent)
    except OSError as cause:
        said = _("Cannot write {path}: {reason}.").format(path=folder, reason=cause.strerror or cause)
        raise Failure(said, where=Where(str(folder)), kind="disk") from cause
