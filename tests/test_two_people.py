"""Two people at two machines with one remote: each reads what they may, and leaves untouched what they may not read."""

import re
import shlex
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest
from bytesearch import needles, search
from people import Person, begun_with, founded, hand_over, let_in

from crmcli.cli import editor as cli_editor

WANG, SHANG = "records/2024/05/C20240510001.yaml", "records/2024/05/C20240510002.yaml"
ONE, TWO = "C20240510001", "C20240510002"
HOOKED = "Put the pre-commit hook in place that keeps clear text out of git.\n"  # says the first command in a clone
INTERNAL = ["王金丝雀", "周末联系金丝雀", "孙金丝雀"]
PHONES = ["+8613812345678", "+8613700137001"]
ABOVE = [*PHONES, "canary.bird@example.com", "金丝雀街 77 号", "110105199001011013", "6222020200112233445"]
CUSTOMERS = (
    f"""\
kind: individual
name: {INTERNAL[0]}
phone: "{PHONES[0]}"
email: {ABOVE[2]}
region: 北京市/朝阳区
address: {ABOVE[3]}
id_number: {ABOVE[4]}
source: store
owner: zhao.min
remarks: {INTERNAL[1]}
status: active
tier: gold
bank:
  account: "{ABOVE[5]}"
""",
    f"""\
kind: enterprise
company: 北京示例商贸有限公司
credit_code: 91110105MA0000000Y
industry: retail
region: 北京市/朝阳区
phone: "+8613900139001"
source: store
contacts:
  - name: {INTERNAL[2]}
    position: 经理
    phone: "{PHONES[1]}"
    role: decider
""",
)


@pytest.fixture(scope="module")
def founded_world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Person]:
    """The admin's vault with two customers, on the remote."""
    world = tmp_path_factory.mktemp("founded") / "world"
    return world, founded(world, "zhao.min", *CUSTOMERS)


@pytest.fixture(scope="module")
def team_world(
    founded_world: tuple[Path, Person], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Person]]:
    """The same, and Li in sales with the customers' keys."""
    world = tmp_path_factory.mktemp("team") / "world"
    (zhao,) = begun_with(founded_world[0], world, founded_world[1])
    return world, [zhao, let_in(zhao, Person(world, "li.na"), "sales")]


@pytest.fixture
def zhao(founded_world: tuple[Path, Person], tmp_path: Path) -> Person:
    """The admin, alone."""
    return begun_with(founded_world[0], tmp_path / "world", founded_world[1])[0]


@pytest.fixture
def team(team_world: tuple[Path, list[Person]], tmp_path: Path) -> list[Person]:
    """Zhao and Li."""
    return begun_with(team_world[0], tmp_path / "world", *team_world[1])


def tokens(person: Person, path: str, *levels: str) -> dict[str, str]:
    """The sealed lines of a file at these levels, by the words in front of them."""
    text = (person.folder / path).read_text()
    return dict(re.findall(rf"^(.*?)(ENC\[1,(?:{'|'.join(levels)})\..*)$", text, re.MULTILINE))


def row(said: str, *numbers: str) -> None:
    """The answer names exactly these customers."""
    assert tuple(sorted(set(re.findall(r"C\d{11}", said)))) == numbers


# Being let in


def test_a_stranger_reads_open_fields_and_is_told_how_to_be_let_in(zhao: Person) -> None:
    li = Person(zhao.world, "li.na").clone()
    first = li("show", ONE)
    assert first.exit == 0
    assert "北京市/朝阳区" in first.out
    assert first.out.count("(sealed: ") == 8
    root = zhao.git("rev-list", "--max-parents=0", "HEAD")[:12]
    assert f"First use here: pinned the vault's root {root}." in first.err
    second = li("list")
    assert "pinned" not in second.err
    assert "You are not in this vault's team." in second.err
    assert "`crm join`" in second.err
    told = li("keys")
    assert told.out.startswith("crm1.age1")
    assert f"--key {told.out.splitlines()[0]}" in told.err


