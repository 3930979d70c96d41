"""Customers' salts from clone to clone: one file at the remote, outside of the branch, encrypted to the exchange keys of
all devices (`sealing/FORMAT.md`, section 10).

The file is a union: who publishes it passes on what it had, without the salts of purged customers. Salts name themselves,
so nobody can put a wrong one in the place of another; taken in are only those that customers' files name.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from crmcli.errors import CrmError, Damaged, Finding
from crmcli.sealing import exchange
from crmcli.sealing.exchange import Parcel
from crmcli.store.merging import commit_tree
from crmcli.store.private import read_private, write_private
from crmcli.store.salts import Entry, Salts
from crmcli.store.signatures import raw_commits
from crmcli.store.transaction import Desk, Message
from crmcli.text import _
from crmcli.usecases.erasure import erase_certified
from crmcli.usecases.exchange_keys import keyring_of, recipients, secrets
from crmcli.usecases.keyring import Keyring
from crmcli.usecases.named_salts import named_salts
from crmcli.usecases.trust import judged_history
from crmcli.usecases.trust_history import parents_of
from crmcli.usecases.trust_judged import signature
from crmcli.usecases.workplace import Workplace

FILE = "salts.age"
LIMIT = 1 << 26  # bytes; 700,000 salts
SUBJECT = "customers' keys for the devices of the team"
SMALL = 1 << 12  # bytes that such a commit, and its tree, stay below
TAKEN = "exchange-taken"  # in the vault's folder of data: the last file all of whose salts are here
Name = tuple[str, str]  # uid, salt id


@dataclass(frozen=True)
class SaltsFile:
    """The file of salts as it was fetched: its commit, its bytes, and the signer; `maker`: whose device that is now, None
    for one that left the team."""

    commit: str
    data: bytes
    signer: bytes
    maker: str | None


@dataclass(frozen=True)
class Taken:
    """What became of a file of salts: how many were new here, and what is to be said about it.

    parcel  what it holds; None where no key here opens it
    waits   whether it may hold salts that only its maker can pass on: nothing is to be published over it
    """

    added: int
    refused: tuple[Finding, ...]
    parcel: Parcel | None
    waits: bool


def read_salts(work: Workplace, commit: str, tip: str | None = None) -> SaltsFile:
    """The file in a fetched commit. `tip`: a verified commit not merged yet, whose team counts as well.

    Damaged, kind "salts-file", for anything but one file of at most LIMIT bytes in a commit without parents that a device
    signed which is, or was, of the team.
    """
    names = [commit, f"{commit}^{{tree}}", f"{commit}:{FILE}"]
    told = work.vault.git().facts(names, "%(objectname) %(objecttype) %(objectsize)")
    for found, kind, most in zip(told, ("commit", "tree", "blob"), (SMALL, SMALL, LIMIT), strict=True):
        if found is None or found[1] != kind or int(found[2]) > most:
            raise _damaged(_("It is not one file of at most {size} MB.").format(size=LIMIT >> 20))
    _name, raw = next(raw_commits(work.vault, [commit]))
    listed = work.vault.git().run("ls-tree", "-z", "--full-tree", commit).decode("utf-8", "replace")
    blob = (told[2] or [""])[0]
    if parents_of(raw) or listed != f"100644 blob {blob}\t{FILE}\0":
        raise _damaged(_("It is not one file without a history."))
    signer, flaw = signature(commit, raw)
    if signer is None:
        raise _damaged(flaw.why if flaw else "")
    return SaltsFile(commit, work.vault.git().blob(blob), signer, _maker(work, signer, tip))


def take_in(work: Workplace, file: SaltsFile, tip: str | None = None) -> Taken:
    """Add the salts that customers' files name, at HEAD or at `tip` (as for `read_salts`), and that were not destroyed.
    Damaged, kind "salts-file", for what is no file of this vault; Invalid for a newer program's."""
    keyring = keyring_of(work)
    erase_certified(work)
    held = secrets(keyring)
    parcel = exchange.unpacked(file.data, held) if held else None
    if parcel is None:
        return _closed(keyring, file)
    if parcel.vault != work.vault.id:
        raise _damaged(_("It belongs to another vault: {id}.").format(id=parcel.vault))
    missing = _missing(keyring.store, parcel)
    named = named_salts(work.vault, [one for one in ("HEAD", tip) if one], missing.keys())
    added = keyring.store.add(missing[name] for name in named)
    if not missing.keys() - named:
        _remember(keyring, file)
    return Taken(added, (), parcel, waits=False)


