"""Adding a field is one edit: one line in the model, and every part of the program knows the field."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import isolated

from crmcli.model.derive import catalog

ROOT = Path(__file__).parents[1]
BEFORE = "    phone: Phone | None = field("
LINE = '    nickname: Line | None = field("昵称", "Nickname", INTERNAL, example="小王")\n'
WANG = ("--kind=individual", "--name=王示例", "--phone=13800138000", "--region=北京市/朝阳区", "--source=store")
ASK_MODEL = """
import json
from dataclasses import asdict
from crmcli.model.derive import catalog
from crmcli.model.json_schema import dossier_schema
field = next(found for found in catalog() if found.name == "nickname")
print(json.dumps({"field": asdict(field), "schema": dossier_schema()["properties"]["nickname"]}))
"""


@dataclass(frozen=True)
class Program:
    """A copy of the program, and the home and folder it runs in."""

    folder: Path
    env: dict[str, str]

    def python(self, *args: str) -> str:
        """What a Python that sees only this copy prints."""
        done = subprocess.run(
            [sys.executable, *args], cwd=self.folder, env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def crm(self, *args: str) -> str:
        """What the command prints."""
        return self.python("-m", "crmcli", *args)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The program with one more line in its model, in a vault with one customer."""
    home = tmp_path_factory.mktemp("edited")
    shutil.copytree(ROOT / "crmcli", home / "crmcli", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "schemas", home / "schemas")
    model = home / "crmcli/model/dossier.py"
    text = model.read_text(encoding="utf-8")
    assert text.count(BEFORE) == 1
    model.write_text(text.replace(BEFORE, LINE + BEFORE), encoding="utf-8")
    (home / "vault").mkdir()
    env = {"PATH": os.environ["PATH"], **isolated(home), "PYTHONPATH": str(home)}
    edited = Program(home / "vault", env)
    edited.crm("init")
    edited.crm("add", *WANG, "--nickname=小王")
    return edited


def test_the_field_is_not_there_without_the_line():
    assert "nickname" not in {field.name for field in catalog()}


def test_catalogue_and_schema_have_it_with_its_level(program: Program):
    told = json.loads(program.python("-c", ASK_MODEL))
    assert told["field"]["level"] == told["schema"]["x-crm-level"] == "internal"
    assert (told["schema"]["title"], told["schema"]["description"]) == ("Nickname", "昵称")
    assert {"$ref": "#/$defs/internal-token"} in told["schema"]["anyOf"]


def test_add_offers_it_as_an_option(program: Program):
    assert "--nickname" in program.crm("add", "--help")


def test_the_file_holds_it_in_its_place(program: Program):
    file = min((program.folder / "records").rglob("*.yaml"))
    keys = [line.split(":")[0] for line in file.read_text(encoding="utf-8").splitlines()]
    assert keys[keys.index("nickname") - 1 : keys.index("nickname") + 2] == ["name", "nickname", "phone"]


def test_search_finds_it_and_lists_it(program: Program):
    assert len(program.crm("search", "nickname:小王", "--format", "ids").splitlines()) == 1
    assert program.crm("search", "nickname:老王", "--format", "ids") == ""
    assert "nickname" in program.crm("search", "--fields")


@pytest.mark.parametrize(("language", "label"), [("zh", "昵称"), ("en", "Nickname")])
def test_show_names_it_in_both_languages(program: Program, language: str, label: str):
    shown = program.crm("show", "王示例", "--lang", language)
    assert any(label in line and "小王" in line for line in shown.splitlines())


@pytest.mark.parametrize(("heading", "name"), [("昵称", "小李"), ("Nickname", "小陈")])
def test_import_knows_its_headings(program: Program, heading: str, name: str):
    phone = f"1390013{ord(name[1]) % 10_000:04d}"
    file = program.folder.parent / f"{name}.csv"
    row = f"individual,样例,{phone},上海市/徐汇区,store,{name}"
    file.write_text(f"kind,name,phone,region,source,{heading}\n{row}\n", encoding="utf-8")
    program.crm("import", str(file))
    assert len(program.crm("search", f"nickname:{name}", "--format", "ids").splitlines()) == 1
