"""Every sentence of the program can be translated, and the Chinese catalog holds each of them, whole and well formed."""

import ast
import gettext
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from shutil import copytree, ignore_patterns
from string import Formatter

import pytest
from babel.messages import Catalog
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from conftest import put

import crmcli
from crmcli.locale.compile_catalogs import compile_all
from crmcli.store.vault import Vault

SOURCE = Path(crmcli.__file__).parent
LOCALE = SOURCE / "locale"
CHINESE = LOCALE / "zh" / "LC_MESSAGES" / "crmcli.po"
MODULES = {str(path.relative_to(SOURCE)): ast.parse(path.read_text("utf-8")) for path in sorted(SOURCE.rglob("*.py"))}
SPEAKERS = {"_": 1, "n_": 2}  # how many sentences each takes
FAILURES = ("CrmError", "ValueProblem", "Finding", "Unfit", "usage_error")
ASIDE = ("note", "say", "confirm", "Verb")
HELPS = ("Option", "Argument", "command", "callback", "Typer", "add_typer")
# Plain English that stands in such a place and yet needs no translation: (module, text): why.
ALLOWED: dict[tuple[str, str], str] = {}

Sentence = str | tuple[str, str]


def named(call: ast.Call) -> str:
    """The last word of what is called: `Option` for `typer.Option(…)`."""
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def spoken(tree: ast.AST) -> Iterator[ast.Call]:
    return (call for call in calls(tree) if isinstance(call.func, ast.Name) and call.func.id in SPEAKERS)


def sentences_of(call: ast.Call) -> list[object]:
    """What the call hands over as sentences; None in place of what is no literal."""
    wanted = call.args[: SPEAKERS[named(call)]]
    return [arg.value if isinstance(arg, ast.Constant) and isinstance(arg.value, str) else None for arg in wanted]


@cache
def said() -> dict[Sentence, str]:
    """Every sentence in the source and a place where it stands, wherever the call stands."""
    found: dict[Sentence, str] = {}
    for module, tree in MODULES.items():
        for call in spoken(tree):
            words = sentences_of(call)
            found[words[0] if len(words) == 1 else tuple(words)] = f"{module}:{call.lineno}"  # type: ignore[index]
    return found


@cache
def extracted() -> dict[Sentence, str]:
    """Every sentence that `make messages` finds, and where."""
    keywords = {"_": None, "n_": (1, 2)}
    found = extract_from_dir(SOURCE, [("**.py", "python")], keywords=keywords)
    return {message: f"{module}:{line}" for module, line, message, _comments, _context in found}


def chinese() -> dict[Sentence, Message]:
    return {message.id: message for message in catalog() if message.id}


@cache
def catalog() -> Catalog:
    with CHINESE.open("rb") as file:
        return read_po(file, locale="zh", abort_invalid=True)


def forms(message: Message) -> tuple[str, str]:
    """The English form with the most places, and the Chinese text."""
    english = message.id if isinstance(message.id, str) else message.id[1]
    return english, message.string if isinstance(message.string, str) else message.string[0]


def translated() -> Iterator[tuple[str, str]]:
    """English and Chinese of whatever is translated already."""
    return (pair for pair in map(forms, chinese().values()) if pair[1].strip())


def marks(text: str) -> dict[str, Counter[str]]:
    """What a translation must keep: places with their formats, commands, option names."""
    return {
        "places": Counter({f"{{{name}:{spec}}}": 1 for _text, name, spec, _c in Formatter().parse(text) if name}),
        "commands": Counter(re.findall(r"`[^`]+`", text)),
        "options": Counter(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text)),
    }


@pytest.fixture(scope="module")
def locale(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalog as compiled now; what was compiled at installation may be older."""
    folder = tmp_path_factory.mktemp("catalog") / "locale"
    copytree(LOCALE, folder, ignore=ignore_patterns("*.mo"))
    compile_all(folder)
    return folder


def test_every_sentence_is_found_by_make_messages() -> None:
    found = extracted()
    unseen = [f"{place}: {sentence!r}" for sentence, place in said().items() if sentence not in found]
    assert not unseen, "move these out of their f-strings, where not every Python finds them:\n" + "\n".join(unseen)


def test_every_sentence_has_a_chinese_one() -> None:
    known = chinese()
    done = {sentence for sentence, message in known.items() if forms(message)[1].strip() and not message.fuzzy}
    missing = [f"{place}: {sentence!r}" for sentence, place in (said() | extracted()).items() if sentence not in done]
    assert not missing, "translate in crmcli.po:\n" + "\n".join(missing)


def test_no_translation_is_left_over() -> None:
    left = chinese().keys() - said().keys()
    assert not left, f"nobody says this any more: {sorted(map(str, left))}"
    assert not catalog().obsolete


def test_places_commands_and_options_survive_the_translation() -> None:
    for english, said_in_chinese in translated():
        assert marks(english) == marks(said_in_chinese), english


def test_chinese_sentences_end_as_the_english_ones_do_and_use_chinese_punctuation() -> None:
    for english, said_in_chinese in translated():
        ends = {".": "。", "?": "？"}.get(english.rstrip(" …")[-1], "")
        assert said_in_chinese.endswith(ends), english
        if not english.endswith(":"):  # a label before something, as on the help pages
            assert not re.search(r"[\u4e00-\u9fff][,.;:?!]", said_in_chinese), english


def test_chinese_and_latin_words_are_set_apart_alike() -> None:
    for english, said_in_chinese in translated():
        assert not re.search(r"[\u4e00-\u9fff][A-Za-z0-9`]|[A-Za-z0-9`][\u4e00-\u9fff]", said_in_chinese), english
        assert not re.search(r"[，。；：？！、（）] | [，。；：？！、）]", said_in_chinese), english


def test_the_catalog_names_nobody_and_is_for_one_plural_form() -> None:
    head = CHINESE.read_text("utf-8").split("\n\n")[0]
    assert "@" not in head
    assert "fuzzy" not in head
    assert catalog().num_plurals == 1


def test_sentences_are_literals() -> None:
    for module, tree in MODULES.items():
        for call in spoken(tree):
            words = sentences_of(call)
            assert len(words) == SPEAKERS[named(call)], f"{module}:{call.lineno}"
            assert None not in words, f"{module}:{call.lineno}: only a literal can be translated"


def test_sentences_are_spoken_in_the_language_of_the_call() -> None:
    """At import the language is not known yet; only help texts may be there: their modules load after it is."""
    early = [
        f"{module}:{node.lineno}"
        for module, tree in MODULES.items()
        for node in _at_import(tree)
        if isinstance(node, ast.Call) and named(node) in SPEAKERS
    ]
    assert not early, early


def _at_import(tree: ast.AST) -> Iterator[ast.AST]:
    """What runs when the module loads, help texts left out."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, ast.FunctionDef | ast.Lambda) and not (
            isinstance(node, ast.keyword) and node.arg == "help"
        ):
            yield node
            yield from _at_import(node)


