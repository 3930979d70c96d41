"""The editor: a private file, gone afterwards whatever happens, and nothing changed unless the person changed it."""

import os
import shutil
import stat
import subprocess
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
    for folder in (left, used):
        (folder / "edit.yaml").write_text("clear text", encoding="utf-8")
    with editor._held(used):
        editor.edit(TEXT)
        seen = (traces / "seen").read_text().split()
        assert str(left) not in seen
        assert str(used) in seen
    editor.edit(TEXT)
    assert not used.exists()


def test_sweeping_reaches_every_place_an_edit_may_have_used(monkeypatch, tmp_path):
    memory, run, disk = (tmp_path / name for name in ("memory", "run", "disk"))
    monkeypatch.setattr(editor, "MEMORY", memory)
    kept = disk / "crm-kept-1.yaml"
    for place in (memory, run, disk):
        (place / f"{editor.PREFIX}left").mkdir(parents=True)
        (place / f"{editor.PREFIX}left" / "edit.yaml").write_text("clear text", encoding="utf-8")
    kept.write_text("kept for its author", encoding="utf-8")
    editor.sweep({"XDG_RUNTIME_DIR": str(run), "TMPDIR": str(disk)})
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [kept]


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


@pytest.mark.parametrize("name", ["vim", "nvim", "gvim", "rvim", "vim.tiny"])
def test_vim_is_told_to_leave_no_traces_and_to_wait(tmp_path, name):
    env = {"PATH": str(tmp_path), "EDITOR": f"{program(tmp_path, name)} -R"}
    command = editor.editor_command(env)
    assert command[:2] == [str(tmp_path / name), "-R"]
    assert {"NONE", "-n", "-f"} <= set(command)
    assert editor.traceless(env)


def test_a_vi_that_is_vim_leaves_no_traces_and_others_are_not_trusted(tmp_path):
    (tmp_path / "vi").symlink_to(program(tmp_path, "vim.basic"))
    assert editor.traceless({"PATH": str(tmp_path)})
    for name in ("nano", "emacs", "code", "nvi"):
        assert not editor.traceless({"PATH": str(tmp_path), "EDITOR": str(program(tmp_path, name))})
    with pytest.raises(Refused):
        editor.traceless({"PATH": str(tmp_path / "none")})


def program(folder, name):
    (folder / name).write_text("#!/bin/sh\n")
    (folder / name).chmod(0o755)
    return folder / name


NOSY = """\
set undofile undodir={0} backup writebackup backupdir={0} backupskip= patchmode=.orig
set swapfile updatecount=1 directory={0} viminfo='100,n{0}/info viminfofile={0}/info2
"""


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("name", ["vim", "nvim"])
def test_a_vim_whose_owner_keeps_everything_leaves_nothing(tmp_path, name, told):
    """Without what we tell it, it would."""
    if shutil.which(name) is None:
        pytest.skip(f"no {name} here")
    traces, work = tmp_path / "traces", tmp_path / "work"
    traces.mkdir()
    work.mkdir()
    (tmp_path / "vimrc").write_text(NOSY.format(traces))
    (work / "edit.yaml").write_text(TEXT, encoding="utf-8")
    chosen = f"{name} -es -u {tmp_path / 'vimrc'}"
    command = editor.editor_command({**os.environ, "EDITOR": chosen}) if told else chosen.split()
    keys = b"normal ogeheim\nwrite\nnormal ogeheim too\nwq\n"
    subprocess.run([*command, str(work / "edit.yaml")], input=keys, capture_output=True, timeout=20, check=False)
    assert "geheim too" in (work / "edit.yaml").read_text(encoding="utf-8")
    left = [path for folder in (traces, work) for path in folder.iterdir() if path.name != "edit.yaml"]
    assert (left == []) is told


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
