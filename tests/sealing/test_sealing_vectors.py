"""The fixed examples of the sealed format: an independent reader and the product agree with every one of them."""

import base64
import json
from pathlib import Path

import opener
import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crmcli.errors import ValueProblem
from crmcli.model.fields import Level
from crmcli.model.sealed import token_of
from crmcli.sealing.cipher import Place, data_key, open_token, salt_digest, salt_id, seal
from crmcli.sealing.identity import Identity, device_id, public_of
from crmcli.sealing.masters import fingerprint, unwrap

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "sealed-v1.json").read_text(encoding="utf-8"))
VAULT, IDENTITY, WRAPPED = (VECTORS[name] for name in ("vault", "identity", "wrapped"))
MASTERS = {(one["level"], one["generation"]): bytes.fromhex(one["key"]) for one in VECTORS["masters"]}
SALTS = {one["uid"]: bytes.fromhex(one["salt"]) for one in VECTORS["salts"]}
OPENED = [one for one in WRAPPED if one["to"] != "another person"]

every_value = pytest.mark.parametrize("case", VECTORS["values"], ids=lambda case: case["name"])
WRONG_LENGTH = ("not filled to a block", "filled to 33 bytes")
every_refusal = pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])


def key(case):
    """The data key for the level and generation that a case names."""
    one = case["level"], case["generation"]
    return opener.data_key(MASTERS[one], SALTS[case["uid"]], VAULT, case["uid"], one[0])


def all_keys(case):
    """Every data key of the customer: no choice of key may open what is refused."""
    uid = case["uid"]
    return [opener.data_key(master, SALTS[uid], VAULT, uid, level) for (level, _), master in MASTERS.items()]


# The independent reader


def test_the_reader_derives_keys_as_others_do():
    for salt, size in ((b"", 16), (b"s" * 32, 64)):
        other = HKDF(SHA256(), size, salt or None, b"info").derive(b"k" * 32)
        assert opener.hkdf(b"k" * 32, salt, "info", size) == other


@every_value
def test_the_reader_opens_and_seals_every_value(case):
    uid, path, level, generation, text = (case[name] for name in ("uid", "path", "level", "generation", "text"))
    assert opener.open_with(key(case), case["token"], uid, path, level) == text
    assert opener.seal(key(case), level, generation, opener.salt_id(SALTS[uid]), uid, path, text) == case["token"]


@every_refusal
def test_the_reader_refuses(case):
    for one in all_keys(case):
        with pytest.raises(opener.Refused):
            opener.open_with(one, case["token"], case["uid"], case["path"], case["declared"])


def test_the_reader_reads_the_salts_file():
    file, lines = VECTORS["salts_file"], list(opener.salts(VECTORS["salts_file"]["text"].encode()))
    assert [[one.uid, one.id, one.salt.hex()] for one in lines if one.salt] == file["live"]
    assert [[one.uid, one.id] for one in lines if not one.salt and one.id] == file["destroyed"]
    assert [one.uid for one in lines if not one.id] == file["purged_only"]


def test_the_reader_reads_an_identity():
    age, pem = opener.age_secret(IDENTITY["identity.age"]), IDENTITY["signing.key"]
    assert (age, opener.recipient(age)) == (IDENTITY["age"], IDENTITY["recipient"])
    assert (opener.signer(pem).hex(), opener.device_id(opener.signer(pem))) == (IDENTITY["signer"], IDENTITY["device"])
    assert opener.public_half(age, pem) == IDENTITY["public"]


def test_the_reader_reads_a_hand_over():
    found = opener.kit(base64.b64decode(VECTORS["hand_over"]["file"]), IDENTITY["age"], passphrase=False)
    assert found == VECTORS["hand_over"]["content"]
    assert {salt.hex() for salt in opener.kit_salts(found).values()} == {
        one[2] for one in VECTORS["salts_file"]["live"]
    }


def test_the_reader_unwraps_masters_and_their_names():
    for case in OPENED:
        assert opener.unwrap(case["text"], IDENTITY["age"]) == MASTERS[case["level"], case["generation"]]
    with pytest.raises(opener.Refused):
        opener.unwrap(next(one["text"] for one in WRAPPED if one not in OPENED), IDENTITY["age"])
    for one in VECTORS["masters"]:
        master = bytes.fromhex(one["key"])
        assert opener.fingerprint(master, VAULT, one["level"], one["generation"]) == one["fingerprint"]


