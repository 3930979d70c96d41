"""kill -9 anywhere while a key kit is taken in: given again it ends the same; no half identity passes for a whole one."""

import itertools
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import VAULT_ID, make_vault
from killer import kill_points
from kit_samples import ME, NOW, OTHER, ROOT, SALTS, WORDS, kit, replaced

from crmcli.errors import Damaged
from crmcli.store.homes import Homes
from crmcli.store.salts import Salts
from crmcli.store.vault import Vault
from crmcli.usecases.keyring import own_identity, write_identity
from crmcli.usecases.keys_import import import_kit
from crmcli.usecases.trust import pinned_root


@pytest.fixture(scope="module")
def data() -> bytes:
    return kit()


def where(folder: Path) -> Homes:
    return Homes(folder / "config", folder / "data")


def moved(vault: Vault, root: Path) -> Vault:
    return replace(vault, root=root, top=root, git_dir=root / ".git", common_dir=root / ".git")


def take(vault: Vault, homes: Homes, data: bytes) -> None:
    import_kit(vault, homes, data, lambda: WORDS, NOW, replace_identity=True)


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
        assert replaced(homes) == (set() if before == "nothing" else {OTHER.age.encode(), OTHER.signing.encode()})

    assert kill_points(act, fresh, check, "before") > 15
