"""A salt that was added is there, one that was destroyed is nowhere, and a file that is not sound gives no salt at all."""

import errno
import fcntl
import multiprocessing
import os
import random
import shutil
import tempfile
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from crmcli.errors import Conflict, Damaged, Failure, Invalid, Refused
from crmcli.model.identity import symbols
from crmcli.store.salts import Entry, Salts

DEAD = b"=" * 43


def entry(n: int, salt: int = 0) -> Entry:
    """The n-th customer's `salt`-th salt; always the same."""
    drawn = random.Random(1000 * n + salt)
    return uid(n), symbols(drawn.randbytes(5), 8), drawn.randbytes(32)


def uid(n: int) -> str:
    return symbols(random.Random(f"uid {n}").randbytes(17), 26)


def line(of: Entry) -> bytes:
    return f"{of[0]} {of[1]} {urlsafe_b64encode(of[2]).decode().rstrip('=')}\n".encode()


@pytest.fixture
def salts(tmp_path: Path) -> Salts:
    return Salts(tmp_path / "data" / "vault")


def test_before_anything_there_is_nothing_and_asking_makes_nothing(salts: Salts, tmp_path: Path) -> None:
    assert (salts.of(uid(1)), salts.purged(uid(1)), salts.live(), salts.ledger()) == ({}, False, set(), set())
    assert list(salts.all_live()) == []
    assert (salts.add([]), salts.destroy([])) == (0, [])
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_uid_is_nobodys(salts: Salts) -> None:
    salts.add([entry(1)])
    for part in ("", uid(1)[1:], entry(1)[1]):
        assert (salts.of(part), salts.purged(part)) == ({}, False)


