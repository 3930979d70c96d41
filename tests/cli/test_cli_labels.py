"""People read labels where the files have codes and names, in their language; programs read the codes and names."""

import json
from typing import Any

import pytest
from attack_world import ACCESS, ONE, PLAN, TWO, WANG, Person, put, token

pytest_plugins = ["attack_world"]
ZH = {"CRM_LANG": "zh"}
MENTIONS = "Mentions in other customers' files were looked for only as far as you can read"


def data(person: Person, *words: str, lang: str = "zh") -> Any:
    return json.loads(person(*words, "--format", "json", env={"CRM_LANG": lang}).out)["data"]


@pytest.mark.parametrize(
    ("words", "level", "code"),
    [
        (("keys",), "机密", "restricted"),
        (("team",), "内部", "internal"),
        (("doctor",), "机密", "restricted"),
        (("search", "--fields"), "保密", "confidential"),
    ],
)
def test_levels_have_a_name_in_each_language(
    people: list[Person], words: tuple[str, ...], level: str, code: str
) -> None:
    zhao = people[0]
    told, english = zhao(*words, env=ZH), zhao(*words)
    assert (told.exit, english.exit) in ((0, 0), (6, 6))
    assert (level in told.out, code in told.out) == (True, False)
    assert code in english.out


def test_programs_read_the_codes_of_levels(people: list[Person]) -> None:
    zhao = people[0]
    assert data(zhao, "keys")["reads"] == "restricted"
    assert {row["name"]: row["reads"] for row in data(zhao, "team", "list")}["li.na"] == "internal"
    assert {row["level"] for row in data(zhao, "search", "--fields")} >= {"open", "restricted"}


def test_what_is_wrong_with_a_level_is_said_in_its_name(people: list[Person]) -> None:
    zhao, li, _wang = people
    put(zhao, WANG, token(zhao, WANG, "phone"), '"+8613655556666"')
    checked, refused = zhao("check", env=ZH), li("search", "phone:13655556666", env=ZH)
    for said in (checked.out, refused.err):
        assert "保密" in said
        assert "confidential" not in said
    assert "内部" in refused.err


def test_roles_and_reasons_are_words_in_a_chinese_sentence(people: list[Person]) -> None:
    zhao, li, _wang = people
    zhao.done("hold", ONE, "--reason", "litigation")
    assert "诉讼" in zhao("history", ONE, env=ZH).out
    assert "litigation" in zhao("history", ONE).out
    assert next(row["reason"] for row in data(zhao, "history", ONE)) == "litigation"
    refused = zhao("purge", ONE, "--request", "--yes", env=ZH).err
    assert ("诉讼" in refused, "litigation" in refused) == (True, False)
    assert "销售（sales）" in zhao("team", env=ZH).out
    assert "销售" not in zhao("team").out
    assert [row["roles"] for row in data(zhao, "team")][:2] == ["admin", "sales"]
    zhao.done("release", ONE)
    zhao.on("2024-06-01").done("archive", ONE, "--reason", "ended")
    zhao.on("2026-11-22")
    planned = zhao("purge", "plan", env=ZH)
    assert ("合作终止" in planned.out, "ended" in planned.out.replace("ended：", "")) == (True, False), planned.out
    li.on("2026-11-22").git("pull", "-q", zhao.folder.as_posix(), "HEAD")
    said = li("purge", "approve", "2026-11-22", env=ZH)
    assert "法务（legal）" in said.err, said


def test_the_team_without_an_action_is_listed(people: list[Person]) -> None:
    zhao = people[0]
    assert zhao.done("team") == zhao.done("team", "list") != ""
    assert [row["name"] for row in data(zhao, "team")] == list(zhao.tree(ACCESS)["people"])


def test_the_register_of_destruction_is_in_words(purged: list[Person]) -> None:
    zhao = purged[0]
    zhao.on("2026-11-23").done("purge", ONE, "--request", "--yes")
    wang = purged[2]
    zhao.push()
    wang.on("2026-11-23").pull().done("purge", "approve", "2026-11-23")
    wang.push()
    zhao.pull().done("purge", "run", "--yes")
    codes = ("key-destroyed", "open-fields")
    for env, words in (
        ({}, ("key destroyed", "the customer's request", "open fields")),
        (ZH, ("密钥销毁", "客户本人要求", "不可读")),
    ):
        told = zhao("purge", "list", env=env).out
        assert all(word in told for word in words), told
        assert not any(code in told for code in codes), told
    first, second = data(zhao, "purge", "list")
    assert (first["method"], first["history"], first["readable"]) == ("key-destroyed", "unreadable", "open-fields")
    assert (second["number"], second["rule"]) == (ONE, "request")


