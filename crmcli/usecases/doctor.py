"""Whether everything that keeps a vault sealed is in order, from git's version to the age of the last key kit.

Looks as far as it can get: what fails is a problem named, and the rest is looked at all the same. Changes nothing
without `mend`; then only what is safe: modes, the hook, how git signs and merges, which one commit may say to all.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from sqlite3 import sqlite_version

from crmcli.errors import CrmError, NotFound
from crmcli.sealing.identity import Identity, identity_of
from crmcli.store import attributes
from crmcli.store import vault as vaults
from crmcli.store.git import OLDEST, Git
from crmcli.store.homes import Homes
from crmcli.store.private import loose_modes, read_private, tighten
from crmcli.store.signing import OLDEST_GIT
from crmcli.store.transaction import needs_recovery
from crmcli.store.vault import Vault
from crmcli.text import _, n_
from crmcli.usecases import doctor_keys, doctor_merge, doctor_vault
from crmcli.usecases.health import Check, looked
from crmcli.usecases.house_rules import load
from crmcli.usecases.keyring import IDENTITY, Keyring, refuse_homes_inside, signing
from crmcli.usecases.trust import Trusted, as_written, pinned_root, trusted
from crmcli.usecases.workplace import Workplace


@dataclass(frozen=True)
class Patient:
    """What to look at. exact: the vault is `start` itself, not one above it; mend: put right what can be."""

    start: Path
    exact: bool
    env: Mapping[str, str]
    homes: Homes
    now: datetime
    mend: bool = False


def doctor(asked: Patient) -> list[Check]:
    """Every check, in the order in which to put things right."""
    identity = _identity(asked.homes)
    checks = [
        *looked("git", partial(_git, asked)),
        *looked("identity", partial(_about_identity, asked.homes)),
        *looked("modes", partial(_modes, asked)),
        Check("index", "ok", _("SQLite {version}; the index lives in memory.").format(version=sqlite_version)),
    ]
    if asked.mend and attributes.put_in_place(asked.start, asked.env, exact=asked.exact):
        said = _("git's attributes for customers' files were missing in this clone.")
        checks.append(Check("git attributes", "mended", said))
    try:
        vault = (vaults.at if asked.exact else vaults.find)(asked.start, asked.env)
    except CrmError as error:
        return [*checks, _no_vault(error, exact=asked.exact)]
    return [*checks, *_of_vault(asked, vault, identity)]


def _no_vault(error: CrmError, *, exact: bool) -> Check:
    if isinstance(error, NotFound) and error.kind == "no-vault" and not exact:
        return Check("vault", "ok", _("No vault here; only this machine was checked."))
    return Check("vault", "problem", error.message, error.hint)


def _git(asked: Patient) -> Iterator[Check]:
    git = Git(asked.start if asked.start.is_dir() else Path("/"), asked.env)
    version = git.version()
    said = _("git {version}").format(version=".".join(map(str, version)))
    if version < OLDEST:
        yield Check("git", "problem", said, _("Install git 2.30 or newer and try again."))
    elif version < OLDEST_GIT:
        hint = _("Install git 2.34 or newer: a sealed vault needs signed commits.")
        yield Check("git", "problem", said, hint)
    else:
        yield Check("git", "ok", said)
    yield Check("author", "ok", git.ident())


def _identity(homes: Homes) -> Identity | None:
    """This machine's identity; None where there is no usable one."""
    try:
        texts = [read_private(homes.config / name) for name in IDENTITY]
        return identity_of(*(text.decode("utf-8", "replace") for text in texts if text)) if all(texts) else None
    except CrmError:
        return None


def _about_identity(homes: Homes) -> Iterator[Check]:
    texts = [read_private(homes.config / name) for name in IDENTITY]
    if not any(texts):
        yield Check("identity", "warning", _("This machine has no identity yet."), _("`crm keys` makes one."))
    elif not all(texts):
        missing = homes.config / IDENTITY[texts.index(next(text for text in texts if not text))]
        hint = _("`crm keys import FILE` brings it back from a key kit; without a kit, move the other half away.")
        yield Check("identity", "problem", _("{path} is missing.").format(path=missing), hint)
    else:
        found = identity_of(*(text.decode("utf-8", "replace") for text in texts if text))
        yield Check("identity", "ok", _("Device {device}").format(device=found.device))


