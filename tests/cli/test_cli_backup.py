"""A backup brings back everything but what was destroyed; a damaged or strange one brings nothing."""

import json
import subprocess
import tarfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import opener
import pyrage
import pytest
import quick_age
from people import REMOTE, Person, begun_with, founded

from crmcli.sealing.backup import new_lock
from crmcli.store.salts import Salts
from crmcli.usecases import backup

ONE, TWO = "C20240510001", "C20240510002"
WORDS = b"correct horse \xe7\x94\xb5\xe6\xb1\xa0\n"
CUSTOMER = """\
kind: individual
name: {name}
phone: "{phone}"
region: 北京市/朝阳区
source: store
owner: li.na
status: active
"""
CUSTOMERS = [CUSTOMER.format(name=name, phone=f"+86138123400{n:02d}") for n, name in enumerate(("王样例", "赵样例"))]


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pyrage.passphrase, "encrypt", quick_age.encrypt)
        yield


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Person]:
    """An admin with two customers, and a remote."""
    world = tmp_path_factory.mktemp("backed") / "world"
    zhao = founded(world, "zhao.min", *CUSTOMERS)
    zhao.done("sync")
    return world, zhao


@pytest.fixture
def zhao(state: tuple[Path, Person], tmp_path: Path) -> Person:
    (one,) = begun_with(state[0], tmp_path / "world", state[1])
    return one


@pytest.fixture
def file(zhao: Person) -> Path:
    """A backup that zhao made."""
    path = zhao.world / "shop.backup"
    zhao.done("backup", str(path), stdin=WORDS)
    return path


def new_machine(zhao: Person) -> Person:
    return Person(zhao.world, zhao.name, "-2", clock=dict(zhao.clock))


def outside(person: Person, *words: str, stdin: bytes = WORDS) -> tuple[int, str, str]:
    """Run outside of any vault."""
    ended = person(*words, stdin=stdin, at=person.world)
    return ended.exit, ended.out, ended.err


def restored(person: Person, file: Path) -> tuple[dict[str, object], str]:
    """Restore into the person's place for a clone: what it says as data, and aside."""
    person.folder.parent.mkdir(exist_ok=True)
    exit, out, err = outside(person, "restore", str(file), str(person.folder), "--format", "json")
    assert exit == 0, err
    return json.loads(out)["data"], err


def purge(zhao: Person, number: str) -> None:
    zhao.done("purge", number, "--request", "--yes", "--note", "本人要求")


def salts(person: Person) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(person.data.rglob("salts")))


def live(person: Person) -> int:
    return sum(not line.endswith(b"=" * 43) for line in salts(person).splitlines())


def test_a_lost_machine_comes_back_with_every_commit_and_value(zhao: Person, file: Path) -> None:
    kit = zhao.world / "zhao.kit"
    zhao.done("keys", "export", str(kit), stdin=WORDS)
    head = zhao.git("rev-parse", "HEAD~1").strip()  # the kit's event came after the backup
    second = new_machine(zhao)
    said, err = restored(second, file)
    assert (said["customers"], said["keys_added"], said["left_out"]) == (2, 2, [])
    assert "crm keys import" in err
    assert second.head() == head
    assert second.git("status", "--porcelain") == ""
    assert second.git("branch", "--show-current") == zhao.git("branch", "--show-current")
    second.done("keys", "import", str(kit), stdin=WORDS)
    assert "王样例" in second.done("show", ONE)
    assert second("audit").exit == second("check").exit == 0
    second.done("sync")
    assert "crm" in second.git("config", "merge.crm.driver")
    assert (second.folder / ".git/hooks/pre-commit").exists()


def test_what_is_in_it_opens_with_standard_tools(zhao: Person, file: Path, tmp_path: Path) -> None:
    """By an independent reader of age, as the format says."""
    with tarfile.open(file) as tar:
        parts = {name: tar.extractfile(name).read() for name in tar.getnames()}  # type: ignore[union-attr]
    assert list(parts) == ["key.age", "manifest.age", "history.age"]
    secret = pyrage.passphrase.decrypt(parts["key.age"], WORDS.decode().strip()).decode().strip()
    for one in (secret, (zhao.config / "identity.age").read_text().strip()):
        (key,) = [pyrage.x25519.Identity.from_str(one)]
        manifest = json.loads(pyrage.decrypt(parts["manifest.age"], [key]))
        (tmp_path / "history.bundle").write_bytes(pyrage.decrypt(parts["history.age"], [key]))
    lines = {(line.uid, line.id): line.salt for line in opener.salts(salts(zhao))}
    assert opener.kit_salts(manifest) == lines
    said = subprocess.run(
        ["git", "bundle", "list-heads", str(tmp_path / "history.bundle")], capture_output=True, text=True
    )
    assert said.stdout.split()[0] == manifest["head"] == zhao.head()


