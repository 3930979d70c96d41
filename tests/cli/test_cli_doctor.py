"""`crm doctor`: each thing that can be wrong is named with what to do; nothing is touched unless `--fix` is given."""

from __future__ import annotations

import json
import shlex
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pyrage
import pytest
import quick_age
from conftest import git

from crmcli.cli import editor
from crmcli.sealing.identity import new_identity

if TYPE_CHECKING:
    from conventions import Crm

pytest_plugins = ["conventions"]
ADD = "add --kind individual --name {} --phone {} --region 北京/朝阳 --source store --format ids"
FIRST = "records/2024/05/C20240510001.yaml"
Row = dict[str, str]
Doctor = Callable[..., dict[str, list[Row]]]


@pytest.fixture
def sealed(crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Crm:
    """A sealed vault with a customer, a kit, and an editor that leaves no traces: all is in order."""
    monkeypatch.setattr(pyrage.passphrase, "encrypt", quick_age.encrypt)
    monkeypatch.delenv("GIT_TEMPLATE_DIR", raising=False)
    monkeypatch.setattr(editor, "MEMORY", tmp_path / "memory")
    (tmp_path / "memory").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "memory"))
    vim = tmp_path / "bin" / "vim"
    vim.parent.mkdir()
    vim.write_text("#!/bin/sh\n")
    vim.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(vim))
    folder = tmp_path / "sealed"
    assert crm("init", str(folder), "--quiet").exit == 0
    monkeypatch.chdir(folder)
    made = type(crm)(folder, crm._run)
    add(made, "何静", "13600136000")
    assert crm("keys", "export", str(tmp_path / "kit"), stdin=b"some more words\n").exit == 0
    return made


def add(crm: Crm, name: str, phone: str) -> None:
    assert crm(*shlex.split(ADD.format(name, phone))).exit == 0


@pytest.fixture
def doctor(sealed: Crm, home: Path) -> Doctor:
    """What it says, by check; that it ends as its findings demand and, without --fix, changes nothing."""

    def ask(*words: str) -> dict[str, list[Row]]:
        before = everything(sealed, home)
        ended = sealed("doctor", "--format", "json", *words)
        rows = json.loads(ended.out)["data"]
        assert ended.exit == (6 if any(row["state"] == "problem" for row in rows) else 0)
        if "--fix" not in words:
            assert everything(sealed, home) == before
        found: dict[str, list[Row]] = {}
        for row in rows:
            found.setdefault(row["check"], []).append(row)
        return found

    return ask


def everything(crm: Crm, home: Path) -> dict[str, object]:
    """All but what every command that reads remembers of the history."""
    places = (path for top in (crm.folder, home, editor.MEMORY) for path in top.rglob("*") if path.name != "trusted")
    return {str(path): (stat.S_IMODE(path.lstat().st_mode), path.is_file() and path.read_bytes()) for path in places}


def wrong(found: dict[str, list[Row]]) -> dict[str, str]:
    """Check → state, of what is not in order."""
    return {name: row["state"] for name, rows in found.items() for row in rows if row["state"] != "ok"}


def only(found: dict[str, list[Row]], name: str, state: str) -> Row:
    assert wrong(found) == {name: state}
    (row,) = (row for row in found[name] if row["state"] == state)
    return row


def private(home: Path, name: str) -> Path:
    (path,) = (path for top in ("config", "data") for path in (home / top / "crmcli").rglob(name))
    return path


def test_a_vault_in_order_has_every_check_ok(doctor: Doctor, sealed: Crm) -> None:
    found = doctor()
    assert wrong(found) == {}
    keys = {"homes", "identity", "modes", "root", "team", "masters", "salts", "kit"}
    assert set(found) == keys | {
        *("git", "author", "index", "vault", "clear text"),
        *("hook", "git settings", "git attributes", "signing", "merge driver", "merge attributes", "editor"),
    }
    ended = sealed("doctor")
    assert (ended.exit, "Everything is in order." in ended.err) == (0, True)


def test_modes_are_named_and_mended(doctor: Doctor, home: Path) -> None:
    salts, folder = private(home, "salts"), home / "config" / "crmcli"
    salts.chmod(0o644)
    folder.chmod(0o755)
    found = doctor()
    assert {row["state"] for row in found["modes"]} == {"problem"}
    assert {str(salts), str(folder)} == {row["message"].split(" ")[0] for row in found["modes"]}
    assert all("--fix" in row["hint"] for row in found["modes"])
    assert wrong(doctor("--fix")) == {"modes": "mended"}
    assert [stat.S_IMODE(path.stat().st_mode) for path in (salts, folder)] == [0o600, 0o700]
    assert wrong(doctor()) == {}


