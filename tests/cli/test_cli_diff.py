"""What changed, field by field, between the last commit and the files, or between two days; and who wrote each value."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conventions import Crm

pytest_plugins = ["conventions"]
WANG, ZHANG = (f"records/2024/05/C2024051000{n}.yaml" for n in (1, 2))
FIRST, SECOND = "C20240510001", "C20240510002"


def rows(crm: Crm, *words: str, exit: int = 0) -> list[dict[str, str]]:
    """The rows a verb emits."""
    ended = crm("--format", "json", *words)
    assert ended.exit == exit, ended
    found: list[dict[str, str]] = json.loads(ended.out)["data"]
    return found


def told(crm: Crm, *words: str, exit: int = 0) -> list[tuple[str, str, str, str]]:
    return [(row["number"], row["field"], row["old"], row["new"]) for row in rows(crm, *words, exit=exit)]


def blamed(crm: Crm, *words: str) -> dict[str, dict[str, str]]:
    return {row["field"]: row for row in rows(crm, "blame", *words)}


@pytest.fixture
def on(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`on(day, *words)` runs a command on that day of May 2024."""

    def run(day: int, *words: str) -> None:
        monkeypatch.setenv("CRM_NOW", f"2024-05-{day:02}T09:30+08:00")
        assert crm(*words).exit == 0

    return run


def test_nothing_by_hand_is_nothing(crm: Crm) -> None:
    ended = crm("diff")
    assert (ended.exit, ended.out) == (0, "")


def test_hand_edits_are_told_by_field(crm: Crm) -> None:
    crm.change(WANG, "owner: li.na", "owner: chen.wei")
    crm.change(WANG, "    channel: call\n", "")
    crm.change(WANG, "  - vip", "  - new")
    assert told(crm, "diff") == [
        (FIRST, "owner", "li.na", "chen.wei"),
        (FIRST, "tags.new", "", "new"),
        (FIRST, "tags.vip", "vip", ""),
        (FIRST, "interactions.I7K2M9QXA.channel", "call", ""),
    ]


def test_staged_edits_are_not_committed_either(crm: Crm) -> None:
    crm.change(WANG, "owner: li.na", "owner: chen.wei")
    crm.git("add", "-A")
    assert told(crm, "diff") == [(FIRST, "owner", "li.na", "chen.wei")]


def test_new_and_deleted_files_are_told_whole(crm: Crm) -> None:
    text = (crm.folder / ZHANG).read_text()
    (crm.folder / WANG).unlink()
    crm.put("records/2024/05/C20240510003.yaml", text.replace(SECOND, "C20240510003").replace("5Z8", "6Z8"))
    found = told(crm, "diff")
    assert (FIRST, "name", "王芳", "") in found
    assert ("C20240510003", "name", "", "张伟") in found
    assert {number for number, *_rest in found} == {FIRST, "C20240510003"}
    assert told(crm, "diff", FIRST) == [one for one in found if one[0] == FIRST]


def test_only_what_is_named_is_told(crm: Crm) -> None:
    crm.change(WANG, "owner: li.na", "owner: chen.wei")
    crm.change(ZHANG, "source: referral", "source: store")
    assert told(crm, "diff", "张伟") == [(SECOND, "source", "referral", "store")]
    assert len(told(crm, "diff", "张伟", FIRST)) == 2
    assert "No customer" in crm.stopped_by("diff", "C20240510009", exit=3)


def test_other_spelling_is_no_difference_of_fields(crm: Crm) -> None:
    crm.change(WANG, "owner: li.na", 'owner: "li.na"  # hers')
    assert told(crm, "diff") == []


def test_a_file_that_cannot_be_read_is_named_not_shown_as_emptied(crm: Crm) -> None:
    crm.change(WANG, "owner: li.na", "owner: [")
    crm.change(ZHANG, "source: referral", "source: store")
    assert told(crm, "diff", exit=6) == [(SECOND, "source", "referral", "store")]
    assert WANG in crm("diff").err


def test_days_are_compared_at_their_ends(crm: Crm, on: Any) -> None:
    on(12, "update", "王芳", "--set", "owner=chen.wei")
    on(14, "update", "王芳", "--set", "owner=zhao.min")
    on(16, "update", "张伟", "--set", "owner=zhao.min")
    crm.change(ZHANG, "source: referral", "source: store")
    between = (FIRST, "owner", "li.na", "chen.wei")
    assert told(crm, "diff", "--from", "2024-05-10", "--to", "2024-05-13") == [between]
    assert told(crm, "diff", "--from", "2024-05-11", "--to", "2024-05-12") == [between]
    assert told(crm, "diff", "--from", "2024-05-12", "--to", "2024-05-13") == []
    assert told(crm, "diff", "--from", "2024-05-13") == [
        (FIRST, "owner", "chen.wei", "zhao.min"),
        (SECOND, "source", "referral", "store"),
        (SECOND, "owner", "", "zhao.min"),
    ]