def test_added_salts_are_lines_of_the_format_in_a_private_file(salts: Salts) -> None:
    given = [entry(1), entry(2), entry(1, 1)]
    assert salts.add(given) == 3
    assert salts.path.read_bytes() == b"".join(map(line, given))
    assert (salts.path.stat().st_mode & 0o777, salts.path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert list(salts.all_live()) == given
    assert salts.of(uid(1)) == {entry(1)[1]: entry(1)[2], entry(1, 1)[1]: entry(1, 1)[2]}


def test_adding_again_changes_nothing(salts: Salts) -> None:
    salts.add([entry(1), entry(2)])
    before = salts.path.read_bytes()
    assert salts.add([entry(2), entry(1), entry(1)]) == 0
    assert salts.path.read_bytes() == before


def test_destroying_overwrites_in_place_and_leaves_the_ledger(salts: Salts) -> None:
    salts.add([entry(1), entry(2), entry(1, 1)])
    place = salts.path.stat().st_ino
    assert salts.destroy([uid(1), uid(1), uid(3)]) == [uid(1)]
    gone = [f"{uid(1)} {each[1]} ".encode() + DEAD + b"\n" for each in (entry(1), entry(1, 1))]
    never = f"{uid(3)} ======== ".encode() + DEAD + b"\n"
    assert salts.path.read_bytes() == gone[0] + line(entry(2)) + gone[1] + never
    assert salts.path.stat().st_ino == place
    assert (salts.of(uid(1)), salts.live(), salts.ledger()) == ({}, {uid(2)}, {uid(1), uid(3)})
    assert [salts.purged(uid(n)) for n in (1, 2, 3)] == [True, False, True]


def test_destroying_again_changes_nothing(salts: Salts) -> None:
    salts.add([entry(1)])
    salts.destroy([uid(1), uid(2)])
    before = salts.path.read_bytes()
    assert salts.destroy([uid(2), uid(1)]) == []
    assert salts.path.read_bytes() == before


def test_a_purged_customer_gets_no_salt_ever_again(salts: Salts) -> None:
    salts.add([entry(1)])
    salts.destroy([uid(1), uid(2)])
    assert salts.add([entry(1), entry(1, 1), entry(2), entry(3)]) == 1
    assert salts.live() == {uid(3)}


def test_an_interrupted_addition_counts_for_nothing_and_goes_with_the_next(salts: Salts) -> None:
    for rest in range(1, 80):
        salts.path.unlink(missing_ok=True)
        salts.add([entry(1)])
        with salts.path.open("ab") as stream:
            stream.write(line(entry(2))[:rest])
        assert (salts.of(uid(2)), salts.live()) == ({}, {uid(1)})
        salts.add([entry(3)])
        assert salts.path.read_bytes() == line(entry(1)) + line(entry(3))


def test_a_salt_destroyed_by_half_is_no_salt_and_the_other_half_goes_with_the_next(salts: Salts) -> None:
    for torn in (b"=" + line(entry(1))[37:79], line(entry(1))[36:50] + b"=" * 29):
        salts.path.unlink(missing_ok=True)
        salts.add([entry(1), entry(2)])
        with salts.path.open("r+b") as stream:
            stream.seek(36)
            stream.write(torn)
        assert (salts.of(uid(1)), salts.purged(uid(1))) == ({}, True)
        assert uid(1) in salts.live() & salts.ledger()
        assert salts.add([entry(1), entry(1, 1)]) == 0
        assert salts.destroy([uid(1)]) == [uid(1)]
        assert salts.path.read_bytes()[36:79] == DEAD
        assert salts.live() == {uid(2)}


def test_what_others_did_is_seen(salts: Salts) -> None:
    other = Salts(salts.path.parent)
    salts.add([entry(1), entry(2)])
    assert other.live() == {uid(1), uid(2)}
    salts.destroy([uid(1)])
    other.refresh()
    assert (other.of(uid(1)), other.live()) == ({}, {uid(2)})
    shutil.rmtree(salts.path.parent)
    assert other.live() == set()


def test_many_lookups_say_the_same_as_few(salts: Salts) -> None:
    given = [entry(n) for n in range(50)]
    salts.add(given)
    salts.destroy([uid(7)])
    for n in [*range(60), *range(60)]:
        assert salts.of(uid(n)) == ({entry(n)[1]: entry(n)[2]} if n < 50 and n != 7 else {})
        assert salts.purged(uid(n)) == (n == 7)


@pytest.mark.parametrize(
    "wrong",
    [
        ("short", entry(1)[1], entry(1)[2]),
        (uid(1).lower(), entry(1)[1], entry(1)[2]),
        (uid(1), "========", entry(1)[2]),
        (uid(1), entry(1)[1], b"x" * 31),
        (uid(1), f"{entry(1)[1][:7]}\n", entry(1)[2]),
    ],
)
def test_what_is_no_salt_is_not_added(salts: Salts, wrong: Entry) -> None:
    with pytest.raises(Invalid):
        salts.add([entry(2), wrong])
    assert not salts.path.exists()
    with pytest.raises(Invalid):
        salts.destroy(["no uid"])
    assert salts.live() == set()


def mangle(name: str, data: bytes) -> bytes:
    """Three sound lines, the second one harmed."""
    second = {
        "a letter lost": data[80:159].replace(b" ", b"", 1) + b"\n",
        "a letter more": b"X" + data[80:160],
        "windows line ends": data[80:159] + b"\r\n",
        "cut in the middle": data[80:120],
        "another alphabet": data[80:116] + b"!" + data[117:160],
        "bits that must be zero": data[80:158] + b"B\n",
        "no line end": data[80:159] + b" ",
        "beyond ASCII": data[80:116] + b"\xff" + data[117:160],
        "a salt without an id": data[80:107] + b"========" + data[115:160],
    }[name]
    return data[:80] + second + data[160:]


ALIGNED = ("another alphabet", "bits that must be zero", "beyond ASCII", "a salt without an id")


@pytest.mark.parametrize("harm", ["a letter lost", "a letter more", "windows line ends", "cut in the middle",
                                  "no line end", *ALIGNED])  # fmt: skip
def test_a_harmed_line_gives_no_salt_and_is_named(salts: Salts, harm: str) -> None:
    salts.add([entry(1), entry(2), entry(3)])
    salts.path.write_bytes(mangle(harm, salts.path.read_bytes()))
    harmed = salts.path.read_bytes()
    asks: list[Callable[[], object]] = [
        lambda: salts.of(uid(2)),
        lambda: list(salts.all_live()),
        lambda: salts.add([entry(2)]),
        lambda: salts.destroy([uid(2)]),
    ]
    for ask in asks:
        with pytest.raises(Damaged) as failed:
            ask()
        assert (failed.value.exit, failed.value.kind) == (7, "salts")
        assert str(failed.value.where) == f"{salts.path}:2"
        assert "crm keys import" in str(failed.value.hint)
    assert salts.path.read_bytes() == harmed


@pytest.mark.parametrize("content", [b"\0" * 160, b"hello\n", b"- a: 1\n" * 100, b"x" * 79 + b"\n"])
def test_a_foreign_file_is_damaged_not_dropped(salts: Salts, content: bytes) -> None:
    salts.add([entry(1)])
    salts.path.write_bytes(content)
    with pytest.raises(Damaged):
        salts.add([entry(2)])
    assert salts.path.read_bytes() == content


def test_two_salts_with_one_id_are_damage(salts: Salts) -> None:
    salts.add([entry(1)])
    with salts.path.open("ab") as stream:
        stream.write(line((*entry(1)[:2], entry(2)[2])))
    with pytest.raises(Damaged):
        salts.of(uid(1))


def test_a_link_is_not_followed(salts: Salts, tmp_path: Path) -> None:
    salts.add([entry(1)])
    salts.path.rename(tmp_path / "elsewhere")
    salts.path.symlink_to(tmp_path / "elsewhere")
    for ask in (lambda: salts.of(uid(1)), lambda: salts.add([entry(2)]), lambda: salts.destroy([uid(1)])):
        with pytest.raises((Refused, Failure)) as failed:
            ask()
        assert str(salts.path) in failed.value.message
    assert (tmp_path / "elsewhere").read_bytes() == line(entry(1))


@pytest.mark.parametrize(("number", "text"), [(errno.ENOSPC, "No space left on device"), (errno.EROFS, "Read-only")])
@pytest.mark.parametrize("call", ["open", "pwrite", "fsync", "ftruncate"])
def test_a_disk_that_fails_is_said_and_loses_nothing(
    salts: Salts, monkeypatch: pytest.MonkeyPatch, call: str, number: int, text: str
) -> None:
    salts.add([entry(1), entry(2)])
    with salts.path.open("ab") as stream:
        stream.write(b"rest")
    real = getattr(os, call)

    def failing(first: object, *args: object, **kwargs: object) -> object:
        if call != "open" or (args and isinstance(args[0], int) and args[0] & os.O_CREAT):
            raise OSError(number, text)
        return real(first, *args, **kwargs)

    for act in (lambda: salts.add([entry(3)]), lambda: salts.destroy([uid(3)])):
        with monkeypatch.context() as patch:
            patch.setattr(os, call, failing)
            with pytest.raises(Failure) as failed:
                act()
        assert failed.value.kind == "disk"
        assert text in failed.value.message
        assert {uid(1), uid(2)} <= salts.live()
    salts.add([entry(3)])
    assert {uid(1), uid(2)} <= salts.live()


def test_a_disk_that_fills_up_midway_keeps_no_half_addition(salts: Salts, monkeypatch: pytest.MonkeyPatch) -> None:
    salts.add([entry(1)])
    put = os.pwrite
    room = iter([100])

    def filling(descriptor: int, data: bytes, at: int) -> int:
        left = next(room, 0)
        if not left:
            raise OSError(errno.ENOSPC, "No space left on device")
        return put(descriptor, data[:left], at)

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", filling)
        with pytest.raises(Failure):
            salts.add([entry(2), entry(3)])
    assert salts.path.read_bytes() == line(entry(1))


def test_a_file_swept_away_while_waiting_is_made_anew(salts: Salts) -> None:
    salts.add([entry(1)])
    with salts.path.open("rb") as held, ThreadPoolExecutor(1) as pool:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting = pool.submit(salts.add, [entry(2)])
        time.sleep(0.1)
        salts.path.unlink()
        fcntl.flock(held, fcntl.LOCK_UN)
        assert waiting.result(10) == 1
    assert salts.path.read_bytes() == line(entry(2))


def test_a_folder_that_one_may_not_enter_is_said(salts: Salts) -> None:
    salts.add([entry(1)])
    salts.path.parent.parent.chmod(0)
    me = os.geteuid()
    os.seteuid(me or 65534)
    try:
        for ask in (lambda: salts.of(uid(1)), lambda: salts.add([entry(2)]), lambda: Salts(salts.path.parent).live()):
            with pytest.raises((Refused, Failure)) as failed:
                ask()
            assert "Permission denied" in failed.value.message
    finally:
        os.seteuid(me)
        salts.path.parent.parent.chmod(0o700)
    assert salts.live() == {uid(1)}


def test_who_waits_in_vain_is_told(salts: Salts, monkeypatch: pytest.MonkeyPatch) -> None:
    salts.add([entry(1)])
    monkeypatch.setattr("crmcli.store.salts._PATIENCE", 0.05)
    with salts.path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Conflict) as failed:
            salts.destroy([uid(1)])
    assert (failed.value.kind, failed.value.exit) == ("busy", 4)
    assert salts.live() == {uid(1)}


