"""`crm audit` names the customers whose files were deleted though no certificate says that they were destroyed."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from audited_world import signed_merge
from device_world import ONE, TWO, destroyed
from people import Person, synced

from crmcli.store import vault as vaults
from crmcli.usecases.lost_files import lost_files

pytest_plugins = ["device_world"]
PATHS = {number: Path(f"records/2024/05/{number}.yaml") for number in (ONE, TWO, "C20240510003")}
NEW = ["add", "--kind", "individual", "--source", "store", "--region", "北京市/朝阳区", "--incomplete", "--name"]


def lost(person: Person, *words: str) -> list[tuple[str, str, str]]:
    """Commit, author and words of what was deleted; it is a warning."""
    told = person("audit", *words, "--format", "json")
    assert told.exit == 0, told
    rows: list[dict[str, str]] = [one for one in json.loads(told.out)["data"] if one["kind"] == "deleted"]
    return [(one["commit"], one["by"], one["message"]) for one in rows]


def deleted(person: Person, number: str) -> str:
    """The commit in which they delete the file with git, signed."""
    (person.folder / PATHS[number]).unlink()
    return person.keep_signed()[:12]


def test_a_file_deleted_without_a_certificate_is_named(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    before = zhao.head()
    made = deleted(li, ONE)
    li.push()
    zhao.pull()
    said = (made, "li.na", f"The file of {ONE} was deleted without a certificate.")
    assert lost(zhao) == lost(zhao, "--since", before) == [said]
    assert lost(zhao, "--since", made) == []
    assert ONE in zhao.done("audit")


def test_several_of_one_commit_are_one_line(pair: tuple[Person, Person]) -> None:
    _zhao, li = pair
    (li.folder / PATHS[ONE]).unlink()
    deleted(li, TWO)
    ((_commit, _by, said),) = lost(li)
    assert said == f"The files of 2 customers were deleted without a certificate: {ONE}, {TWO}."


def test_what_was_destroyed_is_not_named(pair: tuple[Person, Person]) -> None:
    zhao, _li = pair
    destroyed(zhao)
    assert lost(zhao) == []
    deleted(zhao, TWO)
    zhao.git("revert", "-n", "HEAD")
    zhao.keep_signed()
    assert lost(zhao) == []  # it is there again


def test_who_has_another_number_now_is_not_named(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.done(*NEW, "甲样例")
    li.done(*NEW, "乙样例")
    synced(zhao, li, zhao)
    assert len(list((zhao.folder / "records/2024/05").iterdir())) == 4
    assert lost(zhao) == lost(li) == []
    destroyed(zhao)
    moved = deleted(li, "C20240510003")  # whose number was also another's
    ((commit, _by, _said),) = lost(li)
    assert commit == moved


def test_a_file_moved_by_hand_is_not_named(pair: tuple[Person, Person]) -> None:
    zhao, _li = pair
    text = (zhao.folder / PATHS[TWO]).read_text()
    (zhao.folder / PATHS["C20240510003"]).write_text(text.replace(TWO, "C20240510003"))
    deleted(zhao, TWO)
    assert lost(zhao) == []
    made = deleted(zhao, "C20240510003")
    assert [one[0] for one in lost(zhao)] == [made]


def test_another_customer_under_the_number_does_not_hide_it(pair: tuple[Person, Person]) -> None:
    zhao, _li = pair
    text = (zhao.folder / PATHS[TWO]).read_text()
    made = deleted(zhao, TWO)
    (zhao.folder / PATHS[TWO]).write_text(re.sub(r"^uid: ..", "uid: ZZ", text, flags=re.MULTILINE))
    zhao.keep_signed()
    assert [one[0] for one in lost(zhao)] == [made]


def test_a_certificate_of_somebody_else_covers_nobody(pair: tuple[Person, Person]) -> None:
    zhao, _li = pair
    destroyed(zhao)
    made = deleted(zhao, TWO)
    paper = zhao.folder / f"records/purged/2024/05/{ONE}.yaml"
    paper.with_name(f"{TWO}.yaml").write_text(paper.read_text().replace(ONE, TWO))
    zhao.keep_signed()
    told = zhao("audit", "--format", "json")
    assert [one["commit"] for one in json.loads(told.out)["data"] if one["kind"] == "deleted"] == [made]


def test_a_merge_that_loses_what_one_side_added_is_named(pair: tuple[Person, Person]) -> None:
    zhao, li = pair
    zhao.done(*NEW, "甲样例")
    zhao.push()
    li.done("update", TWO, "--set", "tier=gold")
    li.git("fetch", "-q")
    made = signed_merge(li, li.head(), li.git("rev-parse", "origin/main").strip())[:12]
    assert lost(li) == [(made, "li.na", "The file of C20240510003 was deleted without a certificate.")]


def test_no_process_more_for_more_commits(pair: tuple[Person, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    zhao, _li = pair
    counts: list[int] = []
    start: Any = subprocess.Popen

    def counted(*args: Any, **more: Any) -> Any:
        counts[-1] += 1
        return start(*args, **more)

    for number in (ONE, TWO):
        deleted(zhao, number)
        with monkeypatch.context() as patch:
            patch.setattr(subprocess, "Popen", counted)
            counts.append(0)
            found = lost_files(vaults.at(zhao.folder, zhao.env()))
    assert len(found) == 2
    assert counts[0] == counts[1]
