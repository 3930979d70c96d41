"""What members commit in `.gitattributes` breaks no clone: neither one that has it already nor one made afterwards."""

import shutil
from pathlib import Path

import pytest
from meetings import copied_pair, meeting
from people import Person

ONE = "C20240510001"
PATH = f"records/2024/05/{ONE}.yaml"
HOSTILE = [
    "*.yaml text eol=crlf",
    "*.yaml filter=evil",
    "*.yaml working-tree-encoding=UTF-16",
    "*.yaml merge=binary",
    "*.yaml ident",
]


met = meeting("manager")
pair = copied_pair()


def committed(person: Person, line: str) -> None:
    with (person.folder / ".gitattributes").open("a") as file:
        file.write(f"{line}\n")
    person.keep_signed()


def whole(person: Person) -> None:
    """Nothing of the clone is otherwise than it was committed."""
    assert person.git("status", "--porcelain") == ""
    assert (person.folder / PATH).read_bytes() == person.git("show", f"HEAD:{PATH}").encode()
    assert person("check").exit == 0


@pytest.mark.parametrize("line", HOSTILE)
def test_no_clone_is_turned(pair: tuple[Person, Person], line: str) -> None:
    zhao, li = pair
    li.git("config", "filter.evil.smudge", "tr a-z A-Z")
    committed(zhao, line)
    zhao.done("sync")
    li.done("update", ONE, "--set", "remarks=要发票")
    zhao.done("update", ONE, "--set", "owner=zhao.min")
    zhao.done("sync")
    li.done("sync")
    whole(li)
    shutil.rmtree(li.folder)
    li.clone()
    assert "You are in the team" in li.done("join")
    whole(li)
    assert "要发票" in li.done("show", ONE)
    assert li.git("check-attr", "merge", "--", PATH) == f"{PATH}: merge: crm\n"


def test_what_a_person_changed_is_kept_where_a_turned_clone_is_mended(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    committed(zhao, HOSTILE[0])
    zhao.done("sync")
    shutil.rmtree(li.folder)
    li.clone()
    li.change(PATH, "owner: li.na", "owner: wang")
    li("join")
    assert "owner: wang" in (li.folder / PATH).read_text()
    assert b"\r" not in (li.folder / "schemas/vault.yaml").read_bytes()
    assert li.git("status", "--porcelain") == f" M {PATH}\n"


@pytest.mark.parametrize("told", ["--assume-unchanged", "--skip-worktree"])
def test_an_edit_that_git_was_told_not_to_see_is_kept(pair: tuple[Person, Person], told: str) -> None:
    zhao, _li = pair
    (zhao.folder / ".git/info/attributes").unlink()
    zhao.git("update-index", told, PATH)
    edited = (zhao.folder / PATH).read_text().replace("source: store", "source: referral")
    (zhao.folder / PATH).write_text(edited)
    zhao("list")
    assert (zhao.folder / PATH).read_text() == edited
    assert (zhao.folder / ".git/info/attributes").exists()


def test_a_backup_is_restored_as_it_was_committed(pair: tuple[Person, Person]) -> None:
    zhao, _li = pair
    committed(zhao, HOSTILE[2])
    words = b"correct horse battery staple\n"
    zhao.done("backup", str(zhao.world / "b"), stdin=words)
    zhao.done("restore", str(zhao.world / "b"), str(zhao.world / "again"), stdin=words)
    assert (zhao.world / "again" / PATH).read_bytes() == zhao.git("show", f"HEAD:{PATH}").encode()


@pytest.mark.parametrize("folder", ["kunden", "客户 [1]/a*\\b", "!v", "#v"])
def test_so_it_is_where_the_vault_is_a_folder_of_the_repository(tmp_path: Path, folder: str) -> None:
    zhao = Person(tmp_path / "world", "zhao.min")
    (zhao.folder / folder).mkdir(parents=True)
    zhao.git("init", "-q")
    zhao.done("init", ".", at=zhao.folder / folder)
    (zhao.folder / ".gitattributes").write_text("\n".join(HOSTILE) + "\n")
    zhao.keep()
    again = Person(tmp_path / "world", "zhao.min", "2")
    zhao.git("clone", "-q", ".", str(again.folder))
    settings = f"{folder}/schemas/vault.yaml"
    assert (again.folder / settings).read_bytes() != (zhao.folder / settings).read_bytes()
    again("list", at=again.folder / folder)
    assert (again.folder / settings).read_bytes() == (zhao.folder / settings).read_bytes()
    assert again.git("status", "--porcelain") == ""
    said = again.git("check-attr", "-z", "merge", "text", "filter", "working-tree-encoding", "--", f"{folder}/{PATH}")
    assert said.split("\0")[2::3] == ["crm", "unset", "unset", "unspecified"]
