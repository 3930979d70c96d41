"""Take in a key kit or a hand-over: pinned root, salts, identity, in this order. Taken in twice it changes nothing, and
killed anywhere it is taken in again. The vault need not be trusted, or even readable, yet: only its id counts.

Anybody can make a hand-over, since it takes only the public half of a device. So it pins no root, and brings no salt but
those that the committed tokens of their customers name: one that came first, whoever sent it, keeps no right one out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Literal

from crmcli.errors import Damaged, Invalid, NotFound, Refused, Where
from crmcli.model.team import PATH
from crmcli.sealing.identity import Identity, identity_of
from crmcli.sealing.kit import Kit, has_passphrase, unlocked
from crmcli.store.files import fsync_folder, read_file
from crmcli.store.history import blobs, log
from crmcli.store.homes import Homes
from crmcli.store.lock import Lock
from crmcli.store.private import read_private, write_private
from crmcli.store.salts import Entry, Salts
from crmcli.store.vault import SETTINGS, Vault
from crmcli.text import _
from crmcli.usecases.erasure import SEEN
from crmcli.usecases.keyring import IDENTITY, refuse_homes_inside
from crmcli.usecases.named_salts import Name, ever_named, every_named
from crmcli.usecases.trust import pin, pinned_root, pinned_roots

LOCK = "lock"  # of the identity, as whoever makes one takes it
LIMIT = 1 << 28  # bytes; a million salts are 90 MB
# What became of the identity in a kit: a hand-over has none; "other": this machine has another one and keeps it.
Became = Literal["none", "same", "taken", "other"]


@dataclass(frozen=True, slots=True)
class Imported:
    """What was taken in: salts new here, here before, of purged customers; whether the root was pinned by it; the
    identity; `device`: this machine's id afterwards, None where it has no identity.

    What a hand-over brought and was left out, by customer (uid): `strange`: another salt than those that their sealed
    values name; `unknown`: nothing sealed of theirs is in this clone; `lacking`: those of the strange whose values still
    can't be opened."""

    made: datetime
    root: str
    added: int
    there: int
    purged: int
    pinned: bool
    identity: Became
    device: str | None
    strange: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sorted:
    """The salts of a kit: those to take in by customer and id, and the customers of those left out."""

    wanted: dict[Name, Entry]
    strange: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


def read_kit(path: Path) -> bytes:
    """The bytes of a kit; NotFound for none, Invalid for what is too large or no plain file."""
    if not path.exists():
        raise NotFound(_("{path} is not there.").format(path=path), where=Where(str(path)))
    if not path.is_file() or path.stat().st_size > LIMIT:
        raise Invalid(_("{path} is not a key kit.").format(path=path), where=Where(str(path)), kind="not-a-file")
    return path.read_bytes()


def import_kit(
    vault: Vault,
    homes: Homes,
    data: bytes,
    passphrase: Callable[[], str],
    now: datetime,
    *,
    replace_identity: bool = False,
    dry_run: bool = False,
) -> Imported:
    """Take in these bytes; the passphrase is asked for only where it is needed. A dry run only tells.

    Raises as `unlocked`; Refused for a hand-over where there is no identity to open it, Invalid for another vault's
    kit, Damaged where another root is pinned.
    """
    refuse_homes_inside(homes, (vault.top, vault.git_dir, vault.common_dir))
    own = identity_here(homes)
    kit = unlocked(data, passphrase() if has_passphrase(data) else _secret(own))
    pinned = _refuse_other(vault, homes, kit)
    store = Salts(homes.data / vault.id)
    gone, live = store.ledger(), {entry[:2] for entry in store.all_live()}
    sorted_ = _sorted(vault, kit, live, gone)
    wanted = sorted_.wanted
    purged = sum(uid in gone for uid, _id in wanted)
    there = sum(name in live and name[0] not in gone for name in wanted)
    spare = own is not None and _unused(vault, homes, own, kit, live)
    became = _became(own, kit, replace=replace_identity or spare)
    pins = not pinned and kit.identity is not None
    if not dry_run:
        if pins:
            pin(homes, vault.id, kit.root)
        _add(vault, store, wanted.values())
        if became == "taken" and kit.identity:
            _take(homes, kit.identity, now)
    held = kit.identity if became == "taken" else own
    device = held.device if isinstance(held, Identity) else None
    added = len(wanted) - there - purged
    left_out = (sorted_.strange, sorted_.unknown, sorted_.lacking)
    return Imported(kit.made, kit.root, added, there, purged, pins, became, device, *left_out)


