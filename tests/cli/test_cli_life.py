"""Archive, reactivate, hold and release as people use them: dated moves, files out of the way and out of reach."""

import csv
import io

import pytest
from conventions import WANG, ZHANG
from life_vault import FIRST, SECOND, Life

pytest_plugins = ["conventions", "life_vault"]

ENTERED = ("2024-05-10", "active", None)
GONE = ("archive", FIRST, "--reason", "ended")


def moves(life: Life, path: str = WANG) -> list[tuple[str, str, str | None]]:
    return [(one["date"], one["status"], one.get("reason")) for one in life.tree(path).get("status_history", [])]


def numbers(life: Life, *words: str) -> list[str]:
    return life.done(*words, "--format", "ids").split()


def test_archiving_enters_both_moves_with_their_days_and_reason_in_one_commit(life: Life) -> None:
    before = life.head()
    said = life.on("2024-06-01").done(*GONE, "--on", "2024-05-20", "--why", "contract-ended", "--note", "合同到期未续")
    assert said == f"Archived {FIRST}.\n"
    assert life.tree(WANG)["status"] == "archived"
    assert moves(life)[1:] == [("2024-05-20", "ended", "contract-ended"), ("2024-06-01", "archived", "contract-ended")]
    assert life.git("rev-list", "--count", f"{before}..HEAD").strip() == "1"
    message = life.git("log", "-1", "--format=%B")
    assert message.startswith(f"archive {FIRST}: status\n\nCrm-Op: archive\nCrm-Record: {FIRST}\n")
    assert "Crm-Reason: contract-ended\nCrm-Note: 合同到期未续\n" in message


def test_a_customer_who_left_before_is_archived_as_it_stands(life: Life) -> None:
    life.on("2024-05-20").done("update", FIRST, "--set", "status=churned", "--reason", "no-contact")
    life.on("2024-06-01").done("archive", FIRST)
    assert moves(life) == [ENTERED, ("2024-05-20", "churned", "no-contact"), ("2024-06-01", "archived", None)]


def test_archiving_twice_changes_nothing(life: Life) -> None:
    life.done(*GONE)
    before = life.state()
    assert life.done(*GONE) == "Nothing changed.\n"
    assert life.state() == before


def test_a_lead_who_never_bought_can_be_archived(life: Life) -> None:
    life.done("archive", SECOND, "--reason", "churned")
    assert [status for _day, status, _why in moves(life, ZHANG)] == ["lead", "churned", "archived"]


# words, what is said
REFUSALS = [
    ((FIRST,), "Say how the customer left."),
    ((FIRST, "--reason", "gone"), "ended (Cooperation ended), churned"),
    ((FIRST, "--reason", "ended", "--on", "2024-06-02"), "2024-06-02 is in the future; today is 2024-06-01."),
    ((FIRST, "--reason", "ended", "--on", "yesterday"), "is not a date."),
    ((FIRST, "--reason", "ended", "--why", "boredom"), "Unknown reason “boredom”."),
    (
        (SECOND, "--reason", "ended", "--on", "2024-05-19"),
        "2024-05-19 lies before the last move: “Active” on 2024-05-20.",
    ),
]


@pytest.mark.parametrize(("words", "said"), REFUSALS)
def test_an_archiving_that_makes_no_sense_is_refused(words: tuple[str, ...], said: str, life: Life) -> None:
    life.on("2024-05-20").done("update", SECOND, "--set", "status=active")
    assert said in life.on("2024-06-01").stopped_by("archive", *words)


@pytest.mark.parametrize("words", [("--reason", "ended"), ("--on", "2024-05-21")])
def test_how_and_when_a_customer_left_is_not_said_anew(words: tuple[str, ...], life: Life) -> None:
    life.on("2024-05-20").done("update", FIRST, "--set", "status=churned")
    told = life.on("2024-06-01").stopped_by("archive", FIRST, *words)
    assert f"{FIRST} left already: “Churned” on 2024-05-20." in told


