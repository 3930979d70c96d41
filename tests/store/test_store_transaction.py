"""A write commits exactly what was asked for, never over a hand edit, and leaves all else as it was."""

import multiprocessing
import os
import stat
from pathlib import Path

import pytest
from conftest import ONE, TWO, git, put
from desk import NOW, everything, hook, nothing_left, status, touched, write

from crmcli.errors import Conflict, CrmError
from crmcli.store import vault as vaults
from crmcli.store.transaction import Change, Message, writing
from crmcli.store.vault import Vault


def test_update_commits_exactly_that_file(started: Vault) -> None:
    commit = write(started, Change(ONE, b"a: 2\n"))
    assert commit == git(started.root, "rev-parse", "HEAD").strip()
    assert touched(started) == [ONE]
    assert (started.root / ONE).read_bytes() == b"a: 2\n"
    assert status(started) == ""
    nothing_left(started)


def test_new_changed_and_deleted_files_land_in_one_commit(started: Vault) -> None:
    new = "records/2024/06/C20240601001.yaml"
    before = git(started.root, "rev-parse", "HEAD").strip()
    write(started, Change(ONE, None), Change(TWO, b"b: 2\n"), Change(new, b"c: 1\n"))
    assert git(started.root, "rev-parse", "HEAD^").strip() == before
    assert sorted(touched(started)) == [ONE, TWO, new]
    assert status(started) == ""


def test_a_folder_emptied_by_deleting_goes_too(started: Vault) -> None:
    write(started, Change(ONE, None), Change(TWO, None))
    assert not (started.root / "records").exists()


def test_identical_bytes_make_no_commit(started: Vault) -> None:
    before = git(started.root, "rev-parse", "HEAD")
    assert write(started, Change(ONE, b"a: 1\n"), Change("records/none.yaml", None)) is None
    assert git(started.root, "rev-parse", "HEAD") == before


def test_foreign_work_stays_byte_for_byte_and_out_of_the_commit(messy: Vault) -> None:
    before = everything(messy)
    write(messy, Change(ONE, b"a: 2\n"), Change(TWO, None), Change("records/new.yaml", b"x: 1\n"))
    assert sorted(touched(messy)) == [ONE, TWO, "records/new.yaml"]
    assert everything(messy) == before


def test_an_event_is_an_empty_commit_whatever_is_staged(messy: Vault) -> None:
    before = everything(messy)
    with writing(messy, "export") as desk:
        commit = desk.event(Message("export 2 customers", (("Crm-Op", "export"),)), NOW)
    assert commit == git(messy.root, "rev-parse", "HEAD").strip()
    assert touched(messy) == []
    assert everything(messy) == before
    nothing_left(messy)


@pytest.mark.parametrize("how", ["edited", "staged", "half", "deleted", "intended"])
def test_hand_edits_are_never_overwritten(started: Vault, how: str) -> None:
    path = started.root / ONE
    {"deleted": path.unlink}.get(how, lambda: path.write_text("by hand\n"))()
    if how in ("staged", "half"):
        git(started.root, "add", ONE)
    if how == "half":
        path.write_text("a: 1\n")
    if how == "intended":
        git(started.root, "rm", "-q", "--cached", ONE)
        git(started.root, "add", "-N", ONE)
    before = everything(started)
    with pytest.raises(Conflict) as failed:
        write(started, Change(TWO, b"b: 2\n"), Change(ONE, b"a: 2\n"))
    assert (failed.value.kind, failed.value.exit, str(failed.value.where)) == ("uncommitted", 4, ONE)
    assert "crm commit" in str(failed.value.hint)
    assert everything(started) == before
    assert (started.root / TWO).read_text() == "b: 1\n"


def test_a_new_file_never_lands_on_one_that_lies_there(started: Vault) -> None:
    put(started.root, "records/new.yaml", "by hand\n")
    with pytest.raises(Conflict) as failed:
        write(started, Change("records/new.yaml", b"x: 1\n"))
    assert failed.value.kind == "uncommitted"
    assert (started.root / "records/new.yaml").read_text() == "by hand\n"


