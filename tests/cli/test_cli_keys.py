"""`crm keys`: the line that lets somebody in, and customers' keys handed to a teammate."""

from pathlib import Path

import opener
import pytest
from conventions import Crm
from keys_vault import FIRST, SECOND, Machines, clone, imported, own, phones

pytest_plugins = ["conventions", "keys_vault"]


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
    assert "open" in crm.refused("keys", "export", str(kit), exit=5, stdin=b"a long passphrase\n").words
    assert own(crm)["name"] is None


def test_an_unknown_action_is_named(sealed: Crm) -> None:
    assert "exprt" in sealed.stopped_by("keys", "exprt", "x")
    assert "import" in sealed("keys", "--help").out