def _sorted(vault: Vault, kit: Kit, live: set[Name], gone: set[str]) -> _Sorted:
    """All salts of one's own kit, old versions need them too; of a hand-over those that something committed names, also
    what git is merging just now."""
    if kit.identity:
        return _Sorted({entry[:2]: entry for entry in kit.salts})
    named = every_named(vault, [one for one in vault.git().stands(["HEAD", "MERGE_HEAD"]) if one])
    good = named | live
    wanted = {entry[:2]: entry for entry in kit.salts if entry[:2] in good or entry[0] in gone}
    sealed = {uid for uid, _id in named}
    opened = {uid for uid, _id in named & (live | wanted.keys())}
    left = tuple(dict.fromkeys(uid for uid, name, _salt in kit.salts if (uid, name) not in wanted))
    strange = tuple(uid for uid in left if uid in sealed)
    unknown = tuple(uid for uid in left if uid not in sealed)
    return _Sorted(wanted, strange, unknown, tuple(uid for uid in strange if uid not in opened))


def _unused(vault: Vault, homes: Homes, own: Identity, kit: Kit, live: set[Name]) -> bool:
    """Whether nothing depends on this machine's identity: some command made it, no team ever listed it, and no salt was
    made with it; those that the history names may come from a backup, newer than the kit."""
    others = [path for path in homes.data.glob("*/salts") if path.parent.name != vault.id]
    if others or set(pinned_roots(homes)) - {kit.root}:
        return False
    rest = live - {entry[:2] for entry in kit.salts}
    if rest and (vault.git().head() is None or rest - ever_named(vault, rest)):
        return False
    teams = [
        read_file(vault.root, PATH),
        *blobs(vault, [(one.hash, PATH) for one in log(vault, "--all", paths=(PATH,))]),
    ]
    return not any(word.encode() in (data or b"") for data in teams for word in (own.recipient, own.device))


def identity_here(homes: Homes) -> Identity | None:
    """This machine's identity; None for none and for one that is not whole."""
    texts = [read_private(homes.config / name) for name in IDENTITY]
    try:
        return identity_of(*(text.decode("utf-8", "replace") for text in texts if text)) if all(texts) else None
    except Damaged:
        return None


def _secret(own: Identity | None) -> str:
    if own is None:
        raise Refused(
            _("This file was made for one device, and this machine has no identity yet."),
            hint=_("`crm keys` makes one and shows the line that an admin needs."),
            kind="recipient",
        )
    return own.age


def _refuse_other(vault: Vault, homes: Homes, kit: Kit) -> bool:
    """Refuse what belongs to another vault or root; whether a root is pinned."""
    if kit.vault != vault.id:
        said = _("This is the kit of another vault: {id}.").format(id=kit.vault)
        hint = _("`--vault DIR` names the vault; the id is in {path}.").format(path=SETTINGS)
        raise Invalid(said, hint=hint, kind="vault")
    try:
        pinned = pinned_root(homes, vault.id)
    except Damaged:  # what is pinned is no commit at all
        pinned = None
    if pinned not in (None, kit.root):
        said = _("The kit is of a vault with the root {other}, and {root} is pinned here.")
        said = said.format(other=kit.root[:12], root=str(pinned)[:12])
        hint = _("Two vaults have the same id, or a history was replaced: compare `git log` with a teammate.")
        raise Damaged(said, hint=hint, kind="root")
    return pinned is not None


def _add(vault: Vault, store: Salts, salts: Iterable[Entry]) -> None:
    # An old kit may bring the salt of somebody purged since: the certificates are looked at again.
    (vault.shared / SEEN).unlink(missing_ok=True)
    store.add(salts)


def _became(own: Identity | None, kit: Kit, *, replace: bool) -> Became:
    if kit.identity is None:
        return "none"
    if own == kit.identity:
        return "same"
    return "taken" if own is None or replace else "other"


def _take(homes: Homes, identity: Identity, now: datetime) -> None:
    """Make it this machine's. What was there is kept beside. Interrupted, the half that signs is missing, which every
    command refuses: never two halves that don't belong together."""
    texts = dict(zip(IDENTITY, (identity.age, identity.signing), strict=True))
    with Lock(homes.config / LOCK, "identity"):
        for name, text in texts.items():
            _keep(homes.config / name, text, now)
        signing = homes.config / IDENTITY[1]
        if signing.exists():
            signing.unlink()
            fsync_folder(signing.parent)
        for name, text in texts.items():
            write_private(homes.config / name, text.encode())


def _keep(path: Path, text: str, now: datetime) -> None:
    """Keep a file under another name, unless it is what is to come or is kept already."""
    old = read_private(path)
    start = f"{path.name}.before-"
    kept = (read_private(one) for one in path.parent.glob(f"{start}*"))
    if old is None or old == text.encode() or old in kept:
        return
    day = f"{start}{now:%Y%m%d}"
    names = (f"{day}-{n}" if n else day for n in count())
    write_private(next(path.parent / name for name in names if not (path.parent / name).exists()), old)