def test_fields_are_called_by_their_labels(people: list[Person]) -> None:
    zhao = people[0]
    put(zhao, WANG, "北京市/朝阳区", "北京市/海淀区")
    entry = zhao.tree(WANG)["interactions"][0]["id"]
    assert "Region " in zhao("diff").out
    assert "所在地区" in zhao("diff", env=ZH).out
    assert [row["field"] for row in data(zhao, "diff")] == ["region"]
    for words in (("blame", ONE), ("history", "-p", ONE)):
        english, chinese = zhao(*words).out, zhao(*words, env=ZH).out
        assert all(name in english for name in ("Region ", "ID number", f"Interactions {entry}: Summary")), english
        assert all(name in chinese for name in ("所在地区", "证件号码", f"沟通记录 {entry}")), chinese
        assert "id_number" not in english + chinese
        assert {"region", "id_number", f"interactions.{entry}.summary"} <= {row["field"] for row in data(zhao, *words)}


def test_a_plan_says_that_mentions_were_looked_for_in_part(people: list[Person]) -> None:
    zhao, li, _wang = people
    zhao.on("2024-06-01").done("archive", TWO, "--reason", "ended")
    zhao.push()
    told = li.on("2026-11-22").pull()("purge", "plan")
    assert (told.exit, told.err.count(MENTIONS)) == (0, 1), told
    assert (li.folder / PLAN).exists()
    assert MENTIONS not in zhao.on("2026-11-22")("purge", "plan").err


def test_labels_are_taken_wherever_names_and_codes_are(people: list[Person]) -> None:
    zhao = people[0]
    given = ("备注=周末", "TIER=银卡", "外部编号.shop=00004")
    zhao.done("update", ONE, *(word for one in given for word in ("--set", one)), "--reason", "定期复核")
    shown = data(zhao, "show", ONE)
    assert (shown["remarks"], shown["tier"], shown["external"]) == ("周末", "silver", {"shop": "00004"})
    assert "given twice" in zhao.refused(2, "update", ONE, "--set", "备注=a", "--set", "remarks=b")
    assert "remarks" not in data(zhao, "update", ONE, "--unset", "Remarks", "--dry-run")
    zhao.done("archive", ONE, "--reason", "合作终止")
    assert "archived" in zhao.refused(5, "update", ONE, "--set", "备注=x")
    assert "review (" in zhao.refused(2, "reactivate", ONE, "--reason", "复核")
    assert "主管（manager）" in zhao("team", "role", "li.na", "--role", "经理", env=ZH).err
    zhao.done("team", "role", "li.na", "--role", "职员", "--role", "Legal")
    assert {row["name"]: row["roles"] for row in data(zhao, "team")}["li.na"] == "staff, legal"


def test_who_may_not_enter_a_field_is_told_who_may(people: list[Person]) -> None:
    _zhao, li, _wang = people
    add = ("add", "--kind", "individual", "--name", "孙样例", "--region", "北京/朝阳", "--source", "store")
    said = li.refused(5, *add, "--phone", "13512345678")
    assert "Roles that may: staff, legal, manager, admin" in said
    assert "somebody who is staff" in li.refused(2, *add)
    first = li.done(*add, "--incomplete", "--format", "ids")
    assert first.strip() == "C20240510003"  # a refused one spends no number
    assert "phones" in li.done("team", "add", "--help")


def test_a_mistake_is_answered_once_and_with_what_helps(people: list[Person]) -> None:
    zhao = people[0]
    said = zhao.refused(2, "sale", "add", ONE, "--product", "会员卡", "--quantity", "两个", "--price", "199")
    assert "“两个” is not a quantity. (expected a number above zero)" in said
    assert "currency" not in said
    assert "missing" not in said
    assert "crm search owner:…" in zhao.refused(2, "list", "--owner", "li.na")


def test_what_changed_is_told_in_the_words_of_the_house(people: list[Person]) -> None:
    zhao = people[0]
    zhao.done("update", ONE, "--set", "tier=silver")
    for words in (("diff", "--from", "HEAD~1"), ("blame", ONE), ("history", ONE, "-p", "--limit", "1")):
        told = zhao(*words, env=ZH)
        assert ("银卡" in told.out, "silver" in told.out) == (True, False), words
        assert "silver" in zhao.done(*words, "--format", "json")
