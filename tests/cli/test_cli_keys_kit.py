"""`crm keys export|import`: kits that carry a person to another machine, and that let nobody else in."""

import stat
import sys
from pathlib import Path

import opener
import pyrage
import pytest
from conventions import Crm
from keys_vault import FIRST, SLOWLY, WORDS, Machines, clone, exported, imported, own, phones

from crmcli.cli import passphrase
from crmcli.cli import session as cli_session

pytest_plugins = ["conventions", "keys_vault"]


@pytest.mark.parametrize("quickly", [True, False], ids=["quickly", "as people do"])
def test_a_kit_carries_everything_to_another_machine(
    quickly: bool, sealed: Crm, machines: Machines, kit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not quickly:
        monkeypatch.setattr(pyrage.passphrase, "encrypt", SLOWLY)
    exported(sealed, kit)
    shown, before = phones(sealed), own(sealed)
    assert stat.S_IMODE(kit.stat().st_mode) == 0o600
    home = machines.go("new laptop")
    here = clone(sealed, tmp_path / "clone", monkeypatch)
    data = imported(here, kit)
    assert (data["added"], data["there"], data["purged"], data["identity"]) == (2, 0, 0, "taken")
    assert {**own(here), "folder": ""} == {**before, "folder": ""}
    assert phones(here) == shown
    assert not [path for path in home.rglob("*") if path.stat().st_mode & 0o077 and not path.is_dir()]
    again = imported(here, kit)
    assert (again["added"], again["there"], again["identity"], again["pinned"]) == (0, 2, "same", False)


def test_what_the_kit_holds_is_what_the_format_says(sealed: Crm, machines: Machines, kit: Path) -> None:
    exported(sealed, kit)
    found = opener.kit(kit.read_bytes(), WORDS)
    config = machines.place / "wang.fang" / "config" / "crmcli"
    assert opener.age_secret(found["identity"]["age"]) == opener.age_secret((config / "identity.age").read_text())
    assert found["root"] == own(sealed)["root"]
    lines = opener.salts(next((machines.place / "wang.fang" / "data").rglob("salts")).read_bytes())
    assert opener.kit_salts(found) == {(line.uid, line.id): line.salt for line in lines}
    text = (sealed.folder / "records/2024/05/C20240510001.yaml").read_text()
    tree = opener.yaml.load(text, opener.yaml.BaseLoader)
    salts = {name: salt for (uid, name), salt in opener.kit_salts(found).items() if uid == tree["uid"]}
    opened = opener.open_tree(tree, found["vault"], tree["uid"], opener.kit_masters(found), salts)
    assert (opened["name"], opened["phone"]) == ("何静", "+8613600136000")


def test_the_history_tells_that_keys_left_and_of_nobody_in_a_kit(sealed: Crm, kit: Path) -> None:
    exported(sealed, kit)
    said = sealed.git("log", "-1", "--format=%B")
    assert "Crm-Op: keys export" in said
    assert "Crm-Count: 2" in said
    assert FIRST not in said
    assert sealed.git("show", "--format=", "--name-only", "HEAD") == ""
    assert sealed.git("status", "--porcelain") == ""


def test_an_older_kit_is_replaced_only_when_asked(sealed: Crm, kit: Path) -> None:
    exported(sealed, kit)
    old = kit.read_bytes()
    said = sealed.stopped_by("keys", "export", str(kit), exit=4, stdin=b"a long passphrase\n")
    assert "--replace" in said
    assert kit.read_bytes() == old
    exported(sealed, kit, "--replace")
    assert kit.read_bytes() != old
    assert sorted(kit.parent.iterdir()) == [kit]


@pytest.mark.parametrize("place", ["kit.age", "records/kit.age", ".git/kit.age", "../sealed/schemas/kit.age"])
def test_a_kit_never_lies_in_the_repository(place: str, sealed: Crm) -> None:
    assert (
        "inside the repository" in sealed.refused("keys", "export", place, exit=5, stdin=b"a long passphrase\n").words
    )


def test_an_empty_passphrase_is_refused_and_nothing_left_a_trace(sealed: Crm, kit: Path) -> None:
    kit.parent.mkdir()
    for stdin in (b"", b"\n", b"\xff\n"):
        sealed.refused("keys", "export", str(kit), stdin=stdin)
    assert sealed("keys", "export", str(kit), "--dry-run").exit == 0
    assert list(kit.parent.iterdir()) == []


def test_a_wrong_passphrase_and_a_damaged_kit_are_told_apart(sealed: Crm, kit: Path) -> None:
    exported(sealed, kit)
    assert "passphrase" in sealed.refused("keys", "import", str(kit), exit=5, stdin=b"other words\n").words
    kit.write_bytes(kit.read_bytes()[:-1])
    sealed.refused("keys", "import", str(kit), exit=7, stdin=f"{WORDS}\n".encode())
    kit.write_bytes(b"salts")
    sealed.refused("keys", "import", str(kit), exit=7, stdin=f"{WORDS}\n".encode())
    sealed.refused("keys", "import", str(kit.parent / "none"), exit=3, stdin=f"{WORDS}\n".encode())


def test_another_vaults_kit_is_refused(sealed: Crm, kit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exported(sealed, kit)
    assert sealed("init", str(tmp_path / "another"), "--quiet").exit == 0
    monkeypatch.chdir(tmp_path / "another")
    another = type(sealed)(tmp_path / "another", sealed._run)
    assert "another vault" in another.refused("keys", "import", str(kit), stdin=f"{WORDS}\n".encode()).words


def test_another_identity_is_kept_unless_asked(
    sealed: Crm, machines: Machines, kit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported(sealed, kit)
    first = own(sealed)["public"]
    machines.go("desk")
    assert sealed("init", str(tmp_path / "theirs"), "--quiet").exit == 0  # in use from now on
    here = clone(sealed, tmp_path / "clone", monkeypatch)
    second = own(here)["public"]
    ended = here("keys", "import", str(kit), stdin=f"{WORDS}\n".encode())
    assert (ended.exit, "2 customers' keys added." in ended.out) == (5, True)
    assert "--replace-identity" in ended.err
    assert own(here)["public"] == second
    assert imported(here, kit, "--replace-identity")["identity"] == "taken"
    assert own(here)["public"] == first
    assert len(list((machines.place / "desk" / "config" / "crmcli").glob("*.before-*"))) == 2


def test_an_identity_that_a_command_made_unasked_makes_way_for_the_one_in_the_kit(
    sealed: Crm, machines: Machines, kit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported(sealed, kit)
    first = own(sealed)["public"]
    machines.go("new")
    here = clone(sealed, tmp_path / "clone", monkeypatch)
    assert here("list").exit == 0
    assert imported(here, kit)["identity"] == "taken"
    assert own(here)["public"] == first
    assert "13600136000" in here("show", FIRST, "--reveal", "--reason", "delivery").out


def test_a_kit_says_how_many_customers_it_lacks(sealed: Crm, machines: Machines, kit: Path) -> None:
    (salts,) = (machines.place / "wang.fang").rglob("salts")
    salts.write_bytes(salts.read_bytes()[:80])
    kit.parent.mkdir()
    for words in (("--dry-run",), ()):
        ended = sealed("keys", "export", str(kit), *words, stdin=f"{WORDS}\n".encode())
        assert (ended.exit, "lacks the key of 1 customer" in ended.err) == (0, True), ended


def test_a_short_passphrase_is_refused(sealed: Crm, kit: Path) -> None:
    kit.parent.mkdir()
    assert "12" in sealed.refused("keys", "export", str(kit), stdin=b"eleven char\n").words
    assert list(kit.parent.iterdir()) == []
    assert sealed("keys", "export", str(kit), stdin=b"twelve chars\n").exit == 0


def test_at_a_terminal_the_passphrase_is_asked_for_twice_and_unseen(
    sealed: Crm, kit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.parent.mkdir()
    answers = iter(["one of twelve", "two of twelve"])
    monkeypatch.setattr(cli_session, "is_terminal", lambda stream: stream is sys.stdin)
    monkeypatch.setattr(passphrase, "getpass", lambda _question: next(answers))
    assert "differ" in sealed.stopped_by("keys", "export", str(kit))
    answers = iter([WORDS, WORDS])
    assert sealed("keys", "export", str(kit)).exit == 0
    assert opener.kit(kit.read_bytes(), WORDS)["format"] == 1
    answers = iter([WORDS])
    assert sealed("keys", "import", str(kit)).exit == 0
