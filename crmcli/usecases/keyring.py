"""The keys of whoever works in a sealed vault: their identity, the masters they may unwrap, the salts on this machine.

Only what is trusted counts (`trust`). New salts wait until `keep`: they are durable before anything sealed with them.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from crmcli.errors import Conflict, Damaged, Refused, Where
from crmcli.model.fields import Level
from crmcli.model.keys import PATH as KEYS
from crmcli.model.team import PATH, Access
from crmcli.sealing import sshsig
from crmcli.sealing.cipher import new_salt, salt_id
from crmcli.sealing.identity import Identity, identity_of, new_identity
from crmcli.sealing.masters import fingerprint, unwrap
from crmcli.store.homes import Homes
from crmcli.store.lock import Lock
from crmcli.store.private import read_private, write_private
from crmcli.store.salts import Salts
from crmcli.store.signing import Signing
from crmcli.store.vault import Vault
from crmcli.text import _
from crmcli.usecases.opened_again import refuse_opened_again
from crmcli.usecases.trust import HEADS, Trusted, as_written, trusted

IDENTITY = ("identity.age", "signing.key")


class Keyring:
    """The keys of one reader in one vault."""

    def __init__(self, vault: str, homes: Homes, identity: Identity, trusted: Trusted) -> None:
        self.vault, self.homes, self.identity, self.trusted = vault, homes, identity, trusted
        self.store = Salts(homes.data / vault)
        self.custom: str | None = None  # git's hash of the committed custom fields
        self._masters: dict[tuple[Level, int], bytes | None] = {}
        self._minted: dict[str, tuple[str, bytes]] = {}

    @property
    def access(self) -> Access:
        """The trusted access file."""
        return self.trusted.access

    @cached_property
    def me(self) -> str | None:
        """The name under which this device is listed; None for a device not (or no longer) of the team."""
        return self.access.name_of(self.identity.signer)

    @cached_property
    def reads(self) -> Level:
        """The highest level this reader may open."""
        return self.access.reads(self.me) if self.me else Level.OPEN

    def refuse_stranger(self) -> None:
        """Refuse somebody who is not (or no longer) of the team: nobody would trust what they sign."""
        if self.me is None:
            hint = _("`crm join` shows the line that an admin needs.")
            raise Refused(_("You are not in this vault's team."), hint=hint, kind="not-in-team")

    def master(self, level: Level, generation: int) -> bytes | None:
        """The master, or None where there is none for this reader. Damaged where it is not the one it must be."""
        name = (level, generation)
        if name not in self._masters:
            self._masters[name] = self._unwrapped(level, generation)
        return self._masters[name]

    def _unwrapped(self, level: Level, generation: int) -> bytes | None:
        wrapped = self.trusted.keys.of(level, generation, self.me or "")
        known = self.access.masters.get(level, {}).get(generation)
        master = unwrap(wrapped, self.identity.age) if wrapped and known else None
        if master is not None and fingerprint(master, self.vault, level, generation) != known:
            said = _("The key of {level} is not the one that {path} names.").format(level=level.label, path=PATH)
            raise Damaged(
                said, where=Where(KEYS), hint=_("`crm audit` tells who changed it. Nothing is sealed with it.")
            )
        return master

    def readers(self, level: Level) -> tuple[str, ...]:
        """The roles that may open a level."""
        return self.access.readers(level)

    def generation(self, level: Level) -> int:
        """The generation that new values are sealed under."""
        found = self.access.level_generation(level)
        if found is None:
            raise Refused(_("There is no key for {level}.").format(level=level.label), kind="level")
        return found

    def salts(self, uid: str) -> Mapping[str, bytes]:
        """The customer's salts by id."""
        kept = self.store.of(uid)
        if any(salt_id(salt) != name for name, salt in kept.items()):
            hint = _("Move it away; then `crm keys import FILE` brings the keys back from a key kit.")
            raise Damaged(_("A customer's key in {path} is damaged.").format(path=self.store.path), hint=hint)
        made = self._minted.get(uid)
        return {**kept, **({made[0]: made[1]} if made else {})}

    def knows_salt(self, name: str) -> bool:
        """Whether a salt with this id is or was on this machine, whoever's it is."""
        return self.store.knows(name)

    def purged(self, uid: str) -> bool:
        """Whether the customer is in the ledger of the purged."""
        return self.store.purged(uid)

    def refresh(self, vault: Vault) -> None:
        """See what others did since the vault was opened: to the salts, and to who may read what. Called under the lock.

        Conflict where the levels of fields changed meanwhile: what was read was read under others.
        """
        self.store.refresh()
        heads = vault.git().stands(HEADS)
        if heads[1:3] == [self.trusted.access_blob, self.trusted.keys_blob]:
            return
        now = trusted(vault, self.homes, heads=heads)
        if now.access.levels != self.access.levels:
            hint = _("Try again.")
            raise Conflict(_("The levels of fields were changed in the meantime."), hint=hint, kind="busy")
        self.trusted = now
        self._masters.clear()
        for seen in ("me", "reads"):
            self.__dict__.pop(seen, None)

    def mint(self, uid: str) -> tuple[str, bytes]:
        """A new salt and its id, to be kept by `keep` before anything sealed with it is written."""
        salt = new_salt()
        self._minted[uid] = (salt_id(salt), salt)
        return self._minted[uid]

    def keep(self) -> None:
        """Make the new salts durable."""
        kept = self.store.add((uid, name, salt) for uid, (name, salt) in self._minted.items())
        if kept != len(self._minted):
            raise Conflict(_("A customer's file was destroyed in the meantime; nothing was written."), kind="destroyed")
        self._minted.clear()


