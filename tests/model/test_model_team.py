"""Access and key files: who the people are, what they read, what a vault may raise, and what does not hold."""

from base64 import urlsafe_b64encode
from typing import Any

import pytest
from pydantic import ValidationError

from crmcli.model import plain
from crmcli.model.custom import CustomField
from crmcli.model.derive import catalog
from crmcli.model.devices import device_id
from crmcli.model.fields import Level
from crmcli.model.findings import findings
from crmcli.model.keys import Keys
from crmcli.model.team import READS, Access, raised_wrong, with_levels

FIELDS = {field.name: field for field in catalog({"hobby": CustomField(type="line", zh="爱好", en="Hobby")})}
PRINT = "0123456789abcdef0123456789abcdef"
RECIPIENT = "age1" + "q" * 58


def signer(number: int) -> bytes:
    return bytes([number]) * 32


def device(number: int, **other: str) -> dict[str, Any]:
    said = {"recipient": RECIPIENT, "signer": urlsafe_b64encode(signer(number)).decode().rstrip("=")} | other
    return {device_id(signer(number)): said}


def person(role: str, number: int | None = None, name: str = "x") -> dict[str, Any]:
    devices = {} if number is None else {"devices": device(number)}
    return {"email": f"{name}{number or role}@example.invalid", "roles": [role], **devices}


def wrong(tree: dict[str, Any], model: type[Any] = Access) -> list[str]:
    """The fields where a tree does not hold."""
    with pytest.raises(ValidationError) as told:
        model.model_validate(tree)
    found = findings(told.value, model)
    assert all(one.message for one in found)
    return [one.where.field or "" for one in found]


def test_an_open_vaults_file_stays_valid() -> None:
    team = Access.model_validate({"people": {"li.na": {"email": "li.na@example.invalid", "roles": ["sales"]}}})
    assert (team.serial, team.sealed, team.people["li.na"].devices, team.masters) == (0, False, {}, {})
    assert Access.model_validate({}).admins == ()


def test_people_are_known_by_the_whole_key_of_a_device() -> None:
    team = Access.model_validate({"people": {"li.na": person("sales", 1), "zhao.min": person("admin", 2)}})
    assert [team.name_of(signer(number)) for number in (1, 2, 3)] == ["li.na", "zhao.min", None]
    assert team.admins == ("zhao.min",)
    assert team.may("zhao.min", "manager", "admin")
    assert not team.may("li.na", "manager", "admin")
    assert not team.may("nobody", "admin")


def test_the_id_of_a_device_is_made_as_the_format_says() -> None:
    """The first 40 bits of SHA-256 over "crmcli 1 device", a line end and 32 zero bytes, made by other code."""
    assert device_id(bytes(32)) == "JF57BSGX"


@pytest.mark.parametrize(("role", "level"), READS.items())
def test_a_role_reads_its_level_unless_the_vault_says_otherwise(role: str, level: Level) -> None:
    people = {"one": person(role), "both": {"email": "b@example.invalid", "roles": ["sales", role]}}
    team = Access.model_validate({"people": people})
    assert [team.reads(name) for name in ("one", "both", "nobody")] == [level, level, Level.OPEN]
    team = Access.model_validate({"people": people, "roles": {role: "restricted"}})
    assert team.reads("both") is Level.RESTRICTED


def test_the_newest_generation_is_told() -> None:
    team = Access.model_validate({"masters": {"internal": {"1": PRINT, "2": PRINT}, "restricted": {"1": PRINT}}})
    assert team.sealed
    assert [team.level_generation(level) for level in Level] == [None, 2, None, 1]


