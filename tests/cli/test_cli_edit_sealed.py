"""In a sealed vault: editing around values that are masked or unreadable, and what diff and blame let see of them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crmcli.cli import editor as cli_editor

if TYPE_CHECKING:
    from conventions import Crm

pytest_plugins = ["conventions"]
ADD = shlex.split(
    "add --kind individual --name 何静 --phone 13600136000 --region 北京/朝阳 --source store "
    "--set birthday=1990-01-01 --set remarks=看样 --format ids"
)
PATH = "records/2024/05/C20240510001.yaml"
PHONE, HIDDEN = "+8613600136000", "⟨unchanged +86136****6000⟩"


@pytest.fixture
def sealed(crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Crm:
    """A sealed vault with one customer."""
    folder = tmp_path / "sealed"
    assert crm("init", str(folder), "--quiet").exit == 0
    monkeypatch.chdir(folder)
    assert crm(*ADD).exit == 0
    return type(crm)(folder, crm._run)


@pytest.fixture
def editing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """`editing(sed)`: from now on $EDITOR makes this change; returns where it puts what it was shown."""
    shown = tmp_path / "shown"

    def use(change: str) -> Path:
        program = tmp_path / "editor"
        program.write_text(f'#!/bin/sh\ncp "$1" "{shown}"\nsed -i {shlex.quote(change)} "$1"\n', encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setenv("EDITOR", str(program))
        monkeypatch.setattr(cli_editor, "MEMORY", tmp_path / "memory")
        (tmp_path / "memory").mkdir(exist_ok=True)
        return shown

    return use


def lines(crm: Crm) -> dict[str, str]:
    """The file's lines by their key."""
    return dict(line.split(":", 1) for line in (crm.folder / PATH).read_text().splitlines() if ":" in line)


def changed(crm: Crm, before: dict[str, str]) -> set[str]:
    after = lines(crm)
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def forget_keys(home: Path) -> None:
    """As in a clone on another machine that was not handed the customers' keys."""
    (salts,) = (home / "data").rglob("salts")
    salts.unlink()


def test_a_masked_value_stays_as_it_is_while_others_change(sealed: Crm, editing: Callable[[str], Path]) -> None:
    shown, before = editing("s/source: store/source: referral/"), lines(sealed)
    assert sealed("edit", "何静").exit == 0
    text = shown.read_text()
    assert f"phone: {HIDDEN}\n" in text
    assert PHONE not in text
    assert "remarks: 看样\n" in text
    assert changed(sealed, before) == {"source"}


def test_what_is_only_looked_at_makes_no_commit(sealed: Crm, editing: Callable[[str], Path]) -> None:
    editing("")
    head = sealed.git("rev-parse", "HEAD")
    assert "Nothing" in sealed("edit", "何静").out
    assert sealed.git("rev-parse", "HEAD") == head


def test_a_new_value_takes_the_place_of_a_masked_one(sealed: Crm, editing: Callable[[str], Path]) -> None:
    editing("s/^phone: .*/phone: 13700137000/")
    before = lines(sealed)
    assert sealed("edit", "何静").exit == 0
    assert changed(sealed, before) == {"phone"}
    assert sealed("search", "phone:13700137000", "--format", "ids").out.strip() == "C20240510001"


def test_without_its_line_a_value_is_cleared(sealed: Crm, editing: Callable[[str], Path]) -> None:
    editing("/^birthday: /d")
    before = lines(sealed)
    assert sealed("edit", "何静").exit == 0
    assert changed(sealed, before) == {"birthday"}


REFUSED = {
    "s/⟨unchanged +86/⟨unchanged +85/": ":5: phone",
    "s/6000⟩/6000/": ":5: phone",
    f"s/remarks: .*/remarks: {HIDDEN}/": "remarks",
    "s/remarks: .*/remarks: 看样  # wichtig/": f"{PATH}:",
    "s/remarks: .*/remarks: ENC[1,internal.1,x,y]/": "remarks",
}


def test_what_cannot_be_meant_is_refused_and_named(sealed: Crm, editing: Callable[[str], Path], tmp_path: Path) -> None:
    for change, place in REFUSED.items():
        editing(change)
        said = sealed.stopped_by("edit", "何静")
        assert place in said
        assert PHONE not in said
    assert len(kept := list((tmp_path / "memory").iterdir())) == len(REFUSED)
    assert not [path for path in kept if PHONE in path.read_text()]


def test_revealed_values_are_shown_and_the_history_says_so_first(sealed: Crm, editing: Callable[[str], Path]) -> None:
    shown = editing("s/^source: .*/source: nonsense/")
    assert sealed("edit", "何静", "--reveal", "--reason", "customer-call").exit == 2
    assert f'phone: "{PHONE}"\n' in shown.read_text()
    said = sealed.git("log", "-1", "--format=%B")
    assert said.startswith("reveal C20240510001: phone\n")
    assert "Crm-Reason: customer-call\n" in said


