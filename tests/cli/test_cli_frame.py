"""The command line's frame as a person meets it: options anywhere, formats, errors, help, languages, closed pipes."""

import json
import os
import pty
import subprocess
import sys
import types
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

import crmcli
from crmcli import errors, text
from crmcli.cli import app, boundary, output, session
from crmcli.errors import Finding, Where
from crmcli.reports.values import Card, Column, Notice, Section, Table

HOUSE = Path(crmcli.__file__).parents[1]
FAKE = """
import sys, types
import typer
from crmcli.cli import app, boundary, output
from crmcli.reports.values import Column, Table

def command(count: int = typer.Option(3, "--count")) -> None:
    row = {"id": "C1", "name": "王芳\\u202e"}
    output.emit(Table((Column("id", "Number"), Column("name", "姓名")), (row,) * count, "id"))

verb = types.ModuleType("crmcli.cli.verbs.fake")
verb.command = command
sys.modules[verb.__name__] = verb
app.verbs = lambda: (app.Verb("fake", "fake", "A fake.", "Daily work"),)
sys.exit(boundary.main())
"""


class Seen:
    """What the fake verb saw, and what it shall do."""

    session = None
    act = staticmethod(lambda: output.emit(Notice("Done.", {"id": "C1"}, ("C1",))))


def _command(
    ref: str = typer.Argument("", help="Whom."),
    tag: list[str] = typer.Option([], "--tag", help="A tag."),
    limit: int = typer.Option(20, "--limit", min=0, max=99, help="How many."),
) -> None:
    Seen.session = session.session()
    Seen.act()


def _group(noun: str) -> typer.Typer:
    group = typer.Typer()
    group.command("add", help=f"Add a {noun}.")(_command)
    group.command("list", help=f"List every {noun}.")(_command)
    return group


@pytest.fixture
def run(monkeypatch, capsys):
    """`run("fake", "--quiet")` → (exit code, stdout, stderr)."""
    for name in ("CRM_VAULT", "CRM_NOW", "CRM_DEBUG", "NO_COLOR", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CRM_LANG", "en")
    verb, noun = types.ModuleType("crmcli.cli.verbs.fake"), types.ModuleType("crmcli.cli.verbs.fake_noun")
    verb.command, noun.group = _command, _group
    monkeypatch.setitem(sys.modules, verb.__name__, verb)
    monkeypatch.setitem(sys.modules, noun.__name__, noun)
    table = (
        app.Verb("fake", "fake", "A fake verb.", "Daily work"),
        app.Verb("thing", "fake_noun", "Things.", "Entries", noun=True),
    )
    monkeypatch.setattr(app, "verbs", lambda: table)
    Seen.session, Seen.act = None, lambda: output.emit(Notice("Done.", {"id": "C1"}, ("C1",)))

    def run(*words):
        code = boundary.main(words)
        return code, *capsys.readouterr()

    return run


def fail_with(error):
    def act():
        raise error

    Seen.act = act


def piped(tmp_path, words, *, env=None, shell_tail=None):
    """The fake program in a process of its own."""
    script = tmp_path / "crm_fake.py"
    script.write_text(FAKE, encoding="utf-8")
    clean = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HOUSE), "CRM_LANG": "en", **(env or {})}
    if shell_tail is None:
        return subprocess.run([sys.executable, script, *words], env=clean, capture_output=True, timeout=60)
    line = f'"{sys.executable}" "{script}" {" ".join(words)} {shell_tail}'
    return subprocess.run(["bash", "-c", line], env=clean, capture_output=True, timeout=60)


# Options, before and after


@pytest.mark.parametrize(
    "words",
    [
        ("--format", "ids", "fake"),
        ("fake", "--format", "ids"),
        ("fake", "x", "--format=ids"),
        ("--format", "ids", "thing", "add"),
        ("thing", "--format", "ids", "add"),
        ("thing", "add", "x", "--format", "ids"),
    ],
)
def test_a_global_option_is_valid_anywhere(run, words):
    assert run(*words) == (0, "C1\n", "")


