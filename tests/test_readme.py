"""What the README shows is what happens: its commands run, their output is compared, its table of verbs exists."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crmcli.cli.app import verbs

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [block for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL) if "$ make" not in block]


def steps(block: str) -> list[tuple[str, str]]:
    """(command, output shown) of a console block."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [(command, shown) for command, _newline, shown in (part.partition("\n") for part in parts)]


def alike(text: str) -> str:
    """Output without what is new each time: customer numbers and entry ids."""
    return re.sub(r"\b[A-Z][0-9A-HJKMNP-TV-Z]{8}\b", "ENTRY", re.sub(r"C\d{11,}", "NUMBER", text)).strip()


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_the_commands_shown_do_what_is_shown(block: str, tmp_path: Path) -> None:
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (binaries / "crm").write_text(f'#!/bin/sh\nexec {sys.executable} -m crmcli "$@"\n', encoding="utf-8")
    (binaries / "crm").chmod(0o755)
    script = f'PATH="{binaries}:$PATH"; export PATH PYTHONPATH="{ROOT}" CRM_LANG=en; set -e\n'
    script += "".join(f"{command}\nprintf '\\036'\n" for command, _shown in steps(block))
    ended = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    for (command, shown), said in zip(steps(block), ended.stdout.split("\x1e"), strict=False):
        if shown.strip():
            assert alike(said) == alike(shown), command


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
