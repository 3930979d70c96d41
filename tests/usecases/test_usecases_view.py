"""What may be shown of a record whose tree holds sealed values, made by hand."""

import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crmcli.errors import Finding, Refused, Where
from crmcli.model import plain
from crmcli.model.compare import Difference
from crmcli.model.fields import Level
from crmcli.model.readable import holds_sealed, readable, readable_tree
from crmcli.model.sealed import Sealed
from crmcli.text import set_language
from crmcli.usecases.init import init
from crmcli.usecases.lookup import opened_index, refuse_above, rows
from crmcli.usecases.records import Record, metrics_of
from crmcli.usecases.view import View, datum, field_of, left_out, words
from crmcli.usecases.workplace import Workplace, open_workplace

BODY = "A" * 64
RESTRICTED = Sealed(f"ENC[1,restricted.1,7K2M9QXA,{BODY}]")
INTERNAL = Sealed(f"ENC[1,internal.1,7K2M9QXA,{BODY}]")
TREE: dict[str, Any] = {
    "id": "C20240510001",
    "uid": "4Z8K2M9QXA7PDR1TVW3BNC5GHJ",
    "kind": "individual",
    "name": INTERNAL,
    "phone": "+8613800138000",
    "birthday": RESTRICTED,
    "status": "active",
    "external": {"shop": INTERNAL, "web": "7"},
    "bank": {"account": RESTRICTED},
    "contacts": [{"id": "P7K2M9QXA", "name": INTERNAL, "phone": "+8613900139000", "birthday": RESTRICTED}],
    "transactions": [
        {"id": "S7K2M9QXA", "date": "2024-05-10", "product": "卡", "amount": "398.00", "currency": "CNY"},
        {"id": "S7K2M9QXB", "date": INTERNAL, "product": INTERNAL, "amount": "100.00", "currency": "CNY"},
    ],
}


@pytest.fixture(autouse=True)
def english() -> None:
    set_language("en")


@pytest.fixture
def opened(tmp_path: Path) -> Workplace:
    """An open vault without customers."""
    env, now = dict(os.environ), datetime.fromisoformat("2024-05-10T09:30+08:00")
    init(tmp_path / "vault", env, now)
    return open_workplace(tmp_path / "vault", env, now, turned=True)


@pytest.fixture
def sealed(opened: Workplace) -> Workplace:
    """The same as if it were sealed, for a reader of the level internal."""
    access = SimpleNamespace(levels={"sale.date": Level.INTERNAL})
    return replace(opened, keyring=SimpleNamespace(reads=Level.INTERNAL, access=access))  # type: ignore[arg-type]


@pytest.fixture
def record(sealed: Workplace) -> Record:
    dossier = plain.read(TREE, sealed.house)
    return Record("records/2024/05/C20240510001.yaml", b"", dossier, plain.write(dossier), (), frozenset({"level"}))


def test_the_model_carries_sealed_values_unchanged(record: Record) -> None:
    assert record.tree == TREE
    assert isinstance(record.tree["contacts"][0]["birthday"], Sealed)


def test_people_get_masks_and_words_programs_masks_and_names(sealed: Workplace, record: Record) -> None:
    seen = View(sealed).of(record)
    assert seen.people["phone"] == "+86138****8000"
    assert seen.people["name"] == "(sealed: internal)"
    assert seen.people["bank"] == {"account": "(sealed: restricted)"}
    assert seen.people["external"] == {"shop": "(sealed: internal)", "web": "7"}
    assert seen.people["contacts"][0]["phone"] == "+86139****9000"
    assert (seen.data["external"], "bank" in seen.data) == ({"web": "7"}, False)
    assert seen.data["contacts"] == [{"id": "P7K2M9QXA", "phone": "+86139****9000"}]
    assert seen.data["sealed"] == list(seen.sealed)
    assert "contacts.P7K2M9QXA.birthday" in seen.sealed
    assert not holds_sealed(seen.people)
    assert not holds_sealed(seen.data)


def test_a_damaged_value_is_told_from_a_sealed_one(sealed: Workplace, record: Record) -> None:
    wrong = Finding("altered", Where(None, None, "contacts.P7K2M9QXA.name"), damaged=True)
    seen = View(sealed).of(replace(record, findings=(wrong,)))
    assert seen.people["contacts"][0]["name"] == "(damaged)"
    assert seen.people["name"] == "(sealed: internal)"
    assert "name" not in seen.data["contacts"][0]