def test_a_stranger_writes_nothing(zhao: Person) -> None:
    li = Person(zhao.world, "li.na").clone()
    for words in (["update", ONE, "--set", "tier=silver"], ["archive", ONE, "--reason", "ended"], ["undo", "HEAD"]):
        assert "not in this vault's team" in li.refused(5, *words)
    assert "not in this vault's team" in li.refused(5, "--dry-run", "update", ONE, "--set", "tier=silver")
    assert li.git("status", "--porcelain") == ""


def test_a_member_without_the_customers_keys_is_told_how_to_get_them(zhao: Person) -> None:
    li = let_in(zhao, Person(zhao.world, "li.na"), "sales", salts=False)
    for words in (
        ["show", ONE],
        ["list"],
        ["search", "tier:gold"],
        ["history", "-p", ONE],
        ["--format", "json", "show", ONE],
    ):
        ended = li(*words)
        assert ended.exit == 0, ended
        assert ONE in ended.out
        assert INTERNAL[0] not in ended.out
        assert "`crm keys export --for YOU FILE`" in ended.out + ended.err
    assert "does not have the key" in li.refused(
        5, "interaction", "add", ONE, "--channel", "call", "--summary", "金丝雀"
    )
    li.done("update", ONE, "--set", "tier=silver")
    hand_over(zhao, li)
    told = li("show", ONE)
    assert (told.err, INTERNAL[0] in told.out, "Silver" in told.out) == ("", True, True)


def test_a_hand_over_opens_for_nobody_else(zhao: Person) -> None:
    li = let_in(zhao, Person(zhao.world, "li.na"), "sales", salts=False)
    wu = let_in(zhao, Person(zhao.world, "wu.di"), "staff", salts=False)
    stick = zhao.world / "stick"
    zhao.done("keys", "export", "--for", "li.na", str(stick))
    assert wu("keys", "import", str(stick)).exit == 5
    assert INTERNAL[0] not in wu.done("list")
    assert (
        "Nobody in the team is called sun.yu" in zhao("keys", "export", "--for", "sun.yu", str(stick), "--replace").err
    )
    li.done("keys", "import", str(stick))
    assert INTERNAL[0] in li.done("list")


# At work


def test_she_reads_her_level_and_no_more(team: list[Person]) -> None:
    _zhao, li = team
    told = li.done("show", ONE)
    assert INTERNAL[0] in told
    assert INTERNAL[1] in told
    assert told.count("(sealed: confidential)") == 3
    assert told.count("(sealed: restricted)") == 2
    row(li.done("search", INTERNAL[0]), ONE)
    row(li.done("search", "tier:gold"), ONE)
    row(li.done("show", INTERNAL[0], "--format", "json"), ONE)


@pytest.mark.parametrize(
    "words",
    [
        ("search", f"phone:{PHONES[0]}"),
        ("search", "contact.phone:*"),
        ("search", "tier:gold AND NOT id_number:*"),
        ("list", "--sort", "phone"),
        ("list", "--columns", "number,bank.account"),
        ("export", "*", "--columns", "number,phone"),
    ],
)
def test_what_she_may_not_read_she_may_not_ask_for(team: list[Person], words: tuple[str, ...]) -> None:
    _zhao, li = team
    told = li(*words)
    assert (told.exit, told.out) == (5, "")
    assert re.search(r"The field [a-z_.]+ is (confidential|restricted); you may read internal at", told.err)


def test_a_phone_names_nobody_to_her(team: list[Person]) -> None:
    zhao, li = team
    row(zhao.done("show", PHONES[0], "--format", "json"), ONE)
    assert li("show", PHONES[0]).exit == 3
    assert "Nothing found" in li("search", PHONES[0]).err


