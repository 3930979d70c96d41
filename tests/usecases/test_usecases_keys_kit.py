"""Taking in a key kit: again it changes nothing, and nothing of another vault, root or purged customer gets in."""

import os
import stat
from pathlib import Path

import pytest
from conftest import VAULT_ID, git, put
from kit_samples import KIT, ME, NOW, OTHER, ROOT, SALTS, UIDS, WORDS, kit, replaced

from crmcli.errors import CrmError, Damaged, Invalid, NotFound, Refused
from crmcli.sealing.cipher import salt_id
from crmcli.sealing.identity import new_identity
from crmcli.sealing.kit import locked_for
from crmcli.store.homes import Homes
from crmcli.store.salts import Entry, Salts
from crmcli.store.vault import Vault
from crmcli.usecases.keyring import own_identity, write_identity
from crmcli.usecases.keys_import import Imported, import_kit, read_kit
from crmcli.usecases.trust import pin, pinned_root


@pytest.fixture(scope="module")
def data() -> bytes:
    return kit()


@pytest.fixture
def homes(tmp_path: Path) -> Homes:
    return Homes(tmp_path / "home/config", tmp_path / "home/data")


def take(vault: Vault, homes: Homes, data: bytes, **wanted: bool) -> Imported:
    return import_kit(vault, homes, data, lambda: WORDS, NOW, **wanted)


def hand_over(**changes: object) -> bytes:
    bare = KIT.model_copy(update={"identity": None, "masters": None, **changes})
    return locked_for(bare, [ME.recipient])


def on_file(vault: Vault, *salts: Entry) -> None:
    """Commit customers whose sealed values name these salts."""
    for n, (uid, name, _salt) in enumerate(salts):
        token = f"ENC[1,internal.1,{name},{'A' * 64}]"
        put(vault.root, f"records/2024/05/C2024051000{n}.yaml", f"uid: {uid}\nname: {token}\n")
    git(vault.root, "add", ".")
    git(vault.root, "commit", "-q", "-m", "customers")


def files(homes: Homes) -> dict[str, bytes]:
    found = (path for folder in (homes.config, homes.data) for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(homes.config.parent)): path.read_bytes() for path in found}


