"""Take in a key kit or a hand-over: pinned root, salts, identity, in this order. Taken in twice it changes nothing, and
killed anywhere it is taken in again. The vault need not be trusted, or even readable, yet: only its id counts.

Anybody can make a hand-over, since it takes only the public half of a device. So it pins no root, and adds no salt to a
customer who has another one here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Literal

from crmcli.errors import Damaged, Invalid, NotFound, Refused, Where
from crmcli.sealing.identity import Identity, identity_of
from crmcli.sealing.kit import Kit, has_passphrase, unlocked
from crmcli.store.files import fsync_folder
from crmcli.store.homes import Homes
from crmcli.store.lock import Lock
from crmcli.store.private import read_private, write_private
from crmcli.store.salts import Entry, Salts
from crmcli.store.vault import SETTINGS, Vault
from crmcli.text import _
from crmcli.usecases.erasure import SEEN
from crmcli.usecases.keyring import IDENTITY
from crmcli.usecases.trust import pin, pinned_root

LOCK = "lock"  # of the identity, as whoever makes one takes it
LIMIT = 1 << 28  # bytes; a million salts are 90 MB
# What became of the identity in a kit: a hand-over has none; "other": this machine has another one and keeps it.
Became = Literal["none", "same", "taken", "other"]


@dataclass(frozen=True, slots=True)
class Imported:
    """What was taken in: salts new here, here before, of purged customers; whether the root was pinned by it; the
    identity; `device`: this machine's id afterwards, None where it has no identity; `strange`: the customers (uids) for
    whom a hand-over brought another salt than those here, which was left out."""

    made: datetime
    root: str
    added: int
    there: int
    purged: int
    pinned: bool
    identity: Became
    device: str | None
    strange: tuple[str, ...] = ()


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
    own = _own(homes)
    kit = unlocked(data, passphrase() if has_passphrase(data) else _secret(own))
    pinned = _refuse_other(vault, homes, kit)
    store = Salts(homes.data / vault.id)
    gone, live = store.ledger(), {entry[:2] for entry in store.all_live()}
    strange = _strange(kit, live)
    wanted = {entry[:2]: entry for entry in kit.salts if entry[0] not in strange or entry[:2] in live}
    purged = sum(uid in gone for uid, _id in wanted)
    there = sum(name in live and name[0] not in gone for name in wanted)
    became = _became(own, kit, replace=replace_identity)
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
    return Imported(kit.made, kit.root, added, there, purged, pins, became, device, strange)


def _strange(kit: Kit, live: set[tuple[str, str]]) -> tuple[str, ...]:
    """The customers who have salts here, but not one that this hand-over has for them."""
    here = {uid for uid, _id in live}
    found = (uid for uid, name, _salt in kit.salts if uid in here and (uid, name) not in live)
    return () if kit.identity else tuple(dict.fromkeys(found))


def _own(homes: Homes) -> Identity | None:
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
