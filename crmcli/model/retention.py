"""The retention policy, `schemas/retention.yaml` (R49): how long the file of a customer who left is kept, and who approves.

Terms are calendar terms. Pure: no I/O, no clock.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import field_validator

from crmcli.errors import ValueProblem
from crmcli.model.base import Part
from crmcli.model.scalars import Key, Line, Scalar
from crmcli.model.spelling import compact, quoted
from crmcli.model.team import Role
from crmcli.text import _, n_

PATH = "schemas/retention.yaml"
REQUEST = "request"  # the rule of a destruction that the customer asked for; no policy has a rule of that name
TERM = r"^[1-9][0-9]{0,4}[ymd]$"
_LONGEST = {"y": 100, "m": 1_200, "d": 36_500}


@dataclass(frozen=True, slots=True)
class Term:
    """A number of calendar years, months or days."""

    count: int
    unit: Literal["y", "m", "d"]

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"

    @property
    def words(self) -> str:
        """The term as a sentence says it."""
        forms = {
            "y": n_("{count} year", "{count} years", self.count),
            "m": n_("{count} month", "{count} months", self.count),
            "d": n_("{count} day", "{count} days", self.count),
        }
        return forms[self.unit].format(count=self.count)

    def last_day(self, start: date) -> date:
        """The last day of the term when `start` is the day of the event, which itself is not counted.

        Years and months end on the day of the same number, or on the last day of a month that has no such day
        (29 February and one year: 28 February). Source: Civil Code of the PRC, articles 200 to 202.
        """
        if self.unit == "d":
            return start + timedelta(days=self.count)
        months = start.month - 1 + self.count * (12 if self.unit == "y" else 1)
        year, month = start.year + months // 12, months % 12 + 1
        return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def parse_term(text: str, context: Any) -> Term:
    """`2y`, `18m` or `90d`, at most a hundred years; ValueProblem for anything else."""
    typed = compact(text).lower()
    expected = _("a number and y, m or d, at most 100y: 2y, 18m, 90d")
    if not re.fullmatch(TERM, typed):
        raise ValueProblem(_("{value} is not a term.").format(value=quoted(text)), expected)
    count, unit = int(typed[:-1]), typed[-1]
    if count > _LONGEST[unit]:
        raise ValueProblem(_("The term {value} is too long.").format(value=quoted(text)), expected)
    return Term(count, unit)  # type: ignore[arg-type]


class RetentionRule(Part):
    """One rule: the customer left in this way (`after`), so the file may go when the term is over."""

    zh: Line
    en: Line
    clause: Line
    after: Literal["ended", "churned"]
    term: Annotated[Term, Scalar("text", parse_term, str, TERM)]


class Approval(Part):
    """Whose approval a plan needs, as soon as the team has more than one person (R50)."""

    role: Role = "legal"


class Retention(Part):
    """`schemas/retention.yaml`: the rules by name, in order, one for each way to leave; never empty."""

    rules: dict[Key, RetentionRule]
    approval: Approval = Approval()

    @field_validator("rules")
    @classmethod
    def _one_for_each_end(cls, rules: dict[str, RetentionRule]) -> dict[str, RetentionRule]:
        if not rules:
            raise ValueProblem(_("The policy has no rule."), hint=_("A vault that destroys nothing needs no plan."))
        if REQUEST in rules:
            said = _("The name {name} is kept for customers' own requests.").format(name=REQUEST)
            raise ValueProblem(said, expected=_("another name"), place=(REQUEST,))
        first: dict[str, str] = {}
        for name, rule in rules.items():
            if first.setdefault(rule.after, name) != name:
                said = _("The rule {first} is about the same customers.").format(first=first[rule.after])
                raise ValueProblem(said, hint=_("One rule for each `after`."), place=(name, "after"))
        return rules

    def after(self, status: str) -> tuple[str, RetentionRule] | None:
        """The rule for customers who left in this way, with its name."""
        return next(((name, rule) for name, rule in self.rules.items() if rule.after == status), None)
