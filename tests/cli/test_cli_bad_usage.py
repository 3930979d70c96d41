"""Wrong words on the command line, customers that can't be meant, and surroundings in which nothing can be done."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import crmcli
from crmcli.cli import app

pytest_plugins = ["conventions"]

HOUSE = Path(crmcli.__file__).parents[1]
ESC = "\x1b[31m\x1b]0;x\x07\u202e"
SEARCH = "hint: `crm search` finds by part of a name or number.\n"
FORMATS = "table, json, jsonl, csv, tsv, markdown, yaml, ids"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list", "--bogus"), "There is no option --bogus.\nhint: "),
        (("list", "--json"), "There is no option --json.\nhint: Did you mean --format json?\n"),
        (("history", "-n", "3"), "There is no option -n.\nhint: Did you mean --limit?\n"),
        (("history", "--lmit", "3"), "There is no option --lmit.\nhint: Did you mean --limit?\n"),
        (("update", "王芳", "--phone", "1"), "There is no option --phone.\nhint: Did you mean --set phone=…?\n"),
        (
            ("update", "王芳", "--bank-name", "x"),
            "There is no option --bank-name.\nhint: Did you mean --set bank.name=…?\n",
        ),
        (
            ("interaction", "update", "王芳", "I7", "--set", "summary=x"),
            "There is no option --set.\nhint: Each field is an option of its own here: --at, --channel, ",
        ),
        (("lst",), "There is no command lst.\nhint: Did you mean list?\n"),
        (("show",), "REF is missing.\nhint: See crm show --help.\n"),
        (("show", "a", "b"), "Too many words: b\nhint: See crm show --help.\n"),
        (("update", "--set"), "Option --set needs a value.\nhint: See crm update --help.\n"),
        (("sale", "update", "王芳"), "ENTRY is missing.\nhint: See crm sale update --help.\n"),
        (("list", "--limit", "-1"), "--limit: -1 is below 0\nhint: See crm list --help.\n"),
        (("list", "--limit", "9" * 20), f"--limit: {'9' * 20} is above 1000000000\nhint: See crm list --help.\n"),
        (("history", "--limit", "9" * 20), f"--limit: {'9' * 20} is above 1000000000\nhint: See crm history --help.\n"),
        (("list", "--columns", "naem"), "Unknown field naem.\nhint: Did you mean name?\n"),
        (("list", "--sort", "naem"), "Unknown field naem.\nhint: Did you mean name?\n"),
        (("list", "--at", "2024-02-30"), "“2024-02-30” is not a date.\n  --at\nhint: Write it like 2026-05-10.\n"),
        (("show", "王芳", "--at", "then"), "“then” is not a date.\n  --at\nhint: Write it like 2026-05-10.\n"),
        (("search", "teir:gold"), "Unknown field teir. (character 1)\nhint: Did you mean tier?\n"),
        (("search", "spend:>many"), "many is not a number. (character 8)\nhint: Expected: 100, 99.50, -3\n"),
        (("search", "birthday:2024-02-30"), "2024-02-30 is not a date. (character 10)\n"),
        (("search", "(("), "The query ends too early. (character 3)\n"),
        (("search", "x" * 60_000), "The query is too long. (character 20001)\n"),
        (("search", "(" * 9_000 + "a" + ")" * 9_000), "The query is nested too deeply. (character "),
        (("show", ""), "No customer is named.\nhint: Give a number, or an exact name or phone.\n"),
        (("history", " "), "No customer is named.\nhint: Give a number, or an exact name or phone.\n"),
        (("add",), "Nothing given.\nhint: crm add --kind individual --name … (see crm add --help)\n"),
        (("edit", "王芳"), "There is no terminal to edit at.\n"),
    ],
    ids=lambda value: " ".join(value)[:30] if isinstance(value, tuple) else "",
)
def test_wrong_usage_says_what_is_right(crm, monkeypatch, words, said):
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.delenv("VISUAL", raising=False)
    exit = 5 if words[0] == "edit" else 2
    refusal = crm.refused(*words, exit=exit)
    assert refusal.words.startswith(f"error: {said}")
    assert refusal.error["kind"] in ("usage", "invalid", "query", "refused")


def test_a_format_there_is_none_of(crm):
    said = f"error: --format: xml is none of: {FORMATS}\nhint: See crm list --help.\n"
    assert crm.stopped_by("list", "--format", "xml") == said


@pytest.mark.parametrize(
    "verb", [("show",), ("history",), ("commit",), ("update", "--set", "tier=gold"), ("sale", "list")]
)
@pytest.mark.parametrize(
    ("ref", "shown"),
    [
        ("nobody", "nobody"),
        ("C20240510009", "C20240510009"),
        ("C20240230001", "C20240230001"),
        ("C" + "9" * 30, "C" + "9" * 30),
        ("C٢٠٢٤٠٥١٠٠٠١", "C٢٠٢٤٠٥١٠٠٠١"),
        ("../../etc/passwd", "../../etc/passwd"),
        ("C2024051000../../1", "C2024051000../../1"),
        ("\x1b[31m", "\\x1b[31m"),
        ("--all", "--all"),
        ("x" * 60_000, f"{'x' * 59}…"),
    ],
)
def test_a_customer_that_is_not_there(crm, verb, ref, shown):
    said = crm.stopped_by(*verb, "--", ref, exit=3)
    assert said.startswith(f"error: No customer “{shown}”.\n")


def test_a_customer_that_could_be_two(crm):
    assert crm("update", "C20240510002", "--set", "name=王芳").exit == 0
    for ref in ("C2024", "c20240510", "王芳"):
        refusal = crm.refused("show", ref, exit=4)
        assert refusal.words == (
            f"error: 2 customers match {ref}.\n  C20240510001\n  C20240510002\nhint: Give the number of the one you mean.\n"
        )
        assert refusal.error["kind"] == "ambiguous"
        assert refusal.error["candidates"] == [{"number": "C20240510001"}, {"number": "C20240510002"}]


def test_a_name_that_may_stand_in_a_file_nobody_can_read(crm):
    crm.change("records/2024/05/C20240510001.yaml", "owner: li.na", "owner: [")
    assert crm.stopped_by("show", "王芳", exit=3).startswith(
        "error: No customer “王芳”.\n  records/2024/05/C20240510001.yaml:"
    )


@pytest.mark.parametrize(("day", "exit"), [("1901-01-01", 3), ("1970-01-01", 3), ("2024-05-09", 3), ("9999-12-31", 0)])
def test_days_before_and_after_all_history(crm, day, exit):
    ended = crm("list", "--at", day, "--format", "ids")
    assert (ended.exit, ended.out.split()) == (exit, ["C20240510001", "C20240510002"] if exit == 0 else [])


@pytest.mark.parametrize(
    "words",
    [
        (ESC,),
        ("list", ESC),
        ("list", f"--{ESC}"),
        ("list", "--format", ESC),
        ("list", "--lang", ESC),
        ("list", "--vault", ESC),
        ("list", "--limit", ESC),
        ("list", "--sort", ESC),
        ("list", "--columns", ESC),
        ("list", "--at", ESC),
        ("search", ESC),
        ("search", f"{ESC}:x"),
        ("search", f"tier:{ESC}"),
        ("show", ESC),
        ("history", ESC),
        ("undo", ESC),
        ("commit", ESC),
        ("edit", ESC),
        ("add", "--file", ESC),
        ("add", "--kind", ESC, "--incomplete"),
        ("add", "--kind", "individual", "--name", ESC),
        ("add", "--kind", "individual", "--external", f"{ESC}=1", "--incomplete"),
        ("update", "王芳", "--set", ESC),
        ("update", "王芳", "--set", f"{ESC}=1"),
        ("update", "王芳", "--unset", ESC),
        ("update", "王芳", "--add-tag", ESC),
        ("update", "王芳", "--set", "tier=gold", "--reason", ESC),
        ("sale", ESC),
        ("sale", "show", "王芳", ESC),
        ("sale", "add", "王芳", "--product", ESC, "--amount", "1"),
        ("import", ESC),
        ("import", ESC, "--as", ESC),
        ("import", "nobody.csv", "--key", ESC),
        ("init", ".", "--currency", ESC),
    ],
    ids=lambda words: " ".join(words).replace(ESC, "ESC"),
)
def test_nothing_that_is_typed_acts_on_the_terminal(crm, monkeypatch, words):
    monkeypatch.setenv("EDITOR", "true")
    before = crm.state()
    ended = crm(*words)
    assert ended.exit in (2, 3, 4)
    assert ended.err.startswith("error: ")
    for name in ("table", "json", "csv"):
        crm("--format", name, *words)
    assert crm.state() == before


@pytest.mark.parametrize("verb", [verb.name for verb in app.verbs()])
def test_no_verb_is_shaken_by_what_it_is_given(crm, monkeypatch, verb):
    monkeypatch.setenv("EDITOR", "true")
    before = crm.state()
    for words in ((ESC,), (ESC, ESC), ("C20240230001",), ("", ""), ("show", ESC), ("list", "C" + "9" * 30)):
        crm(verb, "--dry-run", "--", *words)
    assert crm.state() == before


def test_nothing_that_stands_in_history_acts_on_the_terminal(crm):
    crm.put("records/2024/05/C20240510003.yaml", "x\n")
    crm.git("add", "-A")
    crm.git("-c", f"user.name={ESC}", "commit", "-q", "-m", f"{ESC}\n\nCrm-Op: x\nCrm-Note: {ESC}")
    for words in (("history",), ("history", "--format", "csv"), ("history", "--format", "markdown"), ("undo",)):
        assert crm(*words).exit == 0


# Surroundings


@pytest.mark.parametrize("value", ["yesterday", "2024-05-10", "2024-05-10T09:30", "2024-02-30T00:00+08:00", ESC])
def test_a_clock_that_cannot_be_read(crm, monkeypatch, value):
    monkeypatch.setenv("CRM_NOW", value)
    for words in (("list",), ("update", "王芳", "--set", "tier=gold")):
        said = crm.stopped_by(*words)
        assert said.startswith("error: CRM_NOW is not a date and time with a time zone: ")
        assert said.endswith("hint: Write it like 2024-05-10T09:30+08:00.\n")


NOBODY = """\
error: git does not know your name and e-mail; every change is signed with them.
hint: git config --global user.name "…"
git config --global user.email "…"
"""


@pytest.mark.parametrize("config", ["", "[user]\n\tname = T\n"], ids=["nothing", "no e-mail"])
def test_without_a_name_nothing_is_written(crm, tmp_path, config):
    Path(os.environ["GIT_CONFIG_GLOBAL"]).write_text(config)
    for words in (
        ("add", "--kind", "individual", "--name", "李四", "--incomplete"),
        ("update", "王芳", "--set", "tier=gold"),
        ("sale", "add", "王芳", "--product", "茶", "--amount", "1"),
        ("init", str(tmp_path / "new")),
    ):
        refusal = crm.refused(*words)
        assert (refusal.words, refusal.error["kind"]) == (NOBODY, "no-identity")
    assert not (tmp_path / "new").exists()
    assert crm("list", "--format", "ids").exit == 0


def test_where_no_vault_is(crm, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    refusal = crm.refused("list", exit=3)
    assert refusal.words == (
        f"error: There is no vault in {tmp_path}/empty or above it.\n"
        "hint: `crm init` makes one; `--vault DIR` or CRM_VAULT names one elsewhere.\n"
    )
    assert refusal.error["kind"] == "no-vault"
    assert crm.stopped_by("list", "--vault", "nowhere", exit=3).startswith("error: There is no vault in ")
    monkeypatch.setenv("CRM_VAULT", str(tmp_path / "nowhere"))
    assert crm.stopped_by("list", exit=3).startswith(f"error: There is no vault in {tmp_path}/nowhere.")


def test_where_the_repository_is_gone(crm, tmp_path):
    shutil.move(crm.folder / ".git", tmp_path / "git")
    for words in (("list",), ("update", "王芳", "--set", "tier=gold")):
        ended = crm(*words)
        assert (ended.exit, ended.out) == (3, "")
        assert ended.err.startswith(f"error: {crm.folder} is not inside a git repository.\nhint: ")


def test_where_git_is_not_installed(crm, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    ended = crm("update", "王芳", "--set", "tier=gold")
    assert (ended.exit, ended.out) == (1, "")
    assert ended.err == "error: git was not found.\nhint: Install git 2.30 or newer and try again.\n"


@pytest.mark.parametrize("name", ["HEAD", "index"])
def test_where_the_repository_is_broken(crm, name):
    (crm.folder / ".git" / name).write_bytes(b"junk")
    ended = crm("update", "王芳", "--set", "tier=gold")
    assert ended.exit in (1, 3)
    assert ended.err.startswith("error: ")
    assert "tier" not in (crm.folder / "records/2024/05/C20240510001.yaml").read_text()


@pytest.mark.parametrize(
    ("words", "exit", "said"),
    [
        (["nope"], 5, "No editor: nope\nhint: Set EDITOR to your editor's command.\n"),
        (["false"], 5, "The editor failed with 1; nothing was changed.\n"),
        (["rm"], 5, "The editor took the file away; nothing was changed.\n"),
        (["'"], 5, "No editor: '\nhint: Set EDITOR to your editor's command.\n"),
    ],
)
def test_an_editor_that_does_not_edit(crm, monkeypatch, words, exit, said):
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", *words)
    assert crm.stopped_by("edit", "王芳", exit=exit) == f"error: {said}"


def crm_process(folder, *words, stdin):
    """`crm` as a person starts it: arguments as bytes, standard input as given."""
    env = {**os.environ, "PYTHONPATH": str(HOUSE), "CRM_LANG": "en"}
    return subprocess.run(
        [sys.executable, "-m", "crmcli", *words], cwd=folder, env=env, stdin=stdin, capture_output=True, timeout=60
    )


def test_an_argument_that_is_not_utf8(crm):
    done = crm_process(crm.folder, "show", b"\xff\xfe", stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"error: Argument 2 is not valid UTF-8.\n"


def test_no_question_is_asked_where_nobody_answers(crm):
    done = crm_process(crm.folder, "add", "--format", "json", stdin=subprocess.DEVNULL)
    assert (done.returncode, json.loads(done.stdout)["error"]["kind"]) == (2, "usage")