def test_a_view_remembers_whose_values_it_let_through(sealed: Workplace, record: Record) -> None:
    view = View(sealed, reveal=True)
    assert (view.numbers, view.fields) == ((), ())
    assert view.of(record).people["phone"] == "+8613800138000"
    assert (view.numbers, view.fields) == (("C20240510001",), ("phone", "contact.phone"))
    assert view.value("C20240510002", "email", "li@example.com") == "li@example.com"
    assert (view.numbers, view.fields) == (("C20240510001", "C20240510002"), ("phone", "contact.phone", "email"))


@pytest.mark.parametrize(
    ("field", "old", "new", "shown"),
    [
        ("phone", None, "+8613800138000", (None, "+86138****8000")),
        ("contacts.P7K2M9QXA.email", "li@example.com", None, ("l***@example.com", None)),
        ("bank.account", RESTRICTED, "6222000000001234", (RESTRICTED, "****1234")),
        ("name", "王芳", "王方", ("王芳", "王方")),
        ("custom.phone", "+8613800138000", "x", ("+8613800138000", "x")),
    ],
)
def test_both_sides_of_a_difference_are_masked(
    sealed: Workplace, field: str, old: str | None, new: str | None, shown: tuple[str | None, str | None]
) -> None:
    found = View(sealed).difference("C20240510001", Difference(field, old, new))
    assert (found.old, found.new) == shown


def test_in_an_open_vault_everything_shows_as_it_is(opened: Workplace) -> None:
    tree = {"id": "C20240510001", "phone": "+8613800138000"}
    view = View(opened, reveal=True)
    assert (view.of_tree(tree).people, view.of_tree(tree).data) == (tree, tree)
    assert view.value("C20240510001", "phone", "+8613800138000") == "+8613800138000"
    assert view.numbers == ()


def test_words_for_people_nothing_for_programs() -> None:
    assert (words(RESTRICTED), words("a"), words(None)) == ("(sealed: restricted)", "a", None)
    assert (datum(RESTRICTED), datum("a"), datum(None)) == (None, "a", None)
    assert (field_of("contacts.P7K2M9QXA.phone"), field_of("bank.account"), field_of("tags")) == (
        "contacts.phone",
        "bank.account",
        "tags",
    )
    (told,) = left_out(["phone", "name", "phone"])
    assert (told.message, told.severity) == ("3 sealed values are left out: phone, name.", "warning")
    assert left_out([]) == ()


def test_rules_and_figures_meet_no_token(sealed: Workplace, record: Record) -> None:
    dossier = record.readable
    assert (dossier.name, dossier.birthday, dossier.bank and dossier.bank.account) == (None, None, None)
    assert (dossier.contacts[0].name, dossier.contacts[0].birthday) == ("", None)
    assert [sale.id for sale in dossier.transactions] == ["S7K2M9QXA"]
    assert dossier.external == {"web": "7"}
    assert record.dossier.birthday is RESTRICTED  # type: ignore[comparison-overlap]
    assert readable(dossier) is dossier
    assert readable_tree({"a": [RESTRICTED, "b"], "c": {"d": RESTRICTED}, "e": []}) == {"a": ["b"], "e": []}


def test_a_figure_whose_sources_cannot_be_read_is_left_out(sealed: Workplace, record: Record) -> None:
    assert metrics_of(sealed, record).keys() == {"gaps"}
    (row,) = rows(sealed, [record])
    assert not holds_sealed(row.tree)
    assert "share_above" not in row.metrics


def test_a_figure_has_the_level_of_what_it_is_counted_from(sealed: Workplace, opened: Workplace) -> None:
    assert {field.name: field.level for field in sealed.queryable}["spend"] is Level.INTERNAL
    assert {field.name: field.level for field in sealed.queryable}["last_contact"] is Level.OPEN
    assert {field.name: field.level for field in opened.queryable}["spend"] is Level.OPEN


def test_a_field_above_the_level_is_refused_by_name(sealed: Workplace) -> None:
    refuse_above(sealed, [sealed.fields["name"], sealed.fields["tier"]])
    with pytest.raises(Refused, match=r"birthday is restricted; you may read internal") as caught:
        refuse_above(sealed, [sealed.fields["name"], sealed.fields["birthday"]])
    assert (caught.value.exit, caught.value.kind) == (5, "level")


def test_an_index_of_an_empty_vault_has_nothing_unread(sealed: Workplace) -> None:
    with opened_index(sealed) as index:
        assert index.unread == {}