def test_the_last_of_two_wins(run):
    assert run("--format", "json", "fake", "--format", "ids")[1] == "C1\n"


def test_all_global_options_reach_the_session(run, monkeypatch):
    run("--vault", "/v", "-q", "fake", "--dry-run", "-y")
    assert (Seen.session.vault_option, Seen.session.quiet, Seen.session.dry_run, Seen.session.yes) == (
        "/v",
        True,
        True,
        True,
    )
    assert Seen.session.interactive is False
    assert Seen.session.color is False


def test_options_of_one_call_do_not_reach_the_next(run):
    run("fake", "--dry-run", "--format", "json")
    run("fake")
    assert (Seen.session.dry_run, Seen.session.format) == (False, None)


def test_the_vault_may_come_from_the_environment(run, monkeypatch):
    monkeypatch.setenv("CRM_VAULT", "/from/env")
    run("fake")
    assert Seen.session.vault_option == "/from/env"
    run("fake", "--vault", "/given")
    assert Seen.session.vault_option == "/given"


# The clock


def test_the_clock_is_now_with_an_offset(run):
    run("fake")
    assert abs(Seen.session.now - datetime.now(UTC)) < timedelta(minutes=1)
    assert Seen.session.turned is False


def test_crm_now_turns_the_clock(run, monkeypatch):
    monkeypatch.setenv("CRM_NOW", "2024-05-10T09:30+08:00")
    run("fake")
    assert Seen.session.now.isoformat() == "2024-05-10T09:30:00+08:00"
    assert Seen.session.turned is True


@pytest.mark.parametrize("value", ["yesterday", "2024-05-10T09:30", "2024-02-30T00:00+08:00"])
def test_an_unreadable_clock_is_refused(run, monkeypatch, value):
    monkeypatch.setenv("CRM_NOW", value)
    code, out, err = run("fake")
    assert (code, out) == (2, "")
    assert "CRM_NOW" in err
    assert "2024-05-10T09:30+08:00" in err
    assert Seen.session is None


# Failures


EVERY_FAILURE = [
    (errors.Failure, 1, "failure"),
    (errors.Invalid, 2, "invalid"),
    (errors.NotFound, 3, "not-found"),
    (errors.Conflict, 4, "conflict"),
    (errors.Refused, 5, "refused"),
    (errors.ProblemsFound, 6, "problems"),
    (errors.Damaged, 7, "damaged"),
]


@pytest.mark.parametrize(("kind", "code", "name"), EVERY_FAILURE)
def test_every_failure_has_its_code_in_words_and_in_json(run, kind, code, name):
    finding = Finding("no such tier 'x'", Where("a.yaml", 3, "tier"), "gold")
    fail_with(
        kind("No.", hint="Do this.", where=Where("a.yaml", 3), findings=[finding], candidates=[{"id": "C1", "n": "王"}])
    )
    assert run("fake") == (
        code,
        "",
        "error: No.\n  a.yaml:3\n  a.yaml:3: tier: no such tier 'x' (expected gold)\n  C1  王\nhint: Do this.\n",
    )
    status, out, err = run("fake", "--format", "json")
    assert (status, err) == (code, "")
    place = {"path": "a.yaml", "line": 3, "field": "tier"}
    found = {"severity": "error", "message": "no such tier 'x'", "where": place, "expected": "gold", "hint": None}
    assert json.loads(out) == {
        "version": 1,
        "ok": False,
        "error": {
            "kind": name,
            "exit": code,
            "message": "No.",
            "hint": "Do this.",
            "where": {"path": "a.yaml", "line": 3, "field": None},
            "findings": [found],
            "candidates": [{"id": "C1", "n": "王"}],
        },
    }


