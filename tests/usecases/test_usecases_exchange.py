"""Customers' salts go from clone to clone: nothing is lost on the way, and nothing taken in that no file names."""

from exchange_world import (
    all_meet,
    at_work,
    lose,
    meet,
    publish,
    salts,
)
from people import Person

from crmcli.sealing import exchange
from crmcli.sealing.cipher import salt_id
from crmcli.sealing.exchange import Parcel
from crmcli.usecases.exchange import salts_commit
from crmcli.usecases.exchange_keys import recipients

pytest_plugins = ["attack_world", "exchange_world"]


def test_what_one_device_publishes_another_takes_in(people: list[Person]) -> None:
    zhao, li, _wang = people
    lose(li)
    first = meet(zhao)
    assert (first.taken, bool(first.event), bool(first.file)) == (None, True, True)
    waiting = meet(li)
    assert waiting.taken
    assert (waiting.taken.added, waiting.taken.waits, waiting.file) == (0, True, None)
    assert ["zhao.min" in one.message for one in waiting.taken.refused] == [True]
    assert meet(zhao).file
    taken = meet(li).taken
    assert taken
    assert (taken.added, taken.refused) == (2, ())
    assert salts(li) == salts(zhao)


def test_a_customer_added_on_either_side_is_read_on_the_other(met: list[Person]) -> None:
    zhao, li, wang = met
    for one, name in ((zhao, "周一"), (li, "郑二")):
        one.pull().done("add", "--kind", "individual", "--name", name, "--source", "store", "--incomplete")
        meet(one)
    all_meet(*met)
    assert salts(zhao) == salts(li) == salts(wang)
    assert len(salts(wang)) == 4


def test_nothing_is_published_over_a_file_that_is_as_good(met: list[Person]) -> None:
    for one in met:
        again = meet(one)
        assert (again.event, again.file) == (None, None)


def test_two_devices_push_in_turn_and_lose_nothing(met: list[Person]) -> None:
    zhao, li, wang = met
    zhao.done("add", "--kind", "individual", "--name", "周一", "--source", "store", "--incomplete")
    assert meet(zhao, push=False).file  # Li was first: it is not published
    li.on("2024-05-11").done("add", "--kind", "individual", "--name", "郑二", "--source", "store", "--incomplete")
    meet(li)
    assert meet(zhao).file
    all_meet(li, wang, rounds=1)
    assert salts(zhao) == salts(li) == salts(wang)
    assert len(salts(zhao)) == 4


def test_salts_that_no_file_here_names_yet_are_passed_on_and_not_taken_in(met: list[Person]) -> None:
    zhao, li, wang = met
    li.git("switch", "-q", "-c", "side")
    li.done("add", "--kind", "individual", "--name", "郑二", "--source", "store", "--incomplete")
    li.git("switch", "-q", "main")
    meet(li)
    lose(wang)
    seen = meet(zhao)
    assert seen.taken
    assert (seen.taken.added, len(salts(zhao))) == (0, 2)
    zhao.done("add", "--kind", "individual", "--name", "周一", "--source", "store", "--incomplete")
    assert meet(zhao).file
    there = meet(wang).taken
    assert there
    assert there.parcel
    assert (there.added, len(there.parcel.salts)) == (3, 4)


def test_a_salt_under_the_name_of_another_customer_is_not_taken_in(met: list[Person]) -> None:
    """Or it would outlive the purge of the customer whose it is, and seal what is to be sealed for the other."""
    zhao, li, _wang = met
    one, two = salts(zhao)
    stranger = bytes(range(32))
    forged = [(one[0], two[1], two[2]), (one[0], salt_id(stranger), stranger), ("9" * 26, one[1], one[2])]
    with at_work(li) as (work, desk):
        to = tuple(sorted(key for keys in recipients(work).values() for key in keys))
        data = exchange.packed(Parcel(vault=work.vault.id, recipients=to, salts=tuple(forged)))
        made = salts_commit(work, desk, data)
    publish(li, made)
    before = salts(zhao)
    taken = meet(zhao).taken
    assert taken
    assert (taken.added, salts(zhao)) == (0, before)
