"""What the house reminds of, `schemas/reminders.yaml` (R45): how often each tier is called on, birthdays ahead of the day.

Whether the tiers are the house's is checked where the rules are loaded. Pure: no I/O, no clock.
"""

from typing import Annotated

from pydantic import Field, model_validator

from crmcli.errors import ValueProblem
from crmcli.model.base import Part
from crmcli.model.retention import TERM, Term, parse_term
from crmcli.model.scalars import Key, Scalar
from crmcli.text import _

PATH = "schemas/reminders.yaml"
Every = Annotated[Term, Scalar("text", parse_term, str, TERM)]


class Reminders(Part):
    """`schemas/reminders.yaml`.

    cadence          the longest time without contact, by tier
    otherwise        the same for everyone else: no tier, or one that `cadence` leaves out; without it they have none
    birthdays_ahead  how long before the day a birthday is on the list, however few days are asked for
    """

    cadence: Annotated[dict[Key, Every], Field(default_factory=dict)]
    otherwise: Every | None = None
    birthdays_ahead: Every | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Reminders":
        if not (self.cadence or self.otherwise or self.birthdays_ahead):
            raise ValueProblem(_("The reminder rules are empty."), hint="cadence, otherwise, birthdays_ahead")
        return self

    def every(self, tier: str | None) -> Term | None:
        """The longest time without contact for customers of this tier (None: without one); None for no limit."""
        return self.cadence.get(tier or "", self.otherwise)