def open_keyring(vault: Vault, homes: Homes | None, *, sealed: bool) -> Keyring | None:
    """The keys for a vault; None for an open one. Damaged where the vault is not to be trusted, or was sealed once."""
    if not sealed:
        refuse_opened_again(vault, homes)
        return None
    if homes is None:
        raise Refused(_("There is no folder for your keys."), kind="no-home", hint=_("Set HOME."))
    refuse_homes_inside(homes, (vault.top, vault.git_dir, vault.common_dir))
    heads = as_written(vault).git().stands(HEADS)
    keyring = Keyring(vault.id, homes, own_identity(homes), trusted(vault, homes, heads=heads))
    keyring.custom = heads[-1]
    return keyring


def refuse_homes_inside(homes: Homes, repository: Iterable[Path]) -> None:
    """Refuse keys in these folders of a repository: the next `git add` would take them in."""
    folders = [folder.resolve() for folder in repository]
    for home in (homes.config, homes.data):
        if any(home.resolve().is_relative_to(folder) for folder in folders):
            said = _("{path} is inside the repository, where keys must never be.").format(path=home)
            hint = _("XDG_CONFIG_HOME and XDG_DATA_HOME, or HOME, must name folders outside of it.")
            raise Refused(said, where=Where(str(home)), hint=hint, kind="inside")


def own_identity(homes: Homes) -> Identity:
    """Whoever works on this machine; made silently at first use, by one process at a time."""
    found = _kept_identity(homes)
    if found is None:
        with Lock(homes.config / "lock", "identity", timeout=10):
            found = _kept_identity(homes) or write_identity(homes, _new_or_half(homes))
    return found


def write_identity(homes: Homes, identity: Identity) -> Identity:
    """Keep an identity as this machine's: first the half that signs; with it alone the making was interrupted."""
    for name, text in zip(IDENTITY[::-1], (identity.signing, identity.age), strict=True):
        write_private(homes.config / name, text.encode())
    return identity


def _kept_identity(homes: Homes) -> Identity | None:
    """The identity, None where it has not been made, or not to the end. Damaged where a half was lost."""
    age, signing = (read_private(homes.config / name) for name in IDENTITY)
    if age and not signing:
        raise _half(homes)
    if not age or not signing:
        return None
    return identity_of(age.decode("utf-8", "replace"), signing.decode("utf-8", "replace"))


def _new_or_half(homes: Homes) -> Identity:
    made = new_identity()
    signing = read_private(homes.config / IDENTITY[1])
    return identity_of(made.age, signing.decode("utf-8", "replace")) if signing else made


def signing(homes: Homes) -> Signing:
    """How commits are signed."""
    return Signing(homes.config / IDENTITY[1], Path(sshsig.__file__), sshsig.sign_file)


def _half(homes: Homes) -> Damaged:
    hint = _("`crm keys import FILE` brings it back from a key kit; without a kit, move the other half away.")
    return Damaged(_("One half of your identity is missing in {folder}.").format(folder=homes.config), hint=hint)