def test_the_reader_opens_a_whole_file():
    case = next(one for one in VECTORS["values"] if one["path"] == "interactions.I7K2M9QXA.summary")
    closed = next(one for one in VECTORS["values"] if one["path"] == "external.shop")
    tree = {
        "uid": case["uid"],
        "interactions": [{"id": "I7K2M9QXA", "summary": case["token"]}],
        "external": {"shop": closed["token"]},
    }
    masters = {one: master for one, master in MASTERS.items() if one[0] != closed["level"]}
    found = opener.open_tree(tree, VAULT, case["uid"], masters, {opener.salt_id(one): one for one in SALTS.values()})
    assert found["interactions"] == [{"id": "I7K2M9QXA", "summary": case["text"]}]
    assert found["external"] == tree["external"]


def test_the_reader_takes_only_masters_that_are_named():
    case, one = OPENED[0], VECTORS["masters"][0]
    keys = f"""format: "1"\nwrapped:\n  internal:\n    "1":\n      li.na: {case["text"]}\n"""
    access = f"""masters:\n  internal:\n    "1": {one["fingerprint"]}\n"""
    masters = {("internal", 1): MASTERS["internal", 1]}
    assert opener.masters_of(keys, access, VAULT, "li.na", IDENTITY["age"]) == masters
    assert opener.masters_of(keys, access, VAULT, "chen.yu", IDENTITY["age"]) == {}
    with pytest.raises(opener.Refused):
        opener.masters_of(keys, access.replace(one["fingerprint"], "0" * 32), VAULT, "li.na", IDENTITY["age"])


# The product


@pytest.mark.parametrize("case", VECTORS["data_keys"], ids=lambda case: f"{case['level']}.{case['generation']}")
def test_data_keys(case):
    master, salt = MASTERS[case["level"], case["generation"]], SALTS[case["uid"]]
    assert data_key(master, salt, VAULT, case["uid"], Level(case["level"])).hex() == case["key"]


@every_value
def test_values_are_sealed_to_the_very_token(case):
    uid, place = case["uid"], Place(case["uid"], case["path"])
    assert (
        seal(key(case), place, Level(case["level"]), case["generation"], salt_id(SALTS[uid]), case["text"])
        == (case["token"])
    )


@every_value
def test_tokens_are_opened_to_the_very_value(case):
    assert open_token(key(case), Place(case["uid"], case["path"]), token_of(case["token"])) == case["text"]


@every_refusal
def test_what_must_be_refused_is_refused(case):
    # A body of a wrong length is refused by the grammar already.
    if case["kind"] == "grammar" or case["name"] in WRONG_LENGTH:
        with pytest.raises(ValueProblem):
            token_of(case["token"])
        return
    token = token_of(case["token"])
    if case["kind"] == "level":  # the cipher does not know what the model declares; the reader of a file does
        assert token.level.rank < Level(case["declared"]).rank
        return
    for one in all_keys(case):
        with pytest.raises(ValueProblem):
            open_token(one, Place(case["uid"], case["path"]), token)


@pytest.mark.parametrize("case", VECTORS["salts"], ids=lambda case: case["id"])
def test_names_of_salts(case):
    salt = bytes.fromhex(case["salt"])
    assert (salt_id(salt), salt_digest(salt)) == (case["id"], case["digest"])


def test_names_of_devices():
    for case in [*VECTORS["devices"], {"signer": IDENTITY["signer"], "id": IDENTITY["device"]}]:
        assert device_id(bytes.fromhex(case["signer"])) == case["id"]


def test_identities():
    found = Identity(age=IDENTITY["age"], signing=IDENTITY["signing.key"])
    for one in (found, public_of(IDENTITY["public"])):
        assert (one.recipient, one.signer.hex(), one.device) == (
            IDENTITY["recipient"],
            IDENTITY["signer"],
            IDENTITY["device"],
        )
    assert found.public == IDENTITY["public"]


def test_names_of_masters():
    for one in VECTORS["masters"]:
        found = fingerprint(bytes.fromhex(one["key"]), VAULT, Level(one["level"]), one["generation"])
        assert found == one["fingerprint"]


@pytest.mark.parametrize("case", WRAPPED, ids=lambda case: case["to"])
def test_wrapped_masters(case):
    master = MASTERS[case["level"], case["generation"]] if case in OPENED else None
    assert unwrap(case["text"], IDENTITY["age"]) == master
