"""What is possible and hardly meant is named once, where it arises, and never stops anything."""

from crmcli.model.sealed import Sealed
from crmcli.rules.oddities import oddities

ID_NUMBER = "11010519900307002X"
LI = {"id": "P7K2M9QXA", "name": "李示例", "phone": "+8613900139000"}


def fields(tree: dict[str, object], before: dict[str, object] | None = None) -> list[str | None]:
    found = oddities(tree, "C1", before)
    assert all((one.severity, one.where.path) == ("warning", "C1") for one in found)
    assert not any("1990" in one.message for one in found)
    return [one.where.field for one in found]


def test_a_birthday_is_compared_with_the_id_number() -> None:
    odd: dict[str, object] = {"birthday": "1990-03-08", "id_number": ID_NUMBER}
    assert fields(odd) == ["birthday"]
    assert fields({**odd, "birthday": "1990-03-07"}) == fields({"birthday": "1990-03-08"}) == []
    assert fields(odd, before=odd) == []


def test_a_contact_person_twice_is_named() -> None:
    assert fields({"contacts": [LI, {**LI, "id": "P7K2M9QXB"}]}) == ["contacts[2]"]
    assert fields({"contacts": [LI, {**LI, "phone": "+8613900139001"}]}) == []


def test_what_cannot_be_read_is_not_compared() -> None:
    token = Sealed("ENC[1,restricted.1,AAAA]")
    assert fields({"birthday": "1990-03-08", "id_number": token}) == []
    assert fields({"contacts": [{"name": token}, {"name": token}]}) == []