def test_a_new_machine_becomes_the_old_one(vault: Vault, homes: Homes, data: bytes) -> None:
    made = take(vault, homes, data)
    assert (made.added, made.there, made.purged) == (3, 0, 0)
    assert (made.pinned, made.identity, made.device) == (True, "taken", ME.device)
    assert own_identity(homes) == ME
    assert pinned_root(homes, VAULT_ID) == ROOT
    assert list(Salts(homes.data / VAULT_ID).all_live()) == list(SALTS)
    for path in (*homes.config.rglob("*"), *homes.data.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_taken_in_twice_nothing_changes(vault: Vault, homes: Homes, data: bytes) -> None:
    take(vault, homes, data)
    before = files(homes)
    made = take(vault, homes, data)
    assert (made.added, made.there, made.pinned, made.identity) == (0, 3, False, "same")
    assert files(homes) == before


def test_a_dry_run_tells_and_writes_nothing(vault: Vault, homes: Homes, data: bytes) -> None:
    made = take(vault, homes, data, dry_run=True)
    assert (made.added, made.pinned, made.identity) == (3, True, "taken")
    assert files(homes) == {}


@pytest.mark.parametrize("used", ["listed", "committed", "removed", "salt", "vault", "root"])
def test_an_identity_in_use_stays_and_the_salts_come_in_all_the_same(
    vault: Vault, homes: Homes, data: bytes, used: str
) -> None:
    write_identity(homes, OTHER)
    salt = (UIDS[0], salt_id(b"y" * 32), b"y" * 32)
    if used in ("listed", "committed", "removed"):
        put(vault.root, "schemas/access.yaml", f"people: {{li: {{devices: {{{OTHER.device}: {{}}}}}}}}\n")
    if used in ("committed", "removed"):
        git(vault.root, "add", ".")
        git(vault.root, "commit", "-q", "-m", "let in")
        put(vault.root, "schemas/access.yaml", "")
    if used == "removed":
        git(vault.root, "commit", "-q", "-a", "-m", "removed")
    elif used == "root":
        pin(homes, "another", "b" * 40)
    elif used in ("salt", "vault"):
        Salts(homes.data / (VAULT_ID if used == "salt" else "another")).add([salt])
    made = take(vault, homes, data)
    assert (made.added, made.identity, made.device) == (3, "other", OTHER.device)
    assert own_identity(homes) == OTHER
    assert replaced(homes) == set()


def test_an_identity_that_nothing_depends_on_makes_way_and_is_kept_beside(
    vault: Vault, homes: Homes, data: bytes
) -> None:
    write_identity(homes, OTHER)
    Salts(homes.data / VAULT_ID).add(SALTS[:1])  # of this very kit, whose import was killed
    made = take(vault, homes, data)
    assert (made.added, made.identity, made.device) == (2, "taken", ME.device)
    assert own_identity(homes) == ME
    assert replaced(homes) == {OTHER.age.encode(), OTHER.signing.encode()}


def test_another_identity_is_replaced_when_asked_and_kept_beside(vault: Vault, homes: Homes, data: bytes) -> None:
    write_identity(homes, OTHER)
    assert take(vault, homes, data, replace_identity=True).identity == "taken"
    assert own_identity(homes) == ME
    assert replaced(homes) == {OTHER.age.encode(), OTHER.signing.encode()}
    third = new_identity()
    write_identity(homes, third)
    take(vault, homes, data, replace_identity=True)
    assert replaced(homes) == {one.encode() for who in (OTHER, third) for one in (who.age, who.signing)}


def test_half_an_identity_is_made_whole(vault: Vault, homes: Homes, data: bytes) -> None:
    write_identity(homes, OTHER)
    (homes.config / "signing.key").unlink()
    assert take(vault, homes, data).identity == "taken"
    assert own_identity(homes) == ME
    assert replaced(homes) == {OTHER.age.encode()}


def test_salts_of_the_purged_stay_out(vault: Vault, homes: Homes, data: bytes) -> None:
    store = Salts(homes.data / VAULT_ID)
    store.add(SALTS[:2])
    store.destroy([UIDS[0]])
    made = take(vault, homes, data)
    assert (made.added, made.there, made.purged) == (1, 1, 1)
    assert store.live() == set(UIDS[1:])
    assert SALTS[0][2] not in b"".join(files(homes).values())


def test_the_ledger_of_a_kit_destroys_nothing_by_itself(vault: Vault, homes: Homes) -> None:
    write_identity(homes, ME)
    on_file(vault, *SALTS)
    take(vault, homes, hand_over(purged=(UIDS[1],)))
    assert Salts(homes.data / VAULT_ID).live() == set(UIDS)


def test_after_a_kit_certificates_are_looked_at_again(vault: Vault, homes: Homes, data: bytes) -> None:
    """An old kit may bring back the salt of somebody who was purged since, on a machine that has no ledger any more."""
    seen = vault.shared / "erased"
    seen.parent.mkdir(parents=True)
    seen.write_text("a commit")
    take(vault, homes, data)
    assert not seen.exists()


def test_a_hand_over_brings_salts_alone(vault: Vault, homes: Homes) -> None:
    write_identity(homes, ME)
    on_file(vault, SALTS[0])
    made = take(vault, homes, hand_over(salts=SALTS[:1]))
    assert (made.added, made.identity) == (1, "none")
    assert own_identity(homes) == ME


def test_a_hand_over_pins_no_root_and_brings_only_what_sealed_values_name(vault: Vault, homes: Homes) -> None:
    """Anybody can make one."""
    write_identity(homes, ME)
    planted = [(uid, salt_id(salt), salt) for uid, salt in zip(UIDS, (b"x" * 32, b"y" * 32), strict=False)]
    on_file(vault, *SALTS[:2])
    Salts(homes.data / VAULT_ID).add(SALTS[:1])
    for dry_run in (True, False):
        made = take(vault, homes, hand_over(salts=(*planted, SALTS[0], SALTS[2])), dry_run=dry_run)
        assert (made.added, made.there, made.pinned) == (0, 1, False)
        assert (made.strange, made.unknown, made.lacking) == (tuple(UIDS[:2]), (UIDS[2],), (UIDS[1],))
    assert pinned_root(homes, VAULT_ID) is None
    assert list(Salts(homes.data / VAULT_ID).all_live()) == list(SALTS[:1])


def test_a_wrong_salt_that_came_first_keeps_no_right_one_out(vault: Vault, homes: Homes) -> None:
    write_identity(homes, ME)
    on_file(vault, SALTS[0])
    store = Salts(homes.data / VAULT_ID)
    store.add([(UIDS[0], salt_id(b"x" * 32), b"x" * 32)])
    made = take(vault, homes, hand_over(salts=SALTS[:1]))
    assert (made.added, made.strange, made.lacking) == (1, (), ())
    assert store.of(UIDS[0])[SALTS[0][1]] == SALTS[0][2]


def test_a_hand_over_needs_the_device_it_was_made_for(vault: Vault, homes: Homes) -> None:
    with pytest.raises(Refused, match="no identity yet"):
        take(vault, homes, hand_over())
    assert files(homes) == {}
    write_identity(homes, OTHER)
    before = files(homes)
    with pytest.raises(Refused, match="not made for this device"):
        take(vault, homes, hand_over())
    assert files(homes) == before


def test_a_hand_over_asks_for_no_passphrase(vault: Vault, homes: Homes) -> None:
    write_identity(homes, ME)
    import_kit(vault, homes, hand_over(), lambda: pytest.fail("asked"), NOW)


@pytest.mark.parametrize(
    ("changes", "failure", "words"),
    [({"vault": "another"}, Invalid, "another vault"), ({"root": "b" * 40}, Damaged, "pinned here")],
)
def test_what_belongs_elsewhere_changes_nothing(
    changes: dict[str, str], failure: type[CrmError], words: str, vault: Vault, homes: Homes
) -> None:
    write_identity(homes, ME)
    pin(homes, VAULT_ID, ROOT)
    before = files(homes)
    with pytest.raises(failure, match=words):
        take(vault, homes, hand_over(**changes))
    assert files(homes) == before


def test_a_pin_that_names_nothing_is_pinned_anew(vault: Vault, homes: Homes, data: bytes) -> None:
    pin(homes, VAULT_ID, "rubbish")
    take(vault, homes, data)
    assert pinned_root(homes, VAULT_ID) == ROOT


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_kit(tmp_path / "none")
    with pytest.raises(Invalid):
        read_kit(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Invalid):
        read_kit(tmp_path / "pipe")
