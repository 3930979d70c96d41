"""A key kit with three customers' keys, and its owner."""

from datetime import datetime

import pyrage
import pytest
import quick_age
from conftest import VAULT_ID

from crmcli.sealing.cipher import salt_id
from crmcli.sealing.identity import new_identity
from crmcli.sealing.kit import Kit, locked
from crmcli.store.homes import Homes

ME, OTHER = new_identity(), new_identity()
NOW = datetime.fromisoformat("2026-05-10T09:30+08:00")
ROOT, UIDS = "a" * 40, [letter * 26 for letter in "ABC"]
SALTS = tuple((uid, salt_id(salt), salt) for uid, salt in ((uid, uid[:1].encode() * 32) for uid in UIDS))
KIT = Kit(vault=VAULT_ID, root=ROOT, made=NOW, identity=ME, masters=(), salts=SALTS, purged=())
WORDS = "correct horse"


def kit() -> bytes:
    """The file. A passphrase takes a second on purpose; not here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pyrage.passphrase, "encrypt", quick_age.encrypt)
        return locked(KIT, WORDS)


def replaced(homes: Homes) -> set[bytes]:
    """The identities that an import laid aside."""
    return {path.read_bytes() for path in homes.config.glob("*.before-*")}