def test_failures_and_help_speak_through_the_catalog() -> None:
    failures = _failures()
    bare = [
        f"{module}:{call.lineno}: {text}"
        for module, tree in MODULES.items()
        for call in calls(tree)
        for text in _untranslated(call, failures)
        if (module, text) not in ALLOWED
    ]
    assert not bare, "wrap in _():\n" + "\n".join(bare)


def _failures() -> set[str]:
    """The classes that carry words to people, found through their bases."""
    known = set(FAILURES)
    classes = [node for tree in MODULES.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    while more := {one.name for one in classes if {ast.unparse(base) for base in one.bases} & known} - known:
        known |= more
    return known


def _untranslated(call: ast.Call, failures: set[str]) -> Iterator[str]:
    """Plain text where a sentence belongs: any as the message; as hint or expectation only what reads as English."""
    name, keywords = named(call), {word.arg: word.value for word in call.keywords}
    if name in HELPS:
        yield from _literals(keywords.get("help"))
    if name in ASIDE:
        yield from (text for arg in call.args for text in _literals(arg) if _is_prose(text))
    if name in failures:
        yield from _literals(keywords.get("message") or (call.args[0] if call.args else None))
        further = [*call.args[1:], keywords.get("hint"), keywords.get("expected")]
        yield from (text for arg in further for text in _literals(arg) if _is_prose(text))


def _literals(node: ast.expr | None) -> Iterator[str]:
    """The literals a value may consist of; what a function returns is not looked into."""
    match node:
        case ast.Constant(value=str() as text) if text:
            yield text
        case ast.JoinedStr():
            yield ast.unparse(node)
        case ast.IfExp(body=first, orelse=second) | ast.BinOp(left=first, right=second):
            yield from (*_literals(first), *_literals(second))
        case ast.BoolOp(values=values):
            yield from (text for value in values for text in _literals(value))
        case ast.Call(func=ast.Attribute(value=inner, attr="format")):
            yield from _literals(inner)


def _is_prose(text: str) -> bool:
    """Two English words in a row, once commands and options are taken out."""
    rest = re.sub(r"`[^`]*`|\b(crm|git)( [a-z]+)*|--?[a-z][a-z-]*( [A-Z=]+)?", "", text)
    return re.search(r"[A-Za-z]{2,} [a-z]{2,}", rest) is not None


def test_the_build_compiles_the_catalog(locale: Path) -> None:
    assert gettext.translation("crmcli", locale, ["zh"]).gettext("Nothing found.") == "没有找到。"


START = """
import sys
from pathlib import Path
from crmcli import text
text.CATALOGS = Path(sys.argv.pop(1))
from crmcli.__main__ import main
sys.exit(main())
"""
BROKEN = "id: C20240510001\nuid: 4Z8K2M9QXA7PDR1TVW3BNC5GHJ\nkind: individual\nphnoe: '1'\nname: 王示例\n"
COMMANDS = [
    ("--help", 0),
    ("add --help", 0),
    ("shwo", 2),
    ("show C20240510009", 3),
    ("add --kind individul", 2),
    ("search nmae:x", 2),
    ("check", 6),
    ("undo", 3),
]


@pytest.mark.parametrize(("line", "code"), COMMANDS)
def test_a_chinese_call_shows_no_english_sentence(line: str, code: int, vault: Vault, locale: Path) -> None:
    copytree(SOURCE.parent / "schemas", vault.root / "schemas", dirs_exist_ok=True)
    put(vault.root, "records/2024/05/C20240510001.yaml", BROKEN)
    words = ["--lang", "zh", *line.split()]
    env = {**os.environ, "PYTHONPATH": str(SOURCE.parent), "COLUMNS": "120"}
    run = [sys.executable, "-c", START, str(locale), *words]
    done = subprocess.run(run, cwd=vault.root, env=env, capture_output=True, encoding="utf-8", check=False)
    text = done.stdout + done.stderr
    assert done.returncode == code, text
    assert re.search("[\u4e00-\u9fff]", text), text
    assert not [each for each in text.splitlines() if _is_prose(each)], text
