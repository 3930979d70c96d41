"""What the README shows is what happens: its commands run, their output is compared, its table of verbs exists."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from people import REMOTE, Person, founded, met_at
from test_sync import CUSTOMER

from crmcli.cli.app import verbs

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [block for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL) if "$ make" not in block]


def steps(block: str) -> list[tuple[str, str]]:
    """(command, output shown) of a console block."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [(command, shown) for command, _newline, shown in (part.partition("\n") for part in parts)]


def alike(text: str) -> str:
    """Output without what is new each time: customer numbers, their folders and entry ids."""
    text = re.sub(r"records/\d{4}/\d{2}/", "records/", text)
    return re.sub(r"\b[A-Z][0-9A-HJKMNP-TV-Z]{8}\b", "ENTRY", re.sub(r"C\d{11,}", "NUMBER", text)).strip()


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_the_commands_shown_do_what_is_shown(block: str, tmp_path: Path) -> None:
    binaries = tmp_path / "bin"
    binaries.mkdir()
    place = tmp_path / "place"
    place.mkdir()
    (binaries / "crm").write_text(f'#!/bin/sh\nexec {sys.executable} -m crmcli "$@"\n', encoding="utf-8")
    (binaries / "crm").chmod(0o755)
    script = f'PATH="{binaries}:$PATH"; export PATH PYTHONPATH="{ROOT}" CRM_LANG=en; set -e\n'
    script += "".join(f"{command}\nprintf '\\036'\n" for command, _shown in steps(block))
    out, both = subprocess.PIPE, subprocess.STDOUT  # as a terminal shows them
    ended = subprocess.run(["sh", "-c", script], cwd=place, stdout=out, stderr=both, text=True, check=False)
    assert ended.returncode == 0, ended.stdout
    for (command, shown), said in zip(steps(block), ended.stdout.split("\x1e"), strict=False):
        if shown.strip():
            assert alike(said) == alike(shown), command


def test_a_lost_machine_is_replaced_as_shown(tmp_path: Path, home: Path) -> None:
    (block,) = re.findall(r"```text\n(\$ git clone.*?)```", README, re.DOTALL)
    stick, remote, words = tmp_path / "stick", tmp_path / "shop.git", "four words of my own\n"

    def run(line: str, folder: Path, machine: str) -> str:
        place = {"XDG_CONFIG_HOME": str(home / machine), "XDG_DATA_HOME": str(home / machine), "CRM_LANG": "en"}
        line = f'crm() {{ "{sys.executable}" -m crmcli "$@"; }}; {line}'
        env = {**os.environ, **place, "PYTHONPATH": str(ROOT)}
        ended = subprocess.run(["sh", "-c", line], cwd=folder, input=words, capture_output=True, text=True, env=env)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    stick.mkdir()
    old = f"git init -q --bare {remote}; crm init shop; cd shop; crm add --kind individual --name 王示例 --incomplete"
    run(f"{old}; crm keys export {stick}/shop.kit; git push -q {remote} HEAD:main", tmp_path, "old")
    (tmp_path / "new").mkdir()
    folder = tmp_path / "new"
    for command, shown in steps(block):
        command = command.replace("https://git.example.com/shop.git", str(remote)).replace("/media/stick", str(stick))
        said = run(command.partition(" && ")[0], folder, "new")
        folder = tmp_path / "new/shop"
        told = "".join(line for line in shown.splitlines(keepends=True) if not line.startswith(("Passphrase", "Once")))
        assert anywhere(said.replace(str(stick), "/media/stick")) == anywhere(told), command
    assert "王示例" in run("crm list", folder, "new")


def test_the_drill_of_a_backup_goes_as_shown(tmp_path: Path) -> None:
    (block,) = re.findall(r"```text\n(\$ crm backup.*?)```", README, re.DOTALL)
    stick, words = tmp_path / "stick", "four words of my own\n"
    zhao = founded(tmp_path / "world", "zhao.min")
    zhao.done("add", "--kind", "individual", "--name", "王示例", "--incomplete")
    zhao.done("sync")
    stick.mkdir()
    for command, shown in steps(block):
        said = zhao.done(*command.replace("/media/stick", str(stick)).split()[1:], stdin=words.encode())
        said = said.replace(str(stick), "/media/stick").replace(str(tmp_path / "world" / REMOTE), "REMOTE")
        told = "".join(line for line in shown.splitlines(keepends=True) if not line.startswith(("Passphrase", "Once")))
        assert dateless(said) == dateless(told.replace("https://git.example.com/shop.git", "REMOTE")), command
    assert "王示例" in zhao.done("list", at=zhao.folder / "../drill")


