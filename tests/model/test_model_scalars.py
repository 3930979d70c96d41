"""Every value type in a model: reads text, writes canonical text, refuses the rest with a `ValueProblem`."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from crmcli.errors import ValueProblem
from crmcli.model import scalars
from crmcli.model.scalars import Scalar, code, entry_id


@dataclass
class Label:
    zh: str
    en: str


SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass
class HouseRules:
    zone: ZoneInfo = SHANGHAI
    regions: tuple[str, ...] = ("示例省/示例市",)
    codes: dict[str, dict[str, Label]] = field(
        default_factory=lambda: {"channel": {"call": Label("电话", "Phone call"), "visit": Label("上门拜访", "Visit")}}
    )


TYPES: dict[str, Any] = {name: getattr(scalars, name) for name in scalars.__all__ if get_args(getattr(scalars, name))}
TYPES |= {"code": Annotated[str, code("channel")], "entry id": Annotated[str, entry_id("I")]}

EXAMPLES = {
    "Line": "王芳",
    "Text": "一\n\t二",
    "Tag": "vip",
    "Owner": "li.na",
    "Username": "li.na",
    "ExternalId": "00004",
    "Key": "shop",
    "Flag": "yes",
    "Date": "2024-05-10",
    "Moment": "2024-05-10T09:30+08:00",
    "Amount": "-199.00",
    "Percent": "-32.5",
    "Quantity": "2",
    "Integer": "120",
    "Currency": "CNY",
    "Phone": "+861012345678;ext=12",
    "Email": "wang@example.com",
    "Region": "北京市/朝阳区",
    "IdNumber": "11010519491231002X",
    "CreditCode": "91350211M000100Y46",
    "CustomerNumber": "C20240510001",
    "Uid": "4Z8K2M9QXA7PDR1TVW3BNC5GHJ",
    "code": "call",
    "entry id": "I7K2M9QXA",
}


def scalar_of(name: str) -> Scalar:
    scalar = get_args(TYPES[name])[1]
    assert isinstance(scalar, Scalar)
    return scalar


def test_every_type_has_an_example_here() -> None:
    assert set(EXAMPLES) == set(TYPES)


@pytest.mark.parametrize("name", TYPES)
def test_a_canonical_text_is_read_and_written_unchanged(name: str) -> None:
    adapter = TypeAdapter(TYPES[name])
    value = adapter.validate_python(EXAMPLES[name], context=HouseRules())
    assert adapter.dump_python(value) == EXAMPLES[name]
    assert type(value) is get_args(TYPES[name])[0]
    assert adapter.validate_python(value, context=HouseRules()) == value


@pytest.mark.parametrize("name", TYPES)
def test_the_json_schema_is_a_string_whose_pattern_fits_the_canonical_text(name: str) -> None:
    schema = TypeAdapter(TYPES[name]).json_schema()
    assert schema == {"type": "string", "pattern": scalar_of(name).pattern}
    assert re.fullmatch(schema["pattern"], EXAMPLES[name])


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("value", [1.5, None, b"x", ["x"], {"x": "y"}, object()])
def test_what_is_no_text_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(TYPES[name]).validate_python(value, context=HouseRules())
    assert isinstance(refused.value.errors()[0]["ctx"]["error"], ValueProblem)


def test_a_truth_value_is_no_integer_and_an_integer_no_flag() -> None:
    for pytype, value in ((scalars.Integer, True), (scalars.Flag, 1), (scalars.Date, datetime(2024, 5, 10))):
        with pytest.raises(ValidationError):
            TypeAdapter(pytype).validate_python(value)


def test_a_value_of_the_python_type_is_checked_as_its_text_would_be() -> None:
    assert TypeAdapter(scalars.Amount).validate_python(Decimal("1E+2")) == Decimal(100)
    for pytype, value in (
        (scalars.Amount, Decimal("NaN")),
        (scalars.Amount, Decimal("Infinity")),
        (scalars.Amount, Decimal("1E+999999")),
        (scalars.Integer, -1),
        (scalars.Date, date(1600, 1, 1)),
        (scalars.Moment, datetime(2024, 5, 10)),
    ):
        with pytest.raises(ValidationError):
            TypeAdapter(pytype).validate_python(value)
    assert TypeAdapter(scalars.Moment).validate_python(datetime(2024, 5, 10, tzinfo=UTC)).utcoffset() is not None


def test_a_model_of_scalars_dumps_a_plain_tree_and_keeps_further_bounds() -> None:
    class Visit(BaseModel):
        on: scalars.Date | None = None
        score: Annotated[scalars.Integer, Field(ge=1, le=5)] | None = None
        tags: list[scalars.Tag] = []
        shop: dict[scalars.Key, scalars.ExternalId] = {}
        paid: scalars.Flag | None = None

    tree = {"on": "2024-05-10", "score": "4", "tags": ["vip"], "shop": {"a": "007"}, "paid": "no"}
    visit = Visit.model_validate(tree)
    assert visit.on == date(2024, 5, 10)
    assert visit.model_dump() == tree
    with pytest.raises(ValidationError, match="less than or equal to 5"):
        Visit.model_validate({"score": "6"})


def test_types_of_the_catalogue() -> None:
    assert scalar_of("Moment").type == "moment"
    assert scalar_of("Quantity").type == "amount"
    assert (scalar_of("code").type, scalar_of("code").codes) == ("code", "channel")
    assert code("channel") is code("channel")


WRITTEN = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="0123456789-+.,:/TZ年月日 ０１２３＋－，：．eExX", max_size=24),
    st.text(alphabet="北京市朝阳区广东深圳南山/ 县海吉林省,", max_size=12),
    st.sampled_from(sorted(EXAMPLES.values())),
    st.builds(lambda a, b: a + b, st.sampled_from(sorted(EXAMPLES.values())), st.text(max_size=3)),
    st.emails(),
    st.datetimes().map(str),
    st.decimals().map(str),
)


@pytest.mark.parametrize("context", [None, HouseRules()], ids=["without", "with"])
@pytest.mark.parametrize("name", TYPES)
def test_any_text_is_either_a_value_whose_print_parses_to_itself_or_a_problem(name: str, context: Any) -> None:
    scalar = scalar_of(name)

    @settings(max_examples=60, deadline=None)
    @given(WRITTEN)
    def holds(text: str) -> None:
        try:
            value = scalar.parse(text, context)
        except ValueProblem:
            return
        canonical = scalar.print(value)
        assert scalar.parse(canonical, context) == value
        assert scalar.print(scalar.parse(canonical, context)) == canonical
        assert re.fullmatch(scalar.pattern, canonical)

    holds()


@pytest.mark.parametrize("name", TYPES)
def test_a_megabyte_is_refused_with_a_short_message(name: str) -> None:
    for piece in ("1", "北", "\x07"):
        with pytest.raises(ValueProblem) as refused:
            scalar_of(name).parse(piece * 1_000_000, HouseRules())
        assert len(str(refused.value.message) + str(refused.value.expected) + str(refused.value.hint)) < 500