def test_her_work_leaves_what_she_cannot_read_as_it_was(team: list[Person]) -> None:
    zhao, li = team
    before = {path: tokens(zhao, path, "confidential", "restricted") for path in (WANG, SHANG)}
    assert [len(found) for found in before.values()] == [5, 2]
    names = tokens(zhao, WANG, "internal")
    li.done("interaction", "add", ONE, "--channel", "call", "--summary", "金丝雀问价", "--note", "金丝雀的备注")
    li.done("update", ONE, "--set", "tier=silver", "--set", "owner=li.na")
    li.done("update", ONE, "--set", "remarks=金丝雀改期")
    li.done("contact", "add", TWO, "--name", "周金丝雀", "--position", "助理", "--role", "user")
    li.push()
    zhao.pull()
    assert {path: tokens(zhao, path, "confidential", "restricted") for path in before} == before
    after = tokens(zhao, WANG, "internal")
    assert (after["name: "], after["remarks: "] != names["remarks: "]) == (names["name: "], True)
    told = zhao.done("show", ONE)
    assert all(word in told for word in ("金丝雀问价", "金丝雀改期", "Silver", "li.na", "+86138****5678"))
    assert "金丝雀的备注" in zhao.done("history", ONE)
    assert "周金丝雀" in zhao.done("show", TWO)
    assert zhao.done("check") == ""
    assert zhao.done("audit") == ""


@pytest.mark.parametrize(
    "words",
    [
        ("contact", "add", TWO, "--name", "周二", "--position", "助理", "--role", "user", "--phone", "13655556667"),
        ("update", ONE, "--set", "phone=13655556667"),
        ("update", ONE, "--unset", "id_number"),
        ("update", ONE, "--set", "bank.account=6222020200112233999"),
        (
            "add",
            "--kind",
            "individual",
            "--name",
            "吴三",
            "--phone",
            "13655556667",
            "--source",
            "store",
            "--region",
            "北京/朝阳",
        ),
    ],
)
def test_above_her_level_she_changes_nothing(team: list[Person], words: tuple[str, ...]) -> None:
    _zhao, li = team
    told = li.refused(5, *words)
    assert re.search(r"(phone|id_number|bank.account) is (confidential|restricted), above your level", told)
    assert "1365555" not in told
    assert li.git("status", "--porcelain") == ""


