"""What a destroyed key does not reach: clear text in the history, in import files and exports, in edits that were left."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from people import Ended, Person, founded

from crmcli.model.fields import Level
from crmcli.sealing.leaves import Levels
from crmcli.usecases import purge_places
from crmcli.usecases.purge_traces import Clarity

NUMBER, OTHER = "C20240510001", "C20240510002"
FILE, CERTIFICATE = f"records/2024/05/{NUMBER}.yaml", f"records/purged/2024/05/{NUMBER}.yaml"
WANG, ZHANG = (
    "kind: individual\nname: 王金丝雀\nphone: '+8613812345678'\nid_number: 11010519491231002X\nemail: canary@example.com\n"
    "address: 长安街示例路 88 号\nregion: 北京市/朝阳区\nsource: store\n",
    "kind: individual\nname: 张伟\nphone: '+8613900139000'\nregion: 上海市/浦东新区\nsource: store\n",
)
REQUEST = ("purge", NUMBER, "--request", "--yes")
LEAKS = {
    "new.yaml": WANG.encode(),
    "customers.csv": "name,phone\n王金丝雀,138-1234-5678\n".encode(),
    "rows.csv": "name,phone,reason\n王金丝雀,13812345678x,bad\n".encode("gb18030"),
    "letter.txt": "王金丝雀：长安街示例路 88 号".encode("utf-16"),
    "mail.txt": b"To: <Canary@Example.com>\n",
}
NAMED: dict[str, Callable[[str], bytes]] = {
    "call.txt": lambda _uid: f"format: call\n{NUMBER} 王金丝雀 13812345678\n".encode(),
    "copy.yaml": lambda _uid: f"id: {NUMBER}\nkind: individual\nphone: 13812345678\n".encode(),
    "paper.yaml": lambda uid: f'format: "1"\nnumber: {NUMBER}\nuid: {uid}\nphone: 13812345678\n'.encode(),
    "export.json": lambda uid: json.dumps({"id": NUMBER, "uid": uid, "kind": "x", "phone": "13812345678"}).encode(),
    "export.csv": lambda _uid: f"number,phone\n{NUMBER},13812345678\n".encode("utf-16"),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("left") / "world"
    founded(place, "zhao.min", WANG, ZHANG)
    return place


@pytest.fixture
def zhao(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """A sealed vault of one person, with two customers, and memory of its own for edits."""
    shutil.copytree(world, tmp_path / "world", symlinks=True)
    (tmp_path / "memory").mkdir()
    monkeypatch.setattr(purge_places, "MEMORY", tmp_path / "memory")
    return Person(tmp_path / "world", "zhao.min")


def verified(zhao: Person) -> Ended:
    return zhao("purge", "verify")


def test_values_from_before_the_vault_was_sealed_are_told_in_plan_message_certificate_and_register(
    zhao: Person,
) -> None:
    zhao.done("init", "../open", "--unsealed", "--rehearsal")
    work = zhao.folder.parent / "open"
    zhao.done("add", "--file", "-", stdin=WANG.encode(), at=work)
    zhao.done("seal", "--yes", at=work)
    zhao.done("add", "--file", "-", stdin=ZHANG.encode(), at=work)
    said = f"The history holds values of {NUMBER} in clear; no destroyed key reaches these."
    assert said in zhao("purge", NUMBER, "--request", "--dry-run", at=work).err
    told = zhao.done(*REQUEST, at=work)
    assert f"{said} Only rewriting" in told
    assert f"git filter-repo --invert-paths --path {FILE}" in told
    assert "earlier versions can't be read any more; open" not in told
    assert "history: clear-text\n" in (work / CERTIFICATE).read_text()
    assert "partly in clear" in zhao.done("purge", "list", at=work)
    ended = zhao("purge", "verify", at=work)
    assert (ended.exit, "can still be read: " in ended.err) == (6, True)
    told = zhao.done("purge", OTHER, "--request", "--yes", at=work)
    assert "earlier versions can't be read any more" in told
    assert "history: unreadable\n" in (work / CERTIFICATE.replace(NUMBER, OTHER)).read_text()


def test_so_are_values_that_were_put_right_later(zhao: Person) -> None:
    text = (zhao.folder / FILE).read_text()
    (zhao.folder / FILE).write_text(text + "remarks: 周末联系\n")
    zhao.keep()
    (zhao.folder / FILE).write_text(text)
    zhao.keep()
    zhao.on("2024-06-01").done("archive", NUMBER, "--reason", "ended")
    said = f"The history holds values of {NUMBER} in clear"
    assert said in zhao.on("2026-11-22")("purge", "plan").err
    zhao.done("purge", "approve", "2026-11-22")
    assert said in zhao.done("purge", "run", "--yes")
    assert zhao.tree(CERTIFICATE)["history"] == "clear-text"


@pytest.mark.parametrize("name", LEAKS)
@pytest.mark.parametrize("committed", [True, False])
def test_a_run_names_the_files_in_which_values_stand(name: str, committed: bool, zhao: Person) -> None:
    place = zhao.folder / name
    place.write_bytes(LEAKS[name])
    if committed:
        zhao.keep()
        place.unlink()
        zhao.keep()
    ended = zhao(*REQUEST)
    assert ended.exit == 0, ended
    assert f"{name}: It holds values of {NUMBER}; decide whether they stay." in ended.err
    assert (f"git filter-repo --invert-paths --path {name}" if committed else f"`rm {name}` removes it.") in ended.err
    assert "王金丝雀" not in ended.err
    assert "138" not in ended.err


def test_a_run_names_no_file_of_others_and_not_the_shipped_ones(zhao: Person) -> None:
    (zhao.folder / "notes.txt").write_bytes(ZHANG.encode() + "王金丝雀\n".encode())
    zhao.keep()
    assert zhao(*REQUEST).err == ""


def test_an_edit_that_was_left_is_named_with_advice_that_fits(zhao: Person, tmp_path: Path) -> None:
    left = tmp_path / "memory" / "crm-kept-abc.yaml"
    left.write_text(f"id: {NUMBER}\nuid: {zhao.tree(FILE)['uid']}\nkind: individual\nremarks: 明文\n")
    said = zhao(*REQUEST).err
    assert f"{left}: It holds values of {NUMBER}" in said
    assert f"`rm {left}` removes it." in said
    ended = verified(zhao)
    assert ended.exit == 6
    assert f"{left}: It holds values of {NUMBER} in clear. `rm {left}` removes it." in ended.err
    assert "filter-repo" not in ended.err
    left.unlink()
    ended = verified(zhao)
    assert (ended.exit, ended.err) == (0, "")
    assert "Nothing was found by key, number or uid, except open fields of earlier versions." in ended.out
    assert "Not looked at: texts that give neither number nor uid" in ended.out


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("committed", [True, False])
def test_verify_takes_for_a_paper_only_what_is_one(name: str, committed: bool, zhao: Person) -> None:
    (zhao.folder / name).write_bytes(NAMED[name](zhao.tree(FILE)["uid"]))
    if committed:
        zhao.keep()
    zhao.done(*REQUEST)
    ended = verified(zhao)
    assert ended.exit == 6, ended
    assert "13812345678" not in ended.err
    advice = "`git log --all --find-object=" if committed and name != "paper.yaml" else ""
    assert advice in ended.err


def test_a_text_that_gives_the_number_alone_is_to_be_looked_at(zhao: Person) -> None:
    (zhao.folder / "notes.txt").write_text(f"{NUMBER}: ask legal\n")
    zhao.done(*REQUEST)
    ended = verified(zhao)
    assert ended.exit == 0
    assert "look whether it says more than the number" in ended.err
    assert "look at what is named above" in ended.out


def test_what_looks_like_a_certificate_does_not_block_a_customer_who_is_there(zhao: Person) -> None:
    place = zhao.folder / CERTIFICATE
    place.parent.mkdir(parents=True)
    place.write_text("x: y\n")
    zhao.keep_signed()
    zhao.done("update", NUMBER, "--set", "remarks=z")
    assert CERTIFICATE in zhao("check").out
    old = (zhao.folder / FILE).read_bytes()
    zhao.done(*REQUEST)
    assert zhao.tree(CERTIFICATE)["number"] == NUMBER
    (zhao.folder / FILE).write_bytes(old)
    zhao.keep()
    assert "was destroyed" in zhao.refused(5, "update", NUMBER, "--set", "tier=gold", "--reason", "review")


def test_a_tag_that_looks_like_a_uid_keeps_nobody(zhao: Person) -> None:
    zhao.done("update", OTHER, "--add-tag", zhao.tree(FILE)["uid"])
    assert f"Destroyed: {NUMBER}." in zhao.done(*REQUEST)


@pytest.mark.parametrize(
    ("line", "clear"),
    [
        (b"owner: li.na\n", False),
        (b"owner: other\n", False),
        (b"remarks: ENC[1,internal.1,7K2M9QXA,abc]\n", False),
        (b"remarks: x\n", True),
        (b"remarks: |\n  owner: li.na\n", True),
        (b"interactions:\n  - id: I7K2M9QXA\n    summary: x\n", True),
        (b"owner: li.na # x\n", True),
    ],
)
def test_versions_of_one_shape_say_the_same(line: bytes, clear: bool) -> None:
    fields = (("owner",), ("id",), ("uid",), ("interactions", "id"))
    clarity = Clarity(Levels(dict.fromkeys(fields, Level.OPEN)))
    for uid in (b"4Z8K2M9QXA7PDR1TVW3BNC5GHJ", b"5Z8K2M9QXA7PDR1TVW3BNC5GHJ"):
        assert bool(clarity.fields(b"id: C20240510001\nuid: %s\n%s" % (uid, line))) is clear