def test_without_a_reason_that_can_be_entered_nothing_is_revealed(sealed: Crm, editing: Callable[[str], Path]) -> None:
    shown = editing("")
    for reason in ((), ("--reason", "nonsense"), ("--reason", "customer-call", "--dry-run")):
        for verb in ("edit", "blame", "diff"):
            sealed.stopped_by(verb, "C20240510001", "--reveal", *reason)
    assert not shown.exists()


def test_without_the_key_what_cannot_be_read_is_carried_along(
    sealed: Crm, editing: Callable[[str], Path], home: Path
) -> None:
    shown, before = editing("s/source: store/source: referral/"), lines(sealed)
    forget_keys(home)
    assert sealed("edit", "C20240510001").exit == 0
    assert "phone: ⟨sealed confidential⟩\n" in shown.read_text()
    assert "birthday: ⟨sealed restricted⟩\n" in shown.read_text()
    assert "ENC[" not in shown.read_text()
    assert changed(sealed, before) == {"source"}


def test_blame_and_diff_show_masks_until_revealed(sealed: Crm) -> None:
    sealed("update", "何静", "--set", "phone=13700137000")
    for words in (("blame", "何静"), ("diff", "--from", "2024-05-10")):
        assert "13700137000" not in sealed(*words).out
    blamed = {row["field"]: row for row in json.loads(sealed("blame", "何静", "--format", "json").out)["data"]}
    assert (blamed["phone"]["value"], blamed["phone"]["change"]) == ("+86137****7000", "update")
    assert (blamed["birthday"]["value"], blamed["birthday"]["change"]) == ("1990-01-01", "add")
    assert "+8613700137000" in sealed("blame", "何静", "--reveal", "--reason", "legal").out
    assert "Crm-Op: reveal" in sealed.git("log", "-1", "--format=%B")


def test_blame_goes_by_what_values_mean_for_those_who_cannot_read_them_too(sealed: Crm, home: Path) -> None:
    sealed("update", "何静", "--set", "phone=13700137000")
    forget_keys(home)
    ended = sealed("blame", "C20240510001", "--format", "json")
    blamed = {row["field"]: row for row in json.loads(ended.out)["data"]}
    assert (blamed["phone"]["value"], blamed["phone"]["change"]) == ("", "update")
    assert (blamed["birthday"]["value"], blamed["birthday"]["change"]) == ("", "add")
    assert "(sealed: restricted)" in sealed("blame", "C20240510001").out


def test_diff_opens_both_sides(sealed: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_NOW", "2024-05-12T09:30+08:00")
    sealed("update", "何静", "--set", "remarks=看样两次")
    (row,) = json.loads(sealed("diff", "--from", "2024-05-11", "--format", "json").out)["data"]
    assert (row["field"], row["old"], row["new"]) == ("remarks", "看样", "看样两次")


def test_a_hand_edit_is_named_before_the_editor_opens_and_to_every_write(
    sealed: Crm, editing: Callable[[str], Path]
) -> None:
    shown = editing("s/lead/active/")
    path = sealed.folder / PATH
    path.write_text(path.read_text().replace("name: " + lines(sealed)["name"].strip(), "name: 何改名"))
    for verb in ("edit 何改名", "update 何改名 --add-tag x", "archive 何改名 --reason ended"):
        refused = sealed(*verb.split())
        assert (refused.exit, "`crm commit`" in refused.err) == (4, True), verb
    assert not shown.exists()
    assert (sealed("commit").exit, sealed("update", "何改名", "--add-tag", "x").exit) == (0, 0)


def test_what_stays_sealed_is_said_where_it_was_revealed_or_searched(sealed: Crm, home: Path) -> None:
    revealed = ("--reveal", "--reason", "customer-call")
    assert "Stays sealed" not in sealed("show", "C20240510001", *revealed).err
    forget_keys(home)
    for words in (("show", "C20240510001"), ("list",)):
        ended = sealed(*words, *revealed)
        assert (ended.exit, "Stays sealed for you: name" in ended.err) == (0, True), words
    assert "could not be searched" in sealed("search", "何静").err


def test_any_command_takes_away_the_text_of_a_killed_edit(sealed: Crm, editing: Callable[[str], Path]) -> None:
    editing("")
    left, begun = (cli_editor.MEMORY / f"{cli_editor.PREFIX}{name}" for name in ("left", "begun"))
    for folder in (left, begun):
        folder.mkdir(0o700)
    (left / "edit.yaml").write_text("name: 何静\n", encoding="utf-8")
    assert sealed("list").exit == 0
    assert not left.exists()
    assert begun.exists()  # empty: another command may be about to use it
