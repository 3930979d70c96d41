"""`crm cron`: the printed lines are commands that exist and run, whatever the vault's folder is called."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from conventions import Crm

import crmcli
from crmcli.cli import boundary
from crmcli.cli.app import verbs

pytest_plugins = ["conventions"]

FIELD = r"[0-9*,-]+"
JOB = re.compile(rf"({FIELD} {FIELD} {FIELD} {FIELD} {FIELD}) (.+)")
ODD = "客户 100% 'vip' $(touch pwned) & co"
Jobs = list[tuple[str, str]]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `crm` in a folder with an awkward name, called by its path."""
    script = tmp_path / "my 50% bin" / "crm"
    script.parent.mkdir()
    package = shlex.quote(str(Path(crmcli.__file__).parents[1]))
    script.write_text(f'#!/bin/sh\nPYTHONPATH={package} exec {shlex.quote(sys.executable)} -m crmcli "$@"\n')
    script.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(script)])
    return script


def jobs(text: str) -> Jobs:
    """When and what, as cron reads the lines (crontab(5)): settings and comments apart, escaped percent signs bare."""
    found = [line for line in text.splitlines() if line and not line.startswith("#")]
    matched = [JOB.fullmatch(line) for line in found if not re.match(r"[A-Z_]+=", line)]
    assert all(matched), text
    for match in matched:
        assert match is not None
        assert not re.search(r"(?<!\\)%", match[2]), "cron would end the command there"
    return [(match[1], match[2].replace("\\%", "%")) for match in matched if match]


def settings(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if re.match(r"[A-Z_]+=", line))


def cron(folder: Path, text: str, when: str, command: str) -> subprocess.CompletedProcess[str]:
    """One job as cron runs it: `sh -c` in the home, with little in the environment beside the crontab's settings."""
    env = {name: os.environ[name] for name in ("HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "TZ")}
    return subprocess.run(
        ["/bin/sh", "-c", command], cwd=folder, env=env | settings(text), capture_output=True, text=True, check=False
    )


def test_every_line_runs_in_a_vault_with_an_awkward_name(
    command: Path, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vault = tmp_path / ODD / "vault"
    assert boundary.main(["init", str(vault), "--samples", "--quiet"]) == 0
    capsys.readouterr()
    assert boundary.main(["cron", "--vault", str(vault)]) == 0
    told = capsys.readouterr().out
    assert len(jobs(told)) == 5
    for when, line in jobs(told):
        words = shlex.split(line)
        assert (words[0], words[-2:]) == (str(command), ["--vault", str(vault)])
        ended = cron(home, told, when, line)
        assert ended.returncode == 0, (line, ended)
        assert "error" not in ended.stderr
    assert not list(tmp_path.rglob("pwned"))
    assert not list(home.rglob("pwned"))
    subject = subprocess.run(["git", "log", "-1", "--format=%s"], cwd=vault, check=True, capture_output=True, text=True)
    assert subject.stdout.startswith("classify tier, abc")


def test_each_line_says_what_it_does_and_when(crm: Crm, command: Path) -> None:
    text = crm("cron").out
    lines = text.splitlines()
    for when, what in jobs(text):
        place = next(index for index, line in enumerate(lines) if line.startswith(when) and what.split()[-1] in line)
        assert lines[place - 1].startswith("# ")
    assert [when for when, _line in jobs(text)] == [
        "0 3 1 1,4,7,10 *",
        "30 3 1 * *",
        "0 4 * * *",
        "30 8 * * 1-5",
        "0 7 * * 1",
    ]


def test_only_commands_that_exist_are_named_and_nothing_changes(crm: Crm, command: Path) -> None:
    before = crm.state()
    named = {shlex.split(line)[1] for _when, line in jobs(crm("cron").out)}
    assert named <= {verb.name for verb in verbs()}
    assert crm.state() == before


def test_lines_are_silent_where_there_is_nothing_to_say(
    crm: Crm, command: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm("classify", "--apply")
    for _when, line in jobs(crm("cron").out):
        if "purge" not in line:  # not under a turned clock
            ended = crm(*shlex.split(line)[1:])
            assert (ended.exit, ended.out, ended.err) == (0, "", ""), line


def test_settings_name_a_path_a_locale_and_the_language_that_was_asked_for(
    crm: Crm, command: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CRM_LANG")
    places = {"XDG_CONFIG_HOME", "XDG_DATA_HOME"}
    assert set(settings(crm("cron").out)) == {"PATH", "LANG", *places}
    for name in places:
        monkeypatch.delenv(name)
    assert set(settings(crm("cron").out)) == {"PATH", "LANG"}
    told = settings(crm("cron", "--lang", "zh").out)
    assert told["CRM_LANG"] == "zh"
    assert told["LANG"] == "C.UTF-8"
    monkeypatch.setenv("LANG", "zh_CN.utf8")
    assert settings(crm("cron").out)["LANG"] == "zh_CN.utf8"
    monkeypatch.setenv("LC_ALL", "POSIX")
    assert settings(crm("cron").out)["LANG"] == "C.UTF-8"


def test_git_is_found_wherever_it_lies(
    crm: Crm, command: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git = tmp_path / "tools" / "git"
    git.parent.mkdir()
    git.write_text(f'#!/bin/sh\nPATH={shlex.quote(os.environ["PATH"])} exec git "$@"\n')
    git.chmod(0o755)
    monkeypatch.setenv("PATH", f"{git.parent}:{os.environ['PATH']}")
    assert settings(crm("cron").out)["PATH"].split(":")[0] == str(git.parent)


def test_machines_get_the_parts(crm: Crm, command: Path) -> None:
    data = json.loads(crm("cron", "--format", "json").out)["data"]
    assert data["lines"][0]["when"] == "0 3 1 1,4,7,10 *"
    assert data["settings"]["LANG"] == "C.UTF-8"


@pytest.mark.parametrize("name", ["back\\slash", "turned\u202e", "bell\a"])
def test_a_folder_that_no_crontab_can_name_is_refused(
    tmp_path: Path, command: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    vault = tmp_path / name
    assert boundary.main(["init", str(vault), "--quiet"]) == 0
    capsys.readouterr()
    assert boundary.main(["cron", "--vault", str(vault), "--lang", "en"]) == 2
    ended = capsys.readouterr()
    assert ended.out == ""
    assert "crontab cannot hold" in ended.err


def test_without_a_crm_by_name_the_package_is_called(crm: Crm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/pytest"])
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert all(line.startswith(f"{tmp_path}/python -m crmcli ") for _when, line in jobs(crm("cron").out))
