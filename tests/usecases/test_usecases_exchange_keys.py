"""Exchange keys: once all devices have acknowledged a purge, nothing ever published opens the purged salt."""

import shutil
from pathlib import Path

import pytest
from exchange_world import (
    all_meet,
    at_work,
    device,
    devices,
    fetched,
    kept_files,
    key_file,
    keys_left,
    meet,
    opened,
    opened_with,
    purge,
    salts,
)
from people import Person

from crmcli.sealing import exchange
from crmcli.sealing.exchange import exchange_key_of
from crmcli.store.transaction import Message
from crmcli.usecases.exchange_keys import acknowledge, recipients

pytest_plugins = ["attack_world", "exchange_world"]


# After a purge


def test_once_all_have_acknowledged_nothing_ever_published_opens_a_purged_salt(purging: list[Person]) -> None:
    zhao, li, wang = purging
    gone = purge(zhao)
    needle = exchange.Parcel(vault="x", recipients=(), salts=(gone,)).model_dump_json().split('"')[-2].encode()

    def readable() -> bool:
        said = opened_with(keys_left(*purging), kept_files(*purging))
        return any(needle in one for one in said)

    for one in purging:
        assert readable(), "the search would not find it"
        assert meet(one).event
    assert not readable()
    all_meet(*purging)
    assert not readable()
    assert opened_with(keys_left(*purging), kept_files(*purging))
    assert salts(zhao) == salts(li) == salts(wang)
    assert len(salts(wang)) == 1


def test_a_file_for_the_old_key_of_who_has_just_changed_it_waits_for_its_maker(purging: list[Person]) -> None:
    zhao, li, wang = purging
    gone = purge(zhao)
    meet(zhao, push=False)
    li.on("2026-11-23").done("add", "--kind", "individual", "--name", "郑二", "--source", "store", "--incomplete")
    assert meet(li).file
    turned = meet(zhao)
    assert turned.taken
    assert (turned.taken.waits, turned.file) == (True, None)
    assert meet(li).file
    assert meet(zhao).taken
    all_meet(*purging)
    assert salts(zhao) == salts(li) == salts(wang)
    assert len(salts(zhao)) == 2
    assert gone not in salts(li)


def test_a_device_acknowledges_only_what_came_to_it(purging: list[Person]) -> None:
    zhao, li, _wang = purging
    purge(zhao)
    assert meet(li, pull=False, push=False).event is None
    zhao.push()
    assert meet(li).event
    assert meet(li).event is None


def test_an_acknowledgement_destroys_the_keys_of_certified_customers_first(purging: list[Person]) -> None:
    zhao, li, _wang = purging
    purge(zhao)
    zhao.push()
    li.pull()
    with at_work(li) as (work, desk):
        assert acknowledge(work, desk)
        assert len(work.keyring.store.live()) == 1  # type: ignore[union-attr]


# Keys