def test_several_findings_stand_one_like_the_other(run):
    fail_with(errors.invalid([Finding("bad tier", Where("a.yaml", 3, "tier"), "gold"), Finding("second")]))
    assert run("fake")[2] == "error: 2 problems:\n  a.yaml:3: tier: bad tier (expected gold)\n  second\n"


def test_words_of_data_cannot_act_on_the_terminal(run):
    fail_with(errors.NotFound("No \x1b[31m\u202e.", candidates=[{"id": "\x07"}]))
    assert run("fake")[2] == "error: No \\x1b[31m\\u202e.\n  \\x07\n"


def test_an_unexpected_exception_tells_its_type_alone(run):
    fail_with(ZeroDivisionError("王芳 13800138000"))
    code, out, err = run("fake")
    assert (code, out) == (1, "")
    assert err.startswith("error: Internal error: ZeroDivisionError\nhint: ")
    assert "王芳" not in err
    assert json.loads(run("fake", "--format", "json")[1])["error"]["kind"] == "internal"


def test_debugging_shows_the_traceback(run, monkeypatch):
    monkeypatch.setenv("CRM_DEBUG", "1")
    fail_with(ZeroDivisionError("inner"))
    assert "Traceback" in run("fake")[2]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), typer.Abort(), EOFError()])
def test_an_interruption_ends_with_130(run, error):
    fail_with(error)
    assert run("fake") == (130, "", "error: Interrupted.\n")


@pytest.mark.parametrize(
    ("number", "words"),
    [(28, "No space is left"), (13, "Permission denied"), (2, "No such file"), (30, "only be read")],
)
def test_the_systems_failures_are_plain_words_with_the_path(run, number, words):
    fail_with(OSError(number, "raw", "/vault/records"))
    code, _out, err = run("fake")
    assert code == 1
    assert words in err
    assert "/vault/records" in err


def test_a_broken_pipe_that_is_not_stdout_is_a_failure(run):
    fail_with(BrokenPipeError(32, "Broken pipe"))
    assert run("fake")[0] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("faek",), "There is no command faek.\nhint: Did you mean fake?"),
        (("thing", "ad"), "There is no command ad.\nhint: Did you mean add?"),
        (("zzz",), "There is no command zzz.\nhint: See crm --help."),
        (("fake", "--tga", "x"), "There is no option --tga.\nhint: Did you mean --tag?"),
        (("fake", "--limit"), "Option --limit needs a value.\nhint: See crm fake --help."),
        (("fake", "--limit", "many"), "--limit: many is not a whole number"),
        (("fake", "--limit", "-1"), "--limit: -1 is below 0"),
        (("fake", "--limit", "100"), "--limit: 100 is above 99"),
        (("fake", "--quiet=1"), "Option --quiet takes no value."),
        (("fake", "--lang", "fr"), "--lang: fr is none of: en, zh"),
        (("fake", "a", "b", "c"), "Too many words: b c"),
        (("--quiet",), "Say which command."),
        (("thing", "--quiet"), "Say which command."),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_right(run, words, said):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {said}")
    assert Seen.session is None


def test_wrong_usage_is_an_envelope_too(run):
    code, out, err = run("fake", "--bogus", "--format", "json")
    assert (code, err) == (2, "")
    assert json.loads(out)["error"]["kind"] == "usage"
    assert json.loads(run("--format", "json", "thing")[1])["error"]["exit"] == 2


def test_an_argument_that_is_no_utf8_is_refused(run):
    code, _out, err = run("fake", "caf\udce9")
    assert code == 2
    assert "Argument 2" in err


# Results


def test_problems_do_not_hide_the_result_and_end_with_6(run):
    def act():
        output.problems([Finding("broken", Where("b.yaml", 1))])
        output.emit(Notice("Two of three.", {"done": 2}), [Finding("odd", severity="warning")])

    Seen.act = act
    assert run("fake") == (6, "Two of three.\n", "error: b.yaml:1: broken\nwarning: odd\n")
    code, out, _err = run("fake", "--format", "json")
    envelope = json.loads(out)
    assert (code, envelope["ok"], envelope["data"]) == (6, True, {"done": 2})
    assert [warning["severity"] for warning in envelope["warnings"]] == ["error", "warning"]


