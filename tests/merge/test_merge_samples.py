"""Two people at work on each sample customer: the merge is a valid customer, as the program itself would write it."""

from functools import cache
from pathlib import Path

import pytest

from crmcli.model import plain
from crmcli.model.house import Codes, Completeness, CustomFields, House, Settings
from crmcli.model.merge import merge
from crmcli.store.yamlread import parse
from crmcli.store.yamlwrite import render

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "records").rglob("C*.yaml"))
NOTE = {"id": "I00000001", "at": "2026-05-10T09:30+08:00", "channel": "call", "summary": "示例甲"}
OTHER = {"id": "I00000002", "at": "2026-05-09T09:30+08:00", "channel": "visit", "summary": "示例乙"}


@cache
def _house():
    codes = _rules("codes.yaml", Codes)
    custom = _rules("custom-fields.yaml", CustomFields).fields
    complete = _rules("completeness.yaml", Completeness)
    return House(_rules("vault.yaml", Settings), codes.lists, tuple(codes.regions), custom, complete)


def _rules(name, model):
    return model.model_validate(parse((ROOT / "schemas" / name).read_bytes(), name).tree)


def _written(tree):
    return plain.write(plain.read(tree, _house()))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_merge_is_valid_and_canonical(file):
    base = parse(file.read_bytes(), file.name).tree
    tags, notes = base.get("tags", []), base.get("interactions", [])
    ours = _written({**base, "tags": [*tags, "new"], "interactions": [*notes, NOTE]})
    theirs = _written({**base, "owner": "zhao.lei", "external": {"shop": "9"}, "interactions": [*notes, OTHER]})
    found = merge(base, ours, theirs)
    assert not found.clashes
    assert render(_written(found.tree)) == render(found.tree) == render(merge(base, theirs, ours).tree)
    assert found.tree["interactions"] == [*notes, OTHER, NOTE]
    assert (found.tree["owner"], found.tree["external"], found.tree["tags"]) == (
        "zhao.lei",
        {"shop": "9"},
        [*tags, "new"],
    )
