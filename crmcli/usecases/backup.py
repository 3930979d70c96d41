"""Write a backup: the branch with its whole history, and the customers' keys that are here, in one encrypted file.

The event is committed first, so the history in the file has it. Only a passphrase, or in a sealed vault the identity of an
admin, opens the file. Nothing lies unencrypted anywhere but the history itself, sealed as it is, in a folder of our own
for the time of the command; it is never pushed, and no file of the vault changes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit, urlunsplit

from crmcli.errors import Conflict, CrmError, Refused, Where
from crmcli.sealing.backup import Lock, Manifest, Meeting, new_lock, packed, seal_stream
from crmcli.store import tape
from crmcli.store.delivery import deliver, is_taken
from crmcli.store.git import Git
from crmcli.store.homes import Homes
from crmcli.store.passing import passing_folder
from crmcli.store.records import record_files
from crmcli.store.remote import remote_of
from crmcli.store.salts import Entry
from crmcli.store.transaction import writing
from crmcli.text import _
from crmcli.usecases.change import message
from crmcli.usecases.keyring import Keyring
from crmcli.usecases.keys_kit import refuse_inside
from crmcli.usecases.named_salts import unopened
from crmcli.usecases.workplace import Workplace

OP = "backup"
KEY, MANIFEST, HISTORY = "key.age", "manifest.age", "history.age"  # the parts of the file, in this order
REF = "refs/crm/backup/history"  # as the bundle calls the branch
BUNDLE = "history.bundle"
_HEADS = "refs/heads/"
_FOLDERS = ("records", "schemas")


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What was written: customers, their keys; of how many customers this machine lacks the key; files whose changes by
    hand are not committed, so not in it; the event's commit, None in a dry run."""

    customers: int
    salts: int
    lacking: int
    uncommitted: tuple[str, ...]
    commit: str | None


def back_up(
    work: Workplace,
    homes: Homes,
    path: Path,
    passphrase: Callable[[], str],
    *,
    replace: bool = False,
    dry_run: bool = False,
) -> BackedUp:
    """Write the backup; the passphrase is asked for once nothing else is in the way.

    Conflict kind "exists" and kind "detached", Refused for a place inside the repository, somebody who is not of the
    team and a clone without its whole history, Failure where the file can't be written.
    """
    keys = work.keyring
    if keys:
        keys.refuse_stranger()
    _refuse_place(work, homes, path, replace=replace)
    branch = _branch(work)
    salts = tuple(keys.store.all_live()) if keys else ()
    lacking = unopened(work.vault, keys.store) if keys else 0
    uncommitted = tuple(work.vault.changed_by_hand(_FOLDERS))
    told = (len(record_files(work.root)), len(salts), lacking, uncommitted)
    if dry_run:
        return BackedUp(*told, None)
    lock = new_lock(passphrase())
    with passing_folder(homes.data) as folder:
        with writing(work.vault, OP) as desk:
            commit = desk.event(message(OP, OP, (), None, count=str(len(salts))), work.stamp)
            _bundle(desk.git, commit, folder / BUNDLE)
        with (folder / BUNDLE).open("rb") as history:
            digests = {KEY: sha256(lock.file).hexdigest(), BUNDLE: file_digest(history, "sha256").hexdigest()}
        manifest = _manifest(work, branch, commit, digests, salts)
        _write(folder / "whole", lock, manifest, [lock.recipient, *_admins(keys)], folder / BUNDLE)
        deliver(path, folder / "whole", work.vault.state, replace=replace)
    return BackedUp(*told, commit)


def _manifest(
    work: Workplace, branch: str, head: str, digests: Mapping[str, str], salts: tuple[Entry, ...]
) -> Manifest:
    return Manifest(
        vault=work.vault.id,
        root=work.keyring.trusted.root if work.keyring else None,
        made=work.now,
        branch=branch,
        head=head,
        algorithm="sha256" if work.vault.algorithm == "sha256" else "sha1",
        prefix=work.vault.prefix,
        remote=_meeting(work.vault.git()),
        digests=digests,
        salts=salts,
    )


def _refuse_place(work: Workplace, homes: Homes, path: Path, *, replace: bool) -> None:
    refuse_inside(work.vault, path)
    if any((path.parent.resolve() / path.name).is_relative_to(home.resolve()) for home in (homes.config, homes.data)):
        said = _("{path} is where crm keeps this machine's keys; who loses these would lose the backup, too.")
        hint = _("A USB stick that you lock away, or another folder.")
        raise Refused(said.format(path=path), where=Where(str(path)), hint=hint, kind="inside")
    if is_taken(path) and not replace:
        said = _("{path} is there already.").format(path=path)
        hint = _("Add --replace to overwrite it, or give each backup a name of its own.")
        raise Conflict(said, hint=hint, where=Where(str(path)), kind="exists")
    if (work.vault.common_dir / "shallow").exists():
        said = _("This clone has only a part of the history, and a backup needs all of it.")
        raise Refused(said, hint="git fetch --unshallow", kind="shallow")


def _branch(work: Workplace) -> str:
    branch = work.vault.git().branch()
    if branch is None or not branch.startswith(_HEADS):
        raise Conflict(_("HEAD is on no branch."), hint=_("`git switch BRANCH` goes back to one."), kind="detached")
    return branch.removeprefix(_HEADS)


def _admins(keys: Keyring | None) -> list[str]:
    people = keys.access.people.values() if keys else ()
    devices = [device for person in people if "admin" in person.roles for device in person.devices.values()]
    return list(dict.fromkeys(device.recipient for device in devices))


def _bundle(git: Git, commit: str, path: Path) -> None:
    """All of the history up to the commit, whatever git brings to the branch meanwhile."""
    git.run("update-ref", REF, commit)
    try:
        git.run("bundle", "create", "--quiet", str(path), REF)
    finally:
        git.run("update-ref", "-d", REF, check=False)


def _meeting(git: Git) -> Meeting | None:
    """The usual remote; the address without a password, a relative one made absolute."""
    try:
        name = remote_of(git, None).name
    except CrmError:
        return None
    url = git.run("remote", "get-url", name, check=False).decode("utf-8", "surrogateescape").strip()
    if "://" in url:
        parts = urlsplit(url)
        user = parts.username if parts.scheme.startswith("ssh") else None
        host = parts.netloc.rpartition("@")[2]
        url = urlunsplit(parts._replace(netloc=f"{user}@{host}" if user else host))
    elif url.startswith("."):
        top = git.run("rev-parse", "--show-toplevel").decode("utf-8", "surrogateescape").strip()
        url = str((Path(top) / url).resolve())
    try:
        return Meeting(name=name, url=url)
    except ValueError:  # an address that can't be one
        return None


def _write(path: Path, lock: Lock, manifest: Manifest, recipients: list[str], bundle: Path) -> None:
    def history(stream: IO[bytes]) -> None:
        with bundle.open("rb") as source:
            seal_stream(source, stream, recipients)

    contents = packed(manifest, recipients)
    parts = {KEY: lambda s: s.write(lock.file), MANIFEST: lambda s: s.write(contents), HISTORY: history}
    with path.open("wb") as stream:
        tape.write(stream, parts)