def test_warnings_alone_end_with_0_and_quiet_silences_them(run):
    Seen.act = lambda: output.emit(Notice("Done."), [Finding("odd", severity="warning")])
    assert run("fake") == (0, "Done.\n", "warning: odd\n")
    assert run("fake", "--quiet") == (0, "", "")


def test_an_error_among_the_warnings_counts_as_a_problem(run):
    Seen.act = lambda: output.emit(Notice("Done."), [Finding("bad")])
    assert run("fake", "--quiet") == (6, "", "error: bad\n")


def test_quiet_keeps_data(run):
    assert run("fake", "--quiet", "--format", "ids") == (0, "C1\n", "")


def test_an_empty_table_prints_nothing_but_a_note(run):
    Seen.act = lambda: output.emit(Table((Column("id", "Number"),), (), "id"))
    assert run("fake") == (0, "", "Nothing found.\n")
    assert json.loads(run("fake", "--format", "json")[1])["data"] == []
    assert run("fake", "--format", "csv") == (0, "id\r\n", "")


def test_a_failure_after_the_result_leaves_one_envelope(run):
    def act():
        output.emit(Notice("Done.", {"id": "C1"}))
        raise errors.Conflict("Late.")

    Seen.act = act
    code, out, err = run("fake", "--format", "json")
    assert (code, json.loads(out)["ok"]) == (4, True)
    assert "Late." in err


def test_a_question_needs_a_person_or_a_yes(run):
    Seen.act = lambda: output.emit(Notice(str(output.confirm("Really?"))))
    code, _out, err = run("fake")
    assert code == 5
    assert "--yes" in err
    assert run("fake", "--yes")[1] == "True\n"


def test_progress_is_silent_where_nobody_watches(run):
    def act():
        with output.progress("Reading", 3) as advance:
            advance(3)

    Seen.act = act
    assert run("fake") == (0, "", "")


def test_the_verbs_exit_code_passes(run):
    fail_with(typer.Exit(3))
    assert run("fake")[0] == 3


# Help, version, languages


def test_help_of_the_whole_lists_the_table_by_its_parts(run):
    code, out, err = run("--help")
    assert (code, err) == (0, "")
    assert "Daily work:\n  fake  A fake verb.\n" in out
    assert "Entries:\n  thing  Things.\n" in out


@pytest.mark.parametrize("words", [("fake", "--help"), ("fake", "-h"), ("thing", "add", "--help")])
def test_help_of_a_command_has_the_global_options_in_a_panel_of_their_own(run, words):
    code, out, _err = run(*words)
    own, everywhere = out.split("Everywhere:")
    assert code == 0
    assert "--tag" in own
    assert "--format" not in own
    for option in ("--format", "--lang", "--vault", "--quiet", "--dry-run", "--yes", "--no-color", "--help"):
        assert option in everywhere


def test_the_global_options_come_last(run):
    assert run("fake", "--help")[1].rstrip().endswith("Show this page.")


def test_nothing_at_all_shows_the_help_and_ends_with_2(run):
    code, out, err = run()
    assert (code, out) == (2, "")
    assert "Daily work:" in err


def test_help_of_a_noun_lists_its_actions(run):
    assert "add   Add a thing.\n  list  List every thing." in run("thing", "--help")[1]


@pytest.fixture
def chinese(monkeypatch, tmp_path):
    """A catalog with a few sentences in Chinese."""
    catalog = Catalog(locale="zh")
    for english, own in {
        "Usage: {usage}": "用法:{usage}",
        "Everywhere": "通用选项",
        "error:": "错误:",
        "There is no command {name}.": "没有命令 {name}。",
        "How to print the result.": "结果的输出格式。",
    }.items():
        catalog.add(english, own)
    folder = tmp_path / "zh" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "crmcli.mo").open("wb") as file:
        write_mo(file, catalog)
    monkeypatch.setattr(text, "CATALOGS", tmp_path)
    yield
    text.set_language("en")


