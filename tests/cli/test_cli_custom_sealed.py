"""Fields of one's own in a sealed vault, for a reader who can't open them: above their level, without the customer's key,
or after it was destroyed. They are carried along like the model's own fields, never shown as the token that stands there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crmcli.cli import editor as cli_editor
from crmcli.model.fields import Level
from crmcli.store.salts import Salts
from crmcli.usecases.keyring import Keyring

if TYPE_CHECKING:
    from conventions import Crm

pytest_plugins = ["conventions"]
ONE, PATH = "C20240510001", "records/2024/05/C20240510001.yaml"
CUSTOMER = """\
kind: individual
name: 何静
region: 北京市/朝阳区
source: store
custom:
  passport: E1234567
  member_card: "8800"
external:
  shop: "00004"
"""
PASSPORT = "  passport:\n    type: line\n    zh: 护照\n    en: Passport\n"
CAUSES = ("level", "salt", "destroyed")


@pytest.fixture(params=CAUSES)
def reader(
    request: pytest.FixtureRequest, crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> Crm:
    """A sealed vault with one customer, for somebody who can't open `custom.passport`."""
    folder = tmp_path / "sealed"
    assert crm("init", str(folder), "--quiet").exit == 0
    monkeypatch.chdir(folder)
    with (folder / "schemas/custom-fields.yaml").open("a") as fields:
        fields.write(PASSPORT)
    sealed = type(crm)(folder, crm._run)
    assert sealed("commit").exit == 0
    added = sealed("add", "--file", "-", "--incomplete", "--quiet", stdin=CUSTOMER.encode())
    assert added.exit == 0, added
    if request.param == "level":
        monkeypatch.setattr(Keyring, "reads", Level.INTERNAL)
        return sealed
    (salts,) = (home / "data").rglob("salts")
    if request.param == "salt":
        salts.unlink()
    else:
        store = Salts(salts.parent)
        store.destroy(store.live())
    return sealed


def token(crm: Crm) -> str:
    """The line of the field in the file."""
    return next(line for line in (crm.folder / PATH).read_text().splitlines() if "passport: ENC[" in line)


def test_words_show_in_its_place_and_programs_read_its_name(reader: Crm) -> None:
    shown = reader("show", ONE)
    assert (shown.exit, "ENC[" in shown.out) == (0, False)
    assert "Passport" in shown.out
    assert ("(sealed: confidential)" in shown.out) != ("(destroyed)" in shown.out)
    data = json.loads(reader("show", ONE, "--format", "json").out)["data"]
    assert "custom.passport" in data["sealed"]
    assert "ENC[" not in json.dumps(data)


def test_a_field_the_reader_may_change_changes_and_the_others_stay(reader: Crm) -> None:
    before = token(reader)
    done = reader("update", ONE, "--set", "source=referral")
    assert done.exit == 0, done
    assert token(reader) == before


def test_the_editor_shows_a_placeholder_and_leaves_the_value_alone(
    reader: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, shown, before = tmp_path / "editor", tmp_path / "shown", token(reader)
    program.write_text(f'#!/bin/sh\ncp "$1" "{shown}"\nsed -i "s/source: store/source: referral/" "$1"\n')
    program.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(program))
    monkeypatch.setattr(cli_editor, "MEMORY", tmp_path)
    done = reader("edit", ONE)
    assert done.exit == 0, done
    assert "passport: ⟨sealed confidential⟩" in shown.read_text()
    assert token(reader) == before


def test_it_is_no_clear_text_to_check_and_commit(reader: Crm) -> None:
    checked = reader("check")
    assert "Clear text" not in checked.out
    assert "custom.passport" not in checked.out
    file = reader.folder / PATH
    file.write_text(file.read_text().replace("source: store", "source: referral"))
    before = token(reader)
    committed = reader("commit")
    assert committed.exit == 0, committed
    assert token(reader) == before


def test_a_search_and_an_export_leave_it_out(reader: Crm) -> None:
    searched = reader("search", "source:store", "--columns", "number,custom.passport")
    assert "ENC[" not in searched.out + searched.err
    for form in ("csv", "json", "yaml"):
        handed = reader("export", "source:store", "--format", form)
        assert (handed.exit, "ENC[" in handed.out) == (0, False), handed
        assert ONE in handed.out