def packed(work: Workplace, taken: Taken | None) -> bytes | None:
    """The file to publish over the one that was taken in (None: over none, or none that counts); None where that one is
    as good, where it waits for its maker, or where there is nothing to publish yet."""
    keyring = keyring_of(work)
    erase_certified(work)
    to = tuple(sorted({key for keys in recipients(work).values() for key in keys}))
    gone = keyring.store.ledger()
    ours = _without(gone, keyring.store.all_live())
    if not to or (taken and taken.waits) or not (taken or ours):
        return None
    there = taken.parcel if taken else None
    union = _without(gone, there.salts if there else ()) | ours
    if there and there.recipients == to and union.keys() == _without((), there.salts).keys():
        return None
    data = _written(work, to, union.values())
    # Somebody may fill the file with salts that nobody needs; then only what is known here goes on.
    return data if len(data) <= LIMIT else _written(work, to, ours.values())


def salts_commit(work: Workplace, desk: Desk, data: bytes) -> str:
    """A signed commit without parents that holds this file alone; on no branch."""
    blob = desk.git.run("hash-object", "-w", "--no-filters", "--stdin", stdin=data).decode().strip()
    tree = desk.git.run("mktree", "-z", stdin=f"100644 blob {blob}\t{FILE}\0".encode()).decode().strip()
    return commit_tree(work.vault, desk.git, tree, (), Message(SUBJECT), work.stamp)


def _maker(work: Workplace, signer: bytes, tip: str | None) -> str | None:
    """Whose device signed. Somebody who left may have been the last to publish what only they had: it is not lost."""
    keyring = keyring_of(work)
    name = keyring.access.name_of(signer)
    if name is not None:
        return name
    chain, end = judged_history(work.vault, keyring.trusted.root, tip or work.vault.git().head())
    if not any(state.access.name_of(signer) for state in chain.states.values()):
        raise _damaged(_("It is signed by a device that is not listed."))
    names = [state.access.name_of(signer) for state in chain.tops.get(end, ())]
    return names[0] if len(names) == 1 else None


def _closed(keyring: Keyring, file: SaltsFile) -> Taken:
    """A file that no key here opens: whether what it holds is here all the same."""
    own = file.signer == keyring.identity.signer
    if own or file.maker is None or _remembered(keyring) == file.commit:
        return Taken(0, (), None, waits=False)
    said = _("The customers' keys that {name} published can't be opened on this device yet.")
    hint = _("Once {name}, or somebody else of the team, has run `crm sync`, run it here again.")
    finding = Finding(said.format(name=file.maker), hint=hint.format(name=file.maker), severity="warning")
    return Taken(0, (finding,), None, waits=True)


def _missing(store: Salts, parcel: Parcel) -> dict[Name, Entry]:
    """The salts that are neither here nor of a purged customer."""
    here = {salt[:2] for salt in store.all_live()}
    return {name: salt for name, salt in _without(store.ledger(), parcel.salts).items() if name not in here}


def _without(gone: Collection[str], salts: Iterable[Entry]) -> dict[Name, Entry]:
    """The salts by name, but for those of these customers."""
    return {salt[:2]: salt for salt in salts if salt[0] not in gone}


def _written(work: Workplace, to: tuple[str, ...], salts: Collection[Entry]) -> bytes:
    return exchange.packed(Parcel(vault=work.vault.id, recipients=to, salts=tuple(sorted(salts))))


def _remember(keyring: Keyring, file: SaltsFile) -> None:
    write_private(keyring.store.path.with_name(TAKEN), f"{file.commit} {_count(keyring)}\n".encode())


def _remembered(keyring: Keyring) -> str | None:
    """The file of which everything is here still; a file of salts that was put back or away since has less."""
    try:
        commit, count = (read_private(keyring.store.path.with_name(TAKEN)) or b"").decode("ascii").split()
        return commit if int(count) <= _count(keyring) else None
    except (ValueError, CrmError):
        return None


def _count(keyring: Keyring) -> int:
    return len(keyring.store.live() | keyring.store.ledger())


def _damaged(why: str) -> Damaged:
    said = _("The file of customers' keys at the remote does not count. {why}").format(why=why)
    return Damaged(said, hint=_("The next `crm sync` of anybody publishes another one."), kind="salts-file")