def test_the_old_key_is_overwritten_where_it_stood(
    approved_team: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    zhao, _li, _wang = approved_team
    meet(zhao)
    kept = zhao.world / "same bytes"
    kept.hardlink_to(key_file(zhao))
    old = kept.read_bytes()
    purge(zhao)
    assert meet(zhao).event
    assert kept.read_bytes() == bytes(len(old))
    assert exchange_key_of(key_file(zhao).read_bytes()).recipient not in old.decode()
    assert key_file(zhao).stat().st_mode & 0o777 == 0o600


def test_only_events_that_a_listed_device_signed_count(met: list[Person]) -> None:
    zhao, li, _wang = met
    before = recipients(opened(zhao))
    other = exchange.new_exchange_key(()).recipient
    for signed in (False, True):
        words = f"acknowledge\n\nCrm-Op: acknowledge\nCrm-Exchange: {other if not signed else 'age1nonsense'}\n"
        li.git("commit", "-q", "--allow-empty", "--no-verify", *([] if signed else ["--no-gpg-sign"]), "-m", words)
    li.push()
    zhao.pull()
    assert recipients(opened(zhao)) == before


def test_nobody_replaces_the_key_of_another_device(met: list[Person]) -> None:
    zhao, li, _wang = met
    before = recipients(opened(zhao))
    mine, theirs = device(li), [one for name, one in before.items() if name != device(li)]
    with at_work(li) as (work, desk):
        lines = (("Crm-Op", "acknowledge"), ("Crm-Exchange", before[mine][0]), ("Crm-Replaces", theirs[0][0]))
        desk.event(Message("acknowledge", lines), work.stamp)
    li.push()
    zhao.pull()
    assert recipients(opened(zhao)) == before


def test_a_removed_person_is_no_recipient_any_more(met: list[Person]) -> None:
    zhao, li, wang = met
    old = recipients(opened(zhao))
    zhao.pull().done("team", "remove", "li.na", "--yes")
    assert meet(zhao).file
    assert len(devices(zhao)) == 2
    (gone,) = old.keys() - devices(zhao)
    there = meet(wang).taken
    assert there
    assert there.parcel
    assert not set(old[gone]) & set(there.parcel.recipients)
    data = fetched(zhao)
    assert data
    assert opened_with(keys_left(li), [data.data]) == []


def test_what_only_somebody_who_left_had_published_is_not_lost(met: list[Person]) -> None:
    zhao, li, _wang = met
    li.done("add", "--kind", "individual", "--name", "郑二", "--source", "store", "--incomplete")
    meet(li)
    assert zhao.pull()("team", "remove", "li.na", "--yes").exit == 6  # a file is there that Zhao can't open yet
    assert len(salts(zhao)) == 2
    taken = meet(zhao).taken
    assert taken
    assert (taken.added, len(salts(zhao))) == (1, 3)


def test_two_machines_with_one_identity_both_read(met: list[Person]) -> None:
    """As with a key kit: each has an exchange key of its own, and neither says that the other's is destroyed."""
    zhao, li, _wang = met
    twin = Person(li.world, "li.na", "-home", dict(li.clock)).clone()
    for name in ("identity.age", "signing.key", "roots"):
        source, target = li.config / name, twin.config / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    all_meet(twin, zhao, twin)
    assert salts(twin) == salts(zhao)
    assert [len(keys) for keys in sorted(recipients(opened(zhao)).values(), key=len)] == [1, 1, 2]
    assert meet(li).event is None
    assert meet(twin).event is None


class Beside(Person):
    """The same person at the same machine, in another clone."""

    @property
    def folder(self) -> Path:
        return self.world / "clones" / f"{self.name}-beside"


def test_two_clones_of_one_home_come_to_one_key(purging: list[Person]) -> None:
    zhao, li, wang = purging
    beside = Beside(li.world, li.name, "", dict(li.clock)).clone()
    purge(zhao)
    zhao.push()
    assert meet(li, push=False).event
    assert meet(beside, pull=False, push=False).event  # the key that its history knows is gone
    all_meet(li, beside, zhao)
    assert {meet(one).event for one in (li, beside)} == {None}
    keys = recipients(opened(wang.pull()))
    assert [len(one) for one in keys.values()] == [1, 1, 1]
    assert keys[device(li)] == (exchange_key_of(key_file(li).read_bytes()).recipient,)


def test_an_older_home_put_back_makes_a_new_key(purging: list[Person]) -> None:
    zhao, li, _wang = purging
    older = {path: path.read_bytes() for path in li.data.rglob("*") if path.is_file()}
    purge(zhao)
    all_meet(*purging)
    for path, data in older.items():
        path.write_bytes(data)
    assert meet(li).event
    all_meet(*purging)
    keys = recipients(opened(zhao))
    assert [len(one) for one in keys.values()] == [1, 1, 1]
    assert salts(li) == salts(zhao)
    assert len(salts(li)) == 1
