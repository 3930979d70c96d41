"""`crm classify` as a person and cron use it: who moves and why, one commit, overrides, rules that don't hold."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from crmcli.store.yamlread import parse

if TYPE_CHECKING:
    from conventions import Crm

pytest_plugins = ["conventions"]

WANG, ZHANG = (f"records/2024/05/C2024051000{running}.yaml" for running in (1, 2))

RULES = "schemas/classification.yaml"
TIERS = """\
schemes:
  tier:
    zh: 分级
    en: Tiers
    writes: tier
    classes:
      gold:
        query: spend:>=300
        benefits:
          zh: 九折
          en: 10% off
      new:
        query: spend:<300
"""
SIZE = """\
  size:
    zh: 规模
    en: Size
    among: status:active
    classes:
      big:
        zh: 大
        en: Big
        query: orders:>=1
      small:
        zh: 小
        en: Small
        query: orders:0
"""


@pytest.fixture
def rules(crm: "Crm") -> "Crm":
    """The vault with short rules of its own."""
    crm.put(RULES, TIERS + SIZE)
    crm.keep()
    return crm


def tree(crm: "Crm", path: str) -> dict[str, Any]:
    return dict(parse((crm.folder / path).read_bytes(), path).tree)


def head(crm: "Crm") -> str:
    return crm.git("rev-parse", "HEAD").strip()


def line_of(crm: "Crm", text: str) -> int:
    """The last line of the rules with that text."""
    lines = (crm.folder / RULES).read_text("utf-8").splitlines()
    return max(number for number, line in enumerate(lines, 1) if text in line)


def moves(crm: "Crm", *words: str, exit: int = 0) -> list[tuple[str | None, ...]]:
    ended = crm("classify", *words, "--format", "json")
    assert ended.exit == exit, ended
    return [tuple(row[key] for key in ("number", "before", "after", "why")) for row in json.loads(ended.out)["data"]]


def test_it_shows_who_moves_and_why_and_writes_nothing(rules: "Crm") -> None:
    before = rules.state(), head(rules)
    ended = rules("classify", "--scheme", "tier")
    assert ended.exit == 0
    assert "C20240510001  王芳  Tiers   —     Gold  spend:>=300 (spend 398.00)" in ended.out
    assert "--apply" in ended.err
    assert (rules.state(), head(rules)) == before


def test_machines_get_codes(rules: "Crm") -> None:
    assert moves(rules, "--scheme", "tier") == [
        ("C20240510001", "", "gold", "spend:>=300 (spend 398.00)"),
        ("C20240510002", "", "new", "spend:<300 (spend 0)"),
    ]


def test_apply_writes_all_moves_with_date_and_reason_in_one_commit(rules: "Crm") -> None:
    first = head(rules)
    assert rules("classify", "--apply").exit == 0
    assert rules.git("rev-list", "--count", f"{first}..").strip() == "1"
    assert rules.git("log", "-1", "--format=%s").strip() == "classify tier, size: 3 moves"
    assert "Crm-Op: classify" in rules.git("log", "-1", "--format=%b")
    assert rules.git("status", "--porcelain") == ""
    wang, zhang = tree(rules, WANG), tree(rules, ZHANG)
    (tier,), (size,) = wang["tier_history"], wang["class_history"]
    assert (wang["tier"], wang["classes"], zhang["tier"]) == ("gold", {"size": "big"}, "new")
    assert {**tier, "id": ""} == {"id": "", "date": "2024-05-10", "tier": "gold", "rule": "spend:>=300 (spend 398.00)"}
    said = {"id": "", "date": "2024-05-10", "scheme": "size", "to": "big", "rule": "orders:>=1 (orders 1)"}
    assert {**size, "id": ""} == said
    assert "classes" not in zhang
    assert rules("check").exit == 0


def test_the_second_run_of_a_day_changes_nothing(rules: "Crm") -> None:
    rules("classify", "--apply")
    before = rules.state(), head(rules)
    ended = rules("classify", "--apply")
    assert (ended.exit, ended.out, ended.err) == (0, "", "Nobody moves.\n")
    assert rules("classify", "--apply", "--quiet").err == ""
    assert (rules.state(), head(rules)) == before


def test_a_dry_run_of_apply_writes_nothing(rules: "Crm") -> None:
    before = rules.state(), head(rules)
    assert len(moves(rules, "--apply", "--dry-run")) == 3
    assert (rules.state(), head(rules)) == before


def test_only_movers_are_written_and_their_history_grows(rules: "Crm") -> None:
    rules("classify", "--apply")
    sale = ("--date=2024-05-10", "--product=茶", "--amount=500", "--currency=CNY")
    assert rules("sale", "add", "C20240510002", *sale).exit == 0
    before = (rules.folder / WANG).read_bytes()
    assert moves(rules, "--apply") == [("C20240510002", "new", "gold", "spend:>=300 (spend 500)")]
    assert [move["tier"] for move in tree(rules, ZHANG)["tier_history"]] == ["new", "gold"]
    assert (rules.folder / WANG).read_bytes() == before


@pytest.mark.parametrize(
    ("old", "new", "said", "line"),
    [
        ("spend:>=300", "spent:>=300", "Unknown field spent", "spent:>=300"),
        ("spend:>=300", "name:王芳", "cannot look at name", "name:王芳"),
        ("spend:>=300", "phone:138*", "cannot look at phone", "phone:138*"),
        ("spend:>=300", "interaction.summary:新品", "interaction.summary", "interaction.summary"),
        ("spend:>=300", "external.shop:4", "cannot look at external.shop", "external.shop:4"),
        ("spend:>=300", "王芳", "cannot search all text", "query: 王芳"),
        ("spend:>=300", '"spend:[1 TO"', "ends too early", "spend:[1 TO"),
        ("spend:>=300", '"spend:[3"', "ends too early", "spend:[3"),
        ("spend:>=300", "tier:gold", "cannot depend on tier", "query: tier:gold"),
        ("spend:>=300", "classes.size:big", "cannot depend on classes.size", "classes.size:big"),
        ("spend:>=300", "status:sleeping", "not a code for status", "status:sleeping"),
        ("spend:>=300", '""', "empty", 'query: ""'),
        ("      gold:", "      golden:", "not a tier of the house", "golden:"),
        ("writes: tier", "writes: classes", "allowed words", "writes: classes"),
        ("among: status:active", "among: phone:138*", "cannot look at phone", "among: phone:138*"),
        ("among: status:active", "writes: tier", "Only one scheme", "    writes: tier"),
        ("        en: Small\n", "", "no labels", "      small:"),
        ("among: status:active", "amongst: status:active", "Unknown field amongst", "amongst:"),
    ],
)
def test_a_rule_that_does_not_hold_is_refused_with_its_line(
    rules: "Crm", old: str, new: str, said: str, line: str
) -> None:
    rules.change(RULES, old, new)
    refusal = rules.refused("classify", "--apply")
    place = refusal.error["where"]
    assert said in refusal.words
    assert (place["path"], place["line"]) == (RULES, line_of(rules, line))


def test_rules_are_checked_whole_whatever_is_asked_for(rules: "Crm") -> None:
    rules.change(RULES, "orders:0", "phone:1380*")
    for words in ([], ["--scheme", "tier"], ["--explain", "C20240510001"]):
        assert "cannot look at phone" in rules.stopped_by("classify", *words)


NO_CLASSES = "schemes:\n  tier:\n    zh: 一\n    en: A\n    classes: {}\n"


@pytest.mark.parametrize("text", ["schemes: {}\n", "schemes:\n", "", NO_CLASSES])
def test_empty_rules_are_refused(rules: "Crm", text: str) -> None:
    rules.put(RULES, text)
    assert rules.refused("classify", "--apply").error["where"]["path"] == RULES


def test_every_wrong_rule_is_named_at_once(rules: "Crm") -> None:
    rules.change(RULES, "spend:>=300", "spent:1")
    rules.change(RULES, "orders:0", "phone:1380*")
    findings = rules.refused("classify").error["findings"]
    assert [finding["where"]["line"] for finding in findings] == [line_of(rules, "spent:1"), line_of(rules, "phone:")]


def test_classes_that_overlap_are_named_with_their_line(rules: "Crm") -> None:
    rules.change(RULES, "spend:<300", "spend:<400")
    ended = rules("classify", "--scheme", "tier")
    assert ended.exit == 6
    assert "gold, new overlap: C20240510001" in ended.err
    assert f"{RULES}:{line_of(rules, 'spend:<400')}" in ended.err
    assert moves(rules, "--scheme", "tier", exit=6) == [("C20240510002", "", "new", "spend:<400 (spend 0)")]
    assert rules.refused("classify", "--apply").error["where"]["line"] == line_of(rules, "spend:<400")


def test_who_is_in_no_class_is_named_with_the_line(rules: "Crm") -> None:
    rules.change(RULES, "spend:>=300", "spend:>=400")
    ended = rules("classify")
    assert ended.exit == 6
    assert f"{RULES}:{line_of(rules, 'gold:') - 1}" in ended.err
    assert "in no class: C20240510001" in ended.err
    assert "no class" in rules.stopped_by("classify", "--apply")


def test_an_archived_customer_is_never_touched(rules: "Crm") -> None:
    rules.change(WANG, "\nstatus: active", "\nstatus: archived")
    rules.keep()
    assert [move[0] for move in moves(rules, "--apply")] == ["C20240510002"]
    assert "archived" in rules("classify", "--explain", "C20240510001").out


def test_a_tier_that_a_person_fixed_holds_until_its_day_is_over(rules: "Crm", monkeypatch: pytest.MonkeyPatch) -> None:
    rules("classify", "--apply")
    fixed = ("--set", "tier=gold", "--set", "tier_until=2024-06-30", "--reason", "review")
    assert rules("update", "C20240510002", *fixed).exit == 0
    monkeypatch.setenv("CRM_NOW", "2024-06-30T23:59+08:00")
    assert moves(rules, "--apply") == []
    told = rules("classify", "--explain", "C20240510002").out
    assert "Stays: the tier was set by hand; the rules say New." in told
    assert "2024-06-30" in told
    monkeypatch.setenv("CRM_NOW", "2024-07-01T00:01+08:00")
    assert moves(rules, "--apply") == [("C20240510002", "gold", "new", "spend:<300 (spend 0)")]
    zhang = tree(rules, ZHANG)
    assert "tier_until" not in zhang
    assert [(move["date"], move["tier"], move.get("reason")) for move in zhang["tier_history"]] == [
        ("2024-05-10", "new", None),
        ("2024-05-10", "gold", "review"),
        ("2024-07-01", "new", None),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--set", "tier=gold", "--set", "tier_until=2024-05-09"), "2024-05-09, which is over"),
        (("--set", "tier_until=2025-01-01"), "no tier to be fixed"),
    ],
)
def test_a_tier_is_fixed_only_where_there_is_one_and_only_into_the_future(
    rules: "Crm", words: tuple[str, ...], said: str
) -> None:
    refusal = rules.refused("update", "C20240510001", *words)
    assert said in refusal.words
    assert refusal.error["where"]["field"] == "tier_until"


def test_a_fixed_tier_is_not_taken_away_without_its_day(rules: "Crm") -> None:
    assert rules("update", "C20240510001", "--set", "tier=gold", "--set", "tier_until=2024-05-10").exit == 0
    assert "no tier to be fixed" in rules.stopped_by("update", "C20240510001", "--unset", "tier")
    assert rules("update", "C20240510001", "--unset", "tier", "--unset", "tier_until").exit == 0


def test_an_override_that_is_over_does_not_stop_other_edits(rules: "Crm", monkeypatch: pytest.MonkeyPatch) -> None:
    rules("update", "C20240510001", "--set", "tier=gold", "--set", "tier_until=2024-05-10")
    monkeypatch.setenv("CRM_NOW", "2025-01-01T09:00+08:00")
    assert rules("update", "C20240510001", "--set", "owner=chen").exit == 0


def test_explain_tells_every_class_and_what_it_saw(rules: "Crm") -> None:
    before = rules.state()
    ended = rules("classify", "--explain", "王芳", "--format", "json")
    tier, size = json.loads(ended.out)["data"]["schemes"]
    assert (tier["verdict"], tier["rule"], tier["current"]) == ("moves", "gold", None)
    assert tier["classes"] == [
        {"class": "gold", "query": "spend:>=300", "holds": True, "seen": {"spend": "398.00"}},
        {"class": "new", "query": "spend:<300", "holds": False, "seen": {"spend": "398.00"}},
    ]
    assert size["rule"] == "big"
    told = rules("classify", "--explain", "王芳").out
    assert "Moves to Gold." in told
    assert "10% off" in told
    assert "Not among" in rules("classify", "--explain", "张伟").out
    assert "九折" in rules("classify", "--explain", "王芳", "--lang", "zh").out
    assert rules.state() == before


@pytest.mark.parametrize(("old", "new", "verdict"), [("<300", "<400", "overlap"), (">=300", ">=400", "nowhere")])
def test_explain_tells_of_rules_that_are_not_sound(rules: "Crm", old: str, new: str, verdict: str) -> None:
    rules.change(RULES, f"spend:{old}", f"spend:{new}")
    ended = rules("classify", "--scheme", "tier", "--explain", "C20240510001", "--format", "json")
    (tier,) = json.loads(ended.out)["data"]["schemes"]
    assert (tier["verdict"], tier["rule"]) == (verdict, None)


def test_explain_and_apply_exclude_each_other(rules: "Crm") -> None:
    assert "--apply" in rules.stopped_by("classify", "--explain", "C20240510001", "--apply")


def test_an_unknown_scheme_is_refused_with_those_there_are(rules: "Crm") -> None:
    assert "tier" in rules.stopped_by("classify", "--scheme", "tiers")


def test_hand_edits_of_a_mover_are_in_the_way(rules: "Crm") -> None:
    rules.change(WANG, "owner: li.na", "owner: chen")
    assert "uncommitted" in rules.stopped_by("classify", "--apply", exit=4)


def test_a_bad_file_is_named_and_the_rest_goes_on(rules: "Crm") -> None:
    rules.change(ZHANG, "\nstatus: lead", "\nstatus: nonsense")
    rules.keep()
    assert moves(rules, "--apply", exit=6) == [
        ("C20240510001", "", "gold", "spend:>=300 (spend 398.00)"),
        ("C20240510001", "", "big", "orders:>=1 (orders 1)"),
    ]


def test_who_is_compared_with_all_is_not_moved_while_some_cannot_be_read(crm: "Crm") -> None:
    crm.change(ZHANG, "\nstatus: lead", "\nstatus: nonsense")
    crm.keep()
    assert "abc compares all customers" in crm.stopped_by("classify", "--apply")
    assert moves(crm, exit=6)
    assert moves(crm, "--scheme", "tier", "--apply", exit=6)


def test_the_rules_that_ship_divide_a_new_vault(crm: "Crm") -> None:
    assert [move[:3] for move in moves(crm, "--apply")] == [
        ("C20240510001", "", "new"),
        ("C20240510002", "", "new"),
        ("C20240510001", "", "a"),
        ("C20240510002", "", "c"),
    ]


def test_everyone_can_search_by_share_and_class(crm: "Crm") -> None:
    crm("classify", "--apply")
    for query in ("share_above:100", "classes.abc:c"):
        assert crm("search", query, "--format", "ids").out == "C20240510002\n"