def test_there_and_back_is_no_difference(crm: Crm, on: Any) -> None:
    on(12, "update", "王芳", "--set", "owner=chen.wei")
    on(14, "update", "王芳", "--set", "owner=li.na")
    assert told(crm, "diff", "--from", "2024-05-11") == []


def test_days_that_make_no_period_are_refused(crm: Crm) -> None:
    assert "--to needs --from" in crm.stopped_by("diff", "--to", "2024-05-10")
    assert "ends before" in crm.stopped_by("diff", "--from", "2024-05-11", "--to", "2024-05-10")
    assert "nothing on file" in crm.stopped_by("diff", "--from", "2023-01-01", "--to", "2023-01-02", exit=3)
    assert "No commit gestern" in crm.stopped_by("diff", "--from", "gestern", exit=3)


def test_each_value_is_blamed_on_the_commit_that_wrote_it(crm: Crm, on: Any) -> None:
    on(12, "update", "王芳", "--set", "owner=chen.wei", "--add-tag", "new")
    on(14, "interaction", "add", "王芳", "--channel", "visit", "--summary", "看样")
    found = blamed(crm, "王芳")
    heads = crm.git("log", "--format=%h", "--abbrev=12", "--", WANG).split()
    assert found["owner"] == {
        "field": "owner",
        "value": "chen.wei",
        "commit": heads[1],
        "at": "2024-05-12 09:30",
        "by": "Synthetic Tester",
        "change": "update",
    }
    assert (found["tags.new"]["commit"], found["tags.vip"]["commit"]) == (heads[1], heads[2])
    assert (found["name"]["commit"], found["name"]["change"]) == (heads[2], "commit")
    assert [row["change"] for row in found.values() if row["value"] == "看样"] == ["interaction add"]
    assert not [field for field in found if field.endswith(".id")]
    assert blamed(crm, "王芳", "--at", "2024-05-11")["owner"]["commit"] == heads[2]


def test_moved_lines_and_other_spellings_blame_nobody(crm: Crm) -> None:
    made = blamed(crm, "王芳")
    text = (crm.folder / WANG).read_text().replace("owner: li.na\n", "").replace("kind:", "owner: 'li.na'\nkind:")
    crm.put(WANG, text)
    crm.keep()
    assert {field: row["commit"] for field, row in blamed(crm, "王芳").items()} == {
        field: row["commit"] for field, row in made.items()
    }


def test_a_value_put_back_is_blamed_on_who_put_it_back(crm: Crm, on: Any) -> None:
    on(12, "update", "王芳", "--set", "owner=chen.wei")
    on(14, "update", "王芳", "--set", "owner=li.na")
    assert blamed(crm, "王芳")["owner"]["at"] == "2024-05-14 09:30"


def test_a_value_not_committed_is_blamed_on_nobody(crm: Crm) -> None:
    crm.change(WANG, "owner: li.na", "owner: chen.wei")
    row = blamed(crm, "王芳")["owner"]
    assert (row["commit"], row["by"], row["change"]) == ("", "", "(not committed)")


def test_both_sides_of_a_merge_keep_their_values(crm: Crm, on: Any) -> None:
    crm.git("config", "log.follow", "true")
    crm.git("checkout", "-q", "-b", "side")
    on(12, "update", "王芳", "--set", "source=referral")
    side = crm.git("rev-parse", "--short=12", "HEAD").strip()
    crm.git("checkout", "-q", "main")
    on(13, "update", "王芳", "--set", "status=ended")
    main = crm.git("rev-parse", "--short=12", "HEAD").strip()
    crm.git("merge", "-q", "--no-edit", "side")
    found = blamed(crm, "王芳")
    assert (found["source"]["commit"], found["status"]["commit"]) == (side, main)
    assert found["name"]["commit"] not in (side, main)


def test_a_day_without_the_customer_is_an_error(crm: Crm, on: Any) -> None:
    on(
        12,
        "add",
        "--kind",
        "individual",
        "--name",
        "何静",
        "--phone",
        "13600136000",
        "--region",
        "北京",
        "--source",
        "store",
    )
    assert "not on file" in crm.stopped_by("blame", "何静", "--at", "2024-05-11", exit=3)
    assert "No customer" in crm.stopped_by("blame", "nobody", exit=3)


def test_before_all_history_there_was_nothing(crm: Crm, on: Any) -> None:
    found = told(crm, "diff", FIRST, "--from", "1990-01-01")
    assert (FIRST, "owner", "", "li.na") in found
    assert found == told(crm, "diff", FIRST, "--from", "2024-05-01")
    refused = crm("list", "--at", "2024-05-01")
    assert (refused.exit, "On 2024-05-01 there was nothing on file yet" in refused.err) == (3, True)


def test_a_commit_is_a_beginning_too(crm: Crm, on: Any) -> None:
    on(11, "update", FIRST, "--set", "owner=chen.wei")
    on(12, "update", FIRST, "--set", "owner=zhang.wei")
    assert told(crm, "diff", "--from", "HEAD~1") == [(FIRST, "owner", "chen.wei", "zhang.wei")]
    assert crm("diff", "--from", "HEAD~99").exit == 3
    assert crm("diff", "--from", "2024-02-30").exit == 2