def test_what_is_added_is_durable_before_it_counts(salts: Salts, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    sync, put = os.fsync, os.pwrite
    name = {"salts": "file", "vault": "folder"}

    def path(descriptor: int) -> str:
        return name.get(Path(f"/proc/self/fd/{descriptor}").readlink().name, "other")

    monkeypatch.setattr(os, "fsync", lambda fd: (order.append(f"sync {path(fd)}"), sync(fd))[1])
    monkeypatch.setattr(os, "pwrite", lambda fd, *rest: (order.append(f"write {path(fd)}"), put(fd, *rest))[1])
    salts.add([entry(1)])
    assert [step for step in order if "other" not in step] == ["sync folder", "write file", "sync file"]
    order.clear()
    salts.add([entry(1)])
    assert "sync file" in order  # whoever wrote it may have been killed before it was durable
    order.clear()
    salts.destroy([uid(1)])
    assert [step for step in order if "other" not in step] == ["write file", "sync file"]


def _adds(folder: Path, first: int) -> None:
    salts = Salts(folder)
    for n in range(first, first + 200):
        assert salts.add([entry(n), entry(-1)]) <= 2


def test_two_processes_at_once_lose_nothing(salts: Salts) -> None:
    fork = multiprocessing.get_context("fork")
    both = [fork.Process(target=_adds, args=(salts.path.parent, first)) for first in (0, 200)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]
    assert sorted(salts.all_live()) == sorted([entry(n) for n in range(400)] + [entry(-1)])


class Machine(RuleBasedStateMachine):
    """Two clones on one machine, killed now and then, beside a dict of what should be there."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.clones = [Salts(self.folder / "vault"), Salts(self.folder / "vault")]
        self.live: dict[tuple[str, str], bytes] = {}
        self.gone: set[str] = set()

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @rule(clone=st.sampled_from([0, 1]), drawn=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2)), max_size=12))
    def add(self, clone: int, drawn: list[tuple[int, int]]) -> None:
        given = [entry(*each) for each in drawn]
        new = {each[:2]: each[2] for each in given if each[0] not in self.gone and each[:2] not in self.live}
        assert self.clones[clone].add(given) == len(new)
        self.live |= new
        self.clones[1 - clone].refresh()

    @rule(clone=st.sampled_from([0, 1]), drawn=st.lists(st.integers(0, 8), max_size=4))
    def destroy(self, clone: int, drawn: list[int]) -> None:
        wanted = {uid(n) for n in drawn}
        assert set(self.clones[clone].destroy(map(uid, drawn))) == wanted & {key[0] for key in self.live}
        self.live = {key: salt for key, salt in self.live.items() if key[0] not in wanted}
        self.gone |= wanted
        self.clones[1 - clone].refresh()

    @rule(rest=st.integers(1, 79))
    def is_killed(self, rest: int) -> None:
        path = self.clones[0].path
        if path.exists() and not path.stat().st_size % 80:
            with path.open("ab") as stream:
                stream.write(line(entry(9))[:rest])

    @invariant()
    def both_see_what_should_be_there(self) -> None:
        for clone in self.clones:
            assert {(one, two): salt for one, two, salt in clone.all_live()} == self.live
            assert (clone.live(), clone.ledger()) == ({key[0] for key in self.live}, self.gone)
            for n in (0, 3, 8):
                assert clone.of(uid(n)) == {key[1]: salt for key, salt in self.live.items() if key[0] == uid(n)}
                assert clone.purged(uid(n)) == (uid(n) in self.gone)


Machine.TestCase.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)
TestMachine = Machine.TestCase


def test_the_digest_of_the_ledger_tells_whose_salts_are_gone(salts: Salts) -> None:
    salts.add([entry(1), entry(1, 1), entry(2)])
    digests = [salts.gone()]
    before = salts.path.read_bytes()
    for n in (1, 2):
        salts.destroy([uid(n)])
        digests.append(salts.gone())
    salts.path.write_bytes(before)
    salts.refresh()
    assert salts.gone() == digests[0]
    salts.destroy([uid(2)])
    digests.append(salts.gone())
    assert len(set(digests)) == 4
    salts.destroy([uid(1)])
    assert salts.gone() == digests[2]
