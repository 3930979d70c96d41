"""Which salts the customers' files name: one that no token names opens nothing, and nothing is to be sealed with it."""

import re
from collections.abc import Collection, Iterator, Sequence

from crmcli.model.identity import SYMBOL
from crmcli.store.history import objects
from crmcli.store.records import FOLDER
from crmcli.store.salts import Salts
from crmcli.store.vault import Vault

_UID = re.compile(rf"^uid: [\"']?({SYMBOL}{{26}})[\"']?\s*$".encode(), re.MULTILINE)
_SALT = re.compile(rf"ENC\[1,[a-z]+\.[0-9]+,({SYMBOL}{{8}}),".encode())
_AT_ONCE = 1000
Name = tuple[str, str]  # uid, salt id


def named_salts(vault: Vault, commits: Sequence[str], wanted: Collection[Name]) -> set[Name]:
    """Those of the wanted salts that a token in a customer's own file names, as of one of these commits."""
    return every_named(vault, commits).intersection(wanted) if wanted else set()


def every_named(vault: Vault, commits: Sequence[str]) -> set[Name]:
    """Every salt that a token in its customer's own file names, as of one of these commits."""
    listed = (vault.git().run("ls-tree", "-r", "-z", "--full-tree", one, "--", _place(vault)) for one in commits)
    lines = (line for lines in listed for line in lines.decode("utf-8", "replace").split("\0")[:-1])
    return _named(vault, dict.fromkeys(line.split()[2] for line in lines))


def ever_named(vault: Vault, wanted: Collection[Name]) -> set[Name]:
    """Those of the wanted salts that a token in a customer's own file names, as of any commit up to HEAD. The whole
    history is looked through only for what HEAD's files don't name."""
    found = named_salts(vault, ["HEAD"], wanted)
    if len(found) == len(set(wanted)):
        return found
    listed = vault.git().run("rev-list", "--objects", "--no-object-names", "HEAD", "--", f":(top){_place(vault)}")
    return _named(vault, dict.fromkeys(listed.decode().split())).intersection(wanted)


def _place(vault: Vault) -> str:
    return f"{vault.prefix}{FOLDER}/"


def _named(vault: Vault, blobs: Collection[str]) -> set[Name]:
    found: set[Name] = set()
    for data in _files(vault, list(blobs)):
        uid = _UID.search(data)
        if uid:
            found |= {(uid[1].decode(), name.decode()) for name in _SALT.findall(data)}
    return found


def unopened(vault: Vault, store: Salts) -> int:
    """Of how many customers on file something is sealed that no salt in the store opens, and some day one may."""
    return lacking(vault, store)[0]


def lacking(vault: Vault, store: Salts) -> tuple[int, int]:
    """The same, and of how many customers on file the salts were destroyed."""
    here, gone = {entry[:2] for entry in store.all_live()}, store.ledger()
    closed = {uid for uid, _name in every_named(vault, ["HEAD"]) - here}
    return len(closed - gone), len(closed & gone)


def _files(vault: Vault, names: Sequence[str]) -> Iterator[bytes]:
    """The bytes of these objects, a portion in memory at a time."""
    for start in range(0, len(names), _AT_ONCE):
        yield from (data for data in objects(vault, names[start : start + _AT_ONCE]) if data)
