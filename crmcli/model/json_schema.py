"""JSON Schemas (draft 2020-12) of the customer file and the house rules, derived from the models' declarations.

Promises the same text for the same models. In a customer file every scalar is a string with a pattern or, above the
open level, a sealed token instead; house rules may also hold what an editor's YAML reads as a boolean. A schema is
wider than the model: check digits, code lists and numbering plans are the model's. Never reads or writes files.
"""

import json
from collections.abc import Iterator, Sequence
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic.fields import FieldInfo

from crmcli.model.base import Part
from crmcli.model.classification import Classification
from crmcli.model.dossier import Dossier
from crmcli.model.fields import Level, spec_of
from crmcli.model.house import Codes, Completeness, CustomFields, Settings
from crmcli.model.reminders import Reminders
from crmcli.model.retention import Retention
from crmcli.model.scalars import Scalar
from crmcli.model.team import Access

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
DOSSIER = "dossier.schema.json"

_RULES: dict[str, tuple[type[Part], str, str]] = {
    "vault.schema.json": (Settings, "Settings of a vault", "档案库设置"),
    "codes.schema.json": (Codes, "Codes and their labels", "编码与标签"),
    "completeness.schema.json": (Completeness, "What a complete file holds", "完整档案应有的内容"),
    "custom-fields.schema.json": (CustomFields, "Custom fields", "自定义字段"),
    "classification.schema.json": (Classification, "Classification of customers", "客户分类"),
    "retention.schema.json": (Retention, "Terms of retention", "保存期限"),
    "reminders.schema.json": (Reminders, "Reminders and return visits", "提醒与回访"),
    "access.schema.json": (Access, "The people of the team", "团队成员"),
}
# What an editor's YAML makes of a flag, and the words the model reads besides.
_FLAG: Schema = {"anyOf": [{"type": "boolean"}, {"type": "string", "pattern": "^(yes|no|y|n|true|false|是|否)$"}]}


def dossier_schema() -> Schema:
    """The schema of `records/**/*.yaml` in an open or a sealed vault."""
    return _file(DOSSIER, Dossier, "Customer file", "客户档案", _Dossier())


def rule_schemas() -> dict[str, Schema]:
    """File name → the schema of that house rule, without the customer file's."""
    return {name: _file(name, part, en, zh, _Rules()) for name, (part, en, zh) in _RULES.items()}


def render(schema: Schema) -> str:
    """The text of a schema file: two spaces a step, characters as they are, a line end at the end."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _file(name: str, part: type[Part], en: str, zh: str, writer: "_Writer") -> Schema:
    head: Schema = {"$schema": DIALECT, "$id": name, "title": en, "description": zh}
    body = writer.part(part)
    return head | body | ({"$defs": dict(sorted(writer.defs.items()))} if writer.defs else {})


class _Writer:
    """Schemas of annotations; the parts met on the way are collected in `defs`."""

    def __init__(self) -> None:
        self.defs: dict[str, Schema] = {}

    def part(self, part: type[Part]) -> Schema:
        """A mapping with the declared keys and no others."""
        fields = part.model_fields
        schema: Schema = {
            "type": "object",
            "properties": {name: self.field(info) for name, info in fields.items()},
            "additionalProperties": False,
        }
        required = [name for name, info in fields.items() if info.is_required()]
        return schema | ({"required": required} if required else {})

    def field(self, info: FieldInfo) -> Schema:
        """One key's value with what its declaration says about it."""
        raise NotImplementedError

    def of(self, kind: Any, found: Sequence[Any] = ()) -> Schema:
        """The schema of an annotation; `found` is what stood around it in `Annotated`."""
        origin, args = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return self.of(args[0], (*args[1:], *found))
        if scalar := next((item for item in found if isinstance(item, Scalar)), None):
            return self.scalar(scalar, tuple(_limits(found)))
        if origin in (Union, UnionType):
            return self.of(next(arg for arg in args if arg is not NoneType))
        if origin is list:
            return {"type": "array", "items": self.of(args[0])}
        if origin is dict:
            return {"type": "object", "propertyNames": self.key(args[0]), "additionalProperties": self.of(args[1])}
        return self.plain(kind)

    def key(self, kind: Any) -> Schema:
        """The schema of a table's keys, which are never sealed."""
        return _Rules().of(kind)

    def plain(self, kind: Any) -> Schema:
        """A part, by reference; a choice of words; any text."""
        if isinstance(kind, type) and issubclass(kind, Part):
            if kind.__name__ not in self.defs:
                self.defs[kind.__name__] = {}
                self.defs[kind.__name__] = self.part(kind)
            return {"$ref": f"#/$defs/{kind.__name__}"}
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return {"enum": [item.value for item in kind]}
        return {"enum": list(get_args(kind))} if get_origin(kind) is Literal else {"type": "string"}

    def scalar(self, scalar: Scalar, limits: Sequence[int]) -> Schema:
        """Canonical text; whole numbers between limits one by one, since the file holds them as text."""
        return {"type": "string", "pattern": _between(*limits) if limits else scalar.pattern}