def test_the_history_tells_of_it_first(zhao: Person, file: Path) -> None:
    assert "Crm-Op: backup" in zhao.git("log", "-1", "--format=%B")
    assert zhao.git("for-each-ref", "refs/crm/backup") == ""
    purge(zhao, ONE)
    text = next((zhao.folder / "records/purged").rglob("C*.yaml")).read_text()
    assert " backup" in text


@pytest.mark.parametrize(("day", "number"), [("2024-05-10", "C20240510003"), ("2024-05-11", "C20240511001")])
def test_a_certificate_names_no_copy_from_before_the_customer(zhao: Person, file: Path, day: str, number: str) -> None:
    zhao.on(day).done("add", "--file", "-", stdin=CUSTOMER.format(name="钱样例", phone="+8613812340099").encode())
    zhao.done("keys", "export", str(zhao.world / "zhao.kit"), stdin=WORDS)
    purge(zhao, number)
    (copy,) = zhao.tree(f"records/purged/2024/05/{number}.yaml")["copies"]
    assert copy == f"{zhao.git('log', '-1', '--grep=^keys export', '--format=%H')[:12]} {day} keys export"
    purge(zhao, ONE)
    assert len(zhao.tree(f"records/purged/2024/05/{ONE}.yaml")["copies"]) == 2


def test_verify_says_what_it_holds_and_changes_nothing(zhao: Person, file: Path) -> None:
    before = sorted(zhao.world.rglob("*"))
    exit, out, err = outside(zhao, "backup", "verify", str(file), "--format", "json", stdin=b"")
    assert exit == 0, err
    said = json.loads(out)["data"]
    assert (said["customers"], said["salts"], said["head"]) == (2, 2, zhao.head())
    assert [path for path in sorted(zhao.world.rglob("*")) if path not in before] == []


def test_another_passphrase_opens_nothing(zhao: Person, file: Path) -> None:
    second = new_machine(zhao)
    for words in (["backup", "verify", str(file)], ["restore", str(file), str(zhao.world / "again")]):
        exit, _out, err = outside(second, *words, stdin=b"another passphrase\n")
        assert (exit, "does not open" in err) == (5, True)
    assert not (zhao.world / "again").exists()
    assert not list(second.data.rglob("salts"))


