"""Certificates that nobody approved: published by no sync, taken in by none, and taken back where plain git brought one."""

from pathlib import Path

import pytest
from attack_world import CERTIFICATE, CUSTOMERS, ONE, SHANG, TWO, live
from people import Person, synced

pytest_plugins = ["attack_world"]


def forge(by: Person, text: str) -> str:
    """The text that a run makes, the file removed, signed with their own key."""
    (by.folder / CERTIFICATE).parent.mkdir(parents=True, exist_ok=True)
    (by.folder / CERTIFICATE).write_text(text)
    by.git("rm", "-q", SHANG)
    return by.keep_signed()


def tip(person: Person) -> str:
    return person.git("ls-remote", "origin", "refs/heads/main").split()[0]


def test_what_nobody_approved_is_not_published(planned: list[Person], certificate: str) -> None:
    _zhao, _li, wang = planned
    synced(wang)
    before, made = tip(wang), forge(wang, certificate)
    told = wang("sync")
    assert told.exit == 7
    assert "is not authorised. Its plan is not approved" in told.err
    assert f"git rebase --onto {made[:12]}^ {made[:12]}" in told.err
    assert tip(wang) == before
    wang.git("rebase", "-q", "--onto", f"{made}^", made)
    assert "张伟" in wang.done("show", TWO)
    wang.done("sync")


def test_what_nobody_approved_is_not_taken_in(planned: list[Person], certificate: str) -> None:
    zhao, li, wang = planned
    synced(zhao, li, wang)
    made = forge(wang, certificate)
    wang.push()
    for one in (zhao, li):
        said = one.refused(7, "sync")
        assert "Its plan is not approved" in said
        assert made[:12] in said
        assert one("show", TWO).err == ""


@pytest.mark.parametrize("how", ["pulled", "synced"])
def test_one_in_the_history_is_taken_back_by_an_admin(planned: list[Person], certificate: str, how: str) -> None:
    zhao, li, wang = planned
    synced(zhao, li, wang)
    made = forge(wang, certificate)
    wang.push()
    if how == "pulled":
        li.pull()
    zhao.pull()
    told = zhao("show", TWO)
    assert (told.exit, "destroyed on" in told.err) == (3, False)
    assert zhao("audit").exit == 6
    zhao.done("undo", made[:12])
    assert zhao("check").exit == 0
    synced(zhao, li, wang, zhao)
    for one in (zhao, li, wang):
        assert one("audit").exit == 0
        told = one("show", TWO)
        assert (told.exit, told.err) == (0, "")
        assert live(one) == 2
        assert not (one.folder / CERTIFICATE).exists()


def test_nobody_else_takes_it_back(planned: list[Person], certificate: str) -> None:
    zhao, li, wang = planned
    synced(zhao, li, wang)
    made = forge(wang, certificate)
    wang.push()
    li.pull()
    assert "Only an admin" in li.refused(5, "undo", made[:12])


def test_an_approval_after_it_was_taken_back_does_not_raise_it_again(planned: list[Person], certificate: str) -> None:
    zhao, li, wang = planned
    synced(zhao, li, wang)
    made = forge(wang, certificate)
    wang.push()
    zhao.pull().done("undo", made[:12])
    synced(zhao, wang)
    wang.done("purge", "approve", "2026-11-22")
    synced(wang, zhao, li)
    for one in (zhao, li, wang):
        for memory in (one.folder / ".git/crm").rglob("erased"):
            memory.unlink()
        one.done("list")
        assert live(one) == 2
    zhao.done("purge", "run", "--yes")
    synced(zhao, li, wang)
    for one in (zhao, li, wang):
        assert [live(one), one("audit").exit, one("check").exit] == [1, 0, 0]
        assert "was destroyed on" in one("show", TWO).err


def test_an_approval_that_does_not_know_of_the_taking_back_does_not_raise_it_either(
    planned: list[Person], certificate: str
) -> None:
    zhao, li, wang = planned
    synced(zhao, li, wang)
    made = forge(wang, certificate)
    wang.push()
    zhao.pull().done("undo", made[:12])
    synced(zhao)
    wang.git("reset", "-q", "--hard", f"{made}^")
    wang.done("purge", "approve", "2026-11-22")
    wang.git("pull", "-q", "--no-rebase", "--no-edit")
    wang.push()
    for one in (li, zhao, wang):
        one("sync")
        one.done("list")
        assert (live(one), one("audit").exit) == (2, 0)


