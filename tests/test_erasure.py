"""Erasure reaches history: after a purge nobody can read an earlier version, and not a commit has changed.

The judge is `opener`, written from the format alone. It holds identity and masters, and looks for the salt at every
offset of every file and object that is left (`bytesearch`): before the purge it finds one that opens every old token.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import bytesearch
import opener
import pytest
import yaml
from conftest import git, isolated, put

from crmcli.cli import boundary
from crmcli.model.edits import Edits
from crmcli.store.homes import homes
from crmcli.usecases.change import Why
from crmcli.usecases.records import change, read
from crmcli.usecases.update import update
from crmcli.usecases.workplace import Workplace, open_workplace

NOW = "2026-11-22T09:30+08:00"
NUMBER, OTHER = "C20261122001", "C20261122002"
FILE = f"records/2026/11/{NUMBER}.yaml"
CERTIFICATE = f"records/purged/2026/11/{NUMBER}.yaml"
COMMITS, TYPED = 200, 30  # of them by commands
PEOPLE = """\
kind: individual
name: 欧阳建国
phone: "+8613800138000"
email: ouyang.jianguo@example.com
id_number: 11010519491231002X
address: 长安街示例路 88 号
region: 北京市/朝阳区
source: store
status: active
remarks: 初次来访
---
kind: individual
name: 司马相如
phone: "+8613900139000"
region: 上海市/浦东新区
source: store
status: lead
remarks: 由欧阳建国介绍，电话 138 0013 8000
"""
PERSONAL = ("欧阳建国", "13800138000", "ouyang.jianguo@example.com", "11010519491231002X", "长安街示例路", "初次来访")


@dataclass
class Place:
    """A clone and the home of the person who works in it."""

    root: Path
    home: Path
    patch: pytest.MonkeyPatch

    def crm(self, *words: str, exit: int = 0) -> None:
        for name, value in {**isolated(self.home), "CRM_NOW": NOW, "CRM_LANG": "en"}.items():
            self.patch.setenv(name, value)
        assert boundary.main([*words, "--vault", str(self.root)]) == exit, words

    @property
    def folders(self) -> list[Path]:
        """Wherever this person's machine keeps anything of the vault."""
        made = [self.home / name for name in ("config", "data", "state", "cache")]
        return [self.root, *(folder for folder in made if folder.exists())]

    def clone(self, name: str) -> "Place":
        """Another person's clone with the salts taken in."""
        other = Place(self.root.parent / name, self.home.parent / f"{name}'s home", self.patch)
        other.home.mkdir()
        git(self.root.parent, "clone", "-q", str(self.root), str(other.root))
        shutil.copytree(self.home / "data", other.home / "data")
        return other


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A vault with a history of many commits on one customer, packed in part, and its home."""
    place = tmp_path_factory.mktemp("written")
    (place / "home").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        made = Place(place / "vault", place / "home", patch)
        patch.setattr(os, "fsync", lambda _descriptor: None)
        for name, value in {**isolated(made.home), "CRM_NOW": NOW, "CRM_LANG": "en"}.items():
            patch.setenv(name, value)
        assert boundary.main(["init", str(made.root), "--rehearsal", "--quiet"]) == 0
        made.crm("add", "--file", str(put(place, "people.yaml", PEOPLE)))
        (place / "people.yaml").unlink()
        work = open_workplace(made.root, dict(os.environ), datetime.fromisoformat(NOW), turned=True, homes=homes())
        for n in range(TYPED):
            update(work, NUMBER, Edits(set={"remarks": f"第 {n} 次来访"}), why=Why())
        git(made.root, "gc", "-q")
        load(work)
        yield place


def load(work: Workplace) -> None:
    """The rest of the commits, in one go."""
    data, stream = (work.root / FILE).read_bytes(), []
    for n in range(TYPED, COMMITS):
        tree = {**read(work, NUMBER).tree, "remarks": f"第 {n} 次来访"}
        data = change(work, tree, data).content or b""
        stream += [b"commit refs/heads/main\ncommitter T <t@example.invalid> 1795311000 +0800\ndata 1\n.\n"]
        stream += [b"from refs/heads/main^0\n"] if n == TYPED else []
        stream += [b"M 100644 inline %s\ndata %d\n%s\n" % (FILE.encode(), len(data), data)]
    subprocess.run(["git", "fast-import", "--quiet"], cwd=work.root, input=b"".join(stream), check=True)
    git(work.root, "reset", "-q", "--hard")


@pytest.fixture
def here(written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A copy of that vault and of that home."""
    for name in ("vault", "home"):
        shutil.copytree(written / name, tmp_path / name, symlinks=True)
    return Place(tmp_path / "vault", tmp_path / "home", monkeypatch)


