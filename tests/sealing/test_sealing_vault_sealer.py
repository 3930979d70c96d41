"""What the sealer of a sealed vault promises: who reads what, what stays byte for byte, what is named, what is refused."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from os import urandom
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import Damaged, Refused
from crmcli.model.derive import catalog
from crmcli.model.fields import Level
from crmcli.model.sealed import Sealed, is_token
from crmcli.sealing.cipher import new_salt, salt_id
from crmcli.sealing.leaves import ANY, Levels, leaves
from crmcli.sealing.vault_sealer import VaultSealer

VAULT, UID, OTHER = "4Z8K2M9QXA7PDR1TVW3BNC5GHJ", "5Z8K2M9QXA7PDR1TVW3BNC5GHJ", "6Z8K2M9QXA7PDR1TVW3BNC5GHJ"
LEVELS = Levels({found.key: found.level for found in catalog()})
MASTERS = {(level, generation): urandom(32) for level in Level for generation in (1, 2)}
TREE: dict[str, Any] = {
    "id": "C20240510001",
    "uid": UID,
    "kind": "individual",
    "name": "王芳",
    "phone": "+8613800138000",
    "id_number": "11010519491231002X",
    "status": "lead",
    "external": {"shop": "00004"},
    "interactions": [
        {"id": "I7K2M9QXA", "at": "2024-05-10T09:30+08:00", "channel": "call", "summary": "询问新品"},
        {"id": "I8K2M9QXA", "at": "2024-05-11T09:30+08:00", "channel": "call", "summary": "寄送样品"},
    ],
}


@dataclass
class Ring:
    """A reader's keys, in memory."""

    reads: Level = Level.RESTRICTED
    newest: int = 1
    kept: dict[str, dict[str, bytes]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    vault: str = VAULT

    def master(self, level: Level, generation: int) -> bytes | None:
        return MASTERS.get((level, generation)) if level.rank <= self.reads.rank else None

    def readers(self, level: Level) -> tuple[str, ...]:
        return ("staff", "manager")

    def generation(self, level: Level) -> int:
        return self.newest

    def salts(self, uid: str) -> Mapping[str, bytes]:
        return self.kept.get(uid, {})

    def knows_salt(self, name: str) -> bool:
        return any(name in salts for salts in self.kept.values())

    def purged(self, uid: str) -> bool:
        return uid in self.gone

    def mint(self, uid: str) -> tuple[str, bytes]:
        salt = new_salt()
        self.kept.setdefault(uid, {})[salt_id(salt)] = salt
        return salt_id(salt), salt


def sealer(ring: Ring) -> VaultSealer:
    return VaultSealer(ring, LEVELS)


def reader(ring: Ring, level: Level) -> Ring:
    """Somebody else on the same machine's salts."""
    return Ring(level, ring.newest, ring.kept, ring.gone)


@pytest.fixture
def ring() -> Ring:
    return Ring()


@pytest.fixture
def sealed(ring: Ring) -> dict[str, Any]:
    return sealer(ring).seal(TREE)


def test_what_is_personal_is_a_token_and_the_rest_stands_in_clear(sealed: dict[str, Any]) -> None:
    tokens = {leaf.path for leaf in leaves(sealed) if is_token(leaf.text)}
    assert tokens == {
        "name",
        "phone",
        "id_number",
        "external.shop",
        "interactions.I7K2M9QXA.summary",
        "interactions.I8K2M9QXA.summary",
    }
    assert sealed["status"] == "lead"
    assert "王芳" not in str(sealed)


@given(name=st.text(min_size=1), note=st.text(min_size=1, max_size=300))
def test_whoever_holds_every_key_reads_back_what_was_sealed(name: str, note: str) -> None:
    tree = {**TREE, "name": f"x{name}", "interactions": [{"id": "I7K2M9QXA", "summary": f"x{note}"}]}
    ring = Ring()
    opened = sealer(ring).open(sealer(ring).seal(tree), "x")
    assert (opened.tree, opened.damaged, opened.clear, opened.missing) == (tree, (), (), frozenset())


def test_sealing_again_changes_no_byte(ring: Ring, sealed: dict[str, Any]) -> None:
    assert sealer(ring).seal(sealer(ring).open(sealed, "x").tree, sealed) == sealed


def test_one_changed_value_is_one_changed_token(ring: Ring, sealed: dict[str, Any]) -> None:
    after = sealer(ring).seal({**TREE, "phone": "+8613900139000"}, sealed)
    assert [key for key in after if after[key] != sealed[key]] == ["phone"]


def test_a_moved_entry_keeps_its_token(ring: Ring, sealed: dict[str, Any]) -> None:
    after = sealer(ring).seal({**TREE, "interactions": TREE["interactions"][::-1]}, sealed)
    assert after["interactions"] == sealed["interactions"][::-1]


def test_a_reader_without_the_level_carries_what_they_cannot_read(ring: Ring, sealed: dict[str, Any]) -> None:
    low = sealer(reader(ring, Level.INTERNAL))
    opened = low.open(sealed, "x")
    assert opened.tree["name"] == "王芳"
    assert isinstance(opened.tree["phone"], Sealed)
    assert (opened.damaged, opened.missing) == ((), frozenset({"level"}))
    after = low.seal({**opened.tree, "status": "active", "name": "王方"}, sealed)
    assert {key for key in after if after[key] != sealed[key]} == {"status", "name"}
    assert sealer(ring).open(after, "x").tree == {**TREE, "status": "active", "name": "王方"}


@pytest.mark.parametrize("change", [{"phone": "+8613900139000"}, {"phone": None}, {"birthday": "1949-12-31"}])
def test_nobody_writes_above_their_level(ring: Ring, sealed: dict[str, Any], change: dict[str, Any]) -> None:
    low = sealer(reader(ring, Level.INTERNAL))
    tree = {key: value for key, value in {**low.open(sealed, "x").tree, **change}.items() if value is not None}
    with pytest.raises(Refused) as refused:
        low.seal(tree, sealed)
    assert refused.value.kind == "level"


def moved(sealed: dict[str, Any], way: str) -> dict[str, Any]:
    """The file with one token put where it does not belong, or damaged."""
    tree = deepcopy(sealed)
    match way:
        case "other field":
            tree["name"] = tree["phone"]
        case "other entry":
            tree["interactions"][0]["summary"] = tree["interactions"][1]["summary"]
        case "relabelled entry":
            tree["interactions"][0]["id"] = "I9K2M9QXA"
        case "raised label":
            tree["phone"] = tree["phone"].replace("confidential", "restricted")
        case "other generation":
            tree["phone"] = tree["phone"].replace("confidential.1", "confidential.2")
        case "unknown generation":
            tree["phone"] = tree["phone"].replace("confidential.1", "confidential.9")
        case "flipped":
            token = tree["phone"]
            tree["phone"] = token[:-10] + ("A" if token[-10] != "A" else "B") + token[-9:]
        case "cut":
            tree["phone"] = tree["phone"][:-9] + "]"
        case "grammar":
            tree["phone"] = "ENC[2,confidential.1]"
    return tree


@pytest.mark.parametrize(
    "way",
    [
        "other field",
        "other entry",
        "relabelled entry",
        "raised label",
        "other generation",
        "unknown generation",
        "flipped",
        "cut",
        "grammar",
    ],
)
def test_a_token_that_is_not_what_stood_there_is_named_and_the_rest_is_shown(
    ring: Ring, sealed: dict[str, Any], way: str
) -> None:
    opened = sealer(ring).open(moved(sealed, way), "records/x.yaml")
    assert len(opened.damaged) == 1
    assert opened.damaged[0].damaged
    assert opened.damaged[0].where.path == "records/x.yaml"
    assert opened.tree["id_number"] == TREE["id_number"]


def test_a_damaged_value_is_not_sealed_anew_with_the_rest(ring: Ring, sealed: dict[str, Any]) -> None:
    bad = moved(sealed, "flipped")
    opened = sealer(ring).open(bad, "x").tree
    with pytest.raises(Damaged):
        sealer(ring).seal({**opened, "status": "active"}, bad)
    mended = sealer(ring).seal({**opened, "phone": TREE["phone"]}, bad)
    assert mended == sealed


def test_a_token_of_another_customer_or_vault_is_named(ring: Ring, sealed: dict[str, Any]) -> None:
    other = {**sealer(ring).seal({**TREE, "uid": OTHER}), "uid": UID}
    ring.kept[UID].update(ring.kept[OTHER])
    assert len(sealer(ring).open(other, "x").damaged) == 6
    elsewhere = Ring(kept=ring.kept, vault=OTHER)
    assert len(sealer(elsewhere).open(sealed, "x").damaged) == 6


def test_a_lower_level_than_declared_is_named_even_without_its_key(ring: Ring, sealed: dict[str, Any]) -> None:
    lower = VaultSealer(ring, Levels({("uid",): Level.OPEN}, Level.INTERNAL)).seal({"uid": UID, "id_number": "1"})
    tree = {**sealed, "id_number": lower["id_number"]}
    for level in Level:
        assert len(sealer(reader(ring, level)).open(tree, "x").damaged) == 1


def test_clear_text_is_named_and_not_sealed_in_silence(ring: Ring, sealed: dict[str, Any]) -> None:
    tree = {**sealed, "phone": "+8613800138000"}
    opened = sealer(ring).open(tree, "x")
    assert [finding.where.field for finding in opened.clear] == ["phone"]
    assert "13800138000" not in opened.clear[0].message
    with pytest.raises(Damaged):
        sealer(ring).seal({**opened.tree, "status": "active"}, tree)
    assert sealer(ring).seal(opened.tree, tree, renew=True) == sealed


def test_a_value_sealed_higher_is_not_lowered_by_a_later_save(ring: Ring, sealed: dict[str, Any]) -> None:
    higher = VaultSealer(ring, Levels({}, Level.RESTRICTED)).seal({"uid": UID, "name": "王芳"})
    was = {**sealed, "name": higher["name"]}
    assert ",restricted.1," in sealer(ring).seal({**TREE, "name": "王方"}, was)["name"]


def test_new_keys_take_over_when_everything_is_renewed(ring: Ring, sealed: dict[str, Any]) -> None:
    ring.newest = 2
    assert sealer(ring).seal(TREE, sealed) == sealed
    renewed = sealer(ring).seal(TREE, sealed, renew=True)
    assert all(".2," in leaf.text for leaf in leaves(renewed) if is_token(leaf.text))
    assert sealer(ring).open(renewed, "x").tree == TREE


def test_without_the_salt_nothing_opens_and_none_is_made(ring: Ring, sealed: dict[str, Any]) -> None:
    elsewhere = Ring()
    opened = sealer(elsewhere).open(sealed, "x")
    assert opened.missing == {"salt"}
    assert opened.tree["status"] == "lead"
    assert sealer(elsewhere).seal({**opened.tree, "status": "active"}, sealed)["phone"] == sealed["phone"]
    with pytest.raises(Refused) as refused:
        sealer(elsewhere).seal({**opened.tree, "remarks": "x"}, sealed)
    assert (refused.value.kind, elsewhere.kept) == ("no-salt", {})


def test_after_a_purge_nothing_opens_and_nothing_new_is_sealed(ring: Ring, sealed: dict[str, Any]) -> None:
    ring.kept.clear()
    ring.gone.add(UID)
    assert sealer(ring).open(sealed, "x").missing == {"destroyed"}
    with pytest.raises(Refused) as refused:
        sealer(ring).seal(TREE)
    assert refused.value.kind == "destroyed"


def test_the_note_of_a_commit_is_sealed_for_its_customer(ring: Ring, sealed: dict[str, Any]) -> None:
    note = sealer(ring).seal_note(sealed, "女儿下月结婚")
    assert is_token(note)
    assert sealer(ring).open_note(sealed, note) == "女儿下月结婚"
    assert is_token(sealer(ring).open_note({**sealed, "uid": OTHER}, note))


def test_any_level_reads_what_today_s_levels_would_refuse(ring: Ring, sealed: dict[str, Any]) -> None:
    raised = VaultSealer(ring, Levels({}, Level.RESTRICTED))
    assert raised.open({**sealed, "uid": UID}, "x").damaged
    assert VaultSealer(ring, ANY).open(sealed, "x").tree == TREE