def test_help_and_errors_speak_the_language_asked_for(run, chinese, monkeypatch):
    assert run("--lang", "zh", "--help")[1].startswith("用法:crm")
    out = run("fake", "--help", "--lang", "zh")[1]
    assert "通用选项:\n" in out
    assert "结果的输出格式。" in out
    assert run("zzz", "--lang=zh")[2].startswith("错误: 没有命令 zzz。")
    monkeypatch.setenv("CRM_LANG", "zh_CN")
    assert run("--help")[1].startswith("用法:")
    assert run("--help", "--lang", "en")[1].startswith("Usage:")


def test_the_locale_decides_where_nothing_else_does(run, chinese, monkeypatch):
    monkeypatch.delenv("CRM_LANG")
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert run("--help")[1].startswith("用法:")
    monkeypatch.setenv("LC_ALL", "C")
    assert run("--help")[1].startswith("Usage:")


def test_the_vaults_language_comes_before_the_locale_and_after_the_person(run, chinese, monkeypatch):
    def act():
        session.settle_language("zh")
        output.emit(Notice(text.language()))

    Seen.act = act
    assert run("fake")[1] == "en\n"
    monkeypatch.delenv("CRM_LANG")
    assert run("fake")[1] == "zh\n"
    assert run("fake", "--lang", "en")[1] == "en\n"


def _modules_after(program):
    code = f"import sys\nsys.argv = ['crm', {program}]\n" + (
        "from crmcli.__main__ import main\ncode = main()\nprint(code, *sys.modules, file=sys.stderr)"
    )
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HOUSE), "LANG": "C"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60)
    code, *modules = done.stderr.split()
    assert code == "0"
    return done.stdout, set(modules)


def test_the_version_is_told_before_anything_is_loaded():
    out, modules = _modules_after("'--version'")
    assert out == f"crm {crmcli.__version__}\n"
    assert not modules & {"typer", "rich", "pydantic", "crmcli.cli.boundary", "dataclasses", "gettext"}


def test_the_version_is_told_with_other_options_too(run):
    assert run("--lang", "en", "--version") == (0, f"crm {crmcli.__version__}\n", "")


def test_help_loads_no_verb_and_nothing_heavy():
    _out, modules = _modules_after("'--help'")
    assert "typer" in modules
    assert not modules & {"rich", "pydantic", "yaml", "ruamel", "tabulate"}
    assert not {name for name in modules if name.startswith("crmcli.cli.verbs.")}