class Judge:
    """Whoever holds identity and masters, keeps every old version, and looks for the salt."""

    def __init__(self, place: Place) -> None:
        schemas, config = place.root / "schemas", place.home / "config" / "crmcli"
        self.vault = yaml.safe_load((schemas / "vault.yaml").read_text())["id"]
        age = opener.age_secret((config / "identity.age").read_text())
        papers = [(schemas / name).read_text() for name in ("keys.yaml", "access.yaml")]
        (person,) = yaml.safe_load(papers[1])["people"]
        self.masters = opener.masters_of(*papers, self.vault, person, age)
        self.versions = [one for one in versions(place.root) if one["id"] == NUMBER]
        self.uid = self.versions[0]["uid"]
        self.salts = {token.salt for version in self.versions for token in tokens(version)}

    def finds(self, *places: Place) -> dict[str, str]:
        """Where the salts of the old tokens stand."""
        folders = [folder for place in places for folder in place.folders]
        return bytesearch.salts_hidden_in(folders, self.salts)

    def opens(self, where: Path) -> int:
        """How many old tokens open with the salt in this file."""
        lines = [line for line in opener.salts(where.read_bytes()) if line.uid == self.uid and line.salt]
        salts = {line.id: line.salt for line in lines}
        opened = [opener.open_tree(one, self.vault, self.uid, self.masters, salts) for one in self.versions]
        return sum(len(list(tokens(one))) for one in self.versions) - sum(len(list(tokens(one))) for one in opened)


def tokens(tree: object) -> Iterator[opener.Token]:
    if isinstance(tree, str) and tree.startswith("ENC["):
        yield opener.parse(tree)
    elif isinstance(tree, dict | list):
        for below in tree.values() if isinstance(tree, dict) else tree:
            yield from tokens(below)


def versions(root: Path) -> list[dict[str, object]]:
    """Every customer file that any object holds."""
    listed = git(root, "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)").splitlines()
    blobs = [line.split()[0] for line in listed if line.endswith(" blob")]
    texts = [subprocess.run(["git", "cat-file", "blob", name], cwd=root, capture_output=True, check=True).stdout
             for name in blobs]  # fmt: skip
    return [yaml.load(text, yaml.BaseLoader) for text in texts if text.startswith(b"id: C")]


def commits(root: Path) -> list[str]:
    return git(root, "rev-list", "HEAD").split()


