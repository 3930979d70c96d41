"""A purge plan, `records/plans/YYYY-MM-DD.yaml`: who is due, under which rule, and exactly which file is meant.

It holds numbers and hashes, nothing personal. A second plan of one day is `YYYY-MM-DD-2.yaml`. Pure: no I/O, no clock.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import field_validator

from crmcli.errors import ValueProblem
from crmcli.model.base import Part
from crmcli.model.identity import record_path
from crmcli.model.moments import parse_date
from crmcli.model.scalars import CustomerNumber, Date, Key, Line, Scalar, Uid
from crmcli.model.spelling import quoted
from crmcli.text import _

FOLDER = "records/plans"
FORMAT = "1"
BLOB = "^([0-9a-f]{40}|[0-9a-f]{64})$"
_NAME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:-([1-9][0-9]{0,5}))?")


def _blob(text: str, context: Any) -> str:
    if not re.fullmatch(BLOB, text):
        raise ValueProblem(
            _("{value} is not git's hash of a file.").format(value=quoted(text)), _("40 or 64 of the signs 0-9 a-f")
        )
    return text


Blob = Annotated[str, Scalar("id", _blob, str, BLOB)]


class PlanItem(Part):
    """One customer whose file is due: the rule that says so, the first day it may go, the hash of the file as it was."""

    number: CustomerNumber
    uid: Uid
    rule: Key
    clause: Line
    due: Date
    file: Blob

    @property
    def path(self) -> str:
        """Where the file stands."""
        return record_path(self.number)


class Plan(Part):
    """The plan: who asked for it and when, the hash of the policy it rests on, and its items."""

    format: Literal["1"]
    made_on: Date
    requested_by: Line
    policy: Blob
    items: list[PlanItem]

    @field_validator("items")
    @classmethod
    def _each_once(cls, items: list[PlanItem]) -> list[PlanItem]:
        if not items:
            raise ValueProblem(_("The plan names no customer."))
        each_once([item.number for item in items], "number")
        return items


def each_once(names: Sequence[str], key: str) -> None:
    """ValueProblem where two parts of a list have the same name at `key`."""
    first: dict[str, int] = {}
    for place, name in enumerate(names):
        if first.setdefault(name, place) != place:
            raise ValueProblem(_("{value} is listed twice.").format(value=name), place=(place, key))


def plan_path(day: date, nth: int = 1) -> str:
    """Where the `nth` plan of a day stands."""
    return f"{FOLDER}/{day.isoformat()}{f'-{nth}' if nth > 1 else ''}.yaml"


def plan_named(name: str) -> tuple[date, int] | None:
    """The day and the running number of a plan by its path, its file name or that without the ending; else None."""
    found = _NAME.fullmatch(name.strip().removeprefix(f"{FOLDER}/").removesuffix(".yaml"))
    try:
        return (parse_date(found[1], None), int(found[2] or 1)) if found else None
    except ValueProblem:
        return None