def test_a_verb_with_options_loads_nothing_heavy(tmp_path):
    script = FAKE.replace("sys.exit(boundary.main())", "boundary.main()\nprint(*sys.modules, file=sys.stderr)")
    (tmp_path / "crm_fake.py").write_text(script, encoding="utf-8")
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HOUSE), "CRM_LANG": "en"}
    command = [sys.executable, tmp_path / "crm_fake.py", "fake", "--count", "2", "--format", "table"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert not set(done.stderr.split()) & {"rich", "pydantic", "yaml", "ruamel", "tabulate"}


# Streams


@pytest.mark.parametrize("words", [["fake", "--count", "50000"], ["--help"]])
def test_a_reader_that_stops_is_no_failure(tmp_path, words):
    done = piped(tmp_path, words, shell_tail='| head -1; echo "${PIPESTATUS[0]}"')
    assert done.stderr == b""
    assert done.stdout.splitlines()[-1] == b"0"


def test_a_full_disk_is_a_failure(tmp_path):
    done = piped(tmp_path, ["fake"], shell_tail='> /dev/full; echo "$?"')
    assert done.stdout == b"1\n"
    assert done.stderr == b"error: No space is left on the disk.\n"


def test_a_full_disk_under_json_says_so_on_stderr(tmp_path):
    done = piped(tmp_path, ["fake", "--format", "json"], shell_tail='> /dev/full; echo "$?"')
    assert done.stdout == b"1\n"
    assert b"No space" in done.stderr


def test_closed_streams_are_no_traceback(tmp_path):
    done = piped(tmp_path, ["fake"], shell_tail='>&- 2>&-; echo "$?"')
    assert done.stdout == b"0\n"


@pytest.mark.parametrize("env", [{"LANG": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}])
def test_chinese_is_printed_as_utf8_in_the_c_locale(tmp_path, env):
    done = piped(tmp_path, ["fake", "--count", "1"], env=env)
    assert done.returncode == 0
    assert "王芳\\u202e" in done.stdout.decode("utf-8")


def test_chinese_arguments_are_read_as_utf8_in_the_c_locale(tmp_path):
    env = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = piped(tmp_path, ["王芳"], env=env)
    assert "There is no command 王芳.".encode() in done.stderr


def _on_a_terminal(tmp_path, words, env=None):
    """What a terminal shows, and the exit code."""
    script = tmp_path / "crm_fake.py"
    script.write_text(FAKE, encoding="utf-8")
    clean = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HOUSE), "CRM_LANG": "en", "TERM": "xterm", **(env or {})}
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, script, *words], env=clean, stdin=theirs, stdout=theirs, stderr=theirs
    ) as run:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
    os.close(ours)
    return run.returncode, shown.decode("utf-8")


def _read(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def test_a_terminal_gets_colours(tmp_path):
    assert "\x1b[" in _on_a_terminal(tmp_path, ["fake"])[1]
    code, shown = _on_a_terminal(tmp_path, ["zzz"])
    assert code == 2
    assert shown.startswith("\x1b[1;31merror:\x1b[0m There is no command zzz.")


@pytest.mark.parametrize(
    ("words", "env"), [([], {"NO_COLOR": "1"}), (["--no-color"], {}), ([], {"TERM": "dumb"})], ids=str
)
def test_nobody_gets_colours_who_said_no(tmp_path, words, env):
    assert "\x1b" not in _on_a_terminal(tmp_path, ["fake", *words], env)[1]
    assert "\x1b" not in _on_a_terminal(tmp_path, ["zzz", *words], env)[1]
    assert "王芳" in _on_a_terminal(tmp_path, ["fake", *words], env)[1]


def test_a_terminal_that_knows_no_chinese_gets_escapes_instead_of_a_failure(tmp_path):
    code, shown = _on_a_terminal(tmp_path, ["fake", "--count", "1"], {"PYTHONIOENCODING": "latin-1"})
    assert code == 0
    assert "\\u738b\\u82b3" in shown


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_verbs_and_options(tmp_path, shell):
    words = {"COMP_WORDS": "crm fa", "COMP_CWORD": "1", "_TYPER_COMPLETE_ARGS": "crm fa"}
    env = {"_CRM_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_FISH_ACTION": "get-args", **words}
    done = piped(tmp_path, [], env=env)
    assert b"fake" in done.stdout


def test_a_pipe_gets_no_colours(tmp_path):
    done = piped(tmp_path, ["fake"], env={"TERM": "xterm", "FORCE_COLOR": "1"})
    assert b"\x1b" not in done.stdout


def test_every_verb_of_the_table_has_a_name_of_its_own_and_help():
    table = app.verbs()
    assert len({verb.name for verb in table}) == len(table)
    assert all(verb.about and verb.part for verb in table)


def test_cards_come_in_every_format(run):
    Seen.act = lambda: output.emit(Card("王芳", (Section("Profile", (("Name", "王芳"),)),), {"name": "王芳"}, "C1"))
    for name in ("table", "json", "csv", "tsv", "markdown", "yaml"):
        code, out, err = run("fake", "--format", name)
        assert (code, err) == (0, "")
        assert "王芳" in out
    assert run("fake", "--format", "ids")[1] == "C1\n"
