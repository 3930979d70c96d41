"""The generated JSON Schemas: they are the models', they hold for the samples, and they refuse what they should."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from crmcli.model.custom import SCALARS
from crmcli.model.derive import catalog
from crmcli.model.fields import Level
from crmcli.model.json_schema import DOSSIER, dossier_schema, render, rule_schemas
from crmcli.usecases.schemas import schema_files

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "records").rglob("*.yaml"))
RULES = {name: name.replace(".schema.json", ".yaml") for name in rule_schemas()}
DOSSIERS = Draft202012Validator(dossier_schema())


def strings(file: Path) -> Any:
    """A file's tree with every scalar as the text that stands there."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def sample() -> dict[str, Any]:
    return strings(ROOT / "records/2023/06/C20230615001.yaml")


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        schema = list(schema.values())
    if isinstance(schema, list):
        for inner in schema:
            yield from nodes(inner)


def value_schemas(schema: dict[str, Any]) -> dict[tuple[str, ...], dict[str, Any]]:
    """The catalogue key → the schema of what stands there."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}

    def walk(part: dict[str, Any], key: tuple[str, ...]) -> None:
        for name, value in part["properties"].items():
            inner = value.get("$ref") or value.get("items", {}).get("$ref")
            if inner:
                walk(schema["$defs"][inner.rsplit("/", 1)[-1]], (*key, name))
            else:
                found[(*key, name)] = value

    walk(schema, ())
    return found


@pytest.mark.parametrize("path", sorted(schema_files()))
def test_the_files_in_the_vault_are_the_generated_ones(path: str):
    assert (ROOT / path).read_bytes() == schema_files()[path], "run `make schemas`"


def test_no_other_schema_lies_about():
    assert {f"schemas/{file.name}" for file in (ROOT / "schemas").glob("*.json")} == set(schema_files())


@pytest.mark.parametrize("schema", [dossier_schema(), *rule_schemas().values()], ids=[DOSSIER, *RULES])
def test_a_schema_is_one_of_draft_2020_12(schema: dict[str, Any]):
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(render(schema)) == schema


def test_the_text_is_the_same_each_time_and_readable_in_chinese():
    assert render(dossier_schema()) == render(dossier_schema())
    assert render(dossier_schema()).endswith("}\n")
    assert "联系电话" in render(dossier_schema())


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_a_sample_holds(file: Path):
    assert [error.message for error in DOSSIERS.iter_errors(strings(file))] == []


@pytest.mark.parametrize(("name", "file"), RULES.items())
@pytest.mark.parametrize("loader", [yaml.BaseLoader, yaml.SafeLoader], ids=["as text", "as an editor reads it"])
def test_the_default_house_rules_hold(name: str, file: str, loader: type):
    tree = yaml.load((ROOT / "schemas" / file).read_text(encoding="utf-8"), Loader=loader)
    assert [error.message for error in Draft202012Validator(rule_schemas()[name]).iter_errors(tree)] == []


def test_every_field_of_the_catalogue_is_there_with_labels_level_and_codes():
    schemas = value_schemas(dossier_schema())
    for field in catalog():
        schema = schemas.pop(field.key)
        assert (schema["title"], schema["description"]) == (field.en, field.zh)
        assert schema["x-crm-level"] == field.level.value
        assert schema.get("x-crm-codes") == field.codes
    assert schemas.keys() == {("custom",)}


def test_every_mapping_with_declared_keys_refuses_others():
    for schema in (dossier_schema(), *rule_schemas().values()):
        parts = [
            node for node in nodes(schema) if isinstance(node.get("properties"), dict) and node.get("type") == "object"
        ]
        assert parts
        assert all(part["additionalProperties"] is False for part in parts)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("phone", "13800138000"),
        ("phone", 13800138000),
        ("colour", "red"),
        ("uid", "short"),
        ("tags", "vip"),
        ("first_contact", "10 May 2024"),
        ("facts", {"payment_day": "32"}),
        ("facts", {"employees": "many"}),
        ("score", {"interest": "6"}),
        ("external", {"Shop No": "4"}),
        ("interactions", [{"channel": "call"}]),
        ("company", "two\nlines"),
    ],
)
def test_what_cannot_stand_in_a_file_is_refused(key: str, value: Any):
    assert DOSSIERS.is_valid(sample())
    assert not DOSSIERS.is_valid({**sample(), key: value})


@pytest.mark.parametrize("key", ["id", "uid", "kind", "status"])
def test_what_every_file_holds_is_required(key: str):
    tree = sample()
    del tree[key]
    assert not DOSSIERS.is_valid(tree)


TOKEN = "ENC[1,{level}.3,k2,Zm9vLWJhcl8=]"


@pytest.mark.parametrize("level", Level)
def test_a_token_stands_for_a_value_of_its_level_or_a_lower_one_but_never_for_an_open_one(level: Level):
    validators = {
        declared: Draft202012Validator({"$ref": f"#/$defs/{declared}-token", "$defs": dossier_schema()["$defs"]})
        for declared in Level
        if declared is not Level.OPEN
    }
    allowed = {declared for declared, validator in validators.items() if validator.is_valid(TOKEN.format(level=level))}
    assert allowed == {declared for declared in validators if declared.rank <= level.rank}


def test_a_sealed_file_holds():
    sealed = TOKEN.format(level="restricted")
    tree = {**sample(), "phone": sealed, "external": {"erp": sealed}, "bank": {"account": sealed}}
    tree["contacts"] = [{**tree["contacts"][0], "birthday": sealed}]
    assert DOSSIERS.is_valid(tree)
    assert not DOSSIERS.is_valid({**tree, "region": sealed + "/"})
    assert not DOSSIERS.is_valid({**tree, "first_contact": sealed})


def test_the_declaration_itself_does_not_leak():
    assert "crm" not in {key for node in nodes(dossier_schema()) for key in node}
    assert "Spec(" not in render(dossier_schema())


@pytest.mark.parametrize("flag", [True, False, "yes", "no", "是"])
def test_a_flag_of_the_house_rules_may_be_what_an_editor_reads(flag: Any):
    rules = {"id": "0" * 26, "format": "1", "sealing": flag}
    assert Draft202012Validator(rule_schemas()["vault.schema.json"]).is_valid(rules)
    assert not Draft202012Validator(rule_schemas()["vault.schema.json"]).is_valid({**rules, "sealing": "maybe"})


@pytest.mark.parametrize("name", SCALARS)
@given(text=st.text(max_size=30) | st.from_regex("[0-9.,+-]{1,12}", fullmatch=True))
def test_whatever_a_value_type_writes_fits_its_pattern(name: str, text: str):
    scalar = SCALARS[name]
    try:
        written = scalar.print(scalar.parse(text, None))
    except ValueError:
        return
    assert re.search(scalar.pattern, written)
