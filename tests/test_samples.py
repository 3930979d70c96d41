"""The synthetic customers that ship with the program: they hold, they are canonical, and they show every field."""

import os
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from crmcli.model import plain
from crmcli.model.derive import catalog
from crmcli.model.edits import LIFE
from crmcli.model.house import Codes, Completeness, CustomFields, House, Settings
from crmcli.model.identity import record_path
from crmcli.rules.completeness import values
from crmcli.store.yamlread import Tree, parse
from crmcli.store.yamlwrite import render
from crmcli.usecases.check import check
from crmcli.usecases.workplace import open_workplace

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "records").rglob("*.yaml"))
MARKS = ("示例", "样例", "Sample", "Example")


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def file(request: pytest.FixtureRequest) -> Path:
    """Each sample in turn."""
    return request.param


@cache
def tree_of(file: Path) -> Tree:
    return parse(file.read_bytes(), file.name).tree


@cache
def house() -> House:
    codes = rules("codes.yaml", Codes)
    custom = rules("custom-fields.yaml", CustomFields).fields
    complete = rules("completeness.yaml", Completeness)
    return House(rules("vault.yaml", Settings), codes.lists, tuple(codes.regions), custom, complete)


def rules(name: str, model: type) -> object:
    return model.model_validate(parse((ROOT / "schemas" / name).read_bytes(), name).tree)


def test_there_are_two_dozen_of_both_kinds_in_both_shapes_of_folder():
    kinds = Counter(tree_of(file)["kind"] for file in FILES)
    assert len(FILES) == 24
    assert kinds["individual"] >= 10
    assert kinds["enterprise"] >= 10
    assert {len(file.relative_to(ROOT).parts) for file in FILES} == {4, 5}


def test_a_sample_lies_where_its_number_says(file: Path):
    assert file.relative_to(ROOT).as_posix() == record_path(tree_of(file)["id"])


def test_a_sample_is_canonical_to_the_byte(file: Path):
    assert render(plain.write(plain.read(tree_of(file), house()))) == file.read_bytes()


def test_a_sample_is_marked_as_synthetic_and_reaches_nobody(file: Path):
    tree = tree_of(file)
    name = tree.get("name") or tree["company"]
    mails = [tree[key] for key in ("email",) if key in tree]
    mails += [contact["email"] for contact in tree.get("contacts", ()) if "email" in contact]
    assert "synthetic" in tree["tags"]
    assert tree["remarks"].startswith("合成样例数据。")
    assert any(mark in name for mark in MARKS)
    assert all(mail.endswith(("example.com", "example.org")) for mail in mails)


def test_artificial_numbers_name_no_real_division(file: Path):
    tree = tree_of(file)
    assert tree.get("id_number", "999999").startswith("999999")
    assert tree.get("credit_code", "91999999")[2:8] == "999999"


def test_together_the_samples_use_every_field():
    unused = [
        field.name
        for field in catalog(house().custom)
        if not any(any(values(tree_of(file), field.key)) for file in FILES)
    ]
    assert unused == []


@pytest.mark.parametrize(
    "words", ["kind", "status", "tier", "role", "channel", "matter", "basis", "site_use", "nature"]
)
def test_together_the_samples_use_every_word_of_a_list(words: str):
    fields = [field for field in catalog(house().custom) if field.codes == words]
    used = {value for field in fields for file in FILES for value in values(tree_of(file), field.key)}
    assert used == set(house().codes[words])


def test_status_and_tier_follow_from_their_histories(file: Path):
    tree = tree_of(file)
    moves = [move["status"] for move in tree["status_history"]]
    tiers = [move["tier"] for move in tree.get("tier_history", ())]
    assert moves[-1] == tree["status"]
    assert (tiers[-1] if tiers else None) == tree.get("tier")
    assert all(after in LIFE[before] for before, after in pairwise(moves))


def test_entries_stand_in_the_order_of_time(file: Path):
    tree = tree_of(file)
    for name, day in (
        ("status_history", "date"),
        ("tier_history", "date"),
        ("interactions", "at"),
        ("transactions", "date"),
    ):
        days = [entry[day] for entry in tree.get(name, ())]
        assert days == sorted(days), name
        assert all("2023-01-01" <= one < "2026-11-22" for one in days), name


def test_no_name_given_by_the_system_occurs_twice():
    lists = ("contacts", "sites", "status_history", "tier_history", "interactions", "transactions")
    trees = [tree_of(file) for file in FILES]
    entries = [entry["id"] for tree in trees for name in lists for entry in tree.get(name, ())]
    for given in (entries, [tree["uid"] for tree in trees], [tree["id"] for tree in trees]):
        assert len(given) == len(set(given))


def test_special_cases_are_among_them():
    trees = [tree_of(file) for file in FILES]
    sales = [sale for tree in trees for sale in tree.get("transactions", ())]
    assert {"CNY", "USD", "HKD", "EUR"} <= {sale["currency"] for sale in sales}
    assert any(sale["amount"].startswith("-") for sale in sales)
    assert any("withdrawn_on" in tree.get("collection", {}) for tree in trees)
    assert any("former" in tree for tree in trees)
    assert any("\n" in talk["summary"] for tree in trees for talk in tree.get("interactions", ()))


def test_check_finds_gaps_and_nothing_else():
    work = open_workplace(ROOT, dict(os.environ), datetime(2026, 11, 22, tzinfo=UTC), turned=False, exact=True)
    paths = {file.relative_to(ROOT).as_posix() for file in FILES}
    found = [finding for finding in check(work) if finding.where.path in paths]
    required = {(Path(str(finding.where.path)).stem, finding.where.field) for finding in found} - later_gaps()
    assert {finding.severity for finding in found} == {"warning"}
    assert required == {("C20231026001", "credit_code"), ("C20250115001", "phone"), ("C20250115001", "region")}


def later_gaps() -> set[tuple[str, str]]:
    """The individuals who have not handed in their ID number yet."""
    people = [tree_of(file) for file in FILES if tree_of(file)["kind"] == "individual"]
    return {(tree["id"], "id_number") for tree in people if "id_number" not in tree}