def dateless(text: str) -> str:
    """Output without moments and roots."""
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "MOMENT", re.sub(r"[0-9a-f]{40}", "ROOT", text))


def test_a_teammate_joins_as_shown(tmp_path: Path) -> None:
    (block,) = re.findall(r"```text\n(li\$ git clone.*?)```", README, re.DOTALL)
    world = tmp_path / "world"
    zhao = founded(world, "zhao.min")
    zhao.done("add", "--kind", "individual", "--name", "王示例", "--incomplete")
    zhao.done("sync")
    people = {"zhao": zhao, "li": Person(world, "li.na")}
    public = ""
    for name, command, shown in re.findall(r"^(li|zhao)\$ (.*)\n((?:(?!li\$|zhao\$).*\n)*)", block, re.MULTILINE):
        if command.startswith("git clone"):
            people[name].clone()
            continue
        said = people[name].done(*shlex.split(command.replace("crm1.age1…", public))[1:])
        public = public or re.findall(r"crm1\.\S+", said)[0]
        assert anywhere(said.replace("example.invalid", "example.com")) == anywhere(shown), command


@pytest.mark.parametrize("pushed", [False, True])
def test_unsigned_commits_are_signed_anew_as_shown(tmp_path: Path, pushed: bool) -> None:
    blocks = re.findall(r"```text\n(li\$ git commit.*?)```", README, re.DOTALL)
    zhao, li = met_at(tmp_path / "world", CUSTOMER, "manager")
    li.change("records/2024/05/C20240510001.yaml", "owner: li.na", "owner: zhao.min")
    known: dict[str, str] = {}
    for name, command, shown in re.findall(
        r"^(li|zhao)\$ (.*)\n((?:(?!li\$|zhao\$).*\n)*)", blocks[pushed], re.MULTILINE
    ):
        for old, new in known.items():
            command = command.replace(old, new)
        tool, *words = shlex.split(command)
        person = {"zhao": zhao, "li": li}[name]
        if tool == "git":
            assert person.git(*words) == shown == "", command
            continue
        ended = person(*words)
        said = ended.err + ended.out
        assert hashless(said).strip() == hashless(shown).strip(), command
        known.update(zip(re.findall(HASH, shown), re.findall(HASH, said), strict=True))
    assert zhao.done("sync") + li.done("sync")
    assert zhao.head() == li.head()


HASH = r"\b[0-9a-f]{12}\b"


def hashless(text: str) -> str:
    """Output without the names of commits."""
    return re.sub(HASH, "COMMIT", text)


def anywhere(text: str) -> str:
    """Output without the names of devices and roots, and keys."""
    return re.sub(r"crm1\.\S+", "KEY", re.sub(r"(device,? |root |it\): )\w+", r"\1NAME", text))


def test_every_command_named_exists() -> None:
    known = {verb.name for verb in verbs()}
    named = set(re.findall(r"`crm ([a-z]+)", README)) | set(re.findall(r"^\$ crm ([a-z]+)", README, re.MULTILINE))
    assert named - known == set()
    assert known - named == set(), "the README is silent about these"


def test_every_rule_file_is_told_of() -> None:
    assert {path.name for path in (ROOT / "schemas").glob("*.yaml")} == set(
        re.findall(r"^\| `([a-z-]+\.yaml)`", README, re.MULTILINE)
    )


def test_only_what_belongs_stands_at_the_top() -> None:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("no checkout")
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=True)
    top = {line.split("/")[0] for line in listed.stdout.splitlines()}
    allowed = {"crmcli", "records", "schemas", "tests", "pyproject.toml", "Makefile", "README.md", "LICENSE"}
    assert {name for name in top if not name.startswith(".")} <= allowed