@pytest.mark.parametrize(
    ("tree", "place"),
    [
        ({"serial": "-1"}, "serial"),
        ({"serial": "01"}, "serial"),
        ({"people": {"a": person("boss")}}, "people.a.roles[1]"),
        (
            {"people": {"a": person("sales", 1) | {"devices": {"00000000": device(1).popitem()[1]}}}},
            "people.a.devices.00000000",
        ),
        ({"people": {"a": person("sales") | {"devices": {"short": {}}}}}, "people.a.devices.short"),
        (
            {"people": {"a": person("sales", 1), "b": person("staff", 1, "y")}},
            f"people.b.devices.{device_id(signer(1))}",
        ),
        ({"people": {"a": person("sales", 1), "b": person("sales", 1)}}, "people.b.email"),
        ({"roles": {"sales": "open"}}, "roles.sales"),
        ({"roles": {"boss": "internal"}}, "roles.boss"),
        ({"levels": {"region": "open"}}, "levels.region"),
        ({"levels": {"region": "secret"}}, "levels.region"),
        ({"masters": {"open": {"1": PRINT}}}, "masters.open"),
        ({"masters": {"internal": {"2": PRINT}}}, "masters.internal"),
        ({"masters": {"internal": {"1": PRINT, "3": PRINT}}}, "masters.internal"),
        ({"masters": {"internal": {}}}, "masters.internal"),
        ({"masters": {"internal": {"0": PRINT}}}, "masters.internal.0"),
        ({"masters": {"internal": {"1": PRINT.upper()}}}, "masters.internal.1"),
    ],
)
def test_what_does_not_hold_is_named(tree: dict[str, Any], place: str) -> None:
    assert place in wrong(tree)


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("recipient", "age1" + "Q" * 58),
        ("recipient", "age1short"),
        ("signer", "A" * 42),
        ("signer", "A" * 42 + "B"),  # the same bytes as with a last A, in another spelling
        ("signer", "ssh-ed25519 AAAA"),
    ],
)
def test_keys_of_devices_have_one_spelling(part: str, text: str) -> None:
    assert wrong({"people": {"a": person("sales") | {"devices": device(1, **{part: text})}}})


def test_files_go_out_as_they_came_in() -> None:
    tree = {
        "serial": "3",
        "people": {"li.na": person("sales", 1)},
        "roles": {"sales": "confidential"},
        "levels": {"region": "internal"},
        "masters": {"internal": {"1": PRINT}},
    }
    assert Access.model_validate(plain.write(Access.model_validate(tree))) == Access.model_validate(tree)
    assert plain.write(Access.model_validate(tree)) == tree
    wrapped = {"format": "1", "wrapped": {"internal": {"1": {"li.na": "QUJD"}}}}
    found = Keys.model_validate(wrapped)
    assert plain.write(found) == wrapped
    assert [found.of(Level.INTERNAL, n, "li.na") for n in (1, 2)] == ["QUJD", None]
    assert wrong({"format": "2"}, Keys) == ["format"]


def raised(**levels: str) -> list[tuple[Any, str, str | None]]:
    found = raised_wrong(Access.model_validate({"levels": levels}), FIELDS)
    return [(one.place, one.message, one.hint) for one in found]


def test_levels_are_raised_never_lowered() -> None:
    assert raised(region="internal", external="confidential", name="restricted") == []
    (lower,) = raised(phone="internal")
    (same,) = raised(**{"custom.hobby": "confidential"})
    assert lower[0] == ("levels", "phone")
    assert "confidential already" in lower[1]
    assert "can only be raised" in same[1]
    (unknown,) = raised(adress="restricted")
    assert "address" in (unknown[2] or "")


@pytest.mark.parametrize(
    "name", ["number", "uid", "kind", "status", "tier", "owner", "classes", "tag", "sale.id", "status_history.date"]
)
def test_what_rules_and_lists_are_made_of_stays_open(name: str) -> None:
    ((place, message, _hint),) = raised(**{name: "restricted"})
    assert place == ("levels", name)
    assert "cannot be sealed" in message


def test_the_catalogue_has_the_levels_in_force() -> None:
    found = with_levels(FIELDS, {"region": Level.INTERNAL, "phone": Level.INTERNAL, "name": Level.RESTRICTED})
    levels = [found[name].level for name in ("region", "phone", "name", "email")]
    assert levels == [Level.INTERNAL, Level.CONFIDENTIAL, Level.RESTRICTED, Level.CONFIDENTIAL]
    assert list(found) == list(FIELDS)
