"""Open a backup and judge it: nothing of it counts before its digests, its history, root and signatures hold.

All of it happens in a folder that passes, with keys and pins of its own: this machine's homes are only read.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest, sha256
from pathlib import Path

from crmcli.errors import Damaged, Invalid, NotFound, Where
from crmcli.sealing import backup as sealing
from crmcli.sealing.backup import Manifest, damaged, open_stream, unpacked
from crmcli.store import attributes, files, tape
from crmcli.store.git import Git
from crmcli.store.homes import Homes
from crmcli.store.passing import passing_folder, sweep
from crmcli.store.records import record_files
from crmcli.text import _
from crmcli.usecases.backup import BUNDLE, HISTORY, KEY, MANIFEST, REF
from crmcli.usecases.keys_import import LIMIT, identity_here
from crmcli.usecases.trust import judge, pin, pinned_root
from crmcli.usecases.workplace import Workplace, open_workplace

_PARTS = (KEY, MANIFEST, HISTORY)
_KEY_LIMIT = 1 << 16  # bytes
LOOKED = "looked"  # the clone that the backup is judged in


@dataclass(frozen=True)
class Surroundings:
    """Who looks, from where and when."""

    homes: Homes
    env: Mapping[str, str]
    now: datetime
    turned: bool = False
    passphrase: Callable[[], str] = str


@dataclass(frozen=True)
class Examined:
    """A backup that holds, while its folder is there.

    work  its vault, opened by nobody in particular
    top   the top of the clone that it is in
    """

    manifest: Manifest
    folder: Path
    top: Path
    work: Workplace

    @property
    def commits(self) -> int:
        """How many there are."""
        return int(self.work.vault.git().run("rev-list", "--count", "HEAD"))

    @property
    def customers(self) -> int:
        """How many have a file."""
        return len(record_files(self.work.root))


@contextmanager
def examined(path: Path, here: Surroundings, beside: Path | None = None) -> Iterator[Examined]:
    """Open the backup, with this machine's identity or else the passphrase, and judge it, in a folder in `beside`.

    NotFound and Invalid for what is no file, or none that crm made, Refused for a wrong passphrase, Damaged for anything in
    it that is not as it was made or not to be trusted, and where another root is pinned here.
    """
    if not path.exists():
        raise NotFound(_("{path} is not there.").format(path=path), where=Where(str(path)))
    if not path.is_file():
        raise _no_backup(path, "not-a-file")
    sweep(here.homes.data)
    with path.open("rb") as stream:
        if not tape.resembles(stream, KEY):
            raise _no_backup(path, "not-a-backup")
        parts = tape.read(stream, _PARTS)
        if parts is None or parts[KEY].size > _KEY_LIMIT or parts[MANIFEST].size > LIMIT:
            raise damaged()
        manifest, secret = _opened(parts, here)
        _refuse_other_root(here.homes, manifest)
        with passing_folder(here.homes.data, beside) as folder:
            with (folder / BUNDLE).open("w+b") as bundle:
                open_stream(parts[HISTORY], bundle, secret)  # type: ignore[arg-type]
                bundle.seek(0)
                if file_digest(bundle, "sha256").hexdigest() != manifest.digests.get(BUNDLE):
                    raise damaged()
            top = _unbundled(folder, manifest, here.env)
            yield Examined(manifest, folder, top, _judged(folder, top, manifest, here))


def _no_backup(path: Path, kind: str) -> Invalid:
    return Invalid(_("{path} is not a backup.").format(path=path), where=Where(str(path)), kind=kind)


def opened_at(folder: Path, top: Path, manifest: Manifest, here: Surroundings) -> Workplace:
    """The vault as it stands in that clone, trusted from the root that the backup names."""
    homes = Homes(folder / "config", folder / "data")
    if manifest.root:
        pin(homes, manifest.vault, manifest.root)
    root = files.place(top, manifest.prefix.rstrip("/")) if manifest.prefix else top
    return open_workplace(root, here.env, here.now, turned=here.turned, exact=True, homes=homes)


def _opened(parts: Mapping[str, tape.Part], here: Surroundings) -> tuple[Manifest, str]:
    """The table of contents and the key that opens the rest."""
    key, data = parts[KEY].read(), parts[MANIFEST].read()
    own = identity_here(here.homes)
    secret = own.age if own else ""
    manifest = unpacked(data, secret) if secret else None
    if manifest is None:
        secret = sealing.unlocked(key, here.passphrase())
        manifest = unpacked(data, secret)
    if manifest is None or manifest.digests.get(KEY) != sha256(key).hexdigest():
        raise damaged()
    return manifest, secret


def _refuse_other_root(homes: Homes, manifest: Manifest) -> None:
    pinned = pinned_root(homes, manifest.vault)
    if pinned not in (None, manifest.root):
        said = _("The backup is of a vault with the root {other}, and {root} is pinned here.")
        said = said.format(other=(manifest.root or "-")[:12], root=str(pinned)[:12])
        hint = _("Two vaults have the same id, or a history was replaced: compare `git log` with a teammate.")
        raise Damaged(said, hint=hint, kind="root")


def _unbundled(folder: Path, manifest: Manifest, env: Mapping[str, str]) -> Path:
    """A clone of the history in the bundle; its top."""
    top, bundle = folder / LOOKED, str(folder / BUNDLE)
    top.mkdir()
    git = Git(top, env)
    git.run("init", "--quiet", "--template=", f"--object-format={manifest.algorithm}")
    git.run("config", "core.symlinks", "false")
    if git.ask("bundle", "verify", "--quiet", bundle).code:
        raise damaged()
    branch = f"refs/heads/{manifest.branch}"
    if git.ask("check-ref-format", branch).code:
        raise damaged()
    git.run("symbolic-ref", "HEAD", branch)
    fetch = ("-c", "fetch.fsckObjects=true", "fetch", "--quiet", "--no-tags", "--update-head-ok", "--", bundle)
    git.run(*fetch, f"{REF}:{branch}")
    if git.head() != manifest.head:
        raise damaged()
    attributes.begin_with(top / ".git", manifest.prefix)
    git.run("reset", "--quiet", "--hard")
    return top


def _judged(folder: Path, top: Path, manifest: Manifest, here: Surroundings) -> Workplace:
    """The vault in the clone, if it is to be trusted: somebody of the team signed what its history ends with."""
    work = opened_at(folder, top, manifest, here)
    keys = work.keyring
    if work.vault.id != manifest.vault or (keys.trusted.root if keys else None) != manifest.root:
        raise damaged()
    if keys:
        (last,) = judge(work.vault, keys.trusted, [manifest.head])
        if last.person is None:
            said = _("Nobody of the team signed what this backup ends with (commit {hash}). {reason}")
            said = said.format(hash=manifest.head[:12], reason=last.why or "").strip()
            raise Damaged(said, hint=_("Try another backup."), kind="signature")
    return work
