"""Custom fields (R20): declared in `schemas/custom-fields.yaml`, validated like the model's own, without touching code."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, model_validator

from crmcli.errors import ValueProblem
from crmcli.model.base import Part
from crmcli.model.fields import CustomerKind, Level, Mask
from crmcli.model.nearest import nearest
from crmcli.model.scalars import Amount, Date, Email, Flag, Integer, Key, Line, Phone, Scalar, Text, code
from crmcli.model.sealed import Sealed
from crmcli.text import _

CustomType = Literal["line", "text", "date", "amount", "integer", "phone", "email", "flag", "code"]
SCALARS: dict[str, Scalar] = {
    name: next(part for part in get_args(kind) if isinstance(part, Scalar))
    for name, kind in {
        "line": Line,
        "text": Text,
        "date": Date,
        "amount": Amount,
        "integer": Integer,
        "phone": Phone,
        "email": Email,
        "flag": Flag,
    }.items()
}


class CodeLabel(Part):
    """The two labels of a code."""

    zh: Line
    en: Line


class CustomField(Part):
    """The declaration of one custom field. The level is confidential unless declared (default deny)."""

    type: CustomType
    zh: Line
    en: Line
    level: Level = Level.CONFIDENTIAL
    only: CustomerKind | None = None
    mask: Mask | None = None
    choices: Annotated[dict[Key, CodeLabel], Field(default_factory=dict)]

    @model_validator(mode="after")
    def _choices_fit(self) -> "CustomField":
        if self.type == "code" and not self.choices:
            raise ValueProblem(_("A field of type code needs choices."), hint=_("List them below `choices:`."))
        if self.type != "code" and self.choices:
            raise ValueProblem(_("Only a field of type code has choices."), "type: code", place=("type",))
        return self

    def scalar(self, name: str) -> Scalar:
        """How values of this field are read and written."""
        return SCALARS[self.type] if self.type != "code" else code(f"custom.{name}")


def check_custom(value: Any, declared: Mapping[str, CustomField], context: Any) -> Any:
    """The custom values in canonical form; ValueProblem for one that is undeclared or does not hold."""
    if not isinstance(value, dict):
        return value
    return {name: _checked(name, text, declared, context) for name, text in value.items()}


def _checked(name: str, text: Any, declared: Mapping[str, CustomField], context: Any) -> str:
    if name not in declared:
        raise ValueProblem(
            _("Unknown custom field {name}.").format(name=name),
            expected=_("a field declared in schemas/custom-fields.yaml"),
            hint=nearest(name, declared),
            place=(name,),
        )
    if not isinstance(text, str):
        raise ValueProblem(_("This is not a text."), expected=_("text"), place=(name,))
    if isinstance(text, Sealed):
        return text
    scalar = declared[name].scalar(name)
    try:
        return scalar.print(scalar.parse(text, context))
    except ValueProblem as problem:
        raise ValueProblem(problem.message, problem.expected, problem.hint, place=(name,)) from None
