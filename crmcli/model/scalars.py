"""The value types of the dossier: each says how a value is read, checked and written, and how it is searched.

A `Scalar` in `Annotated[...]` is validator, serializer, schema and catalogue type at once. Values reach a model as
text and leave it as canonical text; `parse(print(value)) == value`. Pure: no I/O, no clock.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from crmcli.errors import ValueProblem
from crmcli.model import amounts, emails, identifiers, identity, lines, moments, phones, regions
from crmcli.model.catalog import FieldType
from crmcli.model.codes import CodeLabel, code_parser
from crmcli.model.regions import region_code, region_parts
from crmcli.model.sealed import Sealed
from crmcli.model.spelling import compact, quoted
from crmcli.text import _


@dataclass(frozen=True, slots=True)
class Scalar:
    """One type of value.

    type      how it is compared and searched
    parse     (text as people or files write it, validation context) → the value; raises ValueProblem
    print     value → the canonical text
    pattern   regular expression of the canonical text, for JSON Schema
    codes     the code list the value comes from, for type "code"
    """

    type: FieldType
    parse: Callable[[str, Any], Any]
    print: Callable[[Any], str]
    pattern: str
    codes: str | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Reads text, or a value of the annotated type; writes canonical text. A sealed value passes as it is."""

        def read(value: Any, info: core_schema.ValidationInfo) -> Any:
            if isinstance(value, Sealed):
                return value
            if isinstance(value, str):
                return self.parse(value, info.context)
            if type(value) is source:
                return self.parse(self.print(value), info.context)
            raise ValueProblem(_("This is not a text."), expected=_("text"))

        def write(value: Any) -> str:
            return value if isinstance(value, Sealed) else self.print(value)

        written = core_schema.plain_serializer_function_ser_schema(write, return_schema=core_schema.str_schema())
        return core_schema.with_info_plain_validator_function(read, serialization=written)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """A string with the canonical pattern."""
        return {"type": "string", "pattern": self.pattern}


def _line(limit: int, type: FieldType = "text") -> Scalar:
    return Scalar(type, lines.line(limit), str, lines.LINE)


@cache
def code(list_name: str) -> Scalar:
    """A code of one of the house rules' lists: `Annotated[str, code("channel")]`."""
    return Scalar("code", code_parser(list_name), str, lines.KEY, list_name)


@cache
def entry_id(letter: str) -> Scalar:
    """The id of an entry: the kind's letter and eight symbols."""
    pattern = f"^{letter}{identity.SYMBOL}{{8}}$"
    return Scalar("id", _spelled(pattern, example=f"{letter}7K2M9QXA"), str, pattern)


def _spelled(pattern: str, example: str) -> Callable[[str, Any], str]:
    def parse(text: str, context: Any) -> str:
        typed = compact(text).upper()
        if not re.fullmatch(pattern, typed):
            raise ValueProblem(
                _("{value} is not such an id.").format(value=quoted(text)),
                expected=_("an id like {example}").format(example=example),
            )
        return typed

    return parse


def _number(text: str, context: Any) -> str:
    return identity.number(*identity.parse_number(text))


Line = Annotated[str, _line(200)]
Text = Annotated[str, Scalar("text", lines.parse_text, str, lines.TEXT)]
Tag = Annotated[str, Scalar("text", lines.parse_tag, str, lines.TAG)]
Owner = Annotated[str, _line(60)]
Username = Owner
ExternalId = Annotated[str, _line(100, "id")]
Key = Annotated[str, Scalar("id", lines.parse_key, str, lines.KEY)]
Flag = Annotated[bool, Scalar("flag", lines.parse_flag, lines.print_flag, "^(yes|no)$")]

Date = Annotated[date, Scalar("date", moments.parse_date, date.isoformat, moments.DATE)]
Moment = Annotated[datetime, Scalar("moment", moments.parse_moment, moments.print_moment, moments.MOMENT)]

Amount = Annotated[Decimal, Scalar("amount", amounts.parse_amount, amounts.print_amount, amounts.AMOUNT)]
Quantity = Annotated[Decimal, Scalar("amount", amounts.parse_quantity, amounts.print_amount, amounts.QUANTITY)]
Percent = Annotated[Decimal, Scalar("amount", amounts.parse_percent, amounts.print_amount, amounts.PERCENT)]
Integer = Annotated[int, Scalar("integer", amounts.parse_integer, str, amounts.INTEGER)]
Currency = Annotated[str, Scalar("text", amounts.parse_currency, str, amounts.CURRENCY)]

Phone = Annotated[str, Scalar("phone", phones.parse_phone, str, phones.PHONE)]
Email = Annotated[str, Scalar("email", emails.parse_email, str, emails.EMAIL)]
Region = Annotated[str, Scalar("region", regions.parse_region, str, regions.REGION)]
IdNumber = Annotated[str, Scalar("id", identifiers.parse_id_number, str, identifiers.ID_NUMBER)]
CreditCode = Annotated[str, Scalar("id", identifiers.parse_credit_code, str, identifiers.CREDIT_CODE)]

CustomerNumber = Annotated[str, Scalar("id", _number, str, identity.NUMBER)]
Uid = Annotated[str, Scalar("id", _spelled(identity.UID, "4Z8K2M9QXA7PDR1TVW3BNC5GHJ"), str, identity.UID)]

__all__ = [
    "Amount",
    "CodeLabel",
    "CreditCode",
    "Currency",
    "CustomerNumber",
    "Date",
    "Email",
    "ExternalId",
    "Flag",
    "IdNumber",
    "Integer",
    "Key",
    "Line",
    "Moment",
    "Owner",
    "Percent",
    "Phone",
    "Quantity",
    "Region",
    "Scalar",
    "Tag",
    "Text",
    "Uid",
    "Username",
    "code",
    "entry_id",
    "region_code",
    "region_parts",
]
