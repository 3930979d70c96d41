"""`crm keys`: the line that lets somebody in, kits that carry a person to another machine, keys handed to a teammate."""

from __future__ import annotations

import json
import shlex
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import opener
import pyrage
import pytest
import quick_age
from conftest import git

from crmcli.cli import passphrase
from crmcli.cli import session as cli_session

if TYPE_CHECKING:
    from conventions import Crm

pytest_plugins = ["conventions"]
ADD = "add --kind individual --name {} --phone {} --region 北京/朝阳 --source store --format ids"
WORDS = "correct horse 电池"
SLOWLY = pyrage.passphrase.encrypt
FIRST, SECOND = "C20240510001", "C20240510002"


class Machines:
    """One person's machines, or several people's: where they work from and who they are."""

    def __init__(self, place: Path, patch: pytest.MonkeyPatch) -> None:
        self.place, self.patch = place, patch

    def go(self, name: str) -> Path:
        """From now on commands run on this machine; its home."""
        home = self.place / name
        self.patch.setenv("XDG_CONFIG_HOME", str(home / "config"))
        self.patch.setenv("XDG_DATA_HOME", str(home / "data"))
        for role in ("AUTHOR", "COMMITTER"):
            self.patch.setenv(f"GIT_{role}_NAME", name)
            self.patch.setenv(f"GIT_{role}_EMAIL", f"{name}@example.invalid")
        return home


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    """A passphrase takes a second on purpose; not here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pyrage.passphrase, "encrypt", quick_age.encrypt)
        yield


@pytest.fixture
def machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machines:
    return Machines(tmp_path / "machines", monkeypatch)


@pytest.fixture
def sealed(crm: Crm, machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Crm:
    """A sealed vault with two customers, made by wang.fang."""
    machines.go("wang.fang")
    folder = tmp_path / "sealed"
    assert crm("init", str(folder), "--quiet").exit == 0
    monkeypatch.chdir(folder)
    for name, phone in (("何静", "13600136000"), ("赵敏", "13600136001")):
        assert crm(*shlex.split(ADD.format(name, phone))).exit == 0
    return type(crm)(folder, crm._run)


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    return tmp_path / "stick" / "kit.age"


def clone(sealed: Crm, folder: Path, patch: pytest.MonkeyPatch) -> Crm:
    git(sealed.folder, "clone", "-q", ".", str(folder))
    patch.chdir(folder)
    return type(sealed)(folder, sealed._run)


def own(crm: Crm) -> dict[str, str]:
    ended = crm("keys", "--format", "json")
    assert ended.exit == 0, ended
    found: dict[str, str] = json.loads(ended.out)["data"]
    return found


def exported(sealed: Crm, kit: Path, *words: str) -> str:
    kit.parent.mkdir(exist_ok=True)
    ended = sealed("keys", "export", str(kit), *words, stdin=f"{WORDS}\n".encode())
    assert ended.exit == 0, ended
    return ended.out


def imported(crm: Crm, kit: Path, *words: str) -> dict[str, str]:
    ended = crm("--format", "json", "keys", "import", str(kit), *words, stdin=f"{WORDS}\n".encode())
    assert ended.exit == 0, ended
    found: dict[str, str] = json.loads(ended.out)["data"]
    return found


def phones(crm: Crm) -> str:
    return crm("show", FIRST, "--format", "json").out


def test_the_line_and_what_is_held_here(sealed: Crm, machines: Machines) -> None:
    found = own(sealed)
    home = machines.place / "wang.fang" / "config" / "crmcli"
    assert found["public"] == opener.public_half(
        opener.age_secret((home / "identity.age").read_text()), (home / "signing.key").read_text()
    )
    assert (found["name"], found["reads"], found["salts"]) == ("wang.fang", "restricted", 2)
    assert found["root"] in sealed.git("rev-list", "HEAD").split()
    assert sealed("keys").out.splitlines()[0] == found["public"]
    assert sealed("keys", "show").out == sealed("keys").out
    assert sealed("keys", "--format", "ids").out.strip() == found["public"]
    secret = opener.age_secret((home / "identity.age").read_text())
    assert secret not in sealed("keys").out


def test_it_works_outside_a_vault_and_makes_an_identity(
    crm: Crm, machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    machines.go("li.na")
    found = own(crm)
    assert found["public"].startswith("crm1.age1")
    assert (found["name"], found["root"]) == (None, None)
    assert own(crm)["public"] == found["public"]
    assert crm("keys", "--vault", str(tmp_path)).exit == 3


def test_who_is_not_in_the_team_yet_is_told_what_an_admin_runs(
    sealed: Crm, machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machines.go("li.na")
    here = clone(sealed, tmp_path / "clone", monkeypatch)
    told = here("keys")
    public = told.out.splitlines()[0]
    assert "not in the team" in told.out
    assert f"crm team add NAME --email MAIL --role ROLE --key {public}" in told.err


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
    said = sealed.stopped_by("keys", "export", str(kit), exit=4, stdin=b"words\n")
    assert "--replace" in said
    assert kit.read_bytes() == old
    exported(sealed, kit, "--replace")
    assert kit.read_bytes() != old
    assert sorted(kit.parent.iterdir()) == [kit]


@pytest.mark.parametrize("place", ["kit.age", "records/kit.age", ".git/kit.age", "../sealed/schemas/kit.age"])
def test_a_kit_never_lies_in_the_repository(place: str, sealed: Crm) -> None:
    assert "inside the repository" in sealed.refused("keys", "export", place, exit=5, stdin=b"words\n").words


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
    here = clone(sealed, tmp_path / "clone", monkeypatch)
    second = own(here)["public"]
    ended = here("keys", "import", str(kit), stdin=f"{WORDS}\n".encode())
    assert (ended.exit, "2 customers' keys added." in ended.out) == (5, True)
    assert "--replace-identity" in ended.err
    assert own(here)["public"] == second
    assert imported(here, kit, "--replace-identity")["identity"] == "taken"
    assert own(here)["public"] == first
    assert len(list((machines.place / "desk" / "config" / "crmcli").glob("*.before-*"))) == 2


def test_keys_are_handed_to_a_teammate(
    sealed: Crm, machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machines.go("li.na")
    public = own(sealed)["public"]
    machines.go("wang.fang")
    team = ("team", "add", "li.na", "--email", "li.na@example.invalid", "--role", "manager", "--key", public)
    assert sealed(*team).exit == 0
    one, everybody = tmp_path / "one.age", tmp_path / "all.age"
    assert sealed("keys", "export", "--for", "li.na", str(one), "何静").exit == 0
    said = sealed.git("log", "-1", "--format=%B")
    assert {"Crm-For: li.na", "Crm-Count: 1", f"Crm-Record: {FIRST}"} <= set(said.splitlines())
    assert sealed("keys", "export", "--for", "li.na", str(everybody)).exit == 0
    assert "Crm-Record" not in sealed.git("log", "-1", "--format=%B")
    assert one.read_bytes().splitlines()[1].startswith(b"-> X25519 ")
    machines.go("li.na")
    here = clone(sealed, tmp_path / "clone", monkeypatch)
    assert "+86" not in phones(here)
    data = imported(here, one)
    assert (data["added"], data["identity"], data["device"]) == (1, "none", own(here)["device"])
    assert "何静" in phones(here)
    assert "赵敏" not in here("show", SECOND).out
    assert imported(here, everybody)["added"] == 1
    assert "赵敏" in here("show", SECOND).out
    machines.go("stranger")
    here.refused("keys", "import", str(one), exit=5)


def test_what_cannot_be_handed_over_is_refused(sealed: Crm, tmp_path: Path) -> None:
    out = str(tmp_path / "out.age")
    sealed.refused("keys", "export", "--for", "nobody", out, exit=3)
    sealed.refused("keys", "export", "--for", "wang.fang", out, "C20240510099", exit=3)
    assert "for whom" in sealed.refused("keys", "export", out, FIRST).words
    assert not Path(out).exists()


def test_an_open_vault_has_no_keys(crm: Crm, kit: Path) -> None:
    assert "open" in crm.refused("keys", "export", str(kit), exit=5, stdin=b"words\n").words
    assert own(crm)["name"] is None


def test_at_a_terminal_the_passphrase_is_asked_for_twice_and_unseen(
    sealed: Crm, kit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.parent.mkdir()
    answers = iter(["one", "two"])
    monkeypatch.setattr(cli_session, "is_terminal", lambda stream: stream is sys.stdin)
    monkeypatch.setattr(passphrase, "getpass", lambda _question: next(answers))
    assert "differ" in sealed.stopped_by("keys", "export", str(kit))
    answers = iter([WORDS, WORDS])
    assert sealed("keys", "export", str(kit)).exit == 0
    assert opener.kit(kit.read_bytes(), WORDS)["format"] == 1
    answers = iter([WORDS])
    assert sealed("keys", "import", str(kit)).exit == 0


def test_an_unknown_action_is_named(sealed: Crm) -> None:
    assert "exprt" in sealed.stopped_by("keys", "exprt", "x")
    assert "import" in sealed("keys", "--help").out
