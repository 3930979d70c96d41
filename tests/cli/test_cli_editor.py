"""The editor: a private file, gone afterwards whatever happens, and nothing changed unless the person changed it."""

import os
import stat
import tempfile
from pathlib import Path

import pytest

from crmcli.cli import editor, session
from crmcli.errors import Invalid, Refused

TEXT = "name: 王芳\n"


@pytest.fixture
def with_editor(monkeypatch, tmp_path):
    """`with_editor(script)`: the shell lines are the editor, the file is "$1"; returns the folder for traces."""
    traces = tmp_path / "traces"
    traces.mkdir()

    def use(script, variable="EDITOR"):
        program = tmp_path / "my editor"
        program.write_text(f'#!/bin/sh\nout="{traces}"\n{script}\n', encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setenv(variable, f"'{program}'")
        session.begin({})
        return traces

    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.setenv("CRM_LANG", "en")
    return use


def test_what_the_person_leaves_comes_back(with_editor):
    with_editor('echo "tier: gold" >> "$1"')
    assert editor.edit(TEXT) == TEXT + "tier: gold\n"


def test_unchanged_is_nothing(with_editor):
    with_editor("true")
    assert editor.edit(TEXT) is None


def test_visual_comes_before_editor(with_editor, monkeypatch):
    with_editor('echo visual > "$1"', "VISUAL")
    monkeypatch.setenv("EDITOR", "false")
    session.begin({})
    assert editor.edit(TEXT) == "visual\n"


def test_the_file_is_private_and_in_memory_while_it_lives(with_editor):
    traces = with_editor('echo "$1" > "$out/path"; stat -c %a "$1" "$(dirname "$1")" > "$out/modes"')
    editor.edit(TEXT, suffix=".txt")
    path = Path((traces / "path").read_text().strip())
    assert (traces / "modes").read_text().split() == ["600", "700"]
    assert path.suffix == ".txt"
    if os.access("/dev/shm", os.W_OK):
        assert path.is_relative_to("/dev/shm")


def gone(traces):
    return not Path((traces / "path").read_text().strip()).parent.exists()


def test_the_file_is_gone_after_success(with_editor):
    traces = with_editor('echo "$1" > "$out/path"; touch "$1~" "$(dirname "$1")/.swp"')
    editor.edit(TEXT)
    assert gone(traces)


def test_what_a_killed_edit_left_is_swept_and_one_in_use_is_not(with_editor):
    traces = with_editor('ls -d "$(dirname "$(dirname "$1")")"/crm-edit-* > "$out/seen"')
    place = editor.private_place(dict(os.environ)).folder
    left, used = (Path(tempfile.mkdtemp(prefix=editor.PREFIX, dir=place)) for _n in range(2))
    (left / "edit.yaml").write_text("clear text", encoding="utf-8")
    with editor._held(used):
        editor.edit(TEXT)
        seen = (traces / "seen").read_text().split()
        assert str(left) not in seen
        assert str(used) in seen
    editor.edit(TEXT)
    assert not used.exists()


def test_a_failing_editor_changes_nothing_and_leaves_nothing(with_editor):
    traces = with_editor('echo "$1" > "$out/path"; echo x > "$1"; exit 3')
    with pytest.raises(Refused, match="nothing was changed"):
        editor.edit(TEXT)
    assert gone(traces)


@pytest.mark.parametrize(("script", "error"), [('printf "\\377" > "$1"', Invalid), ('rm "$1"', Refused)])
def test_an_unreadable_result_is_refused_and_leaves_nothing(with_editor, script, error):
    traces = with_editor(f'echo "$1" > "$out/path"; {script}')
    with pytest.raises(error, match="nothing was changed"):
        editor.edit(TEXT)
    assert gone(traces)


def test_line_ends_and_any_character_survive(with_editor):
    with_editor("true")
    assert editor.edit("a\r\n\u2028b\n") is None


def test_the_text_is_in_no_argument_and_no_variable(with_editor):
    traces = with_editor('env > "$out/env"; echo "$@" > "$out/args"')
    editor.edit("geheim\n")
    assert "geheim" not in (traces / "env").read_text() + (traces / "args").read_text()


@pytest.mark.parametrize("value", ["no-such-editor", "'unbalanced", " "])
def test_without_an_editor_it_says_how_to_set_one(with_editor, monkeypatch, value):
    monkeypatch.setenv("EDITOR", value)
    session.begin({})
    with pytest.raises(Refused) as caught:
        editor.edit(TEXT)
    assert "EDITOR" in caught.value.hint


def test_a_usual_editor_serves_where_none_is_set(tmp_path):
    (tmp_path / "nano").write_text("#!/bin/sh\n")
    (tmp_path / "nano").chmod(0o755)
    assert editor.editor_command({"PATH": str(tmp_path)}) == ["nano"]


@pytest.mark.parametrize("name", ["vim", "nvim", "gvim"])
def test_vim_is_told_to_leave_no_traces(tmp_path, name):
    (tmp_path / name).write_text("#!/bin/sh\n")
    (tmp_path / name).chmod(0o755)
    command = editor.editor_command({"PATH": str(tmp_path), "EDITOR": f"{name} -R"})
    assert command[:2] == [name, "-R"]
    assert "NONE" in command
    assert "-n" in command


def test_the_folder_is_the_most_fleeting_one(monkeypatch, tmp_path):
    monkeypatch.setattr(editor, "MEMORY", tmp_path / "none")
    (tmp_path / "run").mkdir()
    env = {"XDG_RUNTIME_DIR": str(tmp_path / "run"), "TMPDIR": str(tmp_path)}
    assert editor.private_place(env) == editor.Place(tmp_path / "run", in_memory=True)
    assert editor.private_place({"TMPDIR": str(tmp_path)}) == editor.Place(tmp_path, in_memory=False)


def test_a_text_on_disk_is_mentioned(with_editor, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(editor, "MEMORY", tmp_path / "none")
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with_editor("true")
    editor.edit(TEXT)
    assert str(tmp_path) in capsys.readouterr().err
    assert not [name for name in tmp_path.iterdir() if name.name.startswith("crm-")]


def test_modes_hold_whatever_the_umask(with_editor):
    traces = with_editor('stat -c %a "$1" > "$out/modes"')
    before = os.umask(0)
    try:
        editor.edit(TEXT)
    finally:
        os.umask(before)
    assert stat.S_IMODE(int((traces / "modes").read_text(), 8)) == 0o600
