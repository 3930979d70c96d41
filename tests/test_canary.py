"""Personal values planted through every way in are nowhere in clear afterwards, whatever was done with them.

The control: in an open vault the same story leaves every one of them, and the same search finds it. In clear by nature,
and so not searched, are what people keep themselves: files that they import or export, rows an import rejected (beside
the imported file), a hand edit until `crm commit`, a text that `crm edit` could not take in (in memory alone).
"""

from pathlib import Path

import bytesearch
import pytest
from canary_story import FIRST, SECOND, phone, planted
from canary_world import Cage
from conftest import git


def told(cage: Cage) -> None:
    """The whole story."""
    planted(cage)
    searched(cage)
    looked_at(cage)
    handed_out(cage)
    ended(cage)


def searched(cage: Cage) -> None:
    new = cage.birds
    name = next(iter(new.kept))
    for query in (
        f"name:{name}",
        f"phone:{phone(cage)}",
        new.text("没有", kept=False),
        f"remarks:{new.text('没有', kept=False)}",
    ):
        cage("search", query)
        cage("search", query, "--format", "json")
        cage("export", query, "--format", "csv")
    wrong = (f"{new.text('字段', kept=False)}:1", f"({new.name(kept=False)}", f"tier:{new.name(kept=False)}",
             f"spend:>{new.name(kept=False)}")  # fmt: skip
    for query in wrong:
        cage("search", query, exits=2)
    cage("list", "--sort", new.text("列", kept=False), exits=2)


def looked_at(cage: Cage) -> None:
    why = ("--reveal", "--reason", "legal")
    for words in (("show", FIRST), ("history", FIRST, "-p"), ("history", "-p"), ("diff", "--from", "2024-05-10"),
                  ("blame", FIRST), ("search", "*"), ("list",), ("report", "card", FIRST)):  # fmt: skip
        cage(*words)
        cage(*words, "--format", "json")
    for words in (("show", FIRST), ("history", FIRST, "-p"), ("blame", FIRST), ("search", "*")):
        cage(*words, *why)
    cage("show", FIRST, "--reveal", "--reason", cage.birds.text("为何", kept=False), exits=2)
    for words in (
        ("today", "--all"),
        ("check",),
        ("report", "--list"),
        ("report", "analysis"),
        ("doctor",),
        ("classify",),
    ):
        cage(*words)


def handed_out(cage: Cage) -> None:
    new = cage.birds
    cage(
        "export",
        "*",
        "--format",
        "csv",
        "-o",
        "out.csv",
        "--note",
        new.text("导出", kept=not cage.sealed),
        exits=2 if cage.sealed else 0,
    )
    cage("export", FIRST, "--format", "csv", "-o", "one.csv", "--note", new.text("导出一位"))
    cage("history", FIRST, "-p")
    cage("export", "*", "--format", "json", "-o", "out.json", "--reveal", "--reason", "legal")
    cage("export", f"name:{new.name(kept=False)}", "--format", "csv", "-o", "none.csv")
    if cage.sealed:
        cage("keys", "export", "kit.age", stdin=new.text("很长的口令", kept=False) + "\n")
        cage("keys", "import", "kit.age", stdin=new.text("错口令", kept=False) + "\n", exits=5)
        cage("keys", "show")
        cage("team", "list")
        cage("audit")


def ended(cage: Cage) -> None:
    new = cage.birds
    cage("hold", SECOND, "--reason", "litigation", "--note", new.text("诉讼"))
    cage("release", SECOND, "--note", new.text("解除"))
    cage("archive", FIRST, "--reason", "ended", "--note", new.text("终止"))
    cage("reactivate", FIRST, "--reason", "return", "--note", new.text("恢复"))
    cage("update", FIRST, "--set", f"remarks={new.text('撤回')}")
    cage("undo", "--note", new.text("撤回缘由"))


@pytest.fixture
def cage(request: pytest.FixtureRequest, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Cage:
    made = Cage(tmp_path, home, monkeypatch, sealed=request.param)
    made("init", str(made.vault), *(() if made.sealed else ("--unsealed",)))
    return made


@pytest.mark.parametrize("cage", [True], indirect=True)
def test_nothing_planted_is_anywhere_in_clear(cage: Cage) -> None:
    told(cage)
    assert cage.look_everywhere() == []
    git(cage.vault, "gc", "-q")
    assert cage.look_everywhere() == []
    git(cage.vault, "reflog", "expire", "--expire=now", "--all")
    git(cage.vault, "gc", "-q", "--prune=now")
    assert cage.look_everywhere() == []
    assert cage.told_to_children() == []
    assert bytesearch.search([cage.log / "words"], cage.birds.needles) == []


@pytest.mark.parametrize("cage", [False], indirect=True)
def test_in_an_open_vault_the_same_search_finds_all_that_was_planted(cage: Cage) -> None:
    told(cage)
    assert cage.found == set(cage.birds.kept)
    git(cage.vault, "gc", "-q")
    assert {hit.value for hit in cage.look_everywhere()} == set(cage.birds.kept)
    assert cage.told_to_children() == []


@pytest.mark.parametrize("cage", [True], indirect=True)
def test_the_search_reaches_every_place(cage: Cage) -> None:
    """Clean so far; then the same value is put where a leak could put it."""
    value = cage.birds.name(kept=False)
    assert cage.look_everywhere() == []
    home = cage.places[1]
    places = [cage.vault / ".git/crm/x", cage.vault / "x", home / "data/crmcli/x", home / "config/crmcli/x",
              home / "state/x", home / "cache/x", cage.temporary / "x", cage.memory / "crm-edit-x/x"]  # fmt: skip
    for path in places:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value)
        assert cage.look(), path
        assert cage.look_everywhere(), path
        path.unlink()
    assert cage.look_everywhere() == []
    cage.write("unreachable", value)
    git(cage.vault, "hash-object", "-w", str(cage.desk / "unreachable"))
    assert cage.look()
    assert cage.look_everywhere()
    git(cage.desk, "--version", value)
    assert cage.told_to_children()