def test_an_archived_file_says_how_the_customer_left_when_somebody_says_otherwise(life: Life) -> None:
    life.done(*GONE)
    way = "churned" if "ended" in GONE else "ended"
    refusal = life.refused("archive", FIRST, "--reason", way, exit=2)
    assert "left already" in refusal.error["message"]
    assert "crm reactivate" in refusal.error["hint"]
    assert "Nothing changed." in life.done(*GONE)


def test_a_search_that_finds_archived_customers_alone_says_so(life: Life) -> None:
    life.done(*GONE)
    found = life("search", "王芳")
    assert (found.exit, found.out) == (0, "")
    assert "1 archived customer matches; add --all." in found.err
    assert "archived" not in life("search", "nobody").err


CHANGES = [
    ("update", FIRST, "--set", "owner=chen.wei"),
    ("update", FIRST, "--set", "status=active"),
    ("update", FIRST, "--add-tag", "late"),
    ("edit", FIRST),
    ("interaction", "add", FIRST, "--channel", "call", "--summary", "再次来电"),
    ("interaction", "update", FIRST, "I7K2M9QXA", "--summary", "改"),
    ("sale", "add", FIRST, "--product", "茶", "--amount", "1"),
    ("contact", "add", FIRST, "--name", "李四"),
]


@pytest.mark.parametrize("words", CHANGES)
def test_an_archived_file_refuses_every_change(words: tuple[str, ...], life: Life) -> None:
    life.patch.setenv("EDITOR", "true")
    life.done(*GONE)
    refusal = life.refused(*words, exit=5)
    assert refusal.error["kind"] == "archived"
    assert f"crm reactivate {FIRST}" in refusal.error["hint"]


def test_a_hand_edit_of_an_archived_file_is_left_and_named(life: Life) -> None:
    life.done(*GONE)
    life.change(WANG, "owner: li.na", "owner: by.hand")
    before = life.head()
    ended = life("commit")
    assert ended.exit == 6
    assert f"{FIRST} is archived and cannot be changed." in ended.err
    assert life.head() == before


def test_import_rejects_rows_that_would_change_an_archived_file_and_takes_the_others(life: Life, tmp_path) -> None:
    life.done(*GONE)
    sheet = tmp_path / "owners.csv"
    sheet.write_text(f"number,owner\n{FIRST},chen.wei\n{SECOND},chen.wei\n")
    ended = life("import", str(sheet), "--key", "number", "--rejects", str(tmp_path / "rejected.csv"))
    assert ended.exit == 6
    (row,) = csv.DictReader(io.StringIO((tmp_path / "rejected.csv").read_text(encoding="utf-8-sig")))
    assert any(f"{FIRST} is archived and cannot be changed." in cell for cell in row.values())
    assert life.tree(WANG)["owner"] == "li.na"
    assert life.tree(ZHANG)["owner"] == "chen.wei"


def test_import_of_what_is_on_file_leaves_an_archived_customer_in_peace(life: Life, tmp_path) -> None:
    life.done(*GONE)
    sheet = tmp_path / "owners.csv"
    sheet.write_text(f"number,owner\n{FIRST},li.na\n")
    assert "1 customer unchanged" in life.done("import", str(sheet), "--key", "number")


def test_a_reactivated_customer_is_active_and_can_be_changed(life: Life) -> None:
    life.done(*GONE)
    assert life.on("2024-07-01").done("reactivate", FIRST, "--reason", "return") == f"{FIRST} is active again.\n"
    assert moves(life)[-1] == ("2024-07-01", "active", "return")
    life.done("update", FIRST, "--set", "owner=chen.wei")
    assert life.done("reactivate", FIRST, "--reason", "return") == "Nothing changed.\n"


