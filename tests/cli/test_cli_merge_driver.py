"""Plain git on customers' files: what two people changed in one customer is united by meaning, or waits for a person."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from people import Person, begun_with

ONE = "C20240510001"
PATH = f"records/2024/05/{ONE}.yaml"
CUSTOMER = """\
kind: individual
name: 王样例
phone: "+86138123{n:05d}"
region: 北京市/朝阳区
source: store
owner: li.na
status: active
tier: gold
remarks: 初次
"""
BY_LINES = "merge.crm.driver=git merge-file -q --marker-size=%L %A %O %B"
JOINS = {
    "merge": [("merge", "-q", "--no-edit", "other")],
    "pull": [("pull", "-q", "--no-rebase", "--no-edit", ".", "other")],
    "rebase": [("rebase", "-q", "other")],
    "cherry-pick": [("cherry-pick", "main..other")],
    "merge and commit": [("merge", "-q", "--no-commit", "other"), ("commit", "-q", "--no-edit")],
}


def begun(world: Path, *options: str, customers: int = 1) -> Person:
    """A vault of one person with some customers, and a branch `other` beside main."""
    world.mkdir()
    zhao = Person(world, "zhao.min")
    zhao.folder.mkdir(parents=True)
    zhao.done("init", ".", *options, at=zhao.folder)
    for n in range(1, customers + 1):
        zhao.done("add", "--file", "-", stdin=CUSTOMER.format(n=n).encode())
    zhao.git("branch", "other")
    return zhao


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Person]:
    folder = tmp_path_factory.mktemp("merged")
    return {"sealed": begun(folder / "sealed"), "open": begun(folder / "open", "--unsealed")}


@pytest.fixture(params=["sealed", "open"])
def zhao(request: pytest.FixtureRequest, kept: dict[str, Person], tmp_path: Path) -> Person:
    return begun_with(kept[request.param].world, tmp_path / "world", kept[request.param])[0]


@pytest.fixture
def sealed(kept: dict[str, Person], tmp_path: Path) -> Person:
    return begun_with(kept["sealed"].world, tmp_path / "world", kept["sealed"])[0]


def apart(zhao: Person, ours: list[str], theirs: list[str]) -> None:
    """These commands on main and on `other`; main is there afterwards."""
    for branch, lines in (("other", theirs), ("main", ours)):
        zhao.git("switch", "-q", branch)
        for line in lines:
            zhao.done(*shlex.split(line))


CALL, VISIT = (
    f"interaction add {ONE} --channel {way} --summary {said}" for way, said in (("call", "甲问价"), ("visit", "乙上门"))
)


def conflicted(zhao: Person, *words: str) -> list[str]:
    """Paths that wait for a person after a git command that did not get through."""
    zhao.git(*words, check=False)
    return zhao.git("diff", "--name-only", "--diff-filter=U").split()


@pytest.mark.parametrize("way", JOINS)
def test_plain_git_unites_two_peoples_changes_to_one_customer(zhao: Person, way: str) -> None:
    apart(zhao, [f"update {ONE} --set tier=diamond", CALL], [f"update {ONE} --set owner=chen.jing", VISIT])
    assert conflicted(zhao, "-c", BY_LINES, "merge", "other") == [PATH]
    zhao.git("merge", "--abort")
    for words in JOINS[way]:
        zhao.git(*words)
    assert zhao.git("status", "--porcelain") == ""
    shown = zhao.done("show", ONE, "--format", "json")
    assert all(said in shown for said in ("diamond", "chen.jing", "甲问价", "乙上门"))
    assert zhao("check").exit == 0


@pytest.mark.parametrize("order", [1, -1])
def test_an_unsigned_merge_by_gits_own_hand_is_told_and_passes(sealed: Person, order: int) -> None:
    apart(sealed, [f"update {ONE} --set tier=diamond", CALL], [f"update {ONE} --set owner=chen.jing", VISIT])
    ours, theirs = ("main", "other")[::order]
    sealed.git("switch", "-q", ours)
    sealed.git("merge", "-q", "--no-edit", "--no-gpg-sign", theirs)
    told = sealed("audit")
    assert told.exit == 0, told
    assert re.search(rf"{sealed.head()[:12]}.*unsigned", told.out)
    for tree in ("main^1", "main^2") if ours == "main" else ("other^1", "other^2"):
        sealed.git("reset", "-q", "--hard", ours)
        sealed.git("checkout", tree, "--", PATH)
        sealed.git("commit", "-q", "--no-verify", "--no-gpg-sign", "--amend", "--no-edit")
        assert sealed("audit").exit == 6, "somebody decided, and nobody signed it"
        sealed.git("reset", "-q", "--hard", "ORIG_HEAD")


def test_merges_that_cross_are_merged_and_pass(sealed: Person) -> None:
    apart(sealed, [f"update {ONE} --set tier=diamond", CALL], [f"update {ONE} --set owner=chen.jing", VISIT])
    main, other = sealed.git("rev-parse", "main", "other").split()
    sealed.git("config", "commit.gpgSign", "false")
    sealed.git("merge", "-q", "--no-edit", other)
    sealed.git("switch", "-q", "other")
    sealed.git("merge", "-q", "--no-edit", main)
    apart(sealed, [f"update {ONE} --set remarks=一"], [f"update {ONE} --set source=referral"])
    sealed.git("merge", "-q", "--no-edit", "other")
    shown = sealed.done("show", ONE, "--format", "json")
    assert all(said in shown for said in ("diamond", "chen.jing", "甲问价", "乙上门", "referral", "一"))
    assert sealed("audit").exit == 0


def test_only_the_field_that_both_changed_stands_between_markers(zhao: Person) -> None:
    apart(zhao, [f"update {ONE} --set owner=zhao.min", CALL], [f"update {ONE} --set owner=chen.jing", VISIT])
    told = subprocess.run(["git", "merge", "other"], cwd=zhao.folder, env=zhao.env(), capture_output=True, text=True)
    assert told.returncode == 1
    assert f"{PATH}: changed on both sides: owner." in told.stderr
    text = (zhao.folder / PATH).read_text()
    assert "<<<<<<< ours\nowner: zhao.min\n=======\nowner: chen.jing\n>>>>>>> theirs\n" in text
    assert text.count("<<<<<<<") == 1
    assert text.count("  - id: I") == 2
    assert zhao.git("ls-files", "-u").count("\n") == 3


MANY = int(os.environ.get("CRM_MERGE_MANY", "8"))  # customers


def test_many_customers_changed_on_both_sides(tmp_path: Path) -> None:
    zhao = begun(tmp_path / "world", customers=MANY)
    numbers = [f"C202405100{n:02d}" for n in range(1, MANY + 1)]
    calls = [f"interaction add {number} --channel call --summary 甲问价" for number in numbers]
    apart(zhao, calls, [line.replace("甲问价", "乙问价") for line in calls])
    assert len(conflicted(zhao, "-c", BY_LINES, "merge", "other")) == MANY
    zhao.git("merge", "--abort")
    assert conflicted(zhao, "merge", "-q", "--no-edit", "other") == []
    assert zhao("check").exit == 0
    assert zhao("audit").exit == 0


def test_plans_and_rules_are_never_united(sealed: Person) -> None:
    rule = "schemas/retention.yaml"
    for branch, line in (("other", "# below\n"), ("main", "# above\n")):
        sealed.git("switch", "-q", branch)
        text = (sealed.folder / rule).read_text()
        (sealed.folder / rule).write_text(line + text if branch == "main" else text + line)
        sealed.done("commit")
    assert conflicted(sealed, "merge", "other") == [rule]
    assert "<<<<<<<" not in (sealed.folder / rule).read_text()


@pytest.mark.parametrize(
    ("theirs", "why"),
    [
        (b"id: C20240510001\nname: [\n", "no YAML"),
        (b"\xff\xfe\0", "no text"),
        (b"", "nothing"),
        (b"id: C20240510002\nuid: X\n", "another number"),
    ],
)
def test_what_cant_be_read_stays_with_markers_and_never_fails_uglily(tmp_path: Path, theirs: bytes, why: str) -> None:
    ours = b"id: C20240510001\nuid: U\nname: A\n"
    for name, data in {"O": b"id: C20240510001\nuid: U\n", "A": ours, "B": theirs}.items():
        (tmp_path / name).write_bytes(data)
    done = driven(tmp_path, "O", "A", "B", "7", PATH)
    assert done.returncode == 1, why
    assert b"Traceback" not in done.stderr
    kept = (tmp_path / "A").read_bytes()
    assert kept == ours or (b"<<<<<<< ours\n" in kept and b"name: A\n" in kept)


@pytest.mark.parametrize("words", [(), ("O", "A", "B"), ("O", "A", "B", "x", PATH), ("../O", "A", "B", "7", PATH)])
def test_a_wrong_question_is_answered_by_a_conflict(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = driven(tmp_path, *words)
    assert (done.returncode, b"Traceback" in done.stderr) == (1, False)


def test_two_customers_of_one_number_are_never_mixed(tmp_path: Path) -> None:
    for name, uid in {"A": "U", "B": "V"}.items():
        (tmp_path / name).write_text(f"id: {ONE}\nuid: {uid}\nname: {name}\n")
    (tmp_path / "O").touch()
    assert driven(tmp_path, "O", "A", "B", "7", PATH).returncode == 1
    assert (tmp_path / "A").read_text() == (
        f"id: {ONE}\n<<<<<<< ours\nuid: U\nname: A\n=======\nuid: V\nname: B\n>>>>>>> theirs\n"
    )


def test_what_together_is_no_customer_waits_for_a_person(tmp_path: Path) -> None:
    """Each side is a customer; both together would be a company with a birthday."""
    base = f"id: {ONE}\nuid: 4Z8K2M9QXA7PDR1TVW3BNC5GHJ\nkind: individual\nname: 王样例\nstatus: active\n"
    ours = base.replace("status", 'birthday: "1990-01-01"\nstatus')
    theirs = base.replace("individual\nname: 王样例", "enterprise\ncompany: 示例公司")
    for name, text in {"O": base, "A": ours, "B": theirs}.items():
        (tmp_path / name).write_text(text)
    done = driven(tmp_path, "O", "A", "B", "7", PATH)
    assert done.returncode == 1
    assert "birthday" in done.stderr.decode()
    assert "<<<<<<< ours\n" in (tmp_path / "A").read_text()


def test_a_vault_opened_anew_is_set_up_silently(sealed: Person) -> None:
    sealed.git("config", "--remove-section", "merge.crm")
    assert sealed("list").err == ""
    assert "merge-driver" in sealed.git("config", "merge.crm.driver")


def test_the_vault_need_not_open(sealed: Person, tmp_path: Path) -> None:
    apart(sealed, [f"update {ONE} --set tier=diamond", CALL], [f"update {ONE} --set owner=chen.jing", VISIT])
    (sealed.home / "config").rename(tmp_path / "keys away")
    sealed.git("merge", "-q", "--no-edit", "--no-verify", "--no-gpg-sign", "other")
    assert sealed.tree(PATH)["owner"] == "chen.jing"


def driven(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "crmcli", "merge-driver", *words]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, check=False)