def test_a_damaged_file_is_refused_with_nothing_written(zhao: Person, file: Path) -> None:
    second, whole = new_machine(zhao), file.read_bytes()
    sizes = {512, 600, 2500, len(whole) // 2, len(whole) - 1}
    wrecks = [whole[:size] for size in sizes] + [whole + b"\0"]
    flips = [*range(0, len(whole), max(1, len(whole) // 60)), len(whole) - 1]
    wrecks += [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in flips]
    before = {path.name for path in zhao.world.iterdir()}
    for wreck in wrecks:
        file.write_bytes(wreck)
        for person, stdin in ((zhao, b""), (second, WORDS)):
            exit, _out, err = outside(person, "restore", str(file), str(zhao.world / "again"), stdin=stdin)
            # A flip in what the passphrase is tried on can't be told from another passphrase.
            assert exit == 7 or (person is second and exit == 5), err
    assert {path.name for path in zhao.world.iterdir()} - {"homes"} == before - {"homes"}
    assert not list(second.data.rglob("salts"))
    assert not (second.config / "roots").exists()


@pytest.mark.parametrize("data", [b"", b"a letter\n", b"age-encryption.org/v1\n", bytes(10240)])
def test_a_file_that_is_none_is_called_so(zhao: Person, data: bytes) -> None:
    file = zhao.world / "letter.txt"
    file.write_bytes(data)
    for words in (["backup", "verify", str(file)], ["restore", str(file), str(zhao.world / "again")]):
        exit, _out, err = outside(zhao, *words, stdin=WORDS)
        assert (exit, "is not a backup" in err, "damaged" in err) == (2, True, False)


def test_a_customer_destroyed_since_does_not_come_back_here(zhao: Person, file: Path) -> None:
    purge(zhao, ONE)
    (zhao.world / REMOTE).rename(zhao.world / "away")
    kept, again = salts(zhao), Person(zhao.world, zhao.name, clock=dict(zhao.clock))
    zhao.folder.rename(zhao.world / "lost")
    said, err = restored(again, file)
    assert said["left_out"] == [ONE]
    assert salts(again) == kept
    assert "王样例" not in again.done("show", ONE)
    assert "赵样例" in again.done("show", TWO)
    assert salts(again) == kept
    assert "can't be known until `crm sync`" in err


def test_the_remote_tells_a_new_machine_who_was_destroyed(zhao: Person, file: Path) -> None:
    purge(zhao, ONE)
    zhao.done("sync")
    second = new_machine(zhao)
    said, err = restored(second, file)
    assert (said["remote_asked"], said["left_out"], said["keys_added"]) == ("asked", [ONE], 1)
    assert "can't be known" not in err
    assert live(second) == 1
    assert (
        second.head() == json.loads(outside(zhao, "backup", "verify", str(file), "--format", "json")[1])["data"]["head"]
    )


def test_no_kit_brings_back_whom_the_remote_knows_as_destroyed_and_commands_say_so(zhao: Person, file: Path) -> None:
    """The restored history lacks the certificate until the next sync."""
    zhao.done("keys", "export", str(zhao.world / "zhao.kit"), stdin=WORDS)
    purge(zhao, ONE)
    zhao.done("sync")
    second = new_machine(zhao)
    assert restored(second, file)[0]["left_out"] == [ONE]
    assert "0 customers' keys added" in second.done("keys", "import", str(zhao.world / "zhao.kit"), stdin=WORDS)
    told = second("show", ONE)
    assert ("王样例" in told.out, "(destroyed)" in told.out, "(sealed" in told.out) == (False, True, False)
    said = f"{ONE} was destroyed; the certificate is not here yet.", "`crm sync` brings the certificate."
    for ended in (told, second("list")):
        assert all(words in ended.err for words in said)
    assert ("(destroyed)" in ended.out, "(sealed" in ended.out) == (True, False)
    rows = json.loads(second("doctor", "--format", "json").out)["data"]
    found = [(row["message"], row["hint"]) for row in rows if row["check"] == "salts" and row["state"] != "ok"]
    assert found == [said]
    joined = second.done("join")
    assert "1 customer on file here was destroyed: `crm sync` brings the certificate." in joined
    assert "Nothing is missing" not in joined
    second.done("sync")
    assert second("show", ONE).exit == 3
    assert "Nothing is missing here." in second.done("join")


def test_the_identity_in_an_older_kit_takes_the_place_of_one_that_a_command_made(zhao: Person) -> None:
    """The backup brings keys that the kit lacks."""
    kit, file = zhao.world / "zhao.kit", zhao.world / "shop.backup"
    zhao.done("keys", "export", str(kit), stdin=WORDS)
    zhao.done("add", "--file", "-", stdin=CUSTOMER.format(name="钱样例", phone="+8613812340099").encode())
    zhao.done("backup", str(file), stdin=WORDS)
    second = new_machine(zhao)
    restored(second, file)
    assert second("list").exit == 0
    second.done("keys", "import", str(kit), stdin=WORDS)
    assert "钱样例" in second.done("show", "C20240510003")


def test_without_the_remote_it_is_said_and_the_next_sync_destroys(zhao: Person, file: Path) -> None:
    zhao.done("keys", "export", str(zhao.world / "zhao.kit"), stdin=WORDS)
    purge(zhao, ONE)
    zhao.done("sync")
    (zhao.world / REMOTE).rename(zhao.world / "away")
    second = new_machine(zhao)
    said, err = restored(second, file)
    assert (said["remote_asked"], said["left_out"], said["keys_added"]) == ("offline", [], 2)
    assert "can't be known until `crm sync`" in err
    second.done("keys", "import", str(zhao.world / "zhao.kit"), stdin=WORDS)
    (zhao.world / "away").rename(zhao.world / REMOTE)
    second.done("sync")
    assert live(second) == 1
    assert second("show", ONE).exit == 3
    assert "赵样例" in second.done("show", TWO)


def test_a_remote_that_is_not_to_be_trusted_is_named_and_the_backup_restored(zhao: Person, file: Path) -> None:
    mallory = Person(zhao.world, "mallory").clone()
    mallory.change(f"records/2024/05/{ONE}.yaml", "owner: li.na", "owner: mallory")
    mallory.keep()
    mallory.push()
    said, err = restored(new_machine(zhao), file)
    assert (said["remote_asked"], said["keys_added"]) == ("distrusted", 2)
    assert "not signed" in err
    assert "is not to be trusted" in err


def test_another_root_than_the_pinned_one_is_refused(zhao: Person, file: Path) -> None:
    (pin,) = (zhao.config / "roots").iterdir()
    pin.write_text("a" * 40 + "\n")
    for words in (["backup", "verify", str(file)], ["restore", str(file), str(zhao.world / "again")]):
        exit, _out, err = outside(zhao, *words)
        assert (exit, "is pinned here" in err) == (7, True)
    assert not (zhao.world / "again").exists()


def test_nothing_is_written_over(zhao: Person, file: Path) -> None:
    old = file.read_bytes()
    assert "--replace" in zhao.refused(4, "backup", str(file), stdin=WORDS)
    assert "inside the repository" in zhao.refused(5, "backup", "shop.backup", stdin=WORDS)
    assert "12" in zhao.refused(2, "backup", str(zhao.world / "other"), stdin=b"short\n")
    assert file.read_bytes() == old
    assert outside(zhao, "restore", str(file), str(zhao.folder))[0] == 4
    assert outside(zhao, "restore", str(file), str(zhao.world / "none" / "again"))[0] == 3
    assert outside(zhao, "restore", str(zhao.world / "none"), str(zhao.world / "again"))[0] == 3
    assert outside(zhao, "restore", str(file), str(zhao.world / "again"), "--dry-run")[0] == 0
    assert not (zhao.world / "again").exists()
    (zhao.world / "again").mkdir()
    assert outside(zhao, "restore", str(file), str(zhao.world / "again"))[0] == 0


def test_who_opens_it_as_an_admin_needs_no_passphrase_and_others_do(zhao: Person, file: Path) -> None:
    assert outside(zhao, "backup", "verify", str(file), stdin=b"")[0] == 0
    chen = Person(zhao.world, "chen.jing")
    chen.done("keys", at=zhao.world)
    assert outside(chen, "backup", "verify", str(file), stdin=b"")[0] == 2
    assert outside(chen, "backup", "verify", str(file), stdin=WORDS)[0] == 0


def test_a_history_that_nobody_of_the_team_ends_is_refused(zhao: Person, file: Path) -> None:
    """Whoever has a clone and an admin's public half can make a file of that form."""
    zhao.change(f"records/2024/05/{ONE}.yaml", "owner: li.na", "owner: mallory")
    forged = zhao.keep()
    with tarfile.open(file) as tar:
        data = tar.extractfile("manifest.age").read()  # type: ignore[union-attr]
    key = pyrage.x25519.Identity.from_str((zhao.config / "identity.age").read_text().strip())
    manifest = json.loads(pyrage.decrypt(data, [key]))
    zhao.git("update-ref", backup.REF, forged)
    bundle, lock = zhao.world / "forged.bundle", new_lock("mallory's own words")
    zhao.git("bundle", "create", "-q", str(bundle), backup.REF)
    digests = {"key.age": sha256(lock.file).hexdigest()}
    digests["history.bundle"] = sha256(bundle.read_bytes()).hexdigest()
    made = backup.Manifest.model_validate_json(json.dumps({**manifest, "head": forged, "digests": digests}))
    backup._write(file, lock, made, [lock.recipient, str(key.to_public())], bundle)
    exit, _out, err = outside(zhao, "restore", str(file), str(zhao.world / "again"), stdin=b"")
    assert (exit, "Nobody of the team signed" in err) == (7, True)
    assert not (zhao.world / "again").exists()


def test_keys_that_nothing_names_stay_out(zhao: Person) -> None:
    uid, salt = "0" * 25 + "1", bytes(range(32))
    (path,) = zhao.data.rglob("salts")
    Salts(path.parent).add([(uid, opener.salt_id(salt), salt)])
    file = zhao.world / "shop.backup"
    zhao.done("backup", str(file), stdin=WORDS)
    second = new_machine(zhao)
    said, err = restored(second, file)
    assert (said["salts"], said["keys_added"]) == (3, 2)
    assert "Left out 1 key" in err
    assert live(second) == 2


def test_the_key_of_a_file_that_was_taken_back_comes_too(zhao: Person) -> None:
    zhao.done("add", "--file", "-", stdin=CUSTOMER.format(name="钱样例", phone="+8613812340099").encode())
    zhao.done("undo")
    file = zhao.world / "shop.backup"
    zhao.done("backup", str(file), stdin=WORDS)
    assert restored(new_machine(zhao), file)[0]["keys_added"] == 3


def test_an_open_vault_is_backed_up_under_the_passphrase_alone(zhao: Person) -> None:
    shop, file = zhao.world / "open", zhao.world / "open.backup"
    zhao.done("init", str(shop), "--unsealed", "--samples", at=zhao.world)
    zhao.done("backup", str(file), stdin=WORDS, at=shop)
    assert b"kind: individual" not in file.read_bytes()
    assert outside(zhao, "backup", "verify", str(file), stdin=b"wrong words here\n")[0] == 5
    exit, out, err = outside(zhao, "restore", str(file), str(zhao.world / "again"), "--format", "json")
    assert exit == 0, err
    assert json.loads(out)["data"]["customers"] == 24
    assert zhao("check", at=zhao.world / "again").exit == zhao("check", at=shop).exit
    assert not list(zhao.world.rglob(".crm-*"))