def test_reactivating_needs_a_reason_and_somebody_who_left(life: Life) -> None:
    assert "The reason is missing." in life.stopped_by("reactivate", FIRST)
    assert "Unknown reason" in life.stopped_by("reactivate", FIRST, "--reason", "mood")
    assert "it is a lead" in life.stopped_by("reactivate", SECOND, "--reason", "return", exit=4)


def test_everyday_search_and_list_leave_archived_customers_out(life: Life) -> None:
    life.on("2024-06-01").done(*GONE)
    for verb in (("list",), ("search", "phone:*")):
        assert numbers(life, *verb) == [SECOND]
        assert numbers(life, *verb, "--archived") == [FIRST]
        assert sorted(numbers(life, *verb, "--all")) == [FIRST, SECOND]
        assert "not both" in life.stopped_by(*verb, "--all", "--archived")
        assert sorted(numbers(life, *verb, "--at", "2024-05-31")) == [FIRST, SECOND]
        assert numbers(life, *verb, "--at", "2024-06-01") == [SECOND]
    assert life.done("search", "phone:*", "--count") == "1\n"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status:archived", [FIRST]),
        ("status:(archived lead)", [FIRST, SECOND]),
        ("NOT status:lead", [FIRST]),
        ("王芳", []),
        ("vip OR 张伟", [SECOND]),
        ("状态:已归档", [FIRST]),
    ],
)
def test_a_query_that_names_the_status_is_taken_as_it_stands(query: str, found: list[str], life: Life) -> None:
    life.done(*GONE)
    assert sorted(numbers(life, "search", query)) == found


def test_an_exact_reference_and_check_still_find_an_archived_customer(life: Life) -> None:
    life.done(*GONE)
    for ref in (FIRST, "王芳", "13800138000"):
        assert f"{FIRST} 王芳" in life.done("show", ref)
    life.put(WANG, (life.folder / WANG).read_text().replace("owner:", "# by hand\nowner:").replace("vip", '"vip"'))
    assert f"{WANG},,," in life.done("check", "--format", "csv")


def test_a_hold_is_entered_once_for_each_reason_and_released_by_it(life: Life) -> None:
    life.done(*GONE)
    assert life.on("2024-06-01").done("hold", FIRST, "--reason", "audit") == f"{FIRST} is held.\n"
    assert life.done("hold", FIRST, "--reason", "audit") == "Nothing changed.\n"
    life.on("2024-06-02").done("hold", FIRST, "--reason", "litigation")
    refusal = life.refused("release", FIRST, exit=4)
    assert [one["reason"] for one in refusal.error["candidates"]] == ["audit", "litigation"]
    life.on("2024-06-03").done("release", FIRST, "--reason", "audit")
    life.on("2024-06-04").done("release", FIRST)
    assert life.done("release", FIRST) == "Nothing changed.\n"
    held = [(one["date"], one["reason"], one["released"]) for one in life.tree(WANG)["holds"]]
    assert held == [("2024-06-01", "audit", "2024-06-03"), ("2024-06-02", "litigation", "2024-06-04")]


def test_a_hold_needs_a_reason_the_house_knows(life: Life) -> None:
    assert "The reason is missing." in life.stopped_by("hold", FIRST)
    assert "Unknown reason “review”." in life.stopped_by("hold", FIRST, "--reason", "review")


@pytest.mark.parametrize(
    "words", [GONE, ("hold", FIRST, "--reason", "audit"), ("reactivate", "C20240510003", "--reason", "return")]
)
def test_a_dry_run_shows_the_change_and_makes_none(words: tuple[str, ...], life: Life) -> None:
    life.done("add", "--kind", "individual", "--name", "何静", "--incomplete")
    life.done("archive", "C20240510003", "--reason", "churned")
    before = life.state()
    assert words[1] in life.done(*words, "--dry-run")
    assert life.state() == before


def test_undo_takes_an_archiving_back(life: Life) -> None:
    life.done(*GONE)
    life.done("undo")
    assert life.tree(WANG)["status"] == "active"
    assert moves(life) == [ENTERED]