@pytest.mark.parametrize("merged", [False, True])
def test_a_certificate_from_before_the_sealing_stays(tmp_path: Path, merged: bool) -> None:
    zhao = Person(tmp_path / "world", "zhao.min")
    zhao.folder.mkdir(parents=True)
    zhao.done("init", ".", "--unsealed", "--rehearsal")
    zhao.on("2024-05-10").done("add", "--file", "-", "--incomplete", stdin=CUSTOMERS[1].encode())
    before = zhao.head()
    zhao.done("purge", ONE, "--request", "--yes")
    zhao.done("seal", "--yes")
    paper = CERTIFICATE.replace(TWO, ONE)
    if merged:
        side = zhao.git("commit-tree", "-m", "x", "-p", before, f"{before}^{{tree}}").strip()
        zhao.git("merge", "-q", "--no-commit", "-s", "ours", side)
    zhao.git("rm", "-q", paper)
    zhao.git("commit", "-q", "-m", "x")
    told = zhao("audit")
    assert (told.exit, f"{paper} was deleted" in told.out) == (6, True)


def test_an_approval_that_comes_from_another_branch_counts(planned: list[Person], certificate: str) -> None:
    """Zhao made the plan; Wang approved it in her clone, and the destruction that rests on it arrives together."""
    zhao, li, wang = planned
    synced(zhao, li, wang)
    wang.done("purge", "approve", "2026-11-22")
    zhao.git("pull", "-q", "../wang.fang", "HEAD")
    zhao.done("purge", "run", "--yes")
    synced(zhao, li, wang)
    assert [live(one) for one in (zhao, li, wang)] == [1, 1, 1]


def test_an_approval_here_that_nobody_else_has_counts(planned: list[Person], certificate: str) -> None:
    zhao, li, wang = planned
    synced(zhao, li, wang, zhao)
    forge(zhao, certificate)
    zhao.push()
    wang.done("purge", "approve", "2026-11-22")
    synced(wang, li, zhao)
    assert [live(one) for one in (zhao, li, wang)] == [1, 1, 1]
    assert zhao("audit").exit == 0


def test_it_never_wins_over_a_file_that_was_changed(planned: list[Person], certificate: str) -> None:
    zhao, li, wang = planned
    synced(zhao, li, wang, zhao)
    forge(wang, certificate)
    wang.push()
    li.change(SHANG, "source: referral", "source: store")
    li.keep_signed()
    li.git("pull", "-q", "--no-rebase", check=False)
    assert TWO in li("resolve").out
    li.done("resolve", SHANG, "--take", "ours")
    assert (li.folder / CERTIFICATE).exists()
    assert "not authorised" in li("show", TWO).err
    li.push()
    zhao.pull().git("rm", "-q", CERTIFICATE)
    zhao.keep_signed()
    synced(zhao, li, wang)
    assert [one("audit").exit for one in (zhao, li, wang)] == [0, 0, 0]
    assert "张伟" in wang.done("show", TWO)
    assert live(wang) == 2


def test_one_that_names_no_key_is_not_authorised(approved_team: list[Person], certificate: str) -> None:
    zhao, _li, wang = approved_team
    synced(zhao, wang)
    made = forge(wang, certificate.replace("key-destroyed", "file-deleted"))
    wang.push()
    said = zhao.refused(7, "sync")
    assert "In a sealed vault the key is destroyed" in said
    zhao.pull()
    told = zhao("show", TWO)
    assert (told.exit, "destroyed on" in told.err, made[:12] in told.err) == (3, False, True)


def test_one_that_is_authorised_is_dropped_by_no_merge(purged: list[Person]) -> None:
    zhao, li, wang = purged
    synced(zhao, li, wang, zhao)
    now, made = zhao.head(), zhao.git("log", "--diff-filter=A", "--format=%H", "--", CERTIFICATE).strip()
    zhao.git("reset", "-q", "--hard", f"{made}^")
    (zhao.folder / "note").write_text("x")
    zhao.keep_signed()
    zhao.git("merge", "-q", "--no-edit", "-s", "ours", now)
    zhao.push()
    said = li.refused(7, "sync")
    assert f"The certificate {CERTIFICATE} was deleted" in said