def test_a_missing_hook_is_named_and_mended_and_another_one_kept(doctor: Doctor, sealed: Crm) -> None:
    hook = sealed.folder / ".git/hooks/pre-commit"
    hook.unlink()
    only(doctor(), "hook", "problem")
    hook.write_text("#!/bin/sh\nexit 0\n")
    hook.chmod(0o755)
    only(doctor(), "hook", "problem")
    only(doctor("--fix"), "hook", "mended")
    assert wrong(doctor()) == {}
    assert hook.with_name("pre-commit.before-crm").exists()
    hook.unlink()
    git(sealed.folder, "config", "core.hooksPath", "/somewhere/else")
    assert "check --staged" in only(doctor("--fix"), "hook", "warning")["hint"]


def test_a_dry_run_mends_nothing(doctor: Doctor, home: Path) -> None:
    private(home, "salts").chmod(0o644)
    doctor("--fix", "--dry-run")
    assert stat.S_IMODE(private(home, "salts").stat().st_mode) == 0o644


def test_what_edits_left_is_named_and_only_ours_is_removed(doctor: Doctor) -> None:
    left, kept = editor.MEMORY / "crm-edit-abc", editor.MEMORY / "crm-kept-abc.yaml"
    left.mkdir()
    (left / "edit.yaml").write_text("name: 何静\n")
    assert str(left) in only(doctor(), "edits", "problem")["message"]
    only(doctor("--fix"), "edits", "mended")
    assert not left.exists()
    kept.write_text("name: 何静\n")
    assert str(kept) in only(doctor("--fix"), "edits", "warning")["message"]
    assert kept.exists()


def test_an_editor_that_keeps_copies_is_named(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "cat")
    assert "cat" in only(doctor(), "editor", "warning")["message"]
    monkeypatch.setenv("EDITOR", "no-such-editor")
    only(doctor(), "editor", "warning")


@pytest.mark.parametrize("setting", ["rerere.enabled", "diff.yaml.cachetextconv"])
def test_git_settings_that_keep_copies_are_named(setting: str, doctor: Doctor, sealed: Crm) -> None:
    git(sealed.folder, "config", setting, "yes")
    row = only(doctor(), "git settings", "warning")
    assert (setting in row["message"].lower(), row["hint"]) == (True, f"git config {setting} false")
    git(sealed.folder, "config", setting, "false")
    assert wrong(doctor()) == {}


def test_a_folder_that_switches_rerere_on_is_named(doctor: Doctor, sealed: Crm) -> None:
    (sealed.folder / ".git/rr-cache").mkdir()
    only(doctor(), "git settings", "warning")


def test_attributes_that_change_what_git_takes_are_named(doctor: Doctor, sealed: Crm) -> None:
    """Those of this clone's own file, which comes before all others."""
    own = sealed.folder / ".git/info/attributes"
    lines = own.read_text()
    own.write_text(f"{lines}records/** filter=lfs\n")
    assert "filter=lfs" in only(doctor(), "git attributes", "problem")["message"]
    own.write_text(f"{lines}records/** text\n")
    assert "records/** -text" in only(doctor(), "git attributes", "problem")["hint"]


def test_what_others_commit_about_attributes_changes_nothing_once_the_clone_has_its_own(
    doctor: Doctor, sealed: Crm
) -> None:
    merging = (sealed.folder / ".gitattributes").read_text()
    sealed.put(
        ".gitattributes", f"{merging}*.yaml text eol=crlf filter=lfs merge=binary working-tree-encoding=UTF-16\n"
    )
    assert wrong(doctor()) == {}
    (sealed.folder / ".git/info/attributes").unlink()
    assert wrong(doctor()) == {"git attributes": "problem", "merge attributes": "warning"}
    assert wrong(doctor("--fix"))["git attributes"] == "mended"
    assert wrong(doctor()) == {}


def test_how_git_merges_is_mended_by_a_setting_and_a_commit(doctor: Doctor, sealed: Crm) -> None:
    git(sealed.folder, "config", "merge.crm.driver", "false")
    before = (sealed.folder / ".gitattributes").read_bytes()
    sealed.put(".gitattributes", "records/** -text\nschemas/** -text\n")
    assert sealed.git("commit", "-q", "--no-verify", "-am", "as it was") == ""
    assert wrong(doctor()) == {"merge driver": "problem", "merge attributes": "warning"}
    assert wrong(doctor("--fix")) == {"merge driver": "mended", "merge attributes": "mended"}
    assert (sealed.folder / ".gitattributes").read_bytes().endswith(before)
    assert "git attributes" in sealed.git("log", "-1", "--format=%s %G?")
    assert wrong(doctor()) == {}