def test_after_a_purge_no_old_version_opens_and_no_commit_has_changed(
    here: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    judge, old = Judge(here), commits(here.root)
    salts = here.home / "data" / "crmcli" / judge.vault / "salts"
    assert len(judge.versions) > COMMITS
    assert judge.finds(here).keys() == judge.salts
    assert judge.opens(salts) == sum(len(list(tokens(one))) for one in judge.versions)

    here.crm("purge", NUMBER, "--request", "--yes")

    told = capsys.readouterr()
    assert "Their keys are destroyed" in told.out
    assert f"records/2026/11/{OTHER}.yaml: remarks: {NUMBER} is mentioned here" in told.err
    assert not any(value in told.out + told.err for value in PERSONAL)
    assert judge.finds(here) == {}
    assert judge.opens(salts) == 0
    assert commits(here.root)[-len(old) :] == old
    assert git(here.root, "fsck", "--strict", "--no-dangling") == ""
    assert not (here.root / FILE).exists()


def test_the_certificate_holds_nothing_personal_and_no_hash_of_it(here: Place) -> None:
    judge = Judge(here)
    salts = here.home / "data" / "crmcli" / judge.vault / "salts"
    (salt,) = [line.salt for line in opener.salts(salts.read_bytes()) if line.uid == judge.uid and line.salt]
    here.crm("purge", NUMBER, "--request", "--yes", "--quiet")
    text = (here.root / CERTIFICATE).read_text()
    found = yaml.load(text, yaml.BaseLoader)
    assert not any(value in text for value in PERSONAL)
    assert (found["number"], found["uid"], found["method"]) == (NUMBER, judge.uid, "key-destroyed")
    assert (found["rule"], found["history"], found["readable"]) == ("request", "unreadable", "open-fields")
    assert found["salts"] == [opener.salt_digest(salt)]
    assert found.keys() <= {
        *("format", "number", "uid", "kind", "destroyed_at", "method", "rule", "clause", "requested_by"),
        *("approved_by", "destroyed_by", "plan", "plan_file", "history", "salts", "copies", "readable"),
    }  # fmt: skip


def test_a_second_clone_destroys_its_salt_once_the_certificate_arrives(here: Place) -> None:
    judge = Judge(here)
    there = here.clone("second")
    there.crm("list", "--quiet")
    here.crm("purge", NUMBER, "--request", "--yes", "--quiet")
    assert judge.finds(there).keys() == judge.salts
    git(there.root, "pull", "-q")
    there.crm("list", "--quiet")
    assert judge.finds(there, here) == {}


def test_an_old_repository_put_back_on_the_machine_stays_unreadable(here: Place) -> None:
    judge = Judge(here)
    shutil.copytree(here.root, here.root.with_name("kept"), symlinks=True)
    here.crm("purge", NUMBER, "--request", "--yes", "--quiet")
    shutil.rmtree(here.root)
    here.root.with_name("kept").rename(here.root)
    here.crm("show", NUMBER, "--quiet")
    assert (here.root / FILE).exists()
    assert judge.finds(here) == {}


def test_old_salts_put_back_are_destroyed_by_the_next_command(here: Place) -> None:
    judge = Judge(here)
    shutil.copytree(here.home / "data", here.home / "kept")
    here.crm("purge", NUMBER, "--request", "--yes", "--quiet")
    here.crm("list", "--quiet")
    shutil.rmtree(here.home / "data")
    (here.home / "kept").rename(here.home / "data")
    assert judge.finds(here).keys() == judge.salts
    here.crm("list", "--quiet")
    assert judge.finds(here) == {}


def test_verify_says_that_nothing_is_left_and_finds_a_salt_that_was_kept(
    here: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    judge = Judge(here)
    salts = here.home / "data" / "crmcli" / judge.vault / "salts"
    (salt,) = [line.salt for line in opener.salts(salts.read_bytes()) if line.uid == judge.uid and line.salt]
    here.crm("purge", "verify")
    assert "nothing to verify" in capsys.readouterr().out
    here.crm("purge", NUMBER, "--request", "--yes", "--quiet")
    capsys.readouterr()
    here.crm("purge", "verify", NUMBER, "--format", "json")
    told = json.loads(capsys.readouterr().out)["data"]
    assert told["versions"] == len(judge.versions)
    assert told["tokens"] == sum(len(list(tokens(one))) for one in judge.versions)
    assert told["left"] == 0
    for text in (salt.hex(), opener.base64url(salt)):
        put(here.root, "notes.txt", f"kept: {text}\n")
        here.crm("purge", "verify", exit=6)
        assert f"{here.root / 'notes.txt'}: The key of {NUMBER} is still here" in capsys.readouterr().err
    (here.root / "notes.txt").unlink()
    here.crm("purge", "verify")


def test_verify_names_clear_text_wherever_git_keeps_it(here: Place, capsys: pytest.CaptureFixture[str]) -> None:
    clear = (here.root / FILE).read_text().split("remarks:")[0] + "remarks: 明文\n"
    here.crm("purge", NUMBER, "--request", "--yes", "--quiet")
    blob = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"], cwd=here.root, input=clear.encode(), capture_output=True, check=True
    ).stdout.decode()
    here.crm("purge", "verify", exit=6)
    said = capsys.readouterr().err
    assert f"blob {blob[:12]}: 1 version of the file of {NUMBER} can still be read: remarks." in said
    assert f"git filter-repo --invert-paths --path {FILE}" in said
    assert "明文" not in said