class _Dossier(_Writer):
    """Schemas of a customer file: labels, examples and levels of every field, tokens in place of what may be sealed."""

    level = Level.OPEN

    def field(self, info: FieldInfo) -> Schema:
        spec = spec_of(info)
        outer, self.level = self.level, spec.level
        value = self.of(info.annotation, info.metadata)
        self.level = outer
        about: Schema = {"title": spec.en, "description": spec.zh}
        # A group's own level says nothing; its fields have theirs.
        if not _holds_parts(value):
            about["x-crm-level"] = spec.level.value
        return about | value | ({"examples": [spec.example]} if spec.example and value.get("type") != "array" else {})

    def scalar(self, scalar: Scalar, limits: Sequence[int]) -> Schema:
        text = super().scalar(scalar, limits)
        if scalar.codes:
            text["x-crm-codes"] = scalar.codes
        return self.sealable(text)

    def plain(self, kind: Any) -> Schema:
        # Custom values: their declarations in the house rules check them.
        return self.sealable({"type": "string"}) if kind is str else super().plain(kind)

    def sealable(self, text: Schema) -> Schema:
        """`text`, or where the level asks for it a token of this level or a higher one."""
        if self.level is Level.OPEN:
            return text
        name = f"{self.level.value}-token"
        self.defs[name] = {"type": "string", "pattern": _token(self.level)}
        return {"anyOf": [text, {"$ref": f"#/$defs/{name}"}]}


class _Rules(_Writer):
    """Schemas of house rules, which carry no labels; people write them by hand, so flags may be YAML booleans."""

    def field(self, info: FieldInfo) -> Schema:
        value = self.of(info.annotation, info.metadata)
        default = info.default if isinstance(info.default, str | bool) else None
        return value if default is None else value | {"default": default}

    def scalar(self, scalar: Scalar, limits: Sequence[int]) -> Schema:
        return dict(_FLAG) if scalar.type == "flag" else super().scalar(scalar, limits)


def _holds_parts(value: Schema) -> bool:
    return "$ref" in value or "$ref" in value.get("items", {})


def _limits(found: Sequence[Any]) -> Iterator[int]:
    """The least and the greatest whole number, where the declaration names a greatest."""
    rules = [rule for item in found for rule in (item.metadata if isinstance(item, FieldInfo) else [item])]
    for most in (rule.le for rule in rules if isinstance(rule, Le)):
        yield max((int(rule.ge) for rule in rules if isinstance(rule, Ge)), default=0)  # type: ignore[call-overload]
        yield int(most)  # type: ignore[call-overload]


def _between(least: int, most: int) -> str:
    return f"^({'|'.join(str(count) for count in range(least, most + 1))})$"


def _token(level: Level) -> str:
    """`ENC[1,<level>.<key generation>,<salt id>,<base64url>]` (design: sealing), at least as high as `level`."""
    levels = "|".join(one.value for one in Level if one.rank >= level.rank)
    return rf"^ENC\[1,({levels})[.][0-9]+,[0-9A-Za-z_-]+,[0-9A-Za-z_=-]+\]$"