def test_clear_text_is_named(doctor: Doctor, sealed: Crm) -> None:
    text = (sealed.folder / FIRST).read_text()
    sealed.put(FIRST, "".join("name: 何静\n" if line.startswith("name:") else line for line in text.splitlines(True)))
    assert FIRST in only(doctor(), "clear text", "problem")["message"]


def test_a_history_from_before_the_seal_is_named(
    crm: Crm, sealed: Crm, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(crm.folder)
    assert crm("seal", "--yes").exit == 0
    rows = json.loads(crm("doctor", "--format", "json").out)["data"]
    assert [row["state"] for row in rows if row["check"] == "history"] == ["warning"]


def test_salts_that_are_missing_left_over_or_newer_than_the_kit(doctor: Doctor, sealed: Crm, home: Path) -> None:
    add(sealed, "赵敏", "13600136001")
    assert "1 customer was added since" in only(doctor(), "kit", "warning")["message"]
    salts = private(home, "salts")
    kept = salts.read_bytes()
    salts.write_bytes(kept[:80])
    assert "C20240510002" in only(doctor(), "salts", "warning")["message"]
    salts.write_bytes(kept)
    assert sealed("undo").exit == 0
    found = doctor()
    assert found["orphans"][0]["state"] == "ok"
    assert kept[80:106].decode() in found["orphans"][0]["message"]
    assert salts.read_bytes() == kept


def test_a_kit_that_was_never_made_or_is_old_is_named(
    doctor: Doctor, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_NOW", "2024-09-10T09:30+08:00")
    row = only(doctor(), "kit", "warning")
    assert ("2024-05-10" in row["message"], "FILE --replace`" in row["hint"]) == (True, True)
    private(home, "kit").unlink()
    row = only(doctor(), "kit", "warning")
    assert ("No key kit" in row["message"], "export FILE`" in row["hint"]) == (True, True)
    private(home, "salts").with_name("kit").write_text("rubbish")
    private(home, "kit").chmod(0o600)
    only(doctor(), "kit", "warning")


def test_a_half_or_foreign_identity_is_named(doctor: Doctor, sealed: Crm, home: Path) -> None:
    age, other = private(home, "identity.age"), new_identity()
    own = age.read_bytes()
    age.write_text(other.age)
    assert wrong(doctor())["team"] == "problem"
    private(home, "signing.key").write_text(other.signing)
    assert "crm team add" in only(doctor(), "team", "warning")["hint"]
    age.write_bytes(own)
    assert wrong(doctor())["team"] == "problem"
    private(home, "signing.key").unlink()
    assert "keys import" in only(doctor(), "identity", "problem")["hint"]
    age.unlink()
    assert "crm keys" in only(doctor(), "identity", "warning")["hint"]
    assert not age.exists()


def test_a_root_that_is_not_pinned_stays_so(doctor: Doctor, sealed: Crm, home: Path) -> None:
    (pin,) = (home / "config/crmcli/roots").iterdir()
    pin.unlink()
    only(doctor("--fix"), "root", "warning")
    assert not pin.exists()


def test_a_vault_not_to_be_trusted_is_named_and_the_rest_still_looked_at(
    doctor: Doctor, sealed: Crm, home: Path
) -> None:
    (pin,) = (home / "config/crmcli/roots").iterdir()
    pin.write_text("b" * 40 + "\n")
    found = doctor()
    only(found, "root", "problem")
    assert found["hook"][0]["state"] == "ok"


def test_broken_rules_are_named_and_the_rest_still_looked_at(doctor: Doctor, sealed: Crm) -> None:
    sealed.put("schemas/codes.yaml", "status: [\n")
    found = doctor()
    only(found, "vault", "problem")
    assert found["identity"][0]["state"] == found["hook"][0]["state"] == "ok"


def test_without_a_vault_the_machine_is_looked_at(
    doctor: Doctor, sealed: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = doctor()
    assert (wrong(found), found["vault"][0]["state"]) == ({}, "ok")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    assert "user.email" in only(doctor("--vault", str(sealed.folder)), "git", "problem")["hint"]


def test_an_open_vault_is_a_warning(crm: Crm, sealed: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(crm.folder)
    rows = json.loads(crm("doctor", "--format", "json").out)["data"]
    assert [(row["state"], "crm seal" in row["hint"]) for row in rows if row["check"] == "vault"] == [("warning", True)]