def _modes(asked: Patient) -> Iterator[Check]:
    """Whether others may look into the folders of keys."""
    loose = loose_modes(path for folder in (asked.homes.config, asked.homes.data) for path in _within(folder))
    if not loose:
        yield Check("modes", "ok", _("Only you can read your keys."))
        return
    if asked.mend:
        tighten(loose)
    for path in loose:
        if asked.mend:
            yield Check("modes", "mended", _("{path} was open to others.").format(path=path))
        else:
            yield Check("modes", "problem", _("{path} is open to others.").format(path=path), _mendable())


def _within(folder: Path) -> Iterable[Path]:
    return (path for path in (folder, *folder.rglob("*")) if not path.is_symlink())


def _of_vault(asked: Patient, vault: Vault, identity: Identity | None) -> Iterator[Check]:
    if needs_recovery(vault):
        said = _("A command is at work in this vault, or was killed.")
        yield Check("journal", "warning", said, _("The next command finishes or undoes what was killed."))
    try:
        house = load(vault)
    except CrmError as error:
        yield Check("vault", "problem", error.message, error.hint)
        yield from _hook_and_git(vault, mend=asked.mend)
        return
    if not house.settings.sealing:
        yield _open_vault(vault, asked.homes)
        yield from _merging(Workplace(vault, house, asked.now.astimezone(house.zone), False), mend=asked.mend)
        return
    yield Check("vault", "ok", _("Sealed vault {id}").format(id=vault.id))
    yield from looked("homes", partial(_homes, vault, asked.homes))
    known, root = _root(asked.homes, vault)
    yield root
    keys = Keyring(vault.id, asked.homes, identity, known) if known and identity else None
    work = Workplace(vault, house, asked.now.astimezone(house.zone), False, None, keys)
    yield from doctor_keys.examine(work)
    yield from looked("clear text", partial(doctor_vault.clear_text, work))
    yield from _hook_and_git(vault, mend=asked.mend)
    signed = replace(work, vault=replace(as_written(vault), signing=signing(asked.homes)))
    if identity:
        yield from looked("signing", partial(doctor_vault.signing, signed.vault, mend=asked.mend))
    yield from _merging(signed, mend=asked.mend and known is not None and identity is not None)


def _merging(work: Workplace, *, mend: bool) -> Iterator[Check]:
    """Whether git merges customers' files by meaning."""
    yield from looked("merge driver", partial(doctor_merge.driver, work.vault, mend=mend))
    yield from looked("merge attributes", partial(doctor_merge.attributes, work, mend=mend))


def _homes(vault: Vault, homes: Homes) -> Iterator[Check]:
    """Whether git could take the keys in."""
    refuse_homes_inside(homes, (vault.top, vault.git_dir, vault.common_dir))
    yield Check("homes", "ok", _("The keys lie outside of the repository."))


def _open_vault(vault: Vault, homes: Homes) -> Check:
    if pinned_root(homes, vault.id):
        hint = _("`git log -p {path}` tells who changed it.").format(path=vaults.SETTINGS)
        return Check("vault", "problem", _("This vault was sealed, but is now marked as open."), hint)
    hint = _("`crm seal` seals it from now on.")
    return Check("vault", "warning", _("This vault is open: everything is readable in git."), hint)


def _root(homes: Homes, vault: Vault) -> tuple[Trusted | None, Check]:
    """What is trusted of the vault's keys, and whether it is."""
    try:
        if pinned_root(homes, vault.id) is None:
            hint = _("A key kit pins the right one; otherwise the next command pins what this clone has.")
            return None, Check("root", "warning", _("The vault's root is not pinned yet."), hint)
        known = trusted(vault, homes)
    except CrmError as error:
        return None, Check("root", "problem", error.message, error.hint)
    return known, Check("root", "ok", _("Pinned: {root}").format(root=known.root))


def _hook_and_git(vault: Vault, *, mend: bool) -> Iterator[Check]:
    yield from looked("hook", partial(doctor_vault.hook, vault, mend=mend))
    yield from looked("git settings", partial(doctor_vault.leaks, vault))
    yield from looked("git attributes", partial(doctor_vault.attributes, vault))


def _mendable() -> str:
    return _("`crm doctor --fix` mends it.")


def summary(checks: Iterable[Check]) -> str:
    """How many problems and warnings there are, in words."""
    states = [check.state for check in checks]
    problems, warnings = states.count("problem"), states.count("warning")
    if not problems and not warnings:
        return _("Everything is in order.")
    first = n_("{count} problem", "{count} problems", problems).format(count=problems)
    second = n_("{count} warning", "{count} warnings", warnings).format(count=warnings)
    return _("{parts}.").format(parts=_(", ").join((first, second)))