def test_adopting_takes_in_hand_edits_of_exactly_those_paths(messy: Vault) -> None:
    put(messy.root, ONE, "a: by hand\n")
    git(messy.root, "add", ONE)
    put(messy.root, ONE, "a:   by hand, later\n")
    put(messy.root, "records/new.yaml", "x: 1\n")
    (messy.root / TWO).unlink()
    changes = [Change(ONE, b"a: by hand, later\n"), Change("records/new.yaml", b"x: 1\n"), Change(TWO, None)]
    write(messy, *changes, adopt=True)
    assert sorted(touched(messy)) == [ONE, TWO, "records/new.yaml"]
    assert (messy.root / ONE).read_text() == "a: by hand, later\n"
    assert git(messy.root, "status", "--porcelain", "--", "records") == ""
    assert "MM half" in status(messy)
    nothing_left(messy)


def test_a_refused_adoption_gives_the_hand_edits_back(messy: Vault) -> None:
    put(messy.root, ONE, "a: staged by hand\n")
    git(messy.root, "add", ONE)
    put(messy.root, ONE, "a:   by hand\n")
    put(messy.root, "records/new.yaml", "x:   1\n")
    hook(messy, "pre-commit", "exit 1")
    before = everything(messy)
    with pytest.raises(Conflict):
        write(messy, Change(ONE, b"a: by hand\n"), Change("records/new.yaml", b"x: 1\n"), adopt=True)
    assert everything(messy) == before
    assert (messy.root / "records/new.yaml").read_text() == "x:   1\n"
    nothing_left(messy)


def test_a_hand_edit_in_the_object_store_would_outlive_its_erasure(started: Vault) -> None:
    put(started.root, ONE, "a: clear text by hand\n")
    write(started, Change(ONE, b"a: sealed\n"), adopt=True)
    objects = git(started.root, "cat-file", "--batch-all-objects", "--batch-check").split()[::3]
    assert "a: sealed\n" in [git(started.root, "cat-file", "-p", name) for name in objects]
    assert not any("clear text" in git(started.root, "cat-file", "-p", name) for name in objects)


def test_adopting_what_comes_to_the_same_as_head_only_tidies_the_file(started: Vault) -> None:
    put(started.root, ONE, "a:   1\n")
    assert write(started, Change(ONE, b"a: 1\n"), adopt=True) is None
    assert status(started) == ""
    nothing_left(started)


def test_the_journal_holds_no_content_and_is_private(started: Vault, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    hook(started, "pre-commit", f"cp -p {started.state}/intent.json {seen}")
    write(started, Change(ONE, b"a: secret value\n"))
    assert "secret" not in seen.read_text()
    assert ONE in seen.read_text()
    assert stat.S_IMODE(seen.stat().st_mode) == 0o600
    assert stat.S_IMODE(started.state.stat().st_mode) == 0o700
    assert stat.S_IMODE(started.state.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("path", ["../x", "/x", "records/../../x", "a//b", "./a", "", ".", "a/", "a\0b"])
def test_no_path_leads_out_of_the_vault(started: Vault, path: str) -> None:
    with pytest.raises(CrmError) as failed:
        write(started, Change(path, b"x"))
    assert failed.value.exit in (2, 5)
    assert status(started) == ""


def test_no_write_goes_through_a_link(started: Vault, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (started.root / "records/2025").symlink_to(tmp_path / "out")
    with pytest.raises(CrmError):
        write(started, Change("records/2025/01/x.yaml", b"x"))
    assert not list((tmp_path / "out").iterdir())


def add_one(root: str, name: str) -> None:
    vault = vaults.at(Path(root), os.environ)
    with writing(vault, "add") as desk:
        desk.commit([Change(f"records/{name}.yaml", name.encode())], Message(f"add {name}"), NOW)


def test_writers_at_the_same_time_all_land(messy: Vault) -> None:
    before, context = everything(messy), multiprocessing.get_context("fork")
    commits = int(git(messy.root, "rev-list", "--count", "HEAD"))
    writers = [context.Process(target=add_one, args=(str(messy.root), f"w{n}")) for n in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 8
    assert int(git(messy.root, "rev-list", "--count", "HEAD")) == commits + 8
    assert everything(messy) == before
    assert git(messy.root, "fsck", "--strict", "--no-dangling") == ""
