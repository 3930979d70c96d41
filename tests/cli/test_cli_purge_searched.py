"""What a plan has searched, its run does not search again; what came since, it does, and what it tells still stands."""

import json
import shutil
from pathlib import Path

import pytest
from people import Person, founded

from crmcli.usecases import past_search, purge_holders, purge_places

NUMBER = "C20240510001"
FILE, CERTIFICATE = f"records/2024/05/{NUMBER}.yaml", f"records/purged/2024/05/{NUMBER}.yaml"
WANG = "kind: individual\nname: 王金丝雀\nphone: '+8613812345678'\nregion: 北京市/朝阳区\nsource: store\n"
ROWS = "name,phone\n王金丝雀,138-1234-5678\n"
IN_CLEAR = f"The history holds values of {NUMBER} in clear"
RUN = ("purge", "run", "--yes")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("searched") / "world"
    zhao = founded(place, "zhao.min", WANG)
    zhao.on("2024-06-01").done("archive", NUMBER, "--reason", "ended")
    zhao.on("2026-11-22")
    return place


@pytest.fixture
def zhao(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """A sealed vault of one person, with a customer whose file is due for destruction."""
    shutil.copytree(world, tmp_path / "world", symlinks=True)
    (tmp_path / "memory").mkdir()
    monkeypatch.setattr(purge_places, "MEMORY", tmp_path / "memory")
    return Person(tmp_path / "world", "zhao.min").on("2026-11-22")


def planned(zhao: Person) -> str:
    """Plan and approve; what the plan says aside."""
    said = zhao("purge", "plan").err
    zhao.done("purge", "approve", "2026-11-22")
    return said


def leak(zhao: Person, name: str) -> None:
    """Values in a file that stood there for one commit."""
    (zhao.folder / name).write_text(ROWS)
    zhao.keep()
    (zhao.folder / name).unlink()
    zhao.keep()


def speak(zhao: Person) -> None:
    """A version of the customer's own file that says something in clear."""
    text = (zhao.folder / FILE).read_text()
    (zhao.folder / FILE).write_text(text + "remarks: 周末联系\n")
    zhao.keep()
    (zhao.folder / FILE).write_text(text)
    zhao.keep()


def memory(zhao: Person) -> Path:
    (found,) = (zhao.folder / ".git" / "crm").glob("*/searched")
    return found


def test_a_run_tells_what_the_plan_found_without_searching_everything_again(
    zhao: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    leak(zhao, "rows.csv")
    speak(zhao)
    said = planned(zhao)
    for where in ((past_search, "_history"), (purge_holders, "_grepped")):
        monkeypatch.setattr(*where, None)
    ended = zhao(*RUN)
    for told in (said, ended.err):
        assert f"rows.csv: It holds values of {NUMBER}" in told
    assert IN_CLEAR in said
    assert IN_CLEAR in ended.out
    assert zhao.tree(CERTIFICATE)["history"] == "clear-text"


def test_what_came_since_the_plan_is_found(zhao: Person) -> None:
    assert "warning" not in planned(zhao)
    leak(zhao, "rows.csv")
    speak(zhao)
    ended = zhao(*RUN)
    assert f"rows.csv: It holds values of {NUMBER}" in ended.err
    assert IN_CLEAR in ended.out
    assert zhao.tree(CERTIFICATE)["history"] == "clear-text"


def test_what_is_gone_since_the_plan_is_not_told(zhao: Person) -> None:
    zhao.git("switch", "-q", "-c", "side")
    leak(zhao, "rows.csv")
    speak(zhao)
    zhao.git("switch", "-q", "-")
    said = planned(zhao)
    assert "rows.csv" in said
    assert IN_CLEAR in said
    zhao.git("branch", "-q", "-D", "side")
    zhao.git("reflog", "expire", "--expire=now", "--all")
    ended = zhao(*RUN)
    assert (ended.exit, ended.err) == (0, "")
    assert IN_CLEAR not in ended.out
    assert zhao.tree(CERTIFICATE)["history"] == "unreadable"


@pytest.mark.parametrize("text", [None, "", "[]", '{"a": ["b"]}', '{"../a": {"b": ["c"]}}'])
def test_a_memory_that_is_lost_or_spoilt_only_costs_time(text: str | None, zhao: Person) -> None:
    leak(zhao, "rows.csv")
    planned(zhao)
    memory(zhao).unlink()
    if text is not None:
        next((zhao.folder / ".git" / "crm").glob("*/walks")).with_name("searched").write_text(text)
    assert f"rows.csv: It holds values of {NUMBER}" in zhao(*RUN).err


def test_a_memory_of_another_history_does_not_count(zhao: Person) -> None:
    leak(zhao, "rows.csv")
    planned(zhao)
    other = zhao.git("commit-tree", "-m", "x", "HEAD~2^{tree}", "-p", "HEAD~3").strip()
    (held,) = json.loads(memory(zhao).read_text()).values()
    memory(zhao).write_text(json.dumps({other: {asked: [] for asked in held}}))
    assert f"rows.csv: It holds values of {NUMBER}" in zhao(*RUN).err


def test_hashes_alone_are_remembered_and_for_their_owner_alone(zhao: Person) -> None:
    leak(zhao, "rows-of-王金丝雀.csv")
    speak(zhao)
    planned(zhao)
    found = json.loads(memory(zhao).read_text())
    words = [word for tip, held in found.items() for asked, names in held.items() for word in (tip, asked, *names)]
    assert len(words) > 6
    assert all(len(word) in (40, 64) and int(word, 16) for word in words)
    assert memory(zhao).stat().st_mode & 0o777 == 0o600