def test_nothing_she_is_given_holds_more_than_her_level(
    team: list[Person], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zhao, li = (one.on("2024-05-20") for one in team)
    zhao.done("update", ONE, "--set", "phone=+8613812345679")
    zhao.done("update", TWO, "--set", "remarks=金丝雀旧账")
    zhao.push()
    li.pull()
    made = tmp_path / "made"
    made.mkdir()
    sheet, memory = made / "sheet", tmp_path / "memory"
    memory.mkdir()
    monkeypatch.setattr(cli_editor, "MEMORY", memory)
    asked: Iterable[tuple[str, ...]] = [
        *((*form, *words) for form in ((), ("--format", "json"), ("--format", "csv")) for words in _READING),
        ("export", "*", "-o", str(made / "export.csv")),
        ("export", "*", "-o", str(made / "export.json"), "--format", "json"),
    ]
    for at, words in enumerate(asked):
        ended = li(*words)
        assert ended.exit in (0, 6), (words, ended)
        (made / f"{at}.out").write_text(ended.out + ended.err)
    li("edit", ONE, env={"EDITOR": f"sh -c {shlex.quote(f'cp $0 {shlex.quote(str(sheet))}')}"})
    assert INTERNAL[1] in sheet.read_text()
    places = [made, li.folder, li.home, memory]
    assert search(places, needles([*ABOVE, "+8613812345679"])) == []
    assert {hit.value for hit in search([made], needles(INTERNAL))} == set(INTERNAL)
    (made / "control").write_text(zhao.done("show", ONE, "--reveal", "--reason", "delivery"))
    found = {hit.value for hit in search([made], needles(ABOVE))}
    assert {ABOVE[2], ABOVE[3], ABOVE[4], ABOVE[5]} <= found


_READING = [
    ("show", ONE),
    ("show", TWO),
    ("list",),
    ("search", "金丝雀"),
    ("history", ONE),
    ("history", "-p", ONE),
    ("diff", "--from", "2024-05-10"),
    ("blame", ONE),
    ("today",),
    ("report", "card", TWO),
    ("report", "regions"),
    ("report", "tiers", "--from", "2024-01-01"),
    ("check",),
]


# The machine


def test_a_fresh_clone_on_the_same_machine_works_at_once(team: list[Person]) -> None:
    _zhao, li = team
    li.done("list")
    shutil.rmtree(li.folder)
    told = li.clone()("show", ONE)
    assert (told.exit, told.err, INTERNAL[0] in told.out) == (0, HOOKED, True)


def test_customers_keys_survive_what_people_do_to_a_clone(team: list[Person]) -> None:
    zhao, _li = team
    before = {path: path.read_bytes() for path in zhao.home.rglob("*") if path.is_file()}
    zhao.git("clean", "-fdxq")
    zhao.git("switch", "-q", "-c", "side")
    zhao.git("switch", "-q", "main")
    zhao.git("gc", "-q", "--prune=now")
    zhao.git("worktree", "add", "-q", "--detach", "../beside")
    assert INTERNAL[0] in zhao.done("list", at=zhao.folder.parent / "beside")
    assert INTERNAL[0] in zhao.done("list")
    shutil.rmtree(zhao.folder)
    assert INTERNAL[0] in zhao.clone().done("list")
    after = {path: path.read_bytes() for path in zhao.home.rglob("*") if path.is_file()}
    assert {path.name for path in before.keys() | after.keys() if before.get(path) != after.get(path)} <= {"gitconfig"}
    assert any(path.name == "salts" for path in after)


def test_a_key_kit_makes_a_second_machine(team: list[Person]) -> None:
    zhao, _li = team
    kit = zhao.world / "kit.age"
    zhao.done("keys", "export", str(kit), stdin=b"correct horse\n")
    zhao.push()
    assert search([kit], needles([*INTERNAL, "AGE-SECRET-KEY"])) == []
    home = Person(zhao.world, "zhao.min", "-home").clone()
    assert home("keys", "import", str(kit), stdin=b"wrong horse\n").exit in (2, 5)
    home.done("keys", "import", str(kit), stdin=b"correct horse\n")
    told = home("show", ONE, "--reveal", "--reason", "delivery")
    assert (told.exit, told.err) == (0, HOOKED)
    assert all(value in told.out for value in (INTERNAL[0], PHONES[0], ABOVE[4]))
    home.done("update", ONE, "--set", "remarks=从家里")
    home.push()
    assert "从家里" in zhao.pull().done("show", ONE)
    assert zhao.done("audit") == ""


# Other roles


def test_a_higher_role_reads_more_after_a_pull(team: list[Person]) -> None:
    zhao, li = team
    zhao.done("team", "role", "li.na", "--role", "staff")
    zhao.push()
    assert "(sealed: confidential)" in li.done("show", ONE)
    told = li.pull().done("show", ONE)
    assert "(sealed: confidential)" not in told
    assert told.count("(sealed: restricted)") == 2
    assert "+86138****5678" in told
    row(li.done("search", f"phone:{PHONES[0]}"), ONE)
    li.done("update", ONE, "--set", "phone=13655556667")
    zhao.git("pull", "-q", str(li.folder), "main")
    assert PHONES[0] not in zhao.done("show", ONE, "--reveal", "--reason", "delivery")


def test_who_is_taken_out_reads_nothing_new(team: list[Person]) -> None:
    zhao, li = team
    li.done("interaction", "add", ONE, "--channel", "call", "--summary", "金丝雀问价")
    li.push()
    known = li.head()
    zhao.pull()
    zhao.done("update", TWO, "--set", "owner=li.na")
    assert "not published by now is lost" in zhao.refused(5, "team", "remove", "li.na")
    said = zhao.done("team", "remove", "li.na", "--yes")
    assert "New keys for internal; 2 files are sealed with them." in said
    assert "1 customer still has li.na as owner: `crm search owner:li.na`." in said
    assert "What they could read until now stays readable to them." in said
    zhao.done("update", ONE, "--set", "remarks=金丝雀新约")
    zhao.push()
    li.pull()
    told = li("show", ONE)
    assert told.exit == 0
    assert "You are not in this vault's team." in told.err
    assert "金丝雀" not in told.out
    assert "not in this vault's team" in li.refused(5, "update", ONE, "--set", "tier=diamond")
    assert search([li.folder, li.home], needles(["金丝雀新约"])) == []
    assert "金丝雀问价" in zhao.done("show", ONE)
    # What she could read then she can read in any copy of that time.
    shutil.rmtree(li.folder)
    li.clone().git("reset", "-q", "--hard", known)
    assert "金丝雀问价" in li.done("show", ONE)


def test_what_she_brings_in_afterwards_is_named(team: list[Person]) -> None:
    zhao, li = team
    zhao.done("team", "remove", "li.na", "--yes")
    zhao.push()
    li.pull()
    li.change(WANG, "\ntier: gold", "\ntier: diamond")
    made = li.keep()
    li.push()
    zhao.pull()
    told = zhao("audit")
    assert told.exit == 6
    assert re.search(rf"{made[:12]}.*li\.na.*error.*unsigned", told.out)
    assert "Diamond" in zhao.done("show", ONE)
    assert "li.na" in zhao.done("blame", ONE)
    zhao.done("undo", made, "--reason", "correction")
    assert "Gold" in zhao.done("show", ONE)


def test_what_comes_in_after_she_was_removed_does_not_count(team: list[Person]) -> None:
    zhao, li = team
    zhao.done("team", "remove", "li.na", "--yes")
    zhao.push()
    li.done("update", TWO, "--set", "status=active")
    late = li.head()
    li.pull()
    merge = li.head()
    li.push()
    zhao.pull()
    told = zhao("audit")
    assert (told.exit, late[:12] in told.out, merge[:12] in told.out) == (6, True, True)


# Both at once


def test_both_work_at_once_and_merge(team: list[Person]) -> None:
    zhao, li = team
    li.done("interaction", "add", ONE, "--channel", "call", "--summary", "金丝雀问价")
    li.push()
    zhao.done("update", TWO, "--set", "phone=+8613900139002")
    zhao.pull()
    told = zhao.done("show", ONE)
    assert "金丝雀问价" in told
    zhao.push()
    li.pull()
    assert li.done("check") == ""
    assert "(sealed: confidential)" in li.done("show", TWO)


def test_a_customer_she_adds_reaches_the_admin_with_its_key(team: list[Person]) -> None:
    zhao, li = team
    li.done(
        "add",
        "--kind",
        "individual",
        "--name",
        "吴金丝雀",
        "--source",
        "store",
        "--region",
        "北京/朝阳",
        "--incomplete",
    )
    li.push()
    zhao.pull()
    told = zhao("list")
    assert (told.exit, "吴金丝雀" in told.out, "keys export --for YOU" in told.err) == (0, False, True)
    hand_over(li, zhao)
    assert "吴金丝雀" in zhao.done("list")
    zhao.done("update", "吴金丝雀", "--set", "phone=13655556668")
    row(zhao.done("search", "phone:13655556668"), "C20240510003")


def test_a_clone_refuses_clear_text_from_the_first_command_on(team: list[Person]) -> None:
    _zhao, li = team
    shutil.rmtree(li.folder / ".git/hooks", ignore_errors=True)
    told = li("update", TWO, "--set", "source=referral")
    assert told.exit == 0
    assert told.err.count("pre-commit hook") == 1
    assert "hook" not in li("list").err
    li.change(SHANG, "region: 北京市/朝阳区", "region: 北京市/朝阳区\npostcode: 明文金丝雀")
    li.git("commit", "-a", "-m", "by hand", check=False)
    assert "明文金丝雀" not in li.git("log", "-p")
    assert li.git("status", "--short").startswith(" M")


def test_a_dry_run_puts_no_hook_in_place(team: list[Person]) -> None:
    li = team[1]
    shutil.rmtree(li.folder / ".git/hooks", ignore_errors=True)
    li.done("update", TWO, "--set", "source=referral", "--dry-run")
    assert not (li.folder / ".git/hooks").exists()


def test_nobody_is_asked_about_what_would_be_refused_anyway(team: list[Person]) -> None:
    zhao, li = team
    told = zhao.refused(3, "team", "remove", "carol")
    assert "Nobody in the team is called carol" in told
    assert "--yes" not in told
    told = zhao.refused(5, "team", "remove", "zhao.min")
    assert "at least one admin" in told
    assert "--yes" not in told
    assert "Only an admin" in li.refused(5, "team", "remove", "zhao.min")
    assert "Add --yes" in zhao.refused(5, "team", "remove", "li.na")
