"""kill -9 anywhere while a key kit is taken in: given again it ends the same; no half identity passes for a whole one."""

import itertools
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyrage
import pytest
import quick_age
from conftest import VAULT_ID, make_vault
from killer import kill_points

from crmcli.errors import Damaged
from crmcli.sealing.cipher import salt_id
from crmcli.sealing.identity import new_identity
from crmcli.sealing.kit import Kit, locked
from crmcli.store.homes import Homes
from crmcli.store.salts import Salts
from crmcli.store.vault import Vault
from crmcli.usecases.keyring import own_identity, write_identity
from crmcli.usecases.keys_import import import_kit
from crmcli.usecases.trust import pinned_root

ME, OTHER = new_identity(), new_identity()
NOW = datetime.fromisoformat("2026-05-10T09:30+08:00")
ROOT, UIDS = "a" * 40, [letter * 26 for letter in "ABC"]
SALTS = tuple((uid, salt_id(salt), salt) for uid, salt in ((uid, uid[:1].encode() * 32) for uid in UIDS))
KIT = Kit(vault=VAULT_ID, root=ROOT, made=NOW, identity=ME, masters=(), salts=SALTS)
WORDS = "correct horse"


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """A passphrase takes a second on purpose; not here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pyrage.passphrase, "encrypt", quick_age.encrypt)
        yield


@pytest.fixture(scope="module")
def data() -> bytes:
    return locked(KIT, WORDS)


def where(folder: Path) -> Homes:
    return Homes(folder / "config", folder / "data")


def moved(vault: Vault, root: Path) -> Vault:
    return replace(vault, root=root, top=root, git_dir=root / ".git", common_dir=root / ".git")


def take(vault: Vault, homes: Homes, data: bytes) -> None:
    import_kit(vault, homes, data, lambda: WORDS, NOW, replace_identity=True)


def kept(homes: Homes) -> set[bytes]:
    return {path.read_bytes() for path in homes.config.glob("*.before-*")}


@pytest.mark.parametrize("before", ["nothing", "another identity"])
def test_a_killed_import_ends_the_same_when_given_again(before: str, tmp_path: Path, data: bytes) -> None:
    vault = make_vault(tmp_path / "template")
    counter = itertools.count()

    def fresh() -> Path:
        folder = tmp_path / f"state{next(counter)}"
        shutil.copytree(vault.root, folder / "vault", symlinks=True)
        if before != "nothing":
            write_identity(where(folder), OTHER)
        return folder

    def act(folder: Path) -> None:
        take(moved(vault, folder / "vault"), where(folder), data)

    def check(folder: Path) -> None:
        homes = where(folder)
        if any((homes.config / name).exists() for name in ("identity.age", "signing.key")):
            with suppress(Damaged):
                assert own_identity(homes) in (ME, OTHER)
        act(folder)
        assert own_identity(homes) == ME
        assert pinned_root(homes, VAULT_ID) == ROOT
        assert list(Salts(homes.data / VAULT_ID).all_live()) == list(SALTS)
        assert kept(homes) == (set() if before == "nothing" else {OTHER.age.encode(), OTHER.signing.encode()})

    assert kill_points(act, fresh, check, "before") > 15
