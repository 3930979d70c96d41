"""A remote that is not to be trusted: what it gives instead of the file of salts counts for nothing and loses nothing."""

import os
import shutil
from collections.abc import Callable

import pyrage
import pytest
from exchange_world import (
    REF,
    all_meet,
    at_work,
    device,
    fetched,
    meet,
    opened,
    publish,
    purge,
    remote_file,
    salts,
)
from people import Person

from crmcli.errors import Damaged
from crmcli.sealing import exchange
from crmcli.sealing.cipher import salt_id
from crmcli.sealing.exchange import Parcel
from crmcli.usecases.exchange import FILE, packed, read_salts, salts_commit, take_in
from crmcli.usecases.exchange_keys import recipients

pytest_plugins = ["attack_world", "exchange_world"]


def hostile(li: Person, data: bytes, name: str = FILE, *options: str, signed: bool = True) -> str:
    """A commit with these bytes as it should not be."""
    blob = li.git("hash-object", "-w", "--stdin", stdin=data).strip()
    tree = li.git("mktree", stdin=f"100644 blob {blob}\t{name}\n".encode()).strip()
    return li.git("commit-tree", "-m", "x", *options, tree).strip()


def test_an_unsigned_file_does_not_count(met: list[Person]) -> None:
    _zhao, li, _wang = met
    made = hostile(li, b"x")
    with pytest.raises(Damaged, match="It is not signed"):
        read_salts(opened(li), made)


def test_a_strangers_file_does_not_count(met: list[Person]) -> None:
    zhao, _li, _wang = met
    wu = Person(zhao.world, "wu.di", "", dict(zhao.clock)).clone()
    wu("list")
    with at_work(wu) as (work, desk):
        made = salts_commit(work, desk, b"x")
    publish(wu, made)
    assert remote_file(zhao) == made
    with pytest.raises(Damaged, match="a device that is not listed"):
        read_salts(opened(zhao), made)


@pytest.mark.parametrize(
    "shape",
    [
        lambda li: hostile(li, b"x", "other.age"),
        lambda li: hostile(li, b"x", FILE, "-p", "HEAD"),
        lambda li: li.git("commit-tree", "-m", "x", "HEAD^{tree}").strip(),
        lambda li: li.git("commit-tree", "-m", "x" * 5000, "HEAD:schemas").strip(),
        lambda li: "0" * 40,
        lambda li: li.git("rev-parse", "HEAD:schemas/vault.yaml").strip(),
    ],
    ids=["another name", "a history", "more files", "a long message", "nothing", "a file"],
)
def test_what_is_not_one_file_in_a_commit_does_not_count(shape: Callable[[Person], str], people: list[Person]) -> None:
    with pytest.raises(Damaged, match="does not count"):
        read_salts(opened(people[1]), shape(people[1]))


def test_a_file_too_large_is_not_even_read(people: list[Person], monkeypatch: pytest.MonkeyPatch) -> None:
    li = people[1]
    monkeypatch.setattr("crmcli.usecases.exchange.LIMIT", 1 << 20)
    with at_work(li) as (work, desk):
        small, large = (salts_commit(work, desk, bytes(size)) for size in (1 << 20, (1 << 20) + 1))
        monkeypatch.setattr(type(work.vault.git()), "blob", lambda _git, _name: b"read")
        assert read_salts(work, small).data == b"read"
        with pytest.raises(Damaged, match="at most 1 MB"):
            read_salts(work, large)


def test_an_old_file_played_back_brings_nothing_purged_and_loses_nothing(purging: list[Person]) -> None:
    zhao, li, wang = purging
    old = remote_file(zhao)
    assert old
    gone = purge(zhao)
    meet(zhao)
    publish(zhao, old)
    taken = meet(li).taken  # Li's key is still the one of then: the file opens, with the purged salt in it
    assert taken
    assert taken.parcel
    assert gone in taken.parcel.salts
    assert gone not in salts(li)
    all_meet(*purging)
    publish(zhao, old)
    for one in purging:
        meet(one)
    all_meet(*purging)
    now = fetched(zhao)
    assert now
    assert now.commit != old
    assert salts(zhao) == salts(li) == salts(wang)


def test_a_dropped_file_is_published_again(met: list[Person]) -> None:
    zhao, li, _wang = met
    zhao.git("push", "-q", "--delete", "origin", REF)
    assert meet(li).file
    assert meet(zhao).file is None
    there = fetched(zhao)
    assert there
    assert there.maker == "li.na"


def test_a_file_of_another_vault_does_not_count(met: list[Person]) -> None:
    _zhao, li, _wang = met
    with at_work(li) as (work, desk):
        to = tuple(key for keys in recipients(work).values() for key in keys)
        other = exchange.packed(Parcel(vault="another", recipients=to, salts=tuple(salts(li))))
        file = read_salts(work, salts_commit(work, desk, other))
        with pytest.raises(Damaged, match="another vault"):
            take_in(work, file)


def test_bytes_that_open_and_are_no_salts_do_not_count(met: list[Person]) -> None:
    _zhao, li, _wang = met
    with at_work(li) as (work, desk):
        to = [pyrage.x25519.Recipient.from_str(key) for key in recipients(work)[device(li)]]
        for inner in (b"", b"[]", b'{"format": 1}', b"[" * 100_000):
            file = read_salts(work, salts_commit(work, desk, bytes(pyrage.encrypt(inner, to))))
            with pytest.raises(Damaged):
                take_in(work, file)


def test_a_file_filled_with_salts_that_nobody_needs_keeps_nobody_from_publishing(
    met: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    _zhao, li, _wang = met
    with at_work(li) as (work, desk):
        to = tuple(sorted(key for keys in recipients(work).values() for key in keys))
        junk = [os.urandom(32) for _n in range(50)]
        parcel = Parcel(vault=work.vault.id, recipients=to, salts=tuple(("9" * 26, salt_id(one), one) for one in junk))
        taken = take_in(work, read_salts(work, salts_commit(work, desk, exchange.packed(parcel))))
        assert len(packed(work, taken) or b"") > 5000
        monkeypatch.setattr("crmcli.usecases.exchange.LIMIT", 5000)
        assert 0 < len(packed(work, taken) or b"") < 5000


def test_a_home_that_was_lost_publishes_over_nothing_it_cannot_read(met: list[Person]) -> None:
    zhao, li, _wang = met
    meet(zhao)
    zhao.done("add", "--kind", "individual", "--name", "周一", "--source", "store", "--incomplete")
    meet(zhao)
    shutil.rmtree(li.data)
    lost = meet(li)
    assert lost.taken
    assert (lost.taken.waits, lost.file) == (True, None)
    all_meet(zhao, li)
    assert salts(li) == salts(zhao)
